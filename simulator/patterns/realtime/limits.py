"""What rules a real-time endpoint out: payload, time, container, instance type, GPU, memory, quota."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from simulator.engine.replication import Case
from simulator.model.limits import BrokenLimit, TimeLimit
from simulator.model.workload import Workload
from simulator.patterns import autoscaling, burstable, container, instances
from simulator.patterns import hard_limits as hard
from simulator.patterns.common import machine
from simulator.patterns.realtime import absence
from simulator.patterns.realtime.deployment import RealtimeDeployment

MANY_AT_ONCE = 30
"""Connections with which nobody reported a throttle (facts row 2.61)."""
STREAMED_LIMIT_S = 480.0  # facts rows 1.3, 1.23


def limits(case: Case, deployment: RealtimeDeployment) -> tuple[BrokenLimit, ...]:
    """Payload, time, instance type, GPU and memory (facts section 1)."""
    here = machine(case, deployment.instance_type, "instance_type")
    mean_s = case.workload.service_time.mean_ms / 1000 * here.factor
    return (
        *hard.gateway(case.workload),
        *hard.payload(case.workload, case.assumptions.realtime_max_payload_mb, "1.1"),
        *container.sizes(case.workload, case.workload.largest_request_mb, case.workload.response_mb),
        *hard.duration(mean_s, time_limits(case)),
        *_streamed(case.workload),
        *_routed(deployment),
        *hard.instance(case, here.kind, batch=False),
        *burstable.limits(case, deployment, here),
        *autoscaling.beyond_quota(case, deployment),
    )


def answer_limit(case: Case) -> TimeLimit:
    """How long a client may wait for its answer, queue included."""
    if case.workload.streamed:
        name = "AWS's limit for InvokeEndpointWithResponseStream"
        return TimeLimit(name=name, seconds=STREAMED_LIMIT_S, whose="aws", row="1.23", waits=True)
    return TimeLimit(
        name="AWS's limit for InvokeEndpoint",
        seconds=case.assumptions.realtime_max_s,
        whose="account",
        row="1.3",
        note=f"{STREAMED_LIMIT_S:g} s with workload.streamed, or more with assumptions.realtime_max_s where AWS has"
        " raised it for the account",
        waits=True,
    )


def time_limits(case: Case) -> tuple[TimeLimit, ...]:
    """InvokeEndpoint's, and the container's own."""
    return (answer_limit(case), *container.time_limit(case.workload))


def worth_knowing(case: Case, deployment: RealtimeDeployment) -> Iterable[str]:
    """What a schedule that deletes it means; an update that a quota may refuse; what is assumed of its container and of
    a burstable type's CPU credits.
    """
    here = machine(case, deployment.instance_type, "instance_type")
    of_container = container.assumed(case, here, case.workload.largest_request_mb, case.workload.response_mb)
    return (
        *absence.told(deployment),
        *autoscaling.update_at_risk(case, deployment),
        *_front_door(case, deployment),
        *of_container,
        *burstable.assumed(here),
    )


def _front_door(case: Case, deployment: RealtimeDeployment) -> Iterator[str]:
    """SageMaker throttles by concurrency, instance type and count, and publishes no number (facts row 2.61)."""
    population, most = case.workload.population, instances.most(deployment)
    if population and population.users > MANY_AT_ONCE * most:
        yield (
            f"{population.users} users call at once on at most {most} instance{'' if most == 1 else 's'}. SageMaker's"
            f" front door throttles by concurrency, type and number of instances: with {MANY_AT_ONCE} connections one"
            " user saw no error, with 60 ThrottlingException. It publishes no number and Headroom does not simulate it:"
            " try it (facts row 2.61)."
        )


def _routed(deployment: RealtimeDeployment) -> Iterator[BrokenLimit]:
    """Requests with equal beginnings are not told apart, so no cache can be met or missed."""
    if deployment.routing_strategy in ("PREFIX_AWARE", "KV_AWARE"):
        allowed = "RANDOM or LEAST_OUTSTANDING_REQUESTS, to which KV_AWARE falls back"
        yield BrokenLimit("RoutingStrategy", deployment.routing_strategy, allowed, "headroom", "2.50")


def _streamed(workload: Workload) -> Iterator[BrokenLimit]:
    """A client's read timeout is between two parts of a streamed answer, which Headroom does not tell apart."""
    if workload.streamed and workload.client.read_timeout_s:
        given = f"workload.streamed, and {workload.client.read_timeout_s:g} s between two parts of an answer"
        yield BrokenLimit("a read timeout of streamed answers", given, "client.read_timeout_s = 0", "headroom")
