"""How fast the serverless engine is. Arguments: environments, million requests.

The load is such that one attempt in a thousand is throttled when the environments are all warm; the client tries it
again. Service times are as long as the rate and the load make them.
"""

from __future__ import annotations

import sys

from bench.ours.measure import make_case, replicate, requests
from bench.peers.measure import Clock, report
from simulator import theory
from simulator.kernels.fates import COMPLETED
from simulator.model.assumptions import Assumptions
from simulator.model.workload import ServiceTime, Workload
from simulator.patterns.serverless.deployment import ServerlessDeployment
from simulator.traffic.kinds import Constant

RATE_PER_S = 2800.0
THROTTLED = 0.001


def load(places: int) -> float:
    """Offered load in Erlang at which so many places lose THROTTLED of Poisson arrivals: by halving an interval."""
    low, high = 0.0, 2.0 * places
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if theory.erlang_b(places, middle) < THROTTLED else (low, middle)
    return low


def main(places: int, millions: float) -> None:
    """One replication."""
    mean_s = load(places) / RATE_PER_S
    workload = Workload(traffic=Constant(rate_per_s=RATE_PER_S), service_time=ServiceTime(mean_ms=1000 * mean_s))
    # AWS allows 200 (facts row 1.6), in a pool of 1,000; the engine has no such limits, and a copy is not checked.
    deployment = ServerlessDeployment().model_copy(update={"max_concurrency": places})
    assumptions = Assumptions(overhead_ms=0, serverless_account_concurrency=100_000)
    case = make_case(workload, 1e6 * millions / RATE_PER_S, 600.0, assumptions)
    clock = Clock()
    results = replicate(case, deployment, 1, clock)
    (result,) = results
    answers = {
        "environments": [float(result.gauges["environments"].integral.sum()) / result.horizon_s],
        "attempts": [float(result.attempts.sum() / result.offered.sum())],
        "answered": [float(result.sums.fates[:, COMPLETED].sum() / result.offered.sum())],
    }
    report("", requests(results, case), clock, answers)


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]))
