"""What the container ends and refuses by itself, the same on every pattern."""

from __future__ import annotations

import math

import pytest

from simulator.estimate.answer import fast
from simulator.model.workload import ServiceTime, Workload
from simulator.patterns import container
from simulator.patterns.asynchronous.deployment import AsynchronousDeployment
from simulator.patterns.batch.deployment import BatchDeployment
from simulator.patterns.realtime.deployment import RealtimeDeployment
from simulator.patterns.registry import BY_KEY, Deployment
from simulator.patterns.serverless.deployment import ServerlessDeployment
from simulator.simulate import simulate
from simulator.traffic.kinds import Constant
from tests.engine import make_case

DEPLOYMENTS: tuple[Deployment, ...] = (
    RealtimeDeployment(initial_instance_count=4),
    ServerlessDeployment(memory_size_in_mb=6144, max_concurrency=50),
    AsynchronousDeployment(initial_instance_count=4, scaling=None),
    BatchDeployment(batch_strategy="SingleRecord", input_objects=100_000, schedule_every_s=900.0),
)
BY_PATTERN = pytest.mark.parametrize("deployment", DEPLOYMENTS, ids=lambda deployment: deployment.pattern)


def work(**more: object) -> Workload:
    return Workload(
        traffic=Constant(rate_per_s=1.0),
        service_time=ServiceTime(distribution="exponential", mean_ms=1000),
        container_workers=4,
        image_mb=100,
        model_load_s=0.5,
    ).model_copy(update=more)


@BY_PATTERN
def test_what_takes_longer_than_the_container_allows_has_timed_out(deployment: Deployment) -> None:
    """Of exponential times with mean 1 s, exp(-2) are beyond 2 s: 13.5 %."""
    case = make_case(work(container_timeout_s=2.0))
    outcome = simulate(case, deployment)
    share = outcome.fates["timed_out"] / outcome.offered
    assert share == pytest.approx(math.exp(-2.0), abs=0.02)
    assert outcome.fates["completed"] + outcome.fates["timed_out"] == outcome.offered
    free = simulate(make_case(work()), deployment)
    assert free.fates["timed_out"] == 0


@BY_PATTERN
def test_formulas_know_it_or_say_that_they_do_not(deployment: Deployment) -> None:
    estimate = fast(make_case(work(container_timeout_s=2.0)), deployment)
    known = abs(estimate.error_share.value - math.exp(-2.0)) < 0.02
    assert known or "not sure: calls may be cut off" in estimate.reasons


@BY_PATTERN
def test_what_the_container_refuses_rules_it_out_as_the_containers(deployment: Deployment) -> None:
    for more in (
        {"request_mb": 0.5, "container_max_request_mb": 0.4},
        {"response_mb": 2, "container_max_response_mb": 1},
    ):
        broken = BY_KEY[deployment.pattern].limits(make_case(work(**more)), deployment)
        assert [(limit.whose, limit.row) for limit in broken] == [("container", "2.64")]
    at_the_limit = work(request_mb=0.5, container_max_request_mb=0.5)
    assert BY_KEY[deployment.pattern].limits(make_case(at_the_limit), deployment) == ()


def test_a_limit_that_the_user_has_not_touched_is_the_default_of_aws() -> None:
    field = BatchDeployment.model_fields["invocations_timeout_s"]
    assert str(container.configured(600.0, field)) == "600 s, InvocationsTimeoutInSeconds, AWS's default"
    assert str(container.configured(60.0, field)) == "60 s, InvocationsTimeoutInSeconds, as configured"
