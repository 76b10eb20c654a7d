from __future__ import annotations

import json
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cache

import pytest

from headroom.advisor.explore.break_even import BreakEven, End, Turn, break_even, turns, up_to
from headroom.advisor.explore.ranking_at import stand
from headroom.advisor.explore.vary import vary
from headroom.advisor.search.screen import Effort
from headroom.codec import from_json, to_json
from simulator.model.requirement import Requirement
from simulator.scenario import Scenario
from tests.headroom.advisor.explore.cases import (
    MONTH_S,
    break_even_per_s,
    instance_usd_per_month,
    request_usd,
    steady,
    world,
)

RATE_PER_S = 1.0


def scenario() -> Scenario:
    return steady(RATE_PER_S)


@cache
def found() -> BreakEven:
    return break_even(scenario(), world())


def test_the_crossing_is_where_requests_cost_as_much_as_an_instance() -> None:
    crossing = next(one for one in found().crossings if one.decides)
    assert (crossing.below, crossing.above) == ("serverless", "realtime")
    assert crossing.times * RATE_PER_S == pytest.approx(break_even_per_s(), rel=0.02)
    assert crossing.requests_per_month == pytest.approx(instance_usd_per_month() / request_usd(), rel=0.02)
    assert crossing.cost_usd_per_month == pytest.approx(instance_usd_per_month(), rel=0.02)


def test_on_both_sides_of_a_crossing_the_cheaper_one_is_as_told() -> None:
    for crossing in found().crossings:
        below, above = (
            stand(vary(scenario(), "volume", times), world(), Effort.FULL) for times in (crossing.low, crossing.high)
        )
        assert crossing.low <= crossing.times <= crossing.high <= 1.021 * crossing.low
        for standing, cheaper, dearer in (
            (below, crossing.below, crossing.above),
            (above, crossing.above, crossing.below),
        ):
            one, other = standing.of(cheaper), standing.of(dearer)
            assert one is not None
            assert other is not None
            assert one.cost_usd <= other.cost_usd


def test_serverless_costs_in_proportion_and_an_instance_the_same() -> None:
    curves = {curve.pattern: curve.points for curve in found().curves}
    assert len(curves["serverless"]) == 17
    for point in curves["serverless"]:
        if point.meets:
            assert point.cost_usd_per_month == pytest.approx(point.requests_per_month * request_usd(), rel=0.05)
    for point in curves["realtime"]:
        if point.times <= 1:
            assert point.cost_usd_per_month == pytest.approx(instance_usd_per_month(), rel=1e-3)


def test_a_pattern_ends_where_its_limit_is_and_says_so() -> None:
    """200 requests at once (facts row 1.6) of 0.1 s each are 2,000 a second: 80 times the 25 a second of this one."""
    found = break_even(
        steady(25.0, requirement=Requirement(latency_limit_s=8, max_error_share=0.2, min_zones=1)), world()
    )
    (end,) = [one for one in found.ends if (one.pattern, one.side) == ("serverless", "above")]
    assert end.serves < 80 < end.fails * 1.001 <= 1.022 * end.serves
    assert "concurrency" in end.why
    assert "facts row 1.6" in end.why


def test_the_sentence_quotes_the_crossing() -> None:
    crossing = next(one for one in found().crossings if one.decides)
    quoted = re.search(r"by requests a month: Serverless endpoint up to ([\d.]+) million,", found().sentence)
    assert quoted is not None
    assert float(quoted[1]) * 1e6 == pytest.approx(crossing.requests_per_month, rel=0.005)
    today = re.search(r"; today it is ([\d.]+) million.", found().sentence)
    assert today is not None
    assert float(today[1]) * 1e6 == pytest.approx(MONTH_S * RATE_PER_S, rel=0.005)


def test_each_stretch_begins_with_the_pattern_that_the_one_before_ends_with() -> None:
    """Batch stops serving between two points, and takes over again after one that no crossing or end explains."""
    end = End(
        pattern="batch", side="above", serves=2.0, fails=2.04, requests_per_month=2e6, why="late", decides=True,
        instead="realtime",
    )  # fmt: skip
    hidden = replace(end, pattern="batch", serves=50.0, fails=51.0, requests_per_month=50e6)
    known = replace(found(), crossings=(), ends=(end, hidden))
    line = [(1e6, "batch"), (4e6, "realtime"), (9e6, "batch"), (36e6, "batch"), (72e6, None)]
    changes = turns(line, known)
    assert changes == (
        Turn(2e6, "batch", "realtime", "late"),
        Turn(6e6, "realtime", "batch", about=True),
        Turn(50e6, "batch", None, "late"),
    )
    assert [up_to(one) for one in changes] == ["up to 2 million", "up to about 6 million", "up to 50 million"]
    assert turns(line[2:4], known) == ()


def test_json_keeps_it_and_an_executor_changes_nothing() -> None:
    assert from_json(BreakEven, json.loads(json.dumps(to_json(found()), allow_nan=False))) == found()
    told: list[float] = []
    with ThreadPoolExecutor(2) as pool:
        assert break_even(scenario(), world(), pool, told.append) == found()
    assert told == sorted(told)
    assert told[-1] == 1
