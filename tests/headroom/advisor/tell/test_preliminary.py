"""What is said before everything is simulated: errors, doubts, and a verdict that is open about both."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest

from headroom.advisor import compare
from headroom.advisor.answer import Answer, Uncertain
from headroom.advisor.evaluate import evaluate, preview
from headroom.advisor.search.screen import screen
from headroom.advisor.tell import preliminary, words
from headroom.sharing.library import load_world
from headroom.sharing.presets import load_preset
from simulator.estimate.figures import Figure
from simulator.model.requirement import Requirement
from simulator.search_space import SearchSpace
from tests.headroom.advisor.explore.cases import steady
from tests.headroom.ui.small import scenario


@cache
def previews(preset: str) -> tuple[Answer, ...]:
    given, world = load_preset(preset), load_world()
    return tuple(preview(given, one, world) for one in given.deployments)


def p99_s(one: Answer) -> float:
    return one.latency_s["p99"].value


def test_an_error_reads_as_plus_minus():
    assert words.about(Figure(value=412.0, error=0.011), words.dollars) == "$412.00 ± 1 %"
    assert words.about(Figure(value=0.067, error=0.0213), words.seconds) == "67 ms ± 2 %"
    assert [words.error(e) for e in (0.0, 1e-5, 0.004, 0.094, 0.12, 0.2377, 4.0)] == [
        "± 0 %", "± under 0.1 %", "± 0.4 %", "± 9 %", "± 12 %", "± 24 %", "± more than 100 %",
    ]  # fmt: skip


def test_an_interval_reads_as_a_remark():
    def remark(low: float | None, high: float | None, n: int) -> str:
        return words.interval(Uncertain(value=412.0, low=low, high=high, n=n), words.dollars)

    assert remark(None, None, 1) == "one run, no interval"
    assert remark(412.0, 412.0, 5) == "the same in all 5 runs"
    assert remark(405.0, 419.0, 5) == "95 % interval $405.00 to $419.00"


def test_an_estimate_has_its_errors_as_intervals():
    answer = previews("fraud")[0]
    cost = answer.cost_usd_per_month
    assert answer.estimate is not None
    assert cost is not None
    assert cost.low == pytest.approx(cost.value * (1 - answer.estimate.usage_error))
    assert cost.provenance == answer.provenance == "estimated"
    assert not answer.simulated


def test_the_preliminary_winner_is_the_cheapest_that_meets():
    found = compare.preview(load_preset("fraud"), previews("fraud"))
    meeting = [one.cost_usd_per_month.value for one in previews("fraud") if one.meets and one.cost_usd_per_month]
    assert found.best is not None
    cost = found.evaluations[found.best].cost_usd_per_month
    assert cost is not None
    assert cost.value == min(meeting)
    assert "±" in found.sentence
    assert load_preset("fraud").deployments[found.best].name in found.sentence


def test_a_doubt_gives_the_reasons_of_the_fast_answer():
    doubts = [preliminary.doubt(one) for one in previews("bursty-function")]
    assert any(text.startswith("Not stable: ") for text in doubts)
    assert all(
        (not text) or one.estimate is None or one.estimate.reasons
        for text, one in zip(doubts, previews("bursty-function"), strict=True)
    )


def test_costs_too_close_to_tell_are_said():
    one = previews("fraud")[0]
    assert one.cost_usd_per_month is not None
    twin = replace(one, deployment=one.deployment.model_copy(update={"name": "Twin"}))
    found = compare.preview(load_preset("fraud"), [one, twin])
    assert "Too close for a preview: Twin may cost no more." in found.sentence


def test_the_fastest_is_said_where_latency_is_the_goal():
    given = load_preset("fraud")
    wanted = given.model_copy(update={"search": SearchSpace(goal="latency")})
    found = compare.preview(wanted, previews("fraud")[:2])
    latencies = [p99_s(one) for one in previews("fraud")[:2]]
    assert found.best == latencies.index(min(latencies))
    assert "the fastest of" in found.sentence
    assert "cheap" not in found.sentence.lower()


def test_a_number_near_its_limit_is_close():
    one = previews("fraud")[0]
    latency = replace(one.clauses[0], margin=1.01, met=False)
    assert preliminary.close(one, latency)
    assert not preliminary.close(one, replace(latency, margin=1.5))
    missed = replace(one, clauses=(latency, *one.clauses[1:]))
    assert preliminary.may_meet(missed)
    found = compare.preview(load_preset("fraud"), [missed])
    assert "may do so after all" in found.sentence


def test_exact_results_take_the_place_of_previews():
    given, world = scenario(), load_world()
    exact = evaluate(given, given.deployments[0], world)
    found = compare.preview(given, [exact, preview(given, given.deployments[1], world)])
    assert found.evaluations[0] is exact
    assert [answer.provenance for answer in found.evaluations] == [exact.provenance, "estimated"]


@pytest.mark.parametrize(("limit_s", "begins"), [(8, "Real-time, 1 x ml.m5.large, about $"), (1e-6, "none of ")])
def test_the_first_look_names_the_best_or_says_that_nothing_meets(limit_s: float, begins: str):
    asked = steady(1.0, requirement=Requirement(latency_limit_s=limit_s, min_zones=1))
    only = asked.search.model_copy(update={"patterns": ("realtime",)})
    text = preliminary.first_look(screen(asked.model_copy(update={"search": only}), load_world()))
    assert text.startswith(begins)
    assert "looked at by the fast answer" in text
    assert "exact runs decide" in text
