"""Previews: the fast answer billed and judged like an evaluation."""

from __future__ import annotations

import pytest

from headroom.advisor.evaluate import evaluate, preview
from headroom.sharing.library import load_world
from headroom.sharing.presets import load_preset


@pytest.fixture(scope="module")
def world():
    return load_world()


def small(key):
    one = load_preset(key)
    short = one.simulation.model_copy(update={"duration_s": 86_400.0, "warmup_s": 3600.0, "replications": 1})
    return one.model_copy(update={"simulation": short})


@pytest.mark.parametrize("key", ["dashboard", "bursty-function", "documents"])
def test_a_preview_has_the_clauses_of_the_evaluation_and_its_bill(world, key):
    one = small(key)
    for deployment in one.deployments:
        exact, quick = evaluate(one, deployment, world), preview(one, deployment, world)
        assert [(clause.key, clause.title, clause.limit) for clause in quick.clauses] == [
            (clause.key, clause.title, clause.limit) for clause in exact.clauses
        ]
        assert quick.ruled_out == exact.ruled_out
        if exact.bill is None or quick.bill is None:
            assert quick.bill == exact.bill
            continue
        assert {(line.usage, line.dimension) for line in quick.bill.lines} == {
            (line.usage, line.dimension) for line in exact.bill.lines
        }
        assert quick.cost_usd_per_month is not None
        assert quick.cost_usd_per_month.value == float(quick.bill.total_usd)
        assert exact.cost_usd_per_month is not None
        if quick.sure:
            assert quick.cost_usd_per_month.value == pytest.approx(exact.cost_usd_per_month.value, rel=0.02)


def test_the_fraud_preset_is_previewed_at_full_rate(world):
    one = load_preset("fraud")
    found = [preview(one, deployment, world) for deployment in one.deployments]
    assert [bool(quick.ruled_out) for quick in found] == [False, False, True, False]
    assert found[0].meets
    assert found[0].sure
    assert found[0].cost_usd_per_month is not None
    assert found[1].cost_usd_per_month is not None
    assert found[0].cost_usd_per_month.value < found[1].cost_usd_per_month.value


def test_data_sets_are_held_against_their_deadline(world):
    one = load_preset("nightly-profiles")
    quick = preview(one, one.deployments[0], world)
    assert "deadline" in [clause.key for clause in quick.clauses]
    assert quick.meets
