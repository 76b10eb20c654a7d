"""Candidates of asynchronous endpoints: instances that stay, fleets that sleep at zero, a count by the clock.

An instance always takes as many requests as it has workers: fewer only leave workers idle.
"""

from __future__ import annotations

from simulator.estimate import time_distribution
from simulator.patterns import fleets, schedules, sizing
from simulator.patterns.asynchronous.deployment import AsynchronousDeployment, BacklogTracking
from simulator.patterns.asynchronous.limits import TIME_LIMIT_S, limits
from simulator.patterns.candidates import SLACK, SLOWER, SPARE, Candidates, Ladder, Sought, changed
from simulator.patterns.sizing import Kind, Load

BACKLOGS = (1.0, 3.0, 10.0)
"""Target backlogs of an asynchronous instance, in requests for each of its workers."""

AWAKE_S = 15 * 60.0
"""An instance that was woken stays at least for the 15 minutes of the low alarm (facts row 2.11)."""

_LIGHTLY = 0.5
"""Of what that costs where requests come independently: they may come in clumps, of which only the first wakes one."""


def candidates(sought: Sought, load: Load) -> Candidates:
    """A fixed count, fleets that sleep at zero and a count by the clock, of every type."""
    own = changed(
        sought.template(AsynchronousDeployment),
        **fleets.UNSCALED,
        **fleets.bounds(AsynchronousDeployment),
        initial_instance_count=1,
    )
    own = _with_time_enough(sought, changed(own, max_concurrent_invocations_per_instance=0))
    requirement = sought.case.requirement
    kinds, forbidden = sizing.kinds(sought, "async_instance_s", own, limits, requirement.latency_limit_s)
    patience = min(requirement.latency_limit_s or own.request_ttl_s, own.request_ttl_s)
    least_per_s = sizing.least_rate_per_s(sought.case, load, patience)
    most = sought.most_instances(fleets.MOST_INSTANCES)
    zones = sought.zones(most)
    fewest = zones if zones > 1 else 0
    slots = schedules.by_slot(sought.case, load, peaks=False) if schedules.recurs(sought.case) else None
    ladders: list[Ladder] = []
    for kind in kinds:
        least = sizing.whole(least_per_s / kind.per_s)
        ladders.append(fleets.fixed(own, kind, (least, most), load.peak_per_s / kind.per_s / 0.9, zones))
        bounds = (fewest, max(least, fewest), most)
        ladders.extend(_tracked_backlog(own, kind, load, target, bounds) for target in BACKLOGS)
        if slots is not None:
            ladders.append(fleets.scheduled(sought.case, own, kind, (load, slots), (fewest, most)))
    return Candidates(tuple(ladders), tuple(forbidden))


def _with_time_enough(sought: Sought, own: AsynchronousDeployment) -> AsynchronousDeployment:
    """With the largest InvocationTimeoutSeconds, which costs nothing, where AWS's default would end more calls than may
    fail; one that is set otherwise stays.
    """
    case = sought.case
    if own.invocation_timeout_s != AsynchronousDeployment.model_fields["invocation_timeout_s"].default:
        return own
    times = time_distribution.service(case.workload.service_time, SLOWER)
    ended = time_distribution.beyond(times, own.invocation_timeout_s)
    few = ended <= SPARE * case.requirement.max_error_share
    return own if few else changed(own, invocation_timeout_s=TIME_LIMIT_S)


def _awake_share(load: Load) -> float:
    """Share of time for which an instance is there when each request that finds none wakes one for AWAKE_S, and
    requests come independently.
    """
    expected = load.level_per_s * AWAKE_S
    return float((expected / (1 + expected) * load.level_share).sum())


def _tracked_backlog(
    own: AsynchronousDeployment, kind: Kind, load: Load, backlog: float, bounds: tuple[int, int, int]
) -> Ladder:
    """A fleet of ever more instances at most, that sleeps at zero where no zone has to be spared. bounds: the fewest at
    all times, the fewest at the peak, the most.
    """
    fewest, least, most = bounds
    target = max(1.0, round(backlog * kind.workers))

    def make(count: int) -> AsynchronousDeployment:
        return changed(
            own,
            instance_type=kind.name,
            scaling=BacklogTracking(target_value=target),
            min_capacity=fewest,
            max_capacity=count,
            initial_instance_count=fewest,
        )

    # At the least the work that is done is paid for, whoever does it; and an instance that was woken stays for a while.
    usd = kind.usd * max(load.mean_per_s / kind.per_s, _LIGHTLY * _awake_share(load)) * SLACK
    return Ladder(
        what=f"backlog of {backlog:g} for each worker",
        make=make,
        least=least,
        most=most,
        guess=max(least, sizing.whole(load.peak_per_s / kind.per_s / 0.9)),
        usd=lambda _: usd,
        floor=kind.service_s,
    )
