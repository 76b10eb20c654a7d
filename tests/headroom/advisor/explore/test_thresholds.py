from __future__ import annotations

import json
import re
from functools import cache

import pytest

from headroom.advisor.evaluate import preview
from headroom.advisor.explore.ranking_at import of_comparison, stand
from headroom.advisor.explore.thresholds import Change, Threshold, Thresholds, thresholds
from headroom.advisor.explore.vary import at_price, compute_line, price_family, vary
from headroom.advisor.search.planner import plan
from headroom.advisor.search.screen import Effort
from headroom.codec import from_json, to_json
from simulator.scenario import Scenario
from tests.headroom.advisor.explore.cases import break_even_per_s, steady, world

RATE_PER_S = 5.5


def scenario() -> Scenario:
    return steady(RATE_PER_S)


@cache
def found() -> Thresholds:
    return thresholds(scenario(), world())


def threshold(parameter: str, direction: str) -> Threshold:
    (one,) = [one for one in found().found if (one.parameter, one.direction) == (parameter, direction)]
    return one


def with_value(parameter: str, value: float) -> Scenario:
    if parameter != "price":
        return vary(scenario(), parameter, value)
    winner = found().winner
    assert winner is not None
    assert winner.deployment is not None
    bill = preview(scenario(), winner.deployment, world()).bill
    assert bill is not None
    line = compute_line(bill)
    assert line is not None
    return at_price(scenario(), price_family(scenario(), world(), line), value)


def changes() -> list[tuple[str, Change]]:
    return [(one.parameter, one.pattern) for one in found().found if one.pattern is not None]


@pytest.mark.parametrize("parameter", ["volume", "service_time", "price"])
def test_the_value_is_that_of_the_closed_form(parameter: str) -> None:
    """Requests x service time x price is what serverless costs; an instance costs the same whatever it does."""
    change = threshold(parameter, "above").pattern
    assert change is not None
    assert change.before.pattern == "serverless"
    assert change.after is not None
    assert change.after.pattern == "realtime"
    assert change.keeps <= change.changes <= 1.021 * change.keeps
    today = threshold(parameter, "above").today
    assert change.changes / today == pytest.approx(break_even_per_s() / RATE_PER_S, rel=0.03)


def test_below_nothing_changes() -> None:
    for parameter in ("volume", "price"):
        assert threshold(parameter, "below").pattern is None
        assert "makes another pattern win" in threshold(parameter, "below").sentence


def test_planned_again_on_both_sides_of_every_value_the_answer_is_as_told() -> None:
    assert len(changes()) >= 3
    for parameter, change in changes():
        for value, told in ((change.keeps, change.before), (change.changes, change.after)):
            winner = stand(with_value(parameter, value), world()).winner
            assert winner == told


@pytest.mark.slow
def test_planned_again_with_exact_runs_a_little_beyond_both_sides_the_answer_is_as_told() -> None:
    for parameter, change in changes():
        apart = (change.changes / change.keeps) ** 3
        for value, told in ((change.keeps / apart, change.before), (change.changes * apart, change.after)):
            decided = of_comparison(plan(with_value(parameter, value), world()).comparison).winner
            assert (decided and decided.pattern) == (told and told.pattern), (parameter, value)


def test_a_full_screen_agrees_beyond_both_sides() -> None:
    for parameter, change in changes():
        apart = (change.changes / change.keeps) ** 2
        for value, told in ((change.keeps / apart, change.before), (change.changes * apart, change.after)):
            winner = stand(with_value(parameter, value), world(), Effort.FULL).winner
            assert (winner and winner.pattern) == (told and told.pattern)


def test_sentences_quote_the_values() -> None:
    quoted = re.search(
        r"above ([\d.]+) times today's Real-time endpoint wins at \$([\d.]+)", threshold("volume", "above").sentence
    )
    change = threshold("volume", "above").pattern
    assert quoted is not None
    assert change is not None
    assert change.after is not None
    assert float(quoted[1]) == pytest.approx(change.changes, rel=0.005)
    assert float(quoted[2]) == pytest.approx(change.after.cost_usd, abs=0.005)
    limit = threshold("latency_limit", "below")
    assert limit.sentence.startswith("Latency limit, today 8,000 ms: ")


def test_what_does_not_apply_is_not_asked() -> None:
    assert {one.parameter for one in found().found} == {"volume", "service_time", "latency_limit", "price"}


def test_nothing_is_told_where_nothing_meets() -> None:
    hopeless = scenario().model_copy(
        update={"requirement": scenario().requirement.model_copy(update={"latency_limit_s": 0.001})}
    )
    assert thresholds(hopeless, world()) == Thresholds(winner=None, found=())


def test_json_keeps_it() -> None:
    assert from_json(Thresholds, json.loads(json.dumps(to_json(found()), allow_nan=False))) == found()
