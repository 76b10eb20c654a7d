"""A function in Headroom: the serverless engine, billing and statistics included."""

from __future__ import annotations

import sys

from bench.ours.measure import make_case, replicate, requests
from bench.peers.measure import BATCHES, Clock, report
from bench.peers.scenarios import FUNCTIONS, Function
from simulator.model.assumptions import Assumptions
from simulator.model.workload import Client, ServiceTime, Workload
from simulator.patterns.serverless.deployment import ServerlessDeployment
from simulator.traffic.kinds import Constant


def main(function: Function) -> None:
    """The horizon, BATCHES times."""
    workload = Workload(
        traffic=Constant(rate_per_s=function.rate_per_s),
        client=Client(retry_mode="none"),
        service_time=ServiceTime(distribution="exponential", mean_ms=1000 * function.warm_s),
        image_mb=1e-300,
        model_mb=0.0,
        model_load_s=0.0,
    )
    assumptions = Assumptions(
        overhead_ms=0,
        serverless_container_start_s=function.cold_s - function.warm_s,
        serverless_cold_sigma=0,
        serverless_keep_warm_s=function.expiry_s,
        serverless_account_concurrency=100_000,
    )
    # AWS allows 200 (facts row 1.6), in a pool of 1,000; the engine has no such limits, and a copy is not checked.
    deployment = ServerlessDeployment().model_copy(update={"max_concurrency": 10_000})
    clock = Clock()
    case = make_case(workload, function.horizon_s, function.warmup_s, assumptions)
    results = replicate(case, deployment, BATCHES, clock)
    answers = {
        "cold_share": [float(result.sums.cold.sum() / result.offered.sum()) for result in results],
        "environments": [float(r.gauges["environments"].integral.sum()) / r.horizon_s for r in results],
    }
    report("", requests(results, case), clock, answers)


if __name__ == "__main__":
    main(FUNCTIONS[sys.argv[1]])
