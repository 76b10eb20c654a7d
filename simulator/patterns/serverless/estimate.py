"""The fast answer of a serverless endpoint: requests in flight by the minute, cold starts, throttling and retries."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from simulator.engine.replication import Case
from simulator.engine.replication_count import planned_replications
from simulator.engine.stages import each_attempt_s
from simulator.estimate import time_distribution
from simulator.estimate.analytic import AnalyticFigures, conclude
from simulator.estimate.figures import Estimate, Figure, OverTime
from simulator.estimate.keep_warm import Flight, Places, flight
from simulator.estimate.load import Ground, clumping, loads, noise_matters
from simulator.estimate.outwards import outwards
from simulator.estimate.time_of_day import clock
from simulator.kernels.buckets import LEAST_S
from simulator.model.hardware import find
from simulator.model.keep_warm import keep_warm
from simulator.model.service import demand_cv, serverless_factor
from simulator.model.usage import Usage
from simulator.patterns import container
from simulator.patterns.common import Payloads, Retries, retries
from simulator.patterns.serverless.cold_start import cold_start
from simulator.patterns.serverless.deployment import ServerlessDeployment
from simulator.patterns.serverless.limits import START_LIMIT_S, work_limits
from simulator.patterns.serverless.usage import EnvironmentTime, usage

Floats = NDArray[np.float64]

MODELLED = frozenset({"memory_size_in_mb", "max_concurrency", "provisioned_concurrency"})

REQUEST_S = 2e-7
MINUTE_S = 1e-6
"""CPU seconds of the exact run: of a request, and of a minute of the horizon."""

ROUNDS = 3
DOUBT = 2.0
"""Cold starts and refusals are known to about this factor."""

NEVER_COLD = 1e-7
"""Below this share cold starts do not move a percentile."""

TOGETHER = 20
"""Requests that start cold together, about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Minutes:
    """All minutes of the horizon, of all replications: arrivals and what happens to them. cold: share of what is
    executed; blocked: chance of an attempt to be throttled; given_up: share of requests; on_demand: share of the work
    that finds no provisioned place; crowded: share that comes while others start cold and places run out.
    """

    arrivals: Floats
    cold: Floats
    blocked: Floats
    given_up: Floats
    on_demand: Floats
    crowded: Floats
    in_flight: Floats
    highest: Floats

    def share(self, values: Floats) -> float:
        """Mean over all requests."""
        total = float(self.arrivals.sum())
        return time_distribution.dot(values, self.arrivals) / total if total else 0.0


def sampling_s(case: Case, _deployment: ServerlessDeployment) -> float:
    """CPU seconds of one replication of the exact run, about."""
    return case.expected_requests() * REQUEST_S + case.minutes * MINUTE_S


def asking_ms(case: Case, _deployment: ServerlessDeployment, replications: int) -> float:
    """Milliseconds of one core that this answer takes, about."""
    return 20.0 + 0.003 * case.minutes * replications


def serverless(case: Case, deployment: ServerlessDeployment, replications: int, *, rough: bool = False) -> Estimate:
    """The fast answer; at most so many replications of the load. There is nothing to make coarser when it is rough."""
    factor = _factor(case, deployment)
    service = time_distribution.service(case.workload.service_time, factor)
    start = cold_start(case.workload, case.assumptions, deployment.memory_size_in_mb)
    setup = time_distribution.lognormal(start.median_s, case.assumptions.serverless_cold_sigma)
    started = time_distribution.up_to(setup, START_LIMIT_S)
    means_s = max(time_distribution.mean_s(service), LEAST_S), time_distribution.mean_s(started)
    grounds = loads(case, replications if noise_matters(case) else 1)
    runs = [_minutes(case, deployment, load, means_s) for load in grounds]
    whole = _join(runs, grounds)
    offered = float(whole.arrivals.sum()) / len(runs)
    given_up, cold = whole.share(whole.given_up), whole.share(whole.cold * (1 - whole.given_up))
    limit_s = container.shortest(work_limits(case.workload))
    late = time_distribution.beyond(service, limit_s)
    wrong = min(1.0, given_up + (1 - given_up) * late + cold * time_distribution.beyond(setup, START_LIMIT_S))
    kept = time_distribution.up_to(service, limit_s)
    cold_one = time_distribution.add(started, kept) if cold > NEVER_COLD else kept
    (fewer, _), (latency, late), (more, _) = (
        outwards(case, _latency(case, whole, kept, cold_one, times)) for times in (1 / DOUBT, 1.0, DOUBT)
    )
    answer = AnalyticFigures(
        pattern="serverless",
        offered=offered,
        latency=latency,
        floor=latency,
        approximate=0.0,
        together=1 + cold * TOGETHER,
        error_share=Figure(value=min(1.0, wrong + late), error=0.5 if wrong + late > 0 else 0.0),
        utilisation=None,
        over_time=_over_time(case, deployment, grounds[0], runs[0]),
        usage=_usage(
            case,
            deployment,
            Payloads(
                received=offered * (1 - given_up),
                answered=offered * (1 - wrong),
                delivered=offered * max(0.0, 1 - wrong - late),
            ),
            whole.share(whole.on_demand),
            _billed_s(case, service, factor, limit_s),
        ),
        usage_error=_usage_error(case, deployment, whole, len(grounds)),
        full=whole.share((whole.in_flight > deployment.max_concurrency).astype(np.float64)),
        near=whole.share(whole.crowded),
        overload=_overload(deployment, grounds, runs),
    )
    if abs(clumping(case) - 1) > 0.2 and whole.share(whole.blocked) > 1e-3:
        answer.doubts.append("some requests are throttled, and they do not come at random")
    return _with_doubts(case, answer, fewer, more)


def _join(runs: Sequence[_Minutes], grounds: Sequence[Ground]) -> _Minutes:
    """The minutes of the horizon, of all replications."""
    inside = [load.edges_s[:-1] >= 0 for load in grounds]
    return _Minutes(
        **{
            name: np.concatenate([getattr(run, name)[some] for run, some in zip(runs, inside, strict=True)])
            for name in _Minutes.__dataclass_fields__
        }
    )


def _factor(case: Case, deployment: ServerlessDeployment) -> float:
    reference = find(case.hardware, case.workload.reference_instance_type, "workload.reference_instance_type")
    return serverless_factor(case.workload, reference, deployment.memory_size_in_mb, case.assumptions)


def _minutes(case: Case, deployment: ServerlessDeployment, load: Ground, means_s: tuple[float, float]) -> _Minutes:
    """Holding times depend on cold starts, and attempts on throttling: both are found by going round."""
    service_s, setup_s = means_s
    again = retries(case)
    lengths = np.diff(load.edges_s)
    rate = load.expected / lengths
    cold, blocked = np.zeros(rate.size), np.zeros(rate.size)
    kept, provisioned = keep_warm(case.assumptions), deployment.provisioned_concurrency
    allowed = Places(most=deployment.max_concurrency, provisioned=provisioned, kept=kept, setup_s=setup_s)

    def once() -> Flight:
        hold_s = np.maximum(service_s + cold * setup_s, 1e-9)
        in_flight = np.maximum(rate * _attempts(blocked, again) * hold_s, 1e-9)
        return flight(in_flight, hold_s, allowed)

    found = once()
    for _ in range(ROUNDS - 1):
        blocked = found.blocked
        cold = np.clip(found.cold + _rises(rate, found.highest, means_s, kept.spare_s, provisioned), 0.0, 1.0)
        found = once()
    return _Minutes(
        arrivals=load.expected,
        cold=cold,
        blocked=blocked,
        given_up=blocked**again.max_attempts,
        on_demand=_overflow(rate * service_s, provisioned),
        crowded=found.crowded * np.minimum(1.0, cold * rate * setup_s)
        + _uneven(load, rate, found, (service_s, allowed)),
        in_flight=rate * service_s,
        highest=found.highest,
    )


def _uneven(load: Ground, rate: Floats, found: Flight, at: tuple[float, Places]) -> Floats:
    """What the busiest moment of a minute throttles beyond the minute as a whole, where rates jump within minutes."""
    service_s, allowed = at
    moments = load.edges_s[:-1, None] + (np.arange(6) + 0.5) * np.diff(load.edges_s)[:, None] / 6
    highest = load.curve.rate_per_s(moments.ravel()).reshape(moments.shape).max(axis=1)
    if np.all(highest <= 1.2 * rate):
        return np.zeros(rate.size)
    peak = flight(np.maximum(highest * service_s, 1e-9), np.full(rate.size, service_s), allowed)
    return np.maximum(peak.blocked - found.blocked, 0.0)


def _overflow(load: Floats, places: int) -> Floats:
    """Share of each load that so many places do not take (Erlang B)."""
    blocked = np.ones(load.size)
    for k in range(1, places + 1):
        blocked = load * blocked / (k + load * blocked)
    return blocked


def _rises(rate: Floats, highest: Floats, means_s: tuple[float, float], keep_s: float, provisioned: int) -> Floats:
    """Share of a minute's requests that starts cold because the load has risen: while the first new environments
    start, whatever the warm ones cannot take starts one more.
    """
    service_s, setup_s = means_s
    window = max(1, math.ceil(keep_s / 60))
    padded = np.concatenate((np.zeros(window), highest[:-1]))
    warm = np.maximum(np.lib.stride_tricks.sliding_window_view(padded, window).max(axis=1)[: rate.size], provisioned)
    excess = np.maximum(rate - np.maximum(warm, 1e-9) / service_s, 0.0)
    share: Floats = np.minimum(excess * min(setup_s, 60.0) / np.maximum(rate * 60.0, 1e-9), 1.0)
    return share


def _attempts(blocked: Floats, again: Retries) -> Floats:
    """Attempts that a request makes on average."""
    total: Floats = np.sum([blocked**k for k in range(again.max_attempts)], axis=0)
    return total


def _latency(case: Case, whole: _Minutes, kept: Floats, cold_one: Floats, times: float) -> Floats:
    """Spread of what the endpoint takes for what it answers, with so many times the cold starts and the retries; kept,
    cold_one: spreads of an attempt that is answered, without and with a cold start.
    """
    again = retries(case)
    answered = 1 - whole.given_up
    cold = min(1.0, times * whole.share(whole.cold * answered) / max(whole.share(answered), 1e-12))
    one = (1 - cold) * kept + (cold * cold_one if cold > NEVER_COLD else 0.0)
    waits, again_s = np.zeros_like(one), each_attempt_s(case)
    for k in range(again.max_attempts):
        share = whole.share(whole.blocked**k * (1 - whole.blocked))
        waits += min(1.0, times**k) * share * _delay(k, again.delay_cap_s, k * again_s)
        if k + 1 == again.max_attempts or whole.share(whole.blocked ** (k + 1)) < 1e-7:
            break
    waits[0] += max(0.0, whole.share(answered) - waits.sum())
    return time_distribution.add(waits, one) if waits[1:].sum() > 1e-7 else one * waits[0]


@lru_cache(maxsize=64)
def _delay(tries: int, cap_s: float, way_s: float = 0.0) -> Floats:
    """Spread of the time until the attempt after so many tries, way_s of it on the way. Not to be written to."""
    if way_s:
        return time_distribution.shift(_delay(tries, cap_s), way_s)
    if tries == 0:
        return time_distribution.fixed(0.0)
    most_s = min(2.0 ** (tries - 1), cap_s)
    return time_distribution.add(
        _delay(tries - 1, cap_s), time_distribution.at((np.arange(64) + 0.5) / 64 * most_s, np.full(64, 1 / 64))
    )


def _with_doubts(case: Case, answer: AnalyticFigures, floor: Floats, ceiling: Floats) -> Estimate:
    """A percentile that moves with the number of cold starts and retries is known no better than these."""
    quick = conclude(case, answer)
    figures = {}
    for name, figure in quick.latency_s.items():
        share = float(name[1:]) / 100
        low, high = time_distribution.quantile(floor, share), time_distribution.quantile(ceiling, share)
        figures[name] = replace(figure, error=figure.error + max(high / figure.value - 1, 1 - low / figure.value, 0.0))
    answer.doubts.extend(
        f"{name} depends on how many requests start cold or are tried again"
        for name in figures
        if name in ("p99", f"p{case.requirement.latency_percentile:g}")
        and quick.latency_s[name].error <= 0.15 < figures[name].error
    )
    again = conclude(case, answer)
    return replace(again, latency_s=figures)


def _billed_s(case: Case, service: Floats, factor: float, limit_s: float) -> float:
    """Mean billed time of an executed request: whole milliseconds, cut off at the limit."""
    time = case.workload.service_time
    if demand_cv(time) == 0:
        return math.ceil(min(time.mean_ms * factor, limit_s * 1000) - 1e-6) / 1000
    cut = np.minimum(time_distribution.MIDDLE, limit_s)
    return time_distribution.dot(service, np.ceil(cut * 1000) / 1000)


def _usage(
    case: Case,
    deployment: ServerlessDeployment,
    requests: Payloads,
    on_demand: float,
    billed_s: float,
) -> tuple[Usage, ...]:
    worked_s = requests.received * billed_s
    time = EnvironmentTime(
        on_demand_s=worked_s * on_demand,
        kept_s=deployment.provisioned_concurrency * case.simulation.duration_s,
        provisioned_s=worked_s * (1 - on_demand),
    )
    return usage(case.workload, deployment, time, requests)


def _usage_error(case: Case, deployment: ServerlessDeployment, whole: _Minutes, drawn: int) -> float:
    """Two standard errors of the exact run's number of requests and of their service times. Throttling is known to
    half, what provisioned environments leave over to a tenth.
    """
    offered = float(whole.arrivals.sum()) / drawn
    runs = planned_replications(offered, case.simulation.replications)
    left_over = whole.share(whole.on_demand) if deployment.provisioned_concurrency else 0.0
    scatter = clumping(case) + demand_cv(case.workload.service_time) ** 2
    missing = 0.05 if noise_matters(case) and drawn < runs else 0.0
    noise = 2 * math.sqrt(scatter / max(offered * runs, 1.0))
    return noise + 0.5 * whole.share(whole.given_up) + 0.1 * left_over + missing


def _over_time(case: Case, deployment: ServerlessDeployment, load: Ground, run: _Minutes) -> OverTime:
    inside = load.edges_s[:-1] >= 0
    window = max(1, math.ceil(keep_warm(case.assumptions).spare_s / 60) + 1)
    padded = np.concatenate((np.zeros(window - 1), run.highest))
    warm = np.lib.stride_tricks.sliding_window_view(padded, window).max(axis=1)
    return OverTime(
        step_s=60.0,
        rate_per_s=(load.expected / np.diff(load.edges_s))[inside],
        slots=np.full(int(inside.sum()), float(deployment.max_concurrency)),
        capacity=np.maximum(warm, deployment.provisioned_concurrency)[inside],
    )


def _overload(deployment: ServerlessDeployment, grounds: Sequence[Ground], runs: Sequence[_Minutes]) -> str:
    load, run = max(zip(grounds, runs, strict=True), key=lambda one: float(one[1].in_flight.max()))
    at = int(np.argmax(run.in_flight))
    when = clock(float(max(load.edges_s[at], 0.0)))
    return f"{run.in_flight[at]:,.0f} in work at {when}, {deployment.max_concurrency:,} slots"
