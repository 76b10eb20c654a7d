"""Random scenarios for the fast answer: every pattern, many kinds of traffic, sized from idle to overloaded.

Small enough to be run exactly. The seed is the scenario's number, so each is the same everywhere.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from simulator.model.requirement import Requirement
from simulator.model.simulation import Simulation
from simulator.model.workload import Client, ServiceTime, Workload
from simulator.patterns.asynchronous.deployment import AsynchronousDeployment, BacklogTracking
from simulator.patterns.batch.deployment import BatchDeployment
from simulator.patterns.realtime.deployment import InvocationsTracking, RealtimeDeployment
from simulator.patterns.registry import Deployment
from simulator.patterns.serverless.deployment import ServerlessDeployment
from simulator.scenario import Scenario
from simulator.traffic.kinds import Bursts, Constant, Counts, Profile, Spike, Step, Steps, Traffic

HOUR_S = 3600.0
MOST_REQUESTS = 3e6
WORKERS = {"ml.m5.large": 2, "ml.m5.xlarge": 4, "ml.c5.2xlarge": 8, "ml.c5.4xlarge": 16}
PATTERNS = ("realtime", "serverless", "realtime", "asynchronous", "batch")

Rng = np.random.Generator


def scenario(number: int) -> Scenario:
    """Scenario 0, 1, 2, ...; the patterns take turns."""
    rng = np.random.default_rng([2026, number])
    pattern = PATTERNS[number % len(PATTERNS)]
    duration_s = float(rng.choice([6, 12, 24, 48])) * HOUR_S
    mean_s = _between(rng, *{"asynchronous": (0.2, 30), "serverless": (0.01, 3)}.get(pattern, (0.004, 2)))
    in_work = min(_between(rng, 0.2, 120), 0.5 * MOST_REQUESTS / duration_s * mean_s)
    traffic, peak_per_s = _traffic(rng, in_work / mean_s)
    workload = Workload(
        traffic=traffic,
        service_time=_service(rng, mean_s),
        reference_instance_type="ml.m5.large",
        client=Client(retry_mode=_one(rng, ["none", "legacy", "standard"])),
        memory_mb=500,
        request_mb=_between(rng, 0.001, 1) if pattern != "batch" else 0.008,
        model_load_s=_between(rng, 0.5, 20),
        model_mb=_between(rng, 5, 500),
    )
    return Scenario(
        workload=workload,
        requirement=Requirement(latency_percentile=_one(rng, [90.0, 95.0, 99.0, 99.9])),
        simulation=Simulation(duration_s=duration_s, warmup_s=HOUR_S, replications=3, seed=number),
        deployments=(_DEPLOYMENTS[pattern](rng, peak_per_s * mean_s, mean_s),),
    )


def _between(rng: Rng, low: float, high: float) -> float:
    """Even in the logarithm, to three digits."""
    return float(f"{math.exp(rng.uniform(math.log(low), math.log(high))):.3g}")


def _one(rng: Rng, values: list[Any]) -> Any:
    return values[int(rng.integers(len(values)))]


def _service(rng: Rng, mean_s: float) -> ServiceTime:
    distribution = _one(rng, ["lognormal", "lognormal", "gamma", "exponential", "deterministic"])
    return ServiceTime(distribution=distribution, mean_ms=mean_s * 1000, cv=_one(rng, [0.2, 0.5, 1.0, 2.0]))


def _traffic(rng: Rng, rate_per_s: float) -> tuple[Traffic, float]:
    """Some traffic with about this mean rate, and its highest rate."""
    cv = _one(rng, [1.0, 1.0, 1.0, 0.5, 1.5])
    kind = _one(rng, ["constant", "profile", "steps", "bursts", "counts"])
    if kind == "constant":
        return Constant(rate_per_s=rate_per_s, interarrival_cv=cv), rate_per_s
    if kind == "profile":
        shape = tuple(float(x) for x in np.round(0.1 + rng.random(24) ** 2, 3))
        peak = rate_per_s * max(shape) / float(np.mean(shape))
        return Profile(peak_rate_per_s=peak, shape=shape, interarrival_cv=cv), peak
    if kind == "steps":
        levels = rate_per_s * rng.uniform(0.3, 1.7, 4)
        steps = tuple(Step(at_s=k * 2 * HOUR_S, rate_per_s=float(level)) for k, level in enumerate(levels))
        spikes = (Spike(at_s=1.5 * HOUR_S, duration_s=600, factor=float(rng.uniform(1, 4))),)
        return Steps(steps=steps, spikes=spikes, interarrival_cv=cv), float(levels.max())
    if kind == "bursts":
        on_s, off_s = _between(rng, 60, 1800), _between(rng, 60, 3600)
        off = float(rng.uniform(0, 0.5)) * rate_per_s
        on = (rate_per_s * (on_s + off_s) - off * off_s) / on_s
        return Bursts(on_rate_per_s=on, off_rate_per_s=off, mean_on_s=on_s, mean_off_s=off_s), on
    counts = rng.poisson(60 * rate_per_s * rng.gamma(8, 1 / 8, 360))
    counts[0] += 1
    return Counts(bin_s=60, requests=tuple(int(n) for n in counts)), float(counts.max()) / 60


def _utilisation(rng: Rng) -> float:
    return float(rng.uniform(0.2, 1.05))


def _realtime(rng: Rng, in_work: float, mean_s: float) -> Deployment:
    kind = _one(rng, list(WORKERS))
    wanted = max(1, math.ceil(in_work / WORKERS[kind] / _utilisation(rng)))
    more: dict[str, Any] = {}
    if rng.random() < 0.6:
        target = WORKERS[kind] / mean_s * 60 * float(rng.uniform(0.3, 0.8))
        more = {
            "scaling": InvocationsTracking(target_value=min(target, 1e7)),
            "min_capacity": max(1, wanted // 3),
            "max_capacity": 2 * wanted + 1,
        }
    return RealtimeDeployment(
        instance_type=kind,
        initial_instance_count=wanted,
        routing_strategy=_one(rng, ["RANDOM", "LEAST_OUTSTANDING_REQUESTS"]),
        job_queue_size=_one(rng, [0, 10, 100]),
        **more,
    )


def _serverless(rng: Rng, in_work: float, mean_s: float) -> Deployment:
    memory_mb = _one(rng, [1024, 2048, 4096])
    busy = in_work * max(1.0, 1769 / memory_mb)
    most = int(np.clip(math.ceil(busy / _utilisation(rng)), 1, 200))
    ready = int(most * rng.random()) if rng.random() < 0.3 else 0
    return ServerlessDeployment(memory_size_in_mb=memory_mb, max_concurrency=most, provisioned_concurrency=ready)


def _asynchronous(rng: Rng, in_work: float, mean_s: float) -> Deployment:
    kind = _one(rng, list(WORKERS))
    wanted = max(1, math.ceil(in_work / WORKERS[kind] / _utilisation(rng)))
    if rng.random() < 0.4:
        return AsynchronousDeployment(instance_type=kind, initial_instance_count=wanted, scaling=None)
    target = WORKERS[kind] * float(rng.uniform(0.5, 3))
    least = _one(rng, [0, 1])
    return AsynchronousDeployment(
        instance_type=kind,
        initial_instance_count=max(1, least),
        scaling=BacklogTracking(target_value=target),
        min_capacity=least,
        max_capacity=2 * wanted,
    )


def _batch(rng: Rng, in_work: float, mean_s: float) -> Deployment:
    kind = _one(rng, list(WORKERS))
    return BatchDeployment(
        instance_type=kind,
        instance_count=max(1, math.ceil(in_work / WORKERS[kind] / _utilisation(rng))),
        input_objects=_one(rng, [1, 20, 1000]),
        batch_strategy=_one(rng, ["MultiRecord", "SingleRecord"]),
        schedule_every_s=_one(rng, [1, 3, 6]) * HOUR_S,
    )


_DEPLOYMENTS = {"realtime": _realtime, "serverless": _serverless, "asynchronous": _asynchronous, "batch": _batch}
