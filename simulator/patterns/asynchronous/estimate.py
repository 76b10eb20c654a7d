"""The fast answer of an asynchronous endpoint: a fluid backlog while the fleet is too small, a queue at rest else."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from simulator.engine.replication import Case, Stream
from simulator.estimate import queueing, time_distribution, waiting
from simulator.estimate.analytic import AnalyticFigures, conclude
from simulator.estimate.figures import Estimate, Figure
from simulator.estimate.fleet_figures import fleet_error, over_time
from simulator.estimate.fleet_path import Crew, Path, stretches, without_a_zone
from simulator.estimate.fluid_queue import Endpoint, Story, tell
from simulator.estimate.load import Ground, clumping, loads
from simulator.estimate.outwards import outwards
from simulator.estimate.time_of_day import clock
from simulator.model.service import slowdown_table
from simulator.model.usage import Usage
from simulator.patterns import container, fleets, slowed
from simulator.patterns.asynchronous.deployment import CALL, AsynchronousDeployment, sends_inline, slots_per_instance
from simulator.patterns.asynchronous.limits import time_limits
from simulator.patterns.asynchronous.scaler import TRACKED
from simulator.patterns.asynchronous.usage import Requests, usage
from simulator.patterns.autoscaling import Delays, changes, tracking
from simulator.patterns.common import Machine, Payloads, machine
from simulator.patterns.hard_limits import peak_rate_per_s
from simulator.patterns.provisioning import ScaleOuts
from simulator.scaling.policies import is_scaled
from simulator.scaling.target import ScalableTarget
from simulator.scaling.tracking import HIGH_PERIODS, Bounds
from simulator.scaling.wake import STEP_COOLDOWN_S, STEP_PERIODS, Wake

Floats = NDArray[np.float64]

MODELLED = fleets.MODELLED | {
    "max_concurrent_invocations_per_instance",
    "request_ttl_s",
    "invocation_timeout_s",
    "notify",
    "inline_body",
}

REQUEST_S = 2.5e-7
MINUTE_S = 2e-5
INSTANCE_MINUTE_S = 4e-7
"""CPU seconds of the exact run: of a request, and of a minute of the controller, for each instance once more."""

SAMPLE = 20_000
"""Requests that are followed through the backlog, in each replication, five to two hundred of a minute."""

APPROXIMATE = 0.15

TOLERANCE = 0.02
"""A wait in the fluid that is so much longer than the time to live is still in time."""

RARE = 0.002
"""Below this share of requests, backlogs do not move a percentile."""

SHARED = 16.0
"""The exact run has the same start-up times: its noise is as of so many times the episodes of backlog."""

FLAPPING = 0.1
"""Relative error of what is paid for, per relative standard deviation of the fleet over time."""

MINUTES = 12_000
"""Minutes that are led through the policies, in all replications together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Waits:
    """Waits in the backlog, of all minutes and replications: seconds, weight in requests, and whether it is one."""

    wait_s: Floats
    weight: Floats
    behind: NDArray[np.bool_]
    episodes: int

    def share(self, which: NDArray[np.bool_]) -> float:
        """Share of all requests."""
        total = float(self.weight.sum())
        return float(self.weight[which].sum()) / total if total else 0.0


def sampling_s(case: Case, deployment: AsynchronousDeployment) -> float:
    """CPU seconds of one replication of the exact run, about."""
    minute_s = MINUTE_S + INSTANCE_MINUTE_S * deployment.max_capacity
    return case.expected_requests() * REQUEST_S + case.minutes * minute_s


def asking_ms(case: Case, deployment: AsynchronousDeployment, replications: int) -> float:
    """Milliseconds of one core that this answer takes, about."""
    minutes = case.minutes * replications
    return 15.0 + 0.006 * minutes if is_scaled(deployment) else 10.0 + 0.004 * minutes


def asynchronous(case: Case, deployment: AsynchronousDeployment, replications: int, *, rough: bool = False) -> Estimate:
    """The fast answer; at most so many replications of the load. rough: with coarser queues."""
    here = _slowed(case, deployment)
    slots = slots_per_instance(deployment, here.workers)
    service = time_distribution.service(case.workload.service_time, here.factor)
    held = time_distribution.shift(service, _transfer_s(case, deployment))
    # A large fleet may change many times in a minute.
    grounds = loads(case, replications, MINUTES // (1 + deployment.max_capacity // 200))
    stories = [
        _story(replace(case, replication=k), deployment, here, load, time_distribution.mean_s(held))
        for k, load in enumerate(grounds)
    ]
    paths = [one.path for one in stories]
    waits = _join([_waits(one, load) for one, load in zip(stories, grounds, strict=True)])
    mixed = _at_rest(case, stories, (slots, rough), held)
    expired = max(waits.share(waits.wait_s > _most_s(deployment)), float(np.mean([one.dropped for one in stories])))
    timeout_s = container.shortest(time_limits(case, deployment))
    wrong = min(1.0, expired + (1 - expired) * time_distribution.beyond(service, timeout_s))
    kept = time_distribution.up_to(service, timeout_s)
    waited = time_distribution.add(_wait(deployment, waits, mixed), kept)
    offered = float(waits.weight.sum()) / len(stories)
    slots_s = float(np.mean([one.integral(one.in_service) for one in paths])) * slots
    completed = offered * (1 - wrong)
    payloads = Payloads(received=offered * (1 - expired), answered=completed, delivered=completed)
    requests = Requests(offered=offered, completed=completed, ended=offered, payloads=payloads)
    answer = AnalyticFigures(
        pattern="asynchronous",
        offered=offered,
        latency=outwards(case, waited, CALL, _transfer_s(case, deployment))[0],
        floor=outwards(case, kept, CALL, _transfer_s(case, deployment))[0],
        approximate=APPROXIMATE,
        together=_together(waits),
        error_share=Figure(value=wrong, error=0.5 if wrong > 0 else 0.0),
        utilisation=offered * (1 - expired) * time_distribution.mean_s(service) / slots_s if slots_s else None,
        over_time=over_time(paths[0], grounds[0], slots),
        usage=_usage(case, deployment, stories, requests),
        usage_error=fleet_error(case, paths, grounds) + _flapping(paths),
        full=1.0 if expired > 0 or any(one.left > 1 for one in stories) else 0.0,
        near=mixed.near * (1 - waits.share(waits.behind)),
        overload=_overload(stories, grounds),
    )
    return conclude(case, answer)


def _transfer_s(case: Case, deployment: AsynchronousDeployment) -> float:
    """From and to S3."""
    request_mb = 0.0 if sends_inline(case.workload, deployment) else case.workload.request_mb
    return (request_mb + case.workload.response_mb) / case.assumptions.s3_mb_per_s


def _most_s(deployment: AsynchronousDeployment) -> float:
    return deployment.request_ttl_s * (1 + TOLERANCE)


def _wait(deployment: AsynchronousDeployment, waits: _Waits, mixed: queueing.Mixed) -> Floats:
    """Of those that do not expire: in a backlog, or in a queue at rest."""
    at_rest: Floats = (1 - waits.share(waits.behind)) * mixed.wait / max(float(mixed.wait.sum()), 1e-300)
    in_time = waits.behind & (waits.wait_s <= _most_s(deployment))
    if not in_time.any():
        return at_rest
    return at_rest + time_distribution.at(waits.wait_s[in_time], waits.weight[in_time] / waits.weight.sum())


def _slowed(case: Case, deployment: AsynchronousDeployment) -> Machine:
    """The machine as slow as it is under the rate of the busiest minute; of a fleet that is scaled, with a queue."""
    here = machine(case, deployment.instance_type, "instance_type")
    if not slowdown_table(case.workload, deployment.instance_type):
        return here
    if is_scaled(deployment):
        return slowed.at_full_rate(case, here)
    return slowed.at_rate(case, here, peak_rate_per_s(case)[0] / max(1, deployment.initial_instance_count))


def _story(case: Case, deployment: AsynchronousDeployment, here: Machine, load: Ground, mean_s: float) -> Story:
    scaling, actions, delays = deployment.scaling, deployment.scheduled_actions, Delays(case)
    fleet = Crew(deployment.initial_instance_count, ScaleOuts(case, here.kind, deployment.initial_instance_count))
    policy = wake = None
    if scaling:
        bounds = Bounds(least=deployment.min_capacity, most=deployment.max_capacity)
        policy = tracking(scaling, TRACKED, bounds, delays, scheduled=bool(actions))
        periods, cooldown_s = (
            (STEP_PERIODS, STEP_COOLDOWN_S) if scaling.wake_from_zero else (HIGH_PERIODS, scaling.scale_out_cooldown_s)
        )
        wake = Wake(periods, cooldown_s, deployment.max_capacity, delays.standard_s)
    endpoint = Endpoint(
        fleet=fleet,
        policy=policy,
        wake=wake,
        target=ScalableTarget([one for one in (policy, wake) if one], changes(actions, case)) if actions else None,
        slots=slots_per_instance(deployment, here.workers),
        mean_s=mean_s,
        wakes_on_queue=scaling is not None and scaling.wake_from_zero,
        target_value=scaling.target_value if scaling else math.inf,
        rng=case.rng(Stream.PREVIEW),
        ttl_s=deployment.request_ttl_s,
        zones=case.zones,
    )
    return tell(load, endpoint, case.assumptions.bill_while_provisioning, deployment.request_ttl_s)


def _waits(story: Story, load: Ground) -> _Waits:
    """When what came was started: the two cumulative counts, read across."""
    inside = (load.edges_s[:-1] >= 0) & (load.counts > 0)
    each = int(np.clip(SAMPLE / max(1, int(inside.sum())), 5, 200))
    places = (np.arange(each) + 0.5) / each
    before = np.concatenate(([0.0], np.cumsum(load.counts)))[:-1]
    number = (before[inside, None] + load.counts[inside, None] * places).ravel()
    arrived = (load.edges_s[:-1][inside, None] + np.diff(load.edges_s)[inside, None] * places).ravel()
    begun = np.interp(number, story.started, story.at_s, right=np.inf) if story.started.size else arrived
    queue = np.concatenate(([0.0], story.waiting))
    # A minute is behind when requests waited at its beginning or its end.
    late = (np.maximum(queue[:-1], queue[1:]) >= 0.5)[inside]
    behind = np.repeat(late, each)
    return _Waits(
        wait_s=np.where(behind, np.maximum(begun - arrived, 0.0), 0.0),
        weight=np.repeat(load.counts[inside] / each, each),
        behind=behind,
        episodes=int(np.sum(np.diff(late.astype(np.int64)) > 0)) + 1,
    )


def _join(all_waits: Sequence[_Waits]) -> _Waits:
    return _Waits(
        wait_s=np.concatenate([one.wait_s for one in all_waits]),
        weight=np.concatenate([one.weight for one in all_waits]),
        behind=np.concatenate([one.behind for one in all_waits]),
        episodes=sum(one.episodes for one in all_waits),
    )


def _at_rest(case: Case, stories: Sequence[Story], queue: tuple[int, bool], held: Floats) -> queueing.Mixed:
    """Waits of the queue in all stretches in which the fleet keeps up; queue: slots, and whether roughly."""
    slots, rough = queue
    found = stretches([without_a_zone(one.path, case.zones) for one in stories])
    mean_s = time_distribution.mean_s(held)
    fits = found.rate_per_s * mean_s < queueing.FULL * found.instances * slots
    fleet = queueing.Fleet(
        lines="one", places=slots, room=math.inf, mean_s=mean_s, clumping=clumping(case), rough=rough
    )
    return queueing.mix(
        fleet, waiting.residual(held), found.instances[fits], found.rate_per_s[fits], found.arrivals[fits]
    )


def _together(waits: _Waits) -> float:
    """Requests of one episode of backlog share their fate."""
    behind = float(waits.weight[waits.behind].sum())
    if waits.share(waits.behind) < RARE:
        return 1.0
    return max(1.0, behind / waits.episodes / SHARED)


def _flapping(paths: Sequence[Path]) -> float:
    """A fleet that comes and goes is led by the whole numbers of a small backlog, of which a fluid knows the mean."""
    path = paths[0]
    lengths, billed = path.length_s[path.counted], path.billed[path.counted]
    mean = float(np.average(billed, weights=lengths))
    return FLAPPING * math.sqrt(float(np.average((billed - mean) ** 2, weights=lengths))) / mean if mean else 0.0


def _usage(
    case: Case, deployment: AsynchronousDeployment, stories: Sequence[Story], requests: Requests
) -> tuple[Usage, ...]:
    scaling = deployment.scaling
    alarms = 0.0 if scaling is None else 2.0 + (scaling.wake_from_zero and deployment.min_capacity == 0)
    instance_s = float(np.mean([one.path.integral(one.path.billed) for one in stories]))
    kind = machine(case, deployment.instance_type, "instance_type").kind
    return usage(case.workload, deployment, kind, instance_s, requests, alarms)


def _overload(stories: Sequence[Story], grounds: Sequence[Ground]) -> str:
    story, load = max(zip(stories, grounds, strict=True), key=lambda one: float(one[0].waiting.max(initial=0.0)))
    at = int(np.argmax(story.waiting))
    return f"{story.waiting[at]:,.0f} waiting at {clock(float(max(load.edges_s[at + 1], 0.0)))}"
