"""The ladders that the search climbs: what a rung costs at least is no more than what it is then said to cost."""

from __future__ import annotations

from functools import cache

import pytest

from headroom.advisor import order
from headroom.advisor.prepared import prepare
from headroom.advisor.search.spaces import Space, spaces
from headroom.advisor.search.surrogate import SurrogateMemo
from simulator.patterns.registry import PATTERNS
from tests.headroom.advisor.search.small import DAILY, WORLD, scenario

DAY = scenario(
    traffic=DAILY.model_copy(update={"peak_rate_per_s": 300.0}),
    search={"families": ("ml.m5",)},
    simulation={"duration_s": 86_400.0, "replications": 1},
)


@cache
def surrogate() -> SurrogateMemo:
    return SurrogateMemo(prepare(DAY, WORLD), rough=False)


@cache
def space(pattern: str) -> Space:
    return next(one for one in spaces(surrogate()) if one.pattern == pattern)


@pytest.mark.slow
@pytest.mark.parametrize("pattern", [pattern.key for pattern in PATTERNS])
def test_a_bound_on_cost_is_one_and_is_not_idle(pattern: str) -> None:
    """Otherwise branch and bound passes over the best, or over nothing."""
    closest = 0.0
    for ladder in space(pattern).ladders:
        for rung in {ladder.least, min(max(ladder.guess, ladder.least), ladder.most)}:
            answer = surrogate().ask(ladder.make(rung))
            if answer.ruled_out or answer.estimate is None:
                continue
            bound_usd, said_usd = ladder.usd(rung), order.cost_usd(answer)
            assert bound_usd <= said_usd * 1.005, (ladder.what, rung)
            closest = max(closest, bound_usd / said_usd)
    assert closest > 0.5


@pytest.mark.parametrize("pattern", [pattern.key for pattern in PATTERNS])
def test_a_ladder_goes_from_cheap_to_dear_and_begins_within_itself(pattern: str) -> None:
    for ladder in space(pattern).ladders:
        rungs = sorted({ladder.least, min(ladder.least + 1, ladder.most), ladder.most})
        assert [ladder.usd(rung) for rung in rungs] == sorted(ladder.usd(rung) for rung in rungs)
        assert all(ladder.make(rung).pattern == pattern for rung in rungs)


def test_a_daily_load_is_offered_every_kind_of_fleet() -> None:
    kinds = {ladder.what.split()[0] for ladder in space("realtime").ladders}
    assert {"fixed", "scheduled"} <= kinds
    scheduled = next(ladder for ladder in space("realtime").ladders if ladder.what == "scheduled")
    assert len(scheduled.make(scheduled.most).model_dump()["scheduled_actions"]) > 1
