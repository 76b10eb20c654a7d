"""Each preset is run: as a smaller copy, stated in `SMALLER`; what rules a deployment out is seen in full."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import pytest

from headroom.advisor.answer import Answer, Comparison
from headroom.advisor.compare import compare
from headroom.advisor.evaluate import evaluate
from headroom.advisor.prepared import check
from headroom.advisor.world import World
from headroom.sharing.library import load_world
from headroom.sharing.presets import PRESETS, load_preset
from simulator.patterns.registry import Deployment
from simulator.scenario import Scenario

KEYS = [preset.key for preset in PRESETS]

# Fraud: a hundredth of the rate for the first two hours. Nightly: a thousandth of the records.
# The others: two days at most.
SMALLER: Mapping[str, Mapping[str, Mapping[str, Any]]] = {
    "fraud": {"traffic": {"peak_rate_per_s": 100.0}, "simulation": {"duration_s": 7200.0, "replications": 2}},
    "fraud-measured": {"traffic": {"peak_rate_per_s": 100.0}, "simulation": {"duration_s": 7200.0, "replications": 2}},
    "nightly-profiles": {"traffic": {"records": 50_000}, "simulation": {"replications": 2}},
    "documents": {"traffic": {}, "simulation": {"duration_s": 172_800.0, "replications": 2}},
    "dashboard": {"traffic": {}, "simulation": {"duration_s": 172_800.0, "replications": 2}},
    "classification-api": {"traffic": {}, "simulation": {"duration_s": 86_400.0, "replications": 2}},
    "bursty-function": {"traffic": {}, "simulation": {"replications": 2}},
}


@cache
def world() -> World:
    return load_world()


def smaller(key: str) -> Scenario:
    scenario, less = load_preset(key), SMALLER[key]
    traffic = scenario.workload.traffic.model_copy(update=dict(less["traffic"]))
    workload = scenario.workload.model_copy(update={"traffic": traffic})
    simulation = scenario.simulation.model_copy(update=dict(less["simulation"]))
    return scenario.model_copy(update={"workload": workload, "simulation": simulation})


@cache
def compared(key: str) -> Comparison:
    return compare(smaller(key), world())


def deployment(scenario: Scenario, pattern: str) -> Deployment:
    return next(one for one in scenario.deployments if one.pattern == pattern)


def evaluated(key: str, pattern: str) -> Answer:
    scenario = load_preset(key)
    return evaluate(scenario, deployment(scenario, pattern), world())


@pytest.mark.parametrize("key", KEYS)
def test_a_preset_has_no_problems(key: str) -> None:
    assert check(load_preset(key), world()) == ()


@pytest.mark.slow
@pytest.mark.parametrize("key", KEYS)
def test_every_deployment_has_a_verdict(key: str) -> None:
    comparison = compared(key)
    assert len(comparison.evaluations) == len(comparison.reasons) == len(comparison.scenario.deployments)
    assert comparison.sentence
    for evaluation in comparison.evaluations:
        assert evaluation.ruled_out or evaluation.clauses
        assert evaluation.ruled_out or evaluation.cost_usd_per_month is not None


@pytest.mark.slow
@pytest.mark.parametrize("key", KEYS)
def test_every_request_has_exactly_one_fate(key: str) -> None:
    outcomes = [evaluation.outcome for evaluation in compared(key).evaluations]
    assert any(outcome is not None for outcome in outcomes)
    for outcome in outcomes:
        if outcome is not None:
            assert outcome.offered > 0
            assert sum(outcome.fates.values()) == outcome.offered


@pytest.mark.slow
@pytest.mark.parametrize("key", KEYS)
def test_every_deployment_that_runs_is_priced_in_full(key: str) -> None:
    assert not any(evaluation.unpriced for evaluation in compared(key).evaluations)


def test_fraud_rules_serverless_out_by_its_concurrency() -> None:
    [limit] = evaluated("fraud", "serverless").ruled_out
    assert limit.row == "1.6"
    assert "200" in limit.allowed


@pytest.mark.parametrize("pattern", ["realtime", "serverless"])
def test_documents_rule_real_time_and_serverless_out_by_payload(pattern: str) -> None:
    ruled_out = evaluated("documents", pattern).ruled_out
    assert [limit.row for limit in ruled_out if limit.what == "payload in" and limit.given == "80 MB"] == ["1.1"]


@pytest.mark.slow
def test_nightly_batch_shows_its_finish_time_against_the_deadline() -> None:
    evaluation = evaluated("nightly-profiles", "batch")
    assert evaluation.outcome is not None
    finished_s = evaluation.outcome.longest_job_s
    [clause] = [clause for clause in evaluation.clauses if clause.key == "deadline"]
    assert finished_s is not None
    assert 3600 < finished_s < 18_000
    assert clause.met
    assert clause.limit
    assert clause.value
