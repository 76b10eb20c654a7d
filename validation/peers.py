"""The same scenarios in other simulators: SimPy, in code written here as plainly as possible, and SimFaaS's figures.

In SimPy everything is drawn anew with Python's own generator, so nothing is shared with the engine but the scenario.
"""

from __future__ import annotations

import json
import math
import random
from collections.abc import Callable, Generator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import simpy

from simulator.engine.accumulators import Result
from simulator.kernels.fates import EXPIRED, THROTTLED
from simulator.patterns.asynchronous.deployment import AsynchronousDeployment
from simulator.patterns.realtime.deployment import RealtimeDeployment
from simulator.patterns.serverless.deployment import ServerlessDeployment
from validation.runs import Draws, environments, interval, results, work

SIMFAAS = Path(__file__).parent / "data" / "simfaas-0.2.2.json"
REPLICATIONS = 10

SKIP_S = 60.0
"""SimPy's real-time runs are counted from here on."""

Events = Generator[Any, Any, None]
Draw = Callable[[], float]
Figures = dict[str, float]


def lognormal(rng: random.Random, mean: float, cv: float) -> Draw:
    """Draws from the log-normal with that mean and coefficient of variation."""
    sigma2 = math.log1p(cv**2)
    return lambda: rng.lognormvariate(math.log(mean) - sigma2 / 2, math.sqrt(sigma2))


def endpoint(seed: int, rate: float, shape: tuple[int, int], least: bool, until: float) -> Figures:
    """A real-time endpoint: instances with workers and endless queues, a router that draws or takes the least busy."""
    rng, env = random.Random(seed), simpy.Environment()
    instances, workers = shape
    servers = [simpy.Resource(env, workers) for _ in range(instances)]
    draw = lognormal(rng, 0.1, 1.0)
    waits: list[float] = []

    def request() -> Events:
        server = rng.choice(servers)
        if least:
            fewest = min(s.count + len(s.queue) for s in servers)
            server = rng.choice([s for s in servers if s.count + len(s.queue) == fewest])
        arrived = env.now
        with server.request() as turn:
            yield turn
            if arrived >= SKIP_S:
                waits.append(env.now - arrived)
            yield env.timeout(draw())

    env.process(_arrivals(env, rng, rate, request))
    env.run(until)
    return {"mean wait, s": float(np.mean(waits))}


def function(
    seed: int, rate: float, times: tuple[Draw | float, Draw | float], expiry: float, most: int, until: float
) -> Figures:
    """A platform that starts an environment for each request that finds none idle; the last used is used first."""
    rng, env = random.Random(seed), simpy.Environment()
    warm, cold = times
    warm_draw = warm if callable(warm) else (lambda: rng.expovariate(1 / warm))
    cold_draw = cold if callable(cold) else (lambda: rng.expovariate(1 / cold))
    idle: list[tuple[float, float]] = []  # idle since, created
    busy: dict[int, tuple[float, float]] = {}  # request -> began, created
    count = {"all": 0, "cold": 0, "refused": 0}
    area = {"running": 0.0, "existing": 0.0}

    def expire() -> None:
        while idle and idle[0][0] + expiry < env.now:
            since, created = idle.pop(0)
            area["existing"] += since + expiry - created

    def request() -> Events:
        count["all"] += 1
        number = count["all"]
        if len(busy) >= most:
            count["refused"] += 1
            return
        expire()
        if idle:
            busy[number] = (env.now, idle.pop()[1])
            yield env.timeout(warm_draw())
        else:
            busy[number] = (env.now, env.now)
            count["cold"] += 1
            yield env.timeout(cold_draw())
        began, created = busy.pop(number)
        area["running"] += env.now - began
        idle.append((env.now, created))

    env.process(_arrivals(env, rng, rate, request))
    env.run(until)
    expire()
    existing = area["existing"] + sum(until - created for _, created in [*idle, *busy.values()])
    running = (area["running"] + sum(until - began for began, _ in busy.values())) / until
    return {
        "share cold": count["cold"] / count["all"],
        "share refused": count["refused"] / count["all"],
        "mean environments": existing / until,
        "mean running": running,
        "mean idle": existing / until - running,
    }


def queue(seed: int, rate: float, slots: int, mean: float, patience: float) -> Figures:
    """An asynchronous endpoint, counted from 2,000 s to 42,000 s: requests that wait for too long leave the queue."""
    rng, env = random.Random(seed), simpy.Environment()
    server = simpy.Resource(env, slots)
    draw = lognormal(rng, mean, 1.0)
    waits: list[float] = []
    count = {"all": 0, "expired": 0}

    def request() -> Events:
        arrived = env.now
        counted = arrived >= 2000
        count["all"] += counted
        with server.request() as turn:
            yield turn | env.timeout(patience)
            if not turn.triggered:
                count["expired"] += counted
                return
            if counted:
                waits.append(env.now - arrived)
            yield env.timeout(draw())

    env.process(_arrivals(env, rng, rate, request))
    env.run(42_000)
    return {"mean wait, s": float(np.mean(waits)), "share expired": count["expired"] / count["all"]}


def _arrivals(env: simpy.Environment, rng: random.Random, rate: float, request: Callable[[], Events]) -> Events:
    while True:
        yield env.timeout(rng.expovariate(rate))
        env.process(request())


def pair(case: str, peer: str, ours: Sequence[Figures], theirs: Sequence[Figures]) -> list[dict[str, object]]:
    """A row for each figure: both 95 % intervals, and whether that of the difference holds zero."""
    rows: list[dict[str, object]] = []
    for what in ours[0]:
        a, b = interval([f[what] for f in ours]), interval([f[what] for f in theirs])
        agrees = abs(a.mean - b.mean) <= math.hypot(a.half, b.half)
        rows.append(
            {
                "peer": peer,
                "case": case,
                "what": what,
                "ours": a.mean,
                "ours_half": a.half,
                "theirs": b.mean,
                "theirs_half": b.half,
                "agrees": agrees,
            }
        )
    return rows


def realtime(least: bool, load: float) -> list[dict[str, object]]:
    """Four instances of two workers, log-normal work of 0.1 s."""
    rate = load * 8 / 0.1
    routing = "LEAST_OUTSTANDING_REQUESTS" if least else "RANDOM"
    workload = work(rate, "lognormal", 0.1, 1.0, container_workers=2)
    deployment = RealtimeDeployment(initial_instance_count=4, job_queue_size=10_000, routing_strategy=routing)
    ours = [_of_endpoint(r) for r in results(workload, deployment, 3600, warmup_s=60, draws=Draws(REPLICATIONS))]
    theirs = [endpoint(seed, rate, (4, 2), least, 360.0) for seed in range(REPLICATIONS)]
    return pair(f"real-time, {routing}, load {load:g}", "SimPy", ours, theirs)


def _of_endpoint(result: Result) -> Figures:
    return {"mean wait, s": float(result.sums.parts[1] / result.sums.fates[:, 0].sum())}


def _of_function(result: Result) -> Figures:
    offered = float(result.offered.sum())
    existing = float(result.gauges["environments"].integral.sum()) / result.horizon_s
    running = float(result.gauges["in_flight"].integral.sum()) / result.horizon_s
    return {
        "share cold": float(result.sums.cold.sum()) / offered,
        "share refused": float(result.sums.fates[:, THROTTLED].sum()) / offered,
        "mean environments": existing,
        "mean running": running,
        "mean idle": existing - running,
    }


def serverless() -> list[dict[str, object]]:
    """Few places, cold starts of 3 s: both cold starts and refusals."""
    rate, until = 2.0, 20_000.0
    sizes, assumptions = environments(3.0, serverless_keep_warm_s=30.0)
    found = results(
        work(rate, "exponential", 1.0, **sizes),
        ServerlessDeployment(max_concurrency=6),
        until,
        assumptions=assumptions,
        draws=Draws(REPLICATIONS),
    )
    theirs = []
    for seed in range(REPLICATIONS):
        rng = random.Random(1000 + seed)
        theirs.append(function(seed, rate, (1.0, lambda r=rng: 3.0 + r.expovariate(1.0)), 30.0, 6, until))  # type: ignore[misc]
    return pair("serverless, 6 places, start 3 s, kept 30 s", "SimPy", [_of_function(r) for r in found], theirs)


def asynchronous() -> list[dict[str, object]]:
    """Four slots, overloaded, requests that expire after 60 s."""
    workload = work(0.45, "lognormal", 10.0, 1.0, container_workers=4)
    deployment = AsynchronousDeployment(
        scaling=None, initial_instance_count=1, request_ttl_s=60.0, invocation_timeout_s=3600
    )
    found = results(workload, deployment, 40_000, warmup_s=2000, draws=Draws(REPLICATIONS))
    ours = [
        {**_of_endpoint(r), "share expired": float(r.sums.fates[:, EXPIRED].sum() / r.offered.sum())} for r in found
    ]
    theirs = [queue(seed, 0.45, 4, 10.0, 60.0) for seed in range(REPLICATIONS)]
    return pair("asynchronous, 4 slots, load 1.125, time to live 60 s", "SimPy", ours, theirs)


def readme_example(peer: str, example: dict[str, Any], theirs: list[Figures]) -> list[dict[str, object]]:
    """SimFaaS's README: cold and warm work both exponential, here with the cold start the difference of the means."""
    sizes, assumptions = environments(example["cold_s"] - example["warm_s"], serverless_keep_warm_s=example["expiry_s"])
    found = results(
        work(example["arrival_rate_per_s"], "exponential", example["warm_s"], **sizes),
        ServerlessDeployment(max_concurrency=200),
        example["duration_s"],
        assumptions=assumptions,
        draws=Draws(REPLICATIONS),
    )
    ours = [{what: _of_function(r)[what] for what in theirs[0]} for r in found]
    case = f"{example['arrival_rate_per_s']}/s, warm {example['warm_s']} s, cold {example['cold_s']} s, expiry 600 s"
    return pair(case, peer, ours, theirs)


def simfaas() -> list[dict[str, object]]:
    """Both examples against the recorded figures of SimFaaS, the first also against SimPy."""
    names = {
        "prob_cold": "share cold",
        "inst_count_avg": "mean environments",
        "inst_running_count_avg": "mean running",
        "inst_idle_count_avg": "mean idle",
    }
    examples = json.loads(SIMFAAS.read_text(encoding="utf-8"))["examples"]
    rows = []
    for example in examples:
        recorded = example["results"]
        theirs = [{new: recorded[old][k] for old, new in names.items()} for k in range(REPLICATIONS)]
        rows += readme_example("SimFaaS 0.2.2", example, theirs)
    first = examples[0]
    rate, times = first["arrival_rate_per_s"], (first["warm_s"], first["cold_s"])
    expiry, until = first["expiry_s"], first["duration_s"]
    found = [function(seed, rate, times, expiry, 10**6, until) for seed in range(REPLICATIONS)]
    rows += readme_example("SimPy", first, [{what: f[what] for what in names.values()} for f in found])
    return rows


def report() -> dict[str, object]:
    """All of it as plain values."""
    rows = [row for least in (False, True) for load in (0.5, 0.8) for row in realtime(least, load)]
    return {"simpy": simpy.__version__, "rows": [*rows, *serverless(), *asynchronous(), *simfaas()]}
