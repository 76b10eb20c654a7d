"""One scenario for each rule of thumb in which exact runs of the best of every pattern choose the textbook one."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest

from headroom.advisor.compare import compare
from headroom.advisor.explore.ranking_at import Entry, Standing, of_comparison, stand
from headroom.advisor.explore.rules import RULES, Load, Spoken, load, rules
from headroom.codec import from_json, to_json
from simulator.model.requirement import Requirement
from simulator.model.simulation import Simulation
from simulator.model.workload import ServiceTime, Workload
from simulator.scenario import Scenario
from simulator.search_space import SearchSpace
from simulator.traffic.kinds import Bursts, Constant, Jobs, Traffic
from tests.headroom.advisor.explore.cases import HOUR_S, world


def of(traffic: Traffic, requirement: Requirement, service_ms: float = 100, hours: float = 6, **more) -> Scenario:
    return Scenario(
        workload=Workload(
            traffic=traffic,
            service_time=ServiceTime(mean_ms=service_ms),
            reference_instance_type="ml.m5.large",
            **{"memory_mb": 900.0, "request_mb": 0.01} | more,
        ),
        requirement=requirement,
        simulation=Simulation(duration_s=hours * HOUR_S, warmup_s=HOUR_S, replications=3),
        search=SearchSpace(families=("ml.m5", "ml.c5")),
    )


TEXTBOOK = {
    "unpredictable": (
        of(Bursts(on_rate_per_s=10, off_rate_per_s=0.001), Requirement(latency_limit_s=30, max_error_share=0.02)),
        "serverless",
    ),
    "sustained": (of(Constant(rate_per_s=100), Requirement(latency_limit_s=1, min_zones=1), hours=2), "realtime"),
    "quick": (
        of(Bursts(on_rate_per_s=80, off_rate_per_s=0.001), Requirement(latency_limit_s=0.1), service_ms=15),
        "realtime",
    ),
    "offline": (
        of(
            Jobs(records=2_000_000, submit_over_s=2 * HOUR_S),
            Requirement(latency_limit_s=0, deadline_s=5 * HOUR_S, answer_may_be_deferred=True),
            service_ms=4,
            hours=24,
            request_mb=0.001,
        ),
        "batch",
    ),
    "large": (
        of(
            Constant(rate_per_s=0.01),
            Requirement(latency_limit_s=1200, answer_may_be_deferred=True),
            service_ms=90_000,
            hours=24,
            request_mb=80.0,
        ),
        "asynchronous",
    ),
}


def exactly(scenario: Scenario) -> Standing:
    """Where the best of every pattern by the screen stand in exact runs."""
    best = tuple(one.deployment for one in stand(scenario, world()).entries if one.deployment is not None)
    return of_comparison(compare(scenario.model_copy(update={"deployments": best}), world()))


def test_every_rule_has_its_scenario() -> None:
    assert list(TEXTBOOK) == [rule.key for rule in RULES]


@pytest.mark.slow
@pytest.mark.parametrize("key", TEXTBOOK)
def test_the_simulated_winner_is_the_textbook_one(key: str) -> None:
    scenario, pattern = TEXTBOOK[key]
    standing = exactly(scenario)
    assert standing.winner is not None
    assert standing.winner.pattern == pattern
    (spoken,) = [one for one in rules(scenario, world(), standing) if one.key == key]
    assert spoken.agrees
    assert pattern in spoken.takes
    assert f"wins at ${standing.winner.cost_usd:,.2f}" in spoken.sentence or standing.winner.cost_usd >= 1000


def entry(pattern: str, cost: float, why: str = "") -> Entry:
    return Entry(pattern=pattern, deployment=None, cost_usd_per_month=cost, latency_s=0.1, meets=not why, why=why)


def test_the_numbers_may_disagree_and_say_by_how_much() -> None:
    """Steady but little: the rule against serverless speaks, and serverless is the cheaper one."""
    standing = Standing(entries=(entry("realtime", 84.0), entry("serverless", 21.5)), best=1)
    (spoken,) = rules(of(Constant(rate_per_s=50), Requirement(), hours=1), world(), standing)
    assert (spoken.key, spoken.agrees) == ("sustained", False)
    assert spoken.sentence.endswith(
        "The numbers disagree: Serverless endpoint wins at $21.50 a month; Real-time endpoint would cost $84.00."
    )
    assert re.search(r": 4.9\d? requests are in work|: 5(\.\d+)? requests are in work", spoken.sentence)


def test_what_does_not_serve_says_why_and_nothing_may_serve() -> None:
    scenario = of(Constant(rate_per_s=50), Requirement(), hours=1)
    refused = entry("serverless", 21.5, why="9 % of requests end without an answer, at most 0.1 % may")
    (spoken,) = rules(scenario, world(), Standing(entries=(entry("realtime", 84.0), refused), best=0))
    assert spoken.agrees
    assert spoken.sentence.endswith(
        "Serverless endpoint does not serve: 9 % of requests end without an answer, at most 0.1 % may."
    )
    (none,) = rules(scenario, world(), Standing(entries=(refused,), best=None))
    assert none.agrees is None


QUIET = Load(
    mean_per_s=0.01, peak_over_mean=2, idle=0.1, in_work=0.001, peak_in_work=0.01, service_s=0.1, largest_mb=0.1,
    latency_limit_s=1, deferred=False, records=0,
)  # fmt: skip


@pytest.mark.parametrize(
    ("load", "keys"),
    [
        (QUIET, []),
        (replace(QUIET, idle=0.6), ["unpredictable"]),
        (replace(QUIET, peak_over_mean=6), ["unpredictable"]),
        (replace(QUIET, peak_over_mean=6, peak_in_work=60), []),
        (replace(QUIET, in_work=5), ["sustained"]),
        (replace(QUIET, latency_limit_s=0.1), ["quick"]),
        (replace(QUIET, latency_limit_s=0), []),
        (replace(QUIET, records=1_000_000, deferred=True), ["offline"]),
        (replace(QUIET, records=1_000_000), []),
        (replace(QUIET, largest_mb=26), ["large"]),
        (replace(QUIET, service_s=61), ["large"]),
    ],
)
def test_a_rule_speaks_from_its_bound_on(load: Load, keys: list[str]) -> None:
    assert [rule.key for rule in RULES if rule.speaks(load)] == keys


def test_the_load_is_that_of_the_traffic() -> None:
    found = load(of(Constant(rate_per_s=10), Requirement(), hours=2), world())
    assert found.mean_per_s == pytest.approx(10, rel=0.05)
    assert found.in_work == pytest.approx(1, rel=0.05)
    assert 1 < found.peak_over_mean < 1.5
    assert found.idle == 0


def test_json_keeps_it() -> None:
    standing = Standing(entries=(entry("serverless", 2.0),), best=0)
    for one in rules(of(Constant(rate_per_s=50), Requirement(), hours=1), world(), standing):
        assert from_json(Spoken, json.loads(json.dumps(to_json(one)))) == one
    assert from_json(Standing, json.loads(json.dumps(to_json(standing)))) == standing
