"""The fast answer knows the stages that the exact run knows."""

from __future__ import annotations

from dataclasses import replace

import pytest

from simulator.engine import stages
from simulator.engine.aggregate import pool
from simulator.engine.stages import Law, Stage, Terms
from simulator.estimate.answer import reckon
from simulator.model.assumptions import Assumptions
from simulator.model.usage import Usage
from simulator.model.workload import Client, ServiceTime, Workload
from simulator.patterns.asynchronous.deployment import AsynchronousDeployment
from simulator.patterns.realtime.deployment import RealtimeDeployment
from simulator.patterns.serverless.deployment import ServerlessDeployment
from simulator.traffic.kinds import Constant
from tests.engine import make_case, replicate

DEPLOYMENTS = (
    RealtimeDeployment(initial_instance_count=2),
    ServerlessDeployment(max_concurrency=60),
    AsynchronousDeployment(initial_instance_count=4, min_capacity=4, scaling=None),
)
NETWORKS = (
    {"network_ms": 80.0},
    {"network_ms": 20.0, "network_varying_ms": 120.0, "network_cv": 1.0},
    {"network_varying_ms": 60.0, "gateway_timeout_s": 0.45},
)


def case(**client):
    workload = Workload(
        traffic=Constant(rate_per_s=25.0),
        client=Client(**{"retry_mode": "none", **client}),
        service_time=ServiceTime(mean_ms=150),
    )
    return make_case(workload, assumptions=Assumptions(), duration_s=4 * 3600)


@pytest.mark.parametrize("deployment", DEPLOYMENTS, ids=lambda deployment: deployment.pattern)
@pytest.mark.parametrize("client", NETWORKS, ids=["fixed", "varying", "gateway"])
def test_percentiles_errors_and_usage_are_those_of_the_exact_run(client, deployment):
    one = case(**client)
    exact, quick = pool(deployment.pattern, replicate(one, deployment, 2), 99.0), reckon(one, deployment)
    assert not any("leaves out" in reason for reason in quick.reasons)
    for name, percent in (("p50", 50.0), ("p99", 99.0)):
        assert quick.latency_s[name].value == pytest.approx(exact.latency.quantile(percent), rel=0.05)
    assert quick.error_share.value == pytest.approx(exact.error_share, rel=0.25, abs=2e-3)
    for near, exactly in zip(quick.usage, exact.usage, strict=True):
        assert near.key == exactly.key
        assert near.quantity == pytest.approx(exactly.quantity, rel=0.03)


def test_a_registered_stage_is_known_without_another_line(monkeypatch):
    stage = Stage(
        key="lookup",
        title="Feature look-up",
        words="looking up features",
        place="before",
        stream=999,
        terms=lambda _case: Terms(law=Law(fixed_s=0.3)),
    )
    before = reckon(case(), DEPLOYMENTS[0])
    monkeypatch.setattr(stages, "STAGES", (*stages.STAGES, stage))
    after = reckon(replace(case()), DEPLOYMENTS[0])
    assert after.latency_s["p50"].value == pytest.approx(before.latency_s["p50"].value + 0.3, rel=0.01)


@pytest.mark.parametrize(
    ("place", "terms"), [("inside", {}), ("before", {"failure_share": 0.1}), ("before", {"capacity_per_s": 5.0})]
)
def test_what_formulas_do_not_know_of_a_stage_is_named(monkeypatch, place, terms):
    stage = Stage(
        key="lookup",
        title="Feature look-up",
        words="looking up features",
        place=place,
        stream=999,
        terms=lambda _case: Terms(law=Law(fixed_s=0.01), **terms),
    )
    monkeypatch.setattr(stages, "STAGES", (*stages.STAGES, stage))
    assert "leaves out Feature look-up" in reckon(case(), DEPLOYMENTS[0]).reasons[-1]


def test_usage_of_calls_is_in_the_fast_answer(monkeypatch):
    read = Usage(key="s3_get_requests", quantity=2.0)
    stage = Stage(
        key="lookup",
        title="Feature look-up",
        words="looking up features",
        place="before",
        stream=999,
        terms=lambda _case: Terms(usage=(read,)),
    )
    monkeypatch.setattr(stages, "STAGES", (*stages.STAGES, stage))
    quick = reckon(case(), DEPLOYMENTS[0])
    assert quick.usage[-1] == replace(read, quantity=2.0 * quick.offered)
