"""Candidates of real-time endpoints: instances that stay, that follow the load, that follow the clock.

Routing is always LEAST_OUTSTANDING_REQUESTS, which costs the same as RANDOM and never waits longer.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from simulator.patterns import fleets, schedules, sizing
from simulator.patterns.candidates import SLACK, Candidates, Ladder, Sought, changed
from simulator.patterns.fleets import BUSY
from simulator.patterns.realtime.deployment import InvocationsTracking, RealtimeDeployment
from simulator.patterns.realtime.limits import answer_limit, limits
from simulator.patterns.sizing import Kind, Load
from simulator.scaling.policies import ConcurrencyTracking
from simulator.traffic.kinds import DAY_S

AT_ONCE = (4.0, 3.0, 2.5, 2.0, 1.75, 1.5, 1.25, 1.0, 0.85, 0.7, 0.6, 0.5, 0.4, 0.3)
"""Target concurrency in requests for each worker, from bold to cautious: the metric is that of the fullest instance in
its fullest moment of ten seconds, so a target above 1 need not mean that requests wait.
"""

READY_BUSY, READY_AT_ONCE = 0.7, 1.5
"""Targets where it is the instances kept ready that are varied."""

FIXED_BUSY = 0.8
"""How busy workers of a count that stays are meant to be, as a first guess."""

LEAST_READY = 3
"""Fleets that need fewer for their peak have nothing between one and a fixed count."""

DRAWN_S = 3 * DAY_S
"""Horizon up to which concurrency is looked at: the fast answer draws that metric every ten seconds."""

DRAWN_AT_WORK = 64.0
"""Requests in work at the peak up to which it is: drawing it takes the longer the larger the fleet."""


def candidates(sought: Sought, load: Load) -> Candidates:
    """A fixed count, target tracking and a count by the clock, of every type."""
    own = changed(
        sought.template(RealtimeDeployment),
        **fleets.UNSCALED,
        concurrency_scaling=None,
        routing_strategy="LEAST_OUTSTANDING_REQUESTS",
        **fleets.bounds(RealtimeDeployment),
    )
    requirement = sought.case.requirement
    kinds, forbidden = sizing.kinds(sought, "hosting_instance_s", own, limits, requirement.latency_limit_s)
    # The queue of an instance is what it can be behind by.
    answer_s = answer_limit(sought.case).seconds
    patience = min(requirement.latency_limit_s or answer_s, answer_s)
    least_per_s = sizing.least_rate_per_s(sought.case, load, patience)
    most = sought.most_instances(fleets.MOST_INSTANCES)
    zones = sought.zones(most)
    slots = schedules.by_slot(sought.case, load, peaks=True) if schedules.recurs(sought.case) else None
    ladders: list[Ladder] = []
    for kind in kinds:
        enough = _enough(sought, own, kind, load)
        ladders.append(fleets.fixed(own, kind, (sizing.whole(least_per_s / kind.per_s), most), enough, zones))
        if load.varies and load.peak_per_s > 0.5 * kind.per_s and most > 1:
            ladders.append(_scaled_realtime(own, kind, load, (zones, most)))
            if slots is not None:
                ladders.append(fleets.scheduled(sought.case, own, kind, (load, slots), (zones, most)))
            elif not sought.rough:
                ladders.extend(_finer(own, kind, load, (zones, most)))
    return Candidates(tuple(ladders), tuple(forbidden))


def _enough(sought: Sought, own: RealtimeDeployment, kind: Kind, load: Load) -> float:
    """How many instances of a count that stays may do: so many that those whose latency counts find workers that are
    not too busy, and that what comes too much in the busiest minute fits into the queues.
    """
    late = 1 - sought.case.requirement.latency_percentile / 100 if sought.case.requirement.latency_limit_s else 1.0
    in_time = load.busiest_per_s(late, 60.0) / (kind.per_s * FIXED_BUSY)
    kept = 60 * load.peak_per_s / (60 * kind.per_s + own.job_queue_size)
    return max(in_time, kept)


def _scaled_realtime(own: RealtimeDeployment, kind: Kind, load: Load, bounds: tuple[int, int]) -> Ladder:
    zones, _ = bounds

    def make(place: int) -> RealtimeDeployment:
        return _following(own, kind, load, bounds, _by_invocations(kind, BUSY[place]))

    def usd(place: int) -> float:
        return kind.usd * load.mean_instances(kind.per_s * BUSY[place], zones) * SLACK * 0.95

    return fleets.over(BUSY, "scaled", kind, make, usd, guess=fleets.place(BUSY, 6, zones))


def _finer(own: RealtimeDeployment, kind: Kind, load: Load, bounds: tuple[int, int]) -> Iterator[Ladder]:
    """The other metric, and more instances at all times; for the deeper look at a load that follows no clock."""
    short = load.minute_s.sum() <= DRAWN_S and load.peak_per_s * kind.service_s <= DRAWN_AT_WORK
    if short:
        yield _scaled_on_concurrency(own, kind, load, bounds)
    zones, most = bounds
    enough = min(most, sizing.spread(sizing.whole(load.peak_per_s / kind.per_s / READY_BUSY), zones))
    if enough < LEAST_READY:
        return
    ready = (zones + 1 if zones > 1 else 2, most, enough)
    policy = _by_invocations(kind, sizing.at_rest_of(READY_BUSY, zones))
    yield _kept_ready("kept ready", own, (kind, load), ready, policy)
    if short:
        policy = _by_concurrency(kind, sizing.at_rest_of(READY_AT_ONCE, zones))
        yield _kept_ready("kept ready, on concurrency", own, (kind, load), ready, policy)


def _scaled_on_concurrency(own: RealtimeDeployment, kind: Kind, load: Load, bounds: tuple[int, int]) -> Ladder:
    zones, _ = bounds

    def make(place: int) -> RealtimeDeployment:
        return _following(own, kind, load, bounds, _by_concurrency(kind, AT_ONCE[place]))

    def usd(place: int) -> float:
        return kind.usd * load.mean_instances(kind.per_s * min(1.0, AT_ONCE[place]), zones) * SLACK * 0.95

    return fleets.over(AT_ONCE, "scaled on concurrency", kind, make, usd, guess=fleets.place(AT_ONCE, 5, zones))


def _kept_ready(
    what: str, own: RealtimeDeployment, on: tuple[Kind, Load], ready: tuple[int, int, int], policy: dict[str, Any]
) -> Ladder:
    """More and more instances at all times, and by a metric more of them when there is more to do. ready: the fewest
    that are kept, the most that may be, and the most that are kept.
    """
    kind, load = on
    least, most, enough = ready
    return Ladder(
        what=what,
        make=lambda count: _following(own, kind, load, (count, most), policy),
        least=least,
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
) -> RealtimeDeployment:
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
