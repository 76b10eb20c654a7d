"""The space of every pattern as chains of candidates, with what each costs at least.

What the search does not vary (queue size, time to live, notifications, input objects) is that of the scenario's own
deployment of the pattern, else its default. Routing is always LEAST_OUTSTANDING_REQUESTS, which costs the same as
RANDOM and never waits longer; an asynchronous instance always takes as many requests as it has workers: fewer only
leave workers idle.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from advisor.monthly import MONTH_S
from advisor.search import needs, schedules
from advisor.search.asking import Asker
from advisor.search.chains import Chain
from advisor.search.needs import Kind, Load
from advisor.verdict import THROUGH_S3
from simulator.fields import Spec
from simulator.patterns.asynchronous import AsynchronousDeployment, BacklogTracking
from simulator.patterns.batch import BatchDeployment
from simulator.patterns.realtime import InvocationsTracking, RealtimeDeployment
from simulator.patterns.serverless import MEMORY_SIZES_IN_MB, MOST_CONCURRENCY, ServerlessDeployment
from simulator.scenario import Deployment
from simulator.service import serverless_factor
from simulator.traffic.spec import DAY_S, Jobs

Made = TypeVar("Made", bound=Spec)

MOST_INSTANCES = 1000
MOST_JOB_INSTANCES = 100
BUSY = (1.0, 0.95, 0.9, 0.85, 0.8, 0.75, 0.7, 0.65, 0.6, 0.55, 0.5, 0.45, 0.4, 0.35, 0.3, 0.25, 0.2, 0.15, 0.1)
"""How busy workers are meant to be, from bold to cautious."""

EVERY_S = (900.0, 3600.0, 4 * 3600.0, DAY_S)
BACKLOGS = (1.0, 3.0, 10.0)
"""Target backlogs of an asynchronous instance, in requests for each of its workers."""

_SLACK = 0.97
"""Of a bound on cost: rates are expected ones, and some requests may end without an answer."""


@dataclass(frozen=True, slots=True)
class Space:
    """The chains of a pattern, and candidates that hard limits forbid: what to say when there is nothing else.

    may_meet: whether the pattern can answer as the requirement wants.
    """

    pattern: str
    chains: tuple[Chain, ...]
    forbidden: tuple[Deployment, ...]
    may_meet: bool = True


def spaces(asker: Asker) -> Iterator[Space]:
    """Of the patterns that the scenario's search allows, in the order of PATTERNS."""
    load = needs.load(asker)
    allowed = asker.scenario.search.patterns
    late = asker.scenario.requirement.answer_may_be_deferred
    for pattern, make in (
        ("realtime", _realtime),
        ("serverless", _serverless),
        ("asynchronous", _asynchronous),
        ("batch", _batch),
    ):
        if not allowed or pattern in allowed:
            yield replace(make(asker, load), may_meet=late or pattern not in THROUGH_S3)


def template(asker: Asker, kind: type[Made]) -> Made:
    """The scenario's first deployment of this pattern, else the default."""
    return next((one for one in asker.scenario.deployments if isinstance(one, kind)), kind())


def changed(deployment: Made, **values: Any) -> Made:
    """The same with other values, checked."""
    return type(deployment).model_validate({**dict(deployment), **values})


def _realtime(asker: Asker, load: Load) -> Space:
    own = changed(
        template(asker, RealtimeDeployment),
        **_UNSCALED,
        concurrency_scaling=None,
        routing_strategy="LEAST_OUTSTANDING_REQUESTS",
        **_bounds(RealtimeDeployment),
    )
    requirement = asker.scenario.requirement
    kinds, forbidden = needs.kinds(asker, "hosting_instance_s", own, requirement.latency_limit_s)
    # The queue of an instance is what it can be behind by.
    patience = min(requirement.latency_limit_s or 60.0, 60.0)
    least_per_s = needs.least_rate_per_s(asker, load, patience)
    most = needs.most_instances(asker, MOST_INSTANCES)
    slots = schedules.by_slot(asker.scenario, load, peaks=True) if schedules.recurs(asker.scenario) else None
    chains: list[Chain] = []
    for kind in kinds:
        chains.append(_fixed_realtime(own, kind, load, (needs.whole(least_per_s / kind.per_s), most)))
        if load.varies and load.peak_per_s > 0.5 * kind.per_s and most > 1:
            chains.append(_scaled_realtime(own, kind, load, most))
            if slots is not None:
                chains.append(_scheduled(asker, own, kind, (load, slots), (1, most)))
    return Space("realtime", tuple(chains), tuple(forbidden))


def _fixed_realtime(own: RealtimeDeployment, kind: Kind, load: Load, bounds: tuple[int, int]) -> Chain:
    least, most = bounds
    guess = needs.whole(load.peak_per_s / kind.per_s / 0.8)

    def make(count: int) -> Deployment:
        return changed(own, instance_type=kind.name, initial_instance_count=count)

    return Chain(
        what="fixed",
        make=make,
        least=least,
        most=most,
        guess=guess,
        usd=lambda count: count * kind.usd * _SLACK,
        floor=kind.service_s,
    )


def _scaled_realtime(own: RealtimeDeployment, kind: Kind, load: Load, most: int) -> Chain:
    def make(place: int) -> Deployment:
        per_s = kind.per_s * BUSY[place]
        highest = min(most, max(2, 2 * needs.whole(load.peak_per_s / per_s)))
        target = max(per_s * 60, 0.1)
        return changed(
            own,
            instance_type=kind.name,
            scaling=InvocationsTracking(target_value=float(f"{target:.4g}")),
            min_capacity=1,
            max_capacity=highest,
            initial_instance_count=min(highest, needs.whole(float(load.rate_per_s[0]) / per_s)),
        )

    def usd(place: int) -> float:
        return kind.usd * load.mean_instances(kind.per_s * BUSY[place], 1) * _SLACK * 0.95

    return Chain(
        what="scaled", make=make, least=0, most=len(BUSY) - 1, guess=6, usd=usd, counts=False, floor=kind.service_s
    )


def _scheduled(
    asker: Asker, own: Any, kind: Kind, loads: tuple[Load, list[schedules.Floats]], bounds: tuple[int, int]
) -> Chain:
    """Of an endpoint whose count follows the time of day."""
    load, slots = loads
    least, most = bounds

    def make(place: int) -> Deployment:
        found = schedules.actions(asker.scenario, slots, kind.per_s * BUSY[place], least, most)
        counts = [action.min_capacity for action in found]
        made: Deployment = changed(
            own,
            instance_type=kind.name,
            scheduled_actions=found,
            min_capacity=min(counts),
            max_capacity=max(*counts, 1),
            initial_instance_count=counts[-1],
        )
        return made

    def usd(place: int) -> float:
        return kind.usd * load.mean_instances(kind.per_s * BUSY[place], least) * _SLACK

    return Chain(
        what="scheduled",
        make=make,
        least=0,
        most=len(BUSY) - 1,
        guess=5,
        usd=usd,
        counts=False,
        floor=kind.service_s,
    )


def _serverless(asker: Asker, load: Load) -> Space:
    own = changed(template(asker, ServerlessDeployment), scaling=None, scheduled_actions=())
    quota = asker.scenario.search.serverless_concurrency_quota
    most = min(MOST_CONCURRENCY, quota or MOST_CONCURRENCY)
    reference = asker.world.hardware[asker.scenario.workload.reference_instance_type]
    workload, assumptions = asker.scenario.workload, asker.scenario.assumptions
    chains: list[Chain] = []
    forbidden = []
    for memory in MEMORY_SIZES_IN_MB:
        plain = changed(
            own,
            memory_size_in_mb=memory,
            max_concurrency=most,
            provisioned_concurrency=0,
        )
        if asker.limits(plain):
            forbidden.append(plain)
            continue
        service_s = workload.service_time.mean_ms / 1000 * serverless_factor(workload, reference, memory, assumptions)
        chains.extend(_environments(asker, plain, load, service_s))
    return Space("serverless", tuple(chains), tuple(forbidden))


def _environments(asker: Asker, plain: ServerlessDeployment, load: Load, service_s: float) -> Iterator[Chain]:
    """On demand alone, and with more and more of it provisioned."""
    size = str(plain.memory_size_in_mb)
    work_s = load.mean_per_s * MONTH_S * service_s * _SLACK
    on_demand = asker.unit_usd("serverless_duration_s", size)
    kept, worked = asker.unit_usd("serverless_pc_usage_s", size), asker.unit_usd("serverless_pc_duration_s", size)
    if on_demand is None:
        return
    yield Chain(
        what="on demand",
        make=lambda _: plain,
        least=0,
        most=0,
        guess=0,
        usd=lambda _: work_s * on_demand,
        floor=service_s,
    )
    if kept is None or worked is None:
        return
    least_usd = work_s * min(on_demand, worked)

    def make(count: int) -> Deployment:
        return changed(plain, provisioned_concurrency=count)

    guess = needs.whole(load.peak_per_s * service_s)
    yield Chain(
        what="provisioned",
        make=make,
        least=1,
        most=plain.max_concurrency,
        guess=min(guess, plain.max_concurrency),
        usd=lambda count: least_usd + count * kept * MONTH_S * _SLACK,
        floor=service_s,
    )


def _asynchronous(asker: Asker, load: Load) -> Space:
    own = changed(
        template(asker, AsynchronousDeployment),
        **_UNSCALED,
        **_bounds(AsynchronousDeployment),
        initial_instance_count=1,
    )
    own = changed(own, max_concurrent_invocations_per_instance=0)
    requirement = asker.scenario.requirement
    kinds, forbidden = needs.kinds(asker, "async_instance_s", own, requirement.latency_limit_s)
    patience = min(requirement.latency_limit_s or own.request_ttl_s, own.request_ttl_s)
    least_per_s = needs.least_rate_per_s(asker, load, patience)
    most = needs.most_instances(asker, MOST_INSTANCES)
    slots = schedules.by_slot(asker.scenario, load, peaks=False) if schedules.recurs(asker.scenario) else None
    chains: list[Chain] = []
    for kind in kinds:
        least = needs.whole(least_per_s / kind.per_s)
        chains.append(_fixed_asynchronous(own, kind, load, (least, most)))
        chains.extend(_tracked_backlog(own, kind, load, (target, least, most)) for target in BACKLOGS)
        if slots is not None:
            chains.append(_scheduled(asker, own, kind, (load, slots), (0, most)))
    return Space("asynchronous", tuple(chains), tuple(forbidden))


def _fixed_asynchronous(own: AsynchronousDeployment, kind: Kind, load: Load, bounds: tuple[int, int]) -> Chain:
    least, most = bounds
    guess = needs.whole(load.peak_per_s / kind.per_s / 0.9)

    def make(count: int) -> Deployment:
        return changed(own, instance_type=kind.name, initial_instance_count=count)

    return Chain(
        what="fixed",
        make=make,
        least=least,
        most=most,
        guess=guess,
        usd=lambda count: count * kind.usd * _SLACK,
        floor=kind.service_s,
    )


def _tracked_backlog(own: AsynchronousDeployment, kind: Kind, load: Load, bounds: tuple[float, int, int]) -> Chain:
    """A fleet that sleeps at zero, of ever more instances at most."""
    backlog, least, most = bounds
    target = max(1.0, round(backlog * kind.workers))

    def make(count: int) -> Deployment:
        return changed(
            own,
            instance_type=kind.name,
            scaling=BacklogTracking(target_value=target),
            min_capacity=0,
            max_capacity=count,
            initial_instance_count=0,
        )

    # At the least the work that is done is paid for, whoever does it.
    usd = kind.usd * load.mean_per_s / kind.per_s * _SLACK
    return Chain(
        what=f"backlog of {backlog:g} for each worker",
        make=make,
        least=least,
        most=most,
        guess=max(least, needs.whole(load.peak_per_s / kind.per_s / 0.9)),
        usd=lambda _: usd,
        floor=kind.service_s,
    )


def _batch(asker: Asker, load: Load) -> Space:
    own = template(asker, BatchDeployment)
    workload = asker.scenario.workload
    if own == BatchDeployment() and workload.largest_request_mb > own.max_payload_in_mb:
        own = changed(own, max_payload_in_mb=min(100, needs.whole(workload.largest_request_mb)))
    kinds, forbidden = needs.kinds(asker, "batch_instance_s", own, 0.0)
    quota = asker.scenario.search.transform_instances_quota
    most = min(needs.most_instances(asker, MOST_JOB_INSTANCES), quota or MOST_JOB_INSTANCES)
    every = (own.schedule_every_s,) if isinstance(workload.traffic, Jobs) else _every_s(asker, own)
    chains = tuple(_jobs(asker, own, kind, load, (every_s, most)) for kind in kinds for every_s in every)
    return Space("batch", chains, tuple(forbidden))


def _every_s(asker: Asker, own: BatchDeployment) -> tuple[float, ...]:
    """How often a job may run: no more seldom than the latency limit allows."""
    requirement = asker.scenario.requirement
    if not requirement.answer_may_be_deferred:
        return (own.schedule_every_s,)  # it cannot meet, so one will do
    limit_s = requirement.latency_limit_s
    some = tuple(sorted({*EVERY_S, own.schedule_every_s}))
    return tuple(one for one in some if not limit_s or one * requirement.latency_percentile / 100 < limit_s) or some[:1]


def _jobs(asker: Asker, own: BatchDeployment, kind: Kind, load: Load, bounds: tuple[float, int]) -> Chain:
    every_s, most = bounds
    traffic, assumptions = asker.scenario.workload.traffic, asker.scenario.assumptions
    deadline_s = asker.scenario.requirement.deadline_s or asker.scenario.requirement.latency_limit_s or DAY_S
    per_job = traffic.records if isinstance(traffic, Jobs) else load.mean_per_s * every_s
    gap_s = traffic.every_days * DAY_S if isinstance(traffic, Jobs) else every_s
    start_s = 0.5 * assumptions.batch_start_median_s if assumptions.bill_while_provisioning else 0.0
    work_s = per_job / kind.per_s * _SLACK

    def make(count: int) -> Deployment:
        return changed(
            own,
            instance_type=kind.name,
            instance_count=count,
            input_objects=max(own.input_objects, count),
            schedule_every_s=every_s,
        )

    guess = min(most, needs.whole(work_s / max(deadline_s - 3 * assumptions.batch_start_median_s, 60.0)))
    return Chain(
        what=f"every {every_s:g}",
        make=make,
        least=1,
        most=most,
        guess=guess,
        usd=lambda count: (work_s + count * start_s) * kind.usd / gap_s,
        floor=every_s,
    )


def _bounds(kind: type[Spec]) -> dict[str, Any]:
    """Those of the default, for fleets that nothing scales."""
    return {name: kind.model_fields[name].default for name in ("min_capacity", "max_capacity")}


_UNSCALED: dict[str, Any] = {
    "scaling": None,
    "step_scale_out": None,
    "step_scale_in": None,
    "scheduled_actions": (),
}
