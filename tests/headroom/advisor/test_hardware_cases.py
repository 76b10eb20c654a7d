"""What is said of real cases about hardware: tests/cases, where the head of each file says where it comes from."""

from __future__ import annotations

from pathlib import Path

import pytest

from headroom.advisor.answer import Comparison
from headroom.advisor.compare import compare
from headroom.advisor.prepared import check
from headroom.advisor.search.screen import screen
from headroom.sharing.library import load_world
from headroom.sharing.link import decode, encode
from headroom.sharing.toml_file import read_scenario, write_scenario
from simulator.model.assumptions import Assumptions
from simulator.model.workload import MeasuredTime
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


def test_without_a_measurement_half_the_bandwidth_is_half_as_fast_and_it_is_said():
    on_a10g, on_four, on_l4 = compared("llm-two-types-scaled").evaluations
    assert on_a10g.meets
    assert on_four.latency_s["p95"].value < on_a10g.latency_s["p95"].value
    assert not on_l4.meets
    (note,) = [text for text in on_l4.warnings if "No time was measured" in text]
    assert "2 times as long" in note
    assert "if all of it computed, it would be 0.579 times" in note
    assert any(
        "64 workers on ml.g5.2xlarge are taken to share 1 copy of the model on its GPU" in text
        for text in on_a10g.warnings
    )
    assert any("64 workers on ml.g5.12xlarge are taken to share 1 copy" in text for text in on_four.warnings)


def test_with_measured_times_the_vendors_table_comes_out():
    scenario = case("llm-two-types-measured")
    for answer, per_s in zip(compared("llm-two-types-measured").evaluations, (64 / 32.8, 64 / 18.6), strict=True):
        outcome = answer.outcome
        assert outcome is not None
        worked = outcome.offered - outcome.fates["rejected"]
        runs_s = scenario.simulation.duration_s * outcome.replications
        assert worked / runs_s == pytest.approx(per_s, rel=0.03)
        assert not any("No time was measured" in text for text in answer.warnings)


def test_measured_times_are_given_as_a_table_or_as_lines_and_come_back():
    lines = "\n[[workload.service_time.measured]]\ninstance_type = 'ml.g6.xlarge'\nmean_ms = 9\n"
    table = "\n[workload.service_time.measured]\n'ml.g6.xlarge' = 9\n"
    scenario = read_scenario("schema = 1" + table)
    assert scenario == read_scenario("schema = 1" + lines)
    assert scenario.workload.service_time.measured == (MeasuredTime(instance_type="ml.g6.xlarge", mean_ms=9),)
    assert read_scenario(write_scenario(scenario)) == scenario
    assert decode(encode(scenario)) == scenario


def test_a_measured_type_that_is_unknown_is_named_with_the_nearest():
    scenario = read_scenario("schema = 1\n[workload.service_time.measured]\n'ml.g6.xlarg' = 9\n")
    problem = next(problem for problem in check(scenario, WORLD) if "measured" in problem.where)
    assert problem.where == "workload.service_time.measured[0].instance_type"
    assert "nearest: ml.g6.xlarge" in problem.allowed


def test_a_large_image_and_model_make_scale_outs_slower_and_cost_answers():
    (small,), (large,) = compared("image-small").evaluations, compared("image-large").evaluations
    assert small.error_share is not None
    assert large.error_share is not None
    assert large.error_share.value > 1.1 * small.error_share.value


@pytest.mark.slow
def test_instances_of_a_scale_out_come_together_so_that_more_is_refused():
    """By an independent simulator: 1.90 % +- 0.31; with a draw for each instance 1.46 % +- 0.10."""
    scenario = case("spike-scaled")
    (answer,) = compare(scenario, WORLD).evaluations
    each = Assumptions(provisioning_within_share=1.0)
    (apart,) = compare(scenario.model_copy(update={"assumptions": each}), WORLD).evaluations
    assert answer.error_share is not None
    assert apart.error_share is not None
    assert 0.0159 < answer.error_share.value < 0.0221
    assert apart.error_share.value == pytest.approx(0.0146, abs=0.0015)


def test_a_burstable_type_is_ruled_out_by_its_credits_and_by_scaling():
    comparison = compared("burstable")
    fixed, scaled, m6g = comparison.evaluations
    assert [limit.row for limit in fixed.ruled_out] == ["1.42"]
    assert [limit.row for limit in scaled.ruled_out] == ["1.41"]
    assert comparison.best == 2
    assert m6g.meets


def test_for_a_hundred_requests_a_day_a_cheap_gpu_that_sleeps_is_found():
    """The work itself is nothing: what counts is what an instance costs that is woken and stays for a while."""
    found = {pattern.pattern: pattern.best for pattern in screen(case("gpu-hundred-a-day"), WORLD).patterns}
    asleep = found["asynchronous"]
    assert asleep is not None
    assert asleep.cost_usd_per_month is not None
    assert asleep.cost_usd_per_month.value < 250
    always_on = compared("gpu-hundred-a-day").evaluations[0].cost_usd_per_month
    assert always_on is not None
    assert always_on.value == pytest.approx(2056, rel=0.01)


def test_a_search_knows_that_a_gpu_slows_down_under_its_load():
    """At 1.5 answers a second a T4 has more than its 64 places can do, which a request alone does not show."""
    found = {pattern.pattern: pattern.best for pattern in screen(case("llm-two-types-scaled"), WORLD).patterns}
    best = found["realtime"]
    assert best is not None
    assert best.deployment.name == "Real-time, 1 x ml.g5.2xlarge"
    assert best.meets
