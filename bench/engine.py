"""How fast the engines are: requests per CPU-second, and how many times their slow twins, in one run on the same draws.

Answers are checked before times are taken: the compiled fleet must give its twin's rows. Run with `make bench`.
"""

from __future__ import annotations

import resource
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from simulator.kernels import tokens
from simulator.model.workload import ServiceTime, Workload
from simulator.patterns.asynchronous.deployment import AsynchronousDeployment
from simulator.patterns.realtime.deployment import InvocationsTracking, RealtimeDeployment
from simulator.patterns.registry import BY_KEY
from simulator.patterns.serverless.deployment import ServerlessDeployment
from simulator.traffic.kinds import Constant
from tests.engine import make_case
from tests.reference import realtime as twin
from tests.reference import tokens as token_twin
from tests.simulator.kernels import test_realtime_kernel as kernel_test

HOUR_S = 3600.0

_through: Any = kernel_test.through
_twin: Any = twin.run
_request: Any = token_twin.Request
_copy: Any = token_twin.Copy


def cpu_s(work: Callable[[], object]) -> float:
    """CPU seconds of one call."""
    before = time.process_time()
    work()
    return time.process_time() - before


def engine_rate(deployment: Any, rate_per_s: float, mean_ms: float, hours: float = 1.0) -> float:
    """Requests per CPU-second of a whole replication: draws, routing, scaling and statistics included."""
    workload = Workload(traffic=Constant(rate_per_s=rate_per_s), service_time=ServiceTime(mean_ms=mean_ms, cv=0.5))
    run = BY_KEY[deployment.pattern].run
    run(make_case(workload.model_copy(update={"traffic": Constant(rate_per_s=1)})), deployment)
    case = make_case(workload, duration_s=hours * HOUR_S, warmup_s=60)
    result = []
    seconds = cpu_s(lambda: result.append(run(case, deployment)))
    offered = float(result[0].offered.sum())
    assert result[0].sums.fates.sum() == offered, "the fates do not add up"
    return offered / seconds


def twin_ratio(n: int = 40_000) -> tuple[float, float]:
    """Requests per CPU-second of the twin, and how many times that the kernel makes."""
    rng = np.random.default_rng(1)
    t, demand, u = np.cumsum(rng.exponential(0.01, n)), rng.lognormal(-2, 0.5, n), rng.random(n)
    params = kernel_test.PARAMS._replace(workers=4, queue_size=100, limit_s=60.0)
    spare = rng.random(4096)
    _through(params, 8, t[:10], demand[:10], u[:10], spare)
    rows: list[object] = []
    fast_s = cpu_s(lambda: rows.extend(_through(params, 8, t, demand, u, spare, log_rows=1 << 16)))
    reference: list[object] = []
    slow_s = cpu_s(lambda: reference.extend(_twin(params, 8, t, demand, u, spare)))
    assert rows == reference, "the kernel does not give its twin's rows"
    return n / slow_s, slow_s / fast_s


def token_rate(requests: int = 484_150, twins: int = 300) -> float:
    """Requests per CPU-second of a replica of a language model, as many as a day of the conversation trace has, with
    lengths like its own; the answers to the first are held against the slow twin before.
    """
    rng = np.random.default_rng(1)
    prompt, output = (np.maximum(1, rng.lognormal(mu, 0.75, requests)).astype(np.int64) for mu in (6.6, 5.0))
    sent_s = np.cumsum(rng.exponential(86_400 / requests, requests))
    params = tokens.Params(27_775, 1024, 8192, 2.5e-5, 3.3e-8, 1e-9, 1.4e-3, 1e-6)
    tokens_s = 0.006 + 1e-5 * np.arange(8193)

    def served(n: int) -> tokens.State:
        state = tokens.new_state(prompt[:n], output[:n], np.zeros(n, np.int64), sent_s[:n], params.blocks)
        tokens.run(state, params, tokens_s)
        return state

    columns = zip(prompt[:twins].tolist(), output[:twins].tolist(), sent_s[:twins].tolist(), strict=True)
    slow = [_request(k, prompt, output, 0, sent_s) for k, (prompt, output, sent_s) in enumerate(columns)]
    _copy(slow, params, tokens_s.tolist()).run()
    assert np.allclose(served(twins).last_s, [one.last_s for one in slow], atol=1e-9), "not what its twin gives"
    state = []
    seconds = cpu_s(lambda: state.append(served(requests)))
    assert np.all(state[0].fate == tokens.DONE), "not every request is answered"
    return requests / seconds


def main() -> None:
    """Print one line per case."""
    slow, ratio = twin_ratio()
    print(f"real-time kernel, rows checked: {ratio:.0f} times its slow twin ({slow:,.0f} requests per CPU-second)")
    for instances in (4, 64, 500):
        for routing in ("RANDOM", "LEAST_OUTSTANDING_REQUESTS"):
            deployment = RealtimeDeployment(initial_instance_count=instances, routing_strategy=routing)
            rate = engine_rate(deployment, instances * 4 * 20 * 0.7, 50, hours=max(1.0, 64 / instances))
            print(f"real-time, {instances} x 4 workers, {routing}: {rate / 1e6:.1f} million requests per CPU-second")
    scaled = RealtimeDeployment(
        initial_instance_count=64,
        max_capacity=100,
        scaling=InvocationsTracking(target_value=3000),
        routing_strategy="LEAST_OUTSTANDING_REQUESTS",
    )
    rate = engine_rate(scaled, 64 * 50, 50)
    print(f"real-time, about 64 x 4 workers, target tracking: {rate / 1e6:.1f} million requests per CPU-second")
    for concurrency in (10, 200):
        rate = engine_rate(ServerlessDeployment(max_concurrency=concurrency), concurrency * 0.8 / 0.05, 50, hours=4)
        print(f"serverless, max_concurrency {concurrency}: {rate / 1e6:.1f} million requests per CPU-second")
    rate = engine_rate(AsynchronousDeployment(initial_instance_count=64, scaling=None), 64 * 4 * 20 * 0.7, 50)
    print(f"asynchronous, 64 x 4 slots: {rate / 1e6:.1f} million requests per CPU-second")
    print(f"a replica of a language model: {token_rate() / 1e6:.1f} million requests per CPU-second")
    print(f"largest memory of this process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main()
