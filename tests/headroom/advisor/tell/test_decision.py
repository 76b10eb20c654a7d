"""The decision in three lines, from a first look and from a plan."""

from __future__ import annotations

from dataclasses import replace

import pytest

from headroom.advisor.order import cost_usd
from headroom.advisor.search.planner import plan
from headroom.advisor.search.screen import Effort, screen
from headroom.advisor.tell import decision, words
from headroom.sharing.library import load_world
from simulator.search_space import SearchSpace
from tests.headroom.ui.small import scenario


@pytest.fixture(scope="module")
def world():
    return load_world()


@pytest.fixture(scope="module")
def asked():
    return scenario().model_copy(update={"deployments": (), "search": SearchSpace(patterns=("serverless", "realtime"))})


@pytest.fixture(scope="module")
def first(asked, world):
    return screen(asked, world, Effort.COARSE)


@pytest.fixture(scope="module")
def planned(asked, world):
    return plan(asked, world)


def test_the_first_look_says_what_to_take_at_which_cost_and_latency(first):
    decided = decision.of_screen(first)
    assert decided.best is not None
    assert decided.headline.startswith(f"Take {decided.best.deployment.name}: $")
    assert decided.headline.endswith(" of 1,000 ms")
    assert "fast answer" in decided.sure
    assert not decided.exact


def test_patterns_that_serve_come_first_and_the_cheapest_of_them_is_the_best(planned):
    decided = decision.of_plan(planned)
    costs = [cost_usd(one.answer) for one in decided.standings if one.serves and one.answer]
    assert costs == sorted(costs)
    assert decided.standings[0].answer is decided.best
    assert [one.serves for one in decided.standings] == sorted((one.serves for one in decided.standings), reverse=True)
    rival = decided.standings[1].answer
    assert rival is not None
    assert words.dollars(cost_usd(rival)) in decided.why
    assert "Simulated 2 times" in decided.sure


def test_what_exact_runs_made_of_the_first_look_is_said(first, planned):
    assert decision.what_changed(first, planned).startswith("Exact runs")
    best = planned.comparison.evaluations[planned.comparison.best]
    at = first.best
    same = replace(first.patterns[at], best=replace(first.patterns[at].best, deployment=best.deployment))
    agreed = replace(first, patterns=(*first.patterns[:at], same, *first.patterns[at + 1 :]))
    assert decision.what_changed(agreed, planned) == "Exact runs agree."


def test_where_nothing_meets_the_closest_is_told_with_what_it_misses(asked, world):
    hard = asked.model_copy(update={"requirement": asked.requirement.model_copy(update={"latency_limit_s": 0.001})})
    decided = decision.of_screen(screen(hard, world, Effort.COARSE))
    assert decided.best is None
    assert decided.headline.startswith("Nothing meets the requirement. Closest is ")
    assert "latency" in decided.why


def test_where_limits_forbid_every_pattern_each_is_named(asked, world):
    huge = asked.model_copy(update={"workload": asked.workload.model_copy(update={"request_mb": 5_000.0})})
    decided = decision.of_screen(screen(huge, world, Effort.COARSE))
    assert decided.headline == "No pattern can serve this"
    assert "Serverless" in decided.why
    assert "Real-time" in decided.why


def test_an_answer_against_the_best_says_both_differences(planned):
    decided = decision.of_plan(planned)
    other = decided.standings[1].answer
    assert other is not None
    assert decided.best is not None
    text = decision.against(other, decided.best, decided.scenario)
    assert text.startswith("+$")
    assert "p99 " in text
    assert decision.against(decided.best, decided.best, decided.scenario) == "costs the same, p99 the same"
    cost = decided.best.cost_usd_per_month
    assert cost is not None
    for factor, same in ((0.999, True), (1.004, True), (1.006, False)):
        near = replace(decided.best, cost_usd_per_month=replace(cost, value=cost.value * factor))
        told = decision.against(near, decided.best, decided.scenario)
        assert told.startswith("costs the same") is same
