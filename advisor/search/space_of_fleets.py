"""The spaces of real-time and asynchronous endpoints: instances that stay, that follow the load, that follow the clock.

Routing is always LEAST_OUTSTANDING_REQUESTS, which costs the same as RANDOM and never waits longer; an asynchronous
instance always takes as many requests as it has workers: fewer only leave workers idle.
"""

from __future__ import annotations

from typing import Any

from advisor.search import needs, schedules
from advisor.search.asking import Asker
from advisor.search.chains import Chain
from advisor.search.needs import Kind, Load
from advisor.search.space import SLACK, Space, changed, template
from simulator.fields import Spec
from simulator.patterns.asynchronous import AsynchronousDeployment, BacklogTracking
from simulator.patterns.realtime import InvocationsTracking, RealtimeDeployment
from simulator.scenario import Deployment

MOST_INSTANCES = 1000
BUSY = (1.0, 0.95, 0.9, 0.85, 0.8, 0.75, 0.7, 0.65, 0.6, 0.55, 0.5, 0.45, 0.4, 0.35, 0.3, 0.25, 0.2, 0.15, 0.1)
"""How busy workers are meant to be, from bold to cautious."""

BACKLOGS = (1.0, 3.0, 10.0)
"""Target backlogs of an asynchronous instance, in requests for each of its workers."""

_UNSCALED: dict[str, Any] = {
    "scaling": None,
    "step_scale_out": None,
    "step_scale_in": None,
    "scheduled_actions": (),
}


def realtime(asker: Asker, load: Load) -> Space:
    """A fixed count, target tracking and a count by the clock, of every type."""
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
        chains.append(_fixed(own, kind, load, (needs.whole(least_per_s / kind.per_s), most), 0.8))
        if load.varies and load.peak_per_s > 0.5 * kind.per_s and most > 1:
            chains.append(_scaled_realtime(own, kind, load, most))
            if slots is not None:
                chains.append(_scheduled(asker, own, kind, (load, slots), (1, most)))
    return Space("realtime", tuple(chains), tuple(forbidden))


def asynchronous(asker: Asker, load: Load) -> Space:
    """A fixed count, fleets that sleep at zero and a count by the clock, of every type."""
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
        chains.append(_fixed(own, kind, load, (least, most), 0.9))
        chains.extend(_tracked_backlog(own, kind, load, (target, least, most)) for target in BACKLOGS)
        if slots is not None:
            chains.append(_scheduled(asker, own, kind, (load, slots), (0, most)))
    return Space("asynchronous", tuple(chains), tuple(forbidden))


def _fixed(own: Any, kind: Kind, load: Load, bounds: tuple[int, int], busy: float) -> Chain:
    """A count that stays. busy: how busy its workers are meant to be in the busiest minute, as a first guess."""
    least, most = bounds

    def make(count: int) -> Deployment:
        made: Deployment = changed(own, instance_type=kind.name, initial_instance_count=count)
        return made

    return Chain(
        what="fixed",
        make=make,
        least=least,
        most=most,
        guess=needs.whole(load.peak_per_s / kind.per_s / busy),
        usd=lambda count: count * kind.usd * SLACK,
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
        return kind.usd * load.mean_instances(kind.per_s * BUSY[place], 1) * SLACK * 0.95

    return Chain(
        what="scaled", make=make, least=0, most=len(BUSY) - 1, guess=6, usd=usd, counts=False, floor=kind.service_s
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
    usd = kind.usd * load.mean_per_s / kind.per_s * SLACK
    return Chain(
        what=f"backlog of {backlog:g} for each worker",
        make=make,
        least=least,
        most=most,
        guess=max(least, needs.whole(load.peak_per_s / kind.per_s / 0.9)),
        usd=lambda _: usd,
        floor=kind.service_s,
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
        return kind.usd * load.mean_instances(kind.per_s * BUSY[place], least) * SLACK

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


def _bounds(kind: type[Spec]) -> dict[str, Any]:
    """Those of the default, for fleets that nothing scales."""
    return {name: kind.model_fields[name].default for name in ("min_capacity", "max_capacity")}
