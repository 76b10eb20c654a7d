"""What is said of real cases about hardware: tests/cases, where the head of each file says where it comes from."""

from __future__ import annotations

from pathlib import Path

import pytest

from headroom.advisor.answer import Comparison
from headroom.advisor.compare import compare
from headroom.advisor.search.screen import screen
from headroom.sharing.library import load_world
from headroom.sharing.toml_file import read_scenario
from simulator.patterns.registry import BY_KEY
from simulator.scenario import Scenario

CASES = Path(__file__).resolve().parents[2] / "cases"
WORLD = load_world()


def case(name: str) -> Scenario:
    return read_scenario((CASES / f"{name}.toml").read_text(encoding="utf-8"))


def compared(name: str) -> Comparison:
    return compare(case(name), WORLD)


@pytest.mark.parametrize("name", ["gpu-memory-40b", "gpu-memory-200gb"])
def test_a_model_that_fits_no_gpu_of_the_type_is_ruled_out(name):
    for answer in compared(name).evaluations:
        assert [limit.what for limit in answer.ruled_out] == ["GPU memory"]


def test_a_search_for_the_40b_model_takes_gpus_that_hold_it():
    scenario = case("gpu-memory-40b")
    looked_at = [pattern.best for pattern in screen(scenario, WORLD).patterns if pattern.best]
    assert looked_at
    for answer in looked_at:
        kind = WORLD.hardware[BY_KEY[answer.deployment.pattern].account.instance_type(answer.deployment)]
        assert kind.gpu_memory_mb >= 30 * 1024


@pytest.mark.parametrize(("name", "usd"), [("g7-realtime", 2302), ("g6e-batch", 384)])
def test_types_of_2026_are_known_and_priced(name, usd):
    (answer,) = compared(name).evaluations
    assert answer.meets
    assert answer.cost_usd_per_month is not None
    assert answer.cost_usd_per_month.value == pytest.approx(usd, rel=0.1)
    assert not answer.at_least
