"""From the description of policies and scheduled actions to those that run; alarms of each for the bill."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from simulator.engine.replication import Case, Stream
from simulator.model.faults import EndpointUpdate
from simulator.model.hardware import InstanceType
from simulator.model.limits import BrokenLimit
from simulator.model.usage import Usage
from simulator.patterns import instances
from simulator.patterns.provisioning import ScaleOuts
from simulator.scaling.disturbances import Disturbances
from simulator.scaling.fleet import Fleet
from simulator.scaling.metrics import METRICS, PERIOD_S, Metric
from simulator.scaling.policies import ScheduledAction, StepIn, StepOut
from simulator.scaling.schedule import Clock, parse, times_s
from simulator.scaling.step import Steps, StepScaling
from simulator.scaling.target import Change, Policy, ScalableTarget
from simulator.scaling.tracking import Bounds, TargetTracking


@dataclass(frozen=True, slots=True)
class Watching:
    """A running policy and the metric that it looks at."""

    metric: Metric
    policy: TargetTracking | StepScaling


class Delays:
    """Draws the time from the end of a metric period to the decision on it, all from one stream."""

    def __init__(self, case: Case) -> None:
        self._rng, self._assumptions = case.rng(Stream.ALARM), case.assumptions

    def of(self, metric: Metric) -> Callable[[], float]:
        """What draws the delays of a metric."""
        return self.standard_s if metric.period_s == PERIOD_S else self.high_resolution_s

    def standard_s(self) -> float:
        """For metrics of 60 s (facts row 2.12)."""
        return self._draw(self._assumptions.alarm_delay_min_s, self._assumptions.alarm_delay_max_s)

    def high_resolution_s(self) -> float:
        """For metrics of 10 s (facts row 2.41)."""
        least_s = self._assumptions.high_resolution_delay_min_s
        return self._draw(least_s, self._assumptions.high_resolution_delay_max_s)

    def _draw(self, least_s: float, most_s: float) -> float:
        return float(self._rng.uniform(least_s, max(least_s, most_s)))


def changes(actions: Sequence[ScheduledAction], case: Case) -> list[Change]:
    """All times of scheduled actions from the start of the warm-up to the end of the horizon; equal times in order."""
    return changes_between(actions, case, -case.simulation.warmup_s, case.simulation.duration_s)


def changes_between(actions: Sequence[ScheduledAction], case: Case, since_s: float, until_s: float) -> list[Change]:
    """The same of another time, seconds from the start of the horizon."""
    clock = Clock(starts_on=case.simulation.starts_on, timezone=case.simulation.timezone)
    changes_in_time = [
        Change(at_s, Bounds(least=action.min_capacity, most=action.max_capacity))
        for action in actions
        for at_s in times_s(parse(action.schedule), action.timezone, clock, since_s, until_s)
    ]
    return sorted(changes_in_time, key=lambda change: change.at_s)


def quota(case: Case) -> int | None:
    """Most instances of an endpoint, when that is limited (facts rows 2.28, 10.1)."""
    return case.assumptions.instances_per_endpoint_quota or None


def beyond_quota(case: Case, deployment: instances.Fleet) -> tuple[BrokenLimit, ...]:
    """An endpoint that begins with more instances than the quota cannot be created, and one that never has so few that
    the quota holds two fleets cannot be updated.
    """
    most = quota(case)
    if most is None:
        return ()
    what, initial, fewest = "instances per endpoint", deployment.initial_instance_count, instances.least(deployment)
    if initial > most:
        return (BrokenLimit(what, f"{initial} at the start", f"at most {most}, the quota", "account", "10.1"),)
    if not _is_updated(case) or 2 * fewest <= most:
        return ()
    given = f"{2 * fewest} during the blue/green update, the old fleet and the new one"
    allowed = f"at most {most}, the quota; ask for {2 * instances.most(deployment)}"
    return (BrokenLimit(what, given, allowed, "account", "10.8"),)


def update_at_risk(case: Case, deployment: instances.Fleet) -> tuple[str, ...]:
    """What becomes of a blue/green update when the fleet is larger than half the quota."""
    most, largest = quota(case), instances.most(deployment)
    if most is None or not _is_updated(case) or 2 * largest <= most:
        return ()
    return (
        f"A blue/green update needs the old fleet and the new one: with more than {most // 2} instances in service it"
        f" is refused by the quota of {most}. Ask for {2 * largest} (facts row 10.8).",
    )


def _is_updated(case: Case) -> bool:
    return any(isinstance(fault, EndpointUpdate) for fault in case.faults)


class Tracked(Protocol):
    """What the descriptions of target tracking policies have in common."""

    @property
    def target_value(self) -> float:
        """The value that is held."""

    @property
    def scale_out_cooldown_s(self) -> float:
        """In seconds."""

    @property
    def scale_in_cooldown_s(self) -> float:
        """In seconds."""

    @property
    def disable_scale_in(self) -> bool:
        """Whether it only adds."""


def tracking(spec: Tracked, metric: Metric, bounds: Bounds, delays: Delays, *, scheduled: bool) -> TargetTracking:
    """The running policy of a target tracking description; scheduled: whether its bounds may change."""
    return TargetTracking(
        spec.target_value,
        spec.scale_out_cooldown_s,
        spec.scale_in_cooldown_s,
        bounds,
        delays.of(metric),
        low_periods=metric.low_periods,
        scales_in=not spec.disable_scale_in,
        waits_at_bounds=not scheduled,
    )


def step(spec: StepOut | StepIn, bounds: Bounds, delays: Delays) -> Watching:
    """The running policy of a step scaling description, on the metric that it names."""
    metric = METRICS[spec.metric]
    steps = Steps(
        threshold=spec.threshold,
        above=isinstance(spec, StepOut),
        kind=spec.adjustment_type,
        ladder=tuple((entry.distance, entry.scaling_adjustment) for entry in spec.step_adjustments),
        least_change=spec.min_adjustment_magnitude,
    )
    policy = StepScaling(steps, spec.evaluation_periods, spec.cooldown_s, bounds, delays.of(metric))
    return Watching(metric, policy)


def new_fleet(case: Case, kind: InstanceType, disturbances: Disturbances, places: int, initial: int) -> Fleet:
    """A fleet of this type, with so many places, that begins with `initial` instances and meets the shortages of the
    case.
    """
    return Fleet(
        places,
        ScaleOuts(case, kind, initial),
        disturbances.starts_s,
        case.assumptions.replacement_delay_s,
        case.assumptions.scaling_waits,
    )


def leaving(target: ScalableTarget, fleet: Fleet, now_s: float) -> Iterator[int]:
    """Decide on all that is due, and resize the fleet; the instances that must go now."""
    while target.next_s(held=fleet.updating) <= now_s:
        yield from fleet.resize(now_s, target.decide(now_s, fleet.desired, held=fleet.updating))


def refusals(target: ScalableTarget, disturbances: Disturbances) -> tuple[str, ...]:
    """A note when the quota refused a scale-out, and one when it refused an update."""
    notes = []
    if target.refused:
        notes.append(
            f"a scale-out was refused, whole, because it asked for more than the quota of {target.quota} instances "
            "(facts row 2.28)"
        )
    if disturbances.refused_updates:
        notes.append(
            "a blue/green update was refused, because the old fleet and the new one are more than the quota of"
            f" {target.quota} instances (facts row 10.8)"
        )
    return tuple(notes)


def alarm_usage(standard: float, high_resolution: float) -> tuple[Usage, ...]:
    """Alarms that stand all month; the line of those on metrics of 10 s only when there are some."""
    usage = [Usage(key="cloudwatch_alarm_months", quantity=standard, per="month")]
    if high_resolution:
        usage.append(Usage(key="cloudwatch_high_resolution_alarm_months", quantity=high_resolution, per="month"))
    return tuple(usage)


def alarms(policies: Sequence[Policy]) -> float:
    """CloudWatch alarms of these policies: two for target tracking, one when scale-in is disabled, one for others."""
    return float(sum(2 if isinstance(policy, TargetTracking) and policy.scales_in else 1 for policy in policies))
