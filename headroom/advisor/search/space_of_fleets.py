"""The spaces of real-time and asynchronous endpoints: instances that stay, that follow the load, that follow the clock.

Routing is always LEAST_OUTSTANDING_REQUESTS, which costs the same as RANDOM and never waits longer; an asynchronous
instance always takes as many requests as it has workers: fewer only leave workers idle.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from headroom.advisor.search import schedules, sizing
from headroom.advisor.search.ladders import Chain
from headroom.advisor.search.sizing import Kind, Load
from headroom.advisor.search.space import SLACK, Space, changed, template
from headroom.advisor.search.surrogate import Asker
from simulator.fields import Spec
from simulator.patterns.asynchronous.deployment import AsynchronousDeployment, BacklogTracking
from simulator.patterns.realtime.deployment import InvocationsTracking, RealtimeDeployment
from simulator.patterns.registry import Deployment
from simulator.scaling.policies import ConcurrencyTracking
from simulator.traffic.kinds import DAY_S

MOST_INSTANCES = 1000
BUSY = (1.0, 0.95, 0.9, 0.85, 0.8, 0.75, 0.7, 0.65, 0.6, 0.55, 0.5, 0.45, 0.4, 0.35, 0.3, 0.25, 0.2, 0.15, 0.1)
"""How busy workers are meant to be, from bold to cautious."""

AT_ONCE = (4.0, 3.0, 2.5, 2.0, 1.75, 1.5, 1.25, 1.0, 0.85, 0.7, 0.6, 0.5)
"""Target concurrency in requests for each worker, from bold to cautious: the metric is that of the fullest instance in
its fullest moment of ten seconds, so a target above 1 need not mean that requests wait.
"""

READY_BUSY, READY_AT_ONCE = 0.7, 1.5
"""Targets where it is the instances kept ready that are varied."""

LEAST_READY = 3
"""Fleets that need fewer for their peak have nothing between one and a fixed count."""

DRAWN_S = 3 * DAY_S
"""Horizon up to which concurrency is looked at: the fast answer draws that metric every ten seconds."""

DRAWN_AT_WORK = 64.0
"""Requests in work at the peak up to which it is: drawing it takes the longer the larger the fleet."""

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
    kinds, forbidden = sizing.kinds(asker, "hosting_instance_s", own, requirement.latency_limit_s)
    # The queue of an instance is what it can be behind by.
    patience = min(requirement.latency_limit_s or 60.0, 60.0)
    least_per_s = sizing.least_rate_per_s(asker, load, patience)
    most = sizing.most_instances(asker, MOST_INSTANCES)
    slots = schedules.by_slot(asker.scenario, load, peaks=True) if schedules.recurs(asker.scenario) else None
    chains: list[Chain] = []
    for kind in kinds:
        chains.append(_fixed(own, kind, load, (sizing.whole(least_per_s / kind.per_s), most), 0.8))
        if load.varies and load.peak_per_s > 0.5 * kind.per_s and most > 1:
            chains.append(_scaled_realtime(own, kind, load, most))
            if slots is not None:
                chains.append(_scheduled(asker, own, kind, (load, slots), (1, most)))
            elif not asker.rough:
                chains.extend(_finer(own, kind, load, most))
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
    kinds, forbidden = sizing.kinds(asker, "async_instance_s", own, requirement.latency_limit_s)
    patience = min(requirement.latency_limit_s or own.request_ttl_s, own.request_ttl_s)
    least_per_s = sizing.least_rate_per_s(asker, load, patience)
    most = sizing.most_instances(asker, MOST_INSTANCES)
    slots = schedules.by_slot(asker.scenario, load, peaks=False) if schedules.recurs(asker.scenario) else None
    chains: list[Chain] = []
    for kind in kinds:
        least = sizing.whole(least_per_s / kind.per_s)
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
        guess=sizing.whole(load.peak_per_s / kind.per_s / busy),
        usd=lambda count: count * kind.usd * SLACK,
        floor=kind.service_s,
    )


def _scaled_realtime(own: RealtimeDeployment, kind: Kind, load: Load, most: int) -> Chain:
    def make(place: int) -> Deployment:
        return _following(own, kind, load, (1, most), _by_invocations(kind, BUSY[place]))

    def usd(place: int) -> float:
        return kind.usd * load.mean_instances(kind.per_s * BUSY[place], 1) * SLACK * 0.95

    return _over(BUSY, "scaled", kind, make, usd, guess=6)


def _finer(own: RealtimeDeployment, kind: Kind, load: Load, most: int) -> Iterator[Chain]:
    """The other metric, and more instances at all times; for the deeper look at a load that follows no clock."""
    short = load.minute_s.sum() <= DRAWN_S and load.peak_per_s * kind.service_s <= DRAWN_AT_WORK
    if short:
        yield _scaled_on_concurrency(own, kind, load, most)
    enough = min(most, sizing.whole(load.peak_per_s / kind.per_s / READY_BUSY))
    if enough < LEAST_READY:
        return
    yield _kept_ready("kept ready", own, (kind, load), (most, enough), _by_invocations(kind, READY_BUSY))
    if short:
        policy = _by_concurrency(kind, READY_AT_ONCE)
        yield _kept_ready("kept ready, on concurrency", own, (kind, load), (most, enough), policy)


def _scaled_on_concurrency(own: RealtimeDeployment, kind: Kind, load: Load, most: int) -> Chain:
    def make(place: int) -> Deployment:
        return _following(own, kind, load, (1, most), _by_concurrency(kind, AT_ONCE[place]))

    def usd(place: int) -> float:
        return kind.usd * load.mean_instances(kind.per_s * min(1.0, AT_ONCE[place]), 1) * SLACK * 0.95

    return _over(AT_ONCE, "scaled on concurrency", kind, make, usd, guess=5)


def _kept_ready(
    what: str, own: RealtimeDeployment, on: tuple[Kind, Load], bounds: tuple[int, int], policy: dict[str, Any]
) -> Chain:
    """More and more instances at all times, and by a metric more of them when there is more to do."""
    kind, load = on
    most, enough = bounds
    return Chain(
        what=what,
        make=lambda count: _following(own, kind, load, (count, most), policy),
        least=2,
        most=enough,
        guess=sizing.whole(enough / 2),
        usd=lambda count: kind.usd * load.mean_instances(kind.per_s, count) * SLACK * 0.95,
        floor=kind.service_s,
    )


def _by_invocations(kind: Kind, busy: float) -> dict[str, Any]:
    target = max(kind.per_s * busy * 60, 0.1)
    return {"scaling": InvocationsTracking(target_value=float(f"{target:.4g}"))}


def _by_concurrency(kind: Kind, times: float) -> dict[str, Any]:
    return {"concurrency_scaling": ConcurrencyTracking(target_value=float(f"{kind.workers * times:.4g}"))}


def _following(
    own: RealtimeDeployment, kind: Kind, load: Load, bounds: tuple[int, int], policy: dict[str, Any]
) -> Deployment:
    """A fleet that follows the load; at most twice what the busiest minute needs, and never more than is allowed."""
    least, most = bounds
    scaling = policy.get("scaling")
    per_s = scaling.target_value / 60 if scaling else kind.per_s * READY_BUSY
    highest = min(most, max(least, 2, 2 * sizing.whole(load.peak_per_s / per_s)))
    return changed(
        own,
        instance_type=kind.name,
        **policy,
        min_capacity=least,
        max_capacity=highest,
        initial_instance_count=max(least, min(highest, sizing.whole(float(load.rate_per_s[0]) / per_s))),
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
        guess=max(least, sizing.whole(load.peak_per_s / kind.per_s / 0.9)),
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

    return _over(BUSY, "scheduled", kind, make, usd, guess=5)


def _over(
    levels: Sequence[float],
    what: str,
    kind: Kind,
    make: Callable[[int], Deployment],
    usd: Callable[[int], float],
    *,
    guess: int,
) -> Chain:
    """A chain of one level of load after the other, from the fullest instances on. guess: a place in `levels`."""
    return Chain(
        what=what,
        make=make,
        least=0,
        most=len(levels) - 1,
        guess=guess,
        usd=usd,
        counts=False,
        floor=kind.service_s,
    )


def _bounds(kind: type[Spec]) -> dict[str, Any]:
    """Those of the default, for fleets that nothing scales."""
    return {name: kind.model_fields[name].default for name in ("min_capacity", "max_capacity")}
