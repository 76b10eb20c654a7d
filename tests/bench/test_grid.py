"""The grid of the regret benchmark leaves out only what is dearer or does not meet."""

from __future__ import annotations

from itertools import islice

import pytest

from bench.grid import Grid, Laid
from headroom.advisor.evaluate import evaluate
from simulator.patterns.asynchronous.deployment import AsynchronousDeployment
from simulator.patterns.batch.deployment import BatchDeployment
from simulator.patterns.realtime.deployment import RealtimeDeployment
from simulator.patterns.serverless.deployment import ServerlessDeployment
from tests.headroom.advisor.search.small import DAILY, WORLD, scenario

WHAT = scenario(
    {"latency_limit_s": 0.0, "answer_may_be_deferred": True},
    {"families": ("ml.c5",)},
    traffic=DAILY,
    simulation={"duration_s": 86_400.0, "replications": 1},
)
KINDS = {
    RealtimeDeployment: Grid.realtime,
    ServerlessDeployment: Grid.serverless,
    AsynchronousDeployment: Grid.asynchronous,
    BatchDeployment: Grid.batch,
}


def some(laid: list[Laid]) -> list[Laid]:
    """Three of the cheapest third, by the bound, which are the nearest to it."""
    laid = sorted(laid, key=lambda one: one.floor_usd)[: len(laid) // 3]
    return list(islice(laid, 0, None, max(1, len(laid) // 3)))[:3]


@pytest.mark.parametrize("kind", KINDS)
def test_whatever_meets_costs_at_least_its_bound(kind):
    checked = 0
    for laid in some(list(KINDS[kind](Grid(WHAT, WORLD)))):
        one = evaluate(WHAT, kind.model_validate(laid.settings), WORLD)
        if one.meets:
            assert one.cost_usd_per_month is not None
            assert one.cost_usd_per_month.value >= laid.floor_usd
            checked += 1
    assert checked


def test_dearer_limits_leave_more_in():
    few, many = (Grid(WHAT, WORLD).cheaper(usd) for usd in (60.0, 120.0))
    assert few
    assert {one.model_dump_json() for one in few} <= {one.model_dump_json() for one in many}
