"""The fast answer of a real-time endpoint: the engine's scaling on arrivals by the minute, a queue in each minute."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from simulator.engine.replication import Case, Stream
from simulator.engine.replication_count import planned_replications
from simulator.estimate import fleet_path, overload, queueing, time_distribution, waiting
from simulator.estimate.analytic import AnalyticFigures, conclude
from simulator.estimate.figures import Estimate, Figure
from simulator.estimate.fleet_figures import fleet_error, over_time
from simulator.estimate.load import MINUTES, Ground, clumping, loads, noise_matters
from simulator.estimate.outwards import outwards
from simulator.estimate.peak_concurrency import Law, Peaks, integrable
from simulator.estimate.time_of_day import clock
from simulator.model.service import slowdown_table
from simulator.model.usage import Usage
from simulator.patterns import container, fleets, slowed
from simulator.patterns.autoscaling import alarm_usage
from simulator.patterns.common import Machine, Payloads, machine, retries
from simulator.patterns.hard_limits import peak_rate_per_s
from simulator.patterns.instances import most
from simulator.patterns.provisioning import ScaleOuts
from simulator.patterns.realtime.absence import as_it_starts, instances_at_the_start
from simulator.patterns.realtime.deployment import RealtimeDeployment
from simulator.patterns.realtime.limits import answer_limit
from simulator.patterns.realtime.scaler import RealtimeScaler
from simulator.patterns.realtime.usage import usage
from simulator.scaling.metrics import HIGH_RESOLUTION_S, METRICS
from simulator.scaling.policies import is_scaled

Floats = NDArray[np.float64]


MODELLED = fleets.MODELLED | {
    "routing_strategy",
    "job_queue_size",
    "overflow_status",
    "concurrency_scaling",
    "step_scale_out",
    "step_scale_in",
}

COMES_AGAIN = 1e-3
"""From this share of refusals on, retries that are not followed matter."""

DRAWN_MINUTES = 6_000
LEAST_DRAWN = 4
"""Fleets that are led through it where a metric is drawn, so that its noise is known."""

DRAWN = 0.015
"""Relative error of what is paid for that the distribution of a drawn metric brings."""

LASTING = 0.2
"""The same for each mean service time by the period of the metric: one period is drawn as if it knew no other."""

OTHER_STEPS = 0.1
"""The same where steps are taken on other arrivals than those of the exact run: one step more or less lasts long."""

EVEN = 0.1
"""Variance over mean of the arrivals may be so far from 1 where their peaks lead a fleet."""

# Relative error of the waiting part of a percentile, chosen so that the scenarios of bench/fast.py lie within.
APPROXIMATE = {"RANDOM": 0.15, "LEAST_OUTSTANDING_REQUESTS": 0.3}


def asking_ms(case: Case, deployment: RealtimeDeployment, replications: int) -> float:
    """Milliseconds of one core that this answer takes, about: a fleet on concurrency is led through every ten seconds
    of the load, which is drawn.
    """
    minutes = case.minutes * replications
    if deployment.concurrency_scaling:
        return 10.0 + 0.02 * minutes * max(1.0, LEAST_DRAWN / replications)
    return 10.0 + 0.004 * minutes if is_scaled(deployment) else 8.0 + 0.001 * minutes


def realtime(case: Case, deployment: RealtimeDeployment, replications: int, *, rough: bool = False) -> Estimate:
    """The fast answer; at most so many replications of the load. rough: with coarser queues."""
    here = _slowed(case, deployment)
    whole = time_distribution.service(case.workload.service_time, here.factor)
    service = time_distribution.up_to(whole, container.cut_off_s(case.workload))
    fleet = _fleet(case, deployment, here, rough=rough)
    law = Law(fleet=fleet, service=integrable(whole))
    grounds, paths = _paths(case, deployment, law, replications)
    paths = [fleet_path.without_a_zone(path, case.zones) for path in paths]
    all_paths = fleet_path.stretches(paths)
    there = all_paths.instances > 0
    absent = float(all_paths.arrivals[~there].sum() / max(all_paths.arrivals.sum(), 1e-300))
    behind = overload.behind(paths, fleet, _asking_s(case, deployment))
    calm = there & ~behind.inside
    met = all_paths.instances[calm], all_paths.rate_per_s[calm], all_paths.arrivals[calm]
    mixed = queueing.mix(fleet, waiting.residual(whole), *met)
    mixed = behind.joined(mixed, float(all_paths.arrivals[there].sum()))
    latency = time_distribution.add(mixed.wait, service)
    answer_s = answer_limit(case).seconds
    ended = time_distribution.beyond(whole, container.cut_off_s(case.workload))
    wrong = mixed.refused + ended + time_distribution.beyond(latency, answer_s)
    wrong = min(1.0, absent + (1 - absent) * wrong)
    seen, late = outwards(case, time_distribution.up_to(latency, answer_s))
    offered = float(all_paths.arrivals.sum()) / len(paths)
    slots_s = float((all_paths.instances * all_paths.length_s).sum()) / len(paths) * here.workers
    received, answered = offered * (1 - absent), offered * (1 - wrong)
    payloads = Payloads(received=received, answered=answered, delivered=max(0.0, answered - offered * late))
    comes_again = deployment.overflow_status != 424 and mixed.refused > COMES_AGAIN
    return conclude(
        case,
        AnalyticFigures(
            pattern="realtime",
            offered=offered,
            latency=seen,
            floor=outwards(case, service)[0],
            approximate=APPROXIMATE[deployment.routing_strategy],
            together=1 + mixed.waiting * here.workers,
            error_share=Figure(value=min(1.0, wrong + late), error=0.5 if wrong + late > 0 else 0.0),
            utilisation=offered * (1 - absent) * (1 - mixed.refused) * fleet.mean_s / slots_s if slots_s else None,
            over_time=over_time(paths[0], grounds[0], here.workers),
            usage=_usage(case, deployment, paths, payloads),
            usage_error=_usage_error(case, deployment, law, (paths, grounds)),
            full=mixed.full,
            near=mixed.near,
            overload=_overload(paths, fleet.mean_s, here.workers),
            doubts=[*_clumps(fleet, deployment), *(["refused requests come again"] if comes_again else [])],
        ),
    )


def _asking_s(case: Case, deployment: RealtimeDeployment) -> float:
    """How long a request that is refused goes on asking."""
    if deployment.overflow_status == 424:
        return 0.0
    client = retries(case)
    return overload.again_s(client.max_attempts, client.delay_cap_s)


def _slowed(case: Case, deployment: RealtimeDeployment) -> Machine:
    """The machine as slow as it is under the rate of an instance in the busiest minute."""
    here = machine(case, deployment.instance_type, "instance_type")
    if not slowdown_table(case.workload, deployment.instance_type):
        return here
    peak_per_s, _ = peak_rate_per_s(case)
    rate_per_s = peak_per_s / most(deployment)
    if deployment.scaling:
        rate_per_s = max(rate_per_s, min(peak_per_s, deployment.scaling.target_value / 60))
    return slowed.at_rate(case, here, rate_per_s)


def _fleet(case: Case, deployment: RealtimeDeployment, here: Machine, *, rough: bool) -> queueing.Fleet:
    return queueing.Fleet(
        lines="own" if deployment.routing_strategy == "RANDOM" else "shortest",
        places=here.workers,
        room=deployment.job_queue_size,
        mean_s=case.workload.service_time.mean_ms / 1000 * here.factor,
        clumping=clumping(case),
        rough=rough,
    )


def _paths(
    case: Case, deployment: RealtimeDeployment, law: Law, replications: int
) -> tuple[list[Ground], list[fleet_path.Path]]:
    """The load of each replication, and the fleet over it; more than one fleet over the first where metrics are
    drawn.
    """
    if not is_scaled(deployment):
        grounds = loads(case, replications if noise_matters(case) else 1)
        return grounds, [fleet_path.still(one, deployment.initial_instance_count) for one in grounds]
    drawn = on_concurrency(deployment)
    grounds = loads(case, replications, DRAWN_MINUTES if drawn else MINUTES)
    if drawn:
        grounds = [*grounds, *grounds[:1] * (LEAST_DRAWN - len(grounds))]
    return grounds, [_path(replace(case, replication=k), deployment, law, load) for k, load in enumerate(grounds)]


def _path(case: Case, deployment: RealtimeDeployment, law: Law, load: Ground) -> fleet_path.Path:
    kind = machine(case, deployment.instance_type, "instance_type").kind
    initial = instances_at_the_start(case, deployment)
    crew = fleet_path.Crew(initial, ScaleOuts(as_it_starts(case, deployment), kind, initial))
    peaks = _peaks(case, law, load) if on_concurrency(deployment) else None
    return fleet_path.tracked(
        load, crew, RealtimeScaler(case, deployment), case.assumptions.bill_while_provisioning, peaks
    )


def on_concurrency(deployment: RealtimeDeployment) -> bool:
    """Whether a policy looks at a metric of ten seconds: concurrent requests."""
    steps = (deployment.step_scale_out, deployment.step_scale_in)
    by_steps = any(spec is not None and METRICS[spec.metric].period_s == HIGH_RESOLUTION_S for spec in steps)
    return by_steps or deployment.concurrency_scaling is not None


def _peaks(case: Case, law: Law, load: Ground) -> Peaks:
    start_s, end_s = float(load.edges_s[0]), load.horizon_s
    edges = np.append(np.arange(start_s, end_s, HIGH_RESOLUTION_S), end_s)
    # Not the numbers that the load may have been drawn with.
    (rng,) = case.rng(Stream.PREVIEW).spawn(1)
    rate_per_s = load.expected_between(edges) / np.diff(edges)
    return Peaks(law=law, rate_per_s=rate_per_s, chance=rng.random(rate_per_s.size))


def _clumps(fleet: queueing.Fleet, deployment: RealtimeDeployment) -> list[str]:
    if on_concurrency(deployment) and abs(fleet.clumping - 1) > EVEN:
        return ["requests do not come at random, and how many come together leads the scaling"]
    return []


def _usage(
    case: Case, deployment: RealtimeDeployment, paths: Sequence[fleet_path.Path], requests: Payloads
) -> tuple[Usage, ...]:
    instance_s = float(np.mean([one.integral(one.billed) for one in paths]))
    scaled = is_scaled(deployment)
    alarms = RealtimeScaler(case, deployment).alarm_usage() if scaled else alarm_usage(0.0, 0.0)
    kind = machine(case, deployment.instance_type, "instance_type").kind
    return usage(case.workload, deployment, kind, instance_s, requests, alarms)


def _usage_error(
    case: Case, deployment: RealtimeDeployment, law: Law, told: tuple[Sequence[fleet_path.Path], Sequence[Ground]]
) -> float:
    """Where metrics are drawn: the scatter of the fleets that are led by them, and what their distribution may err."""
    paths, grounds = told
    if not on_concurrency(deployment) or all(np.all(one.billed == paths[0].billed[0]) for one in paths):
        stepped = deployment.step_scale_out or deployment.step_scale_in
        other = 0.0 if not stepped or all(load.same for load in grounds) else OTHER_STEPS
        return fleet_error(case, paths, grounds) + other
    paid = [one.integral(one.billed) for one in paths]
    runs = planned_replications(float(grounds[0].expected.sum()), case.simulation.replications)
    scatter = float(2.8 * np.std(paid, ddof=1) / np.mean(paid)) * math.sqrt(1 / len(paid) + 1 / runs)
    return DRAWN + LASTING * law.fleet.mean_s / HIGH_RESOLUTION_S + scatter


def _overload(paths: Sequence[fleet_path.Path], mean_s: float, places: int) -> str:
    """The worst moment in words."""
    worst = ""
    most = 0.0
    for one in paths:
        in_work = one.expected / one.length_s * mean_s
        ratio = np.where(one.counted, in_work / np.maximum(one.in_service * places, 1e-9), 0.0)
        at = int(np.argmax(ratio))
        if ratio[at] > most:
            most = float(ratio[at])
            slots = int(one.in_service[at]) * places
            worst = f"{in_work[at]:,.0f} in work at {clock(float(one.edges_s[at]))}, {slots:,} slots"
    return worst
