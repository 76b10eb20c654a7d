"""How fast a real-time fleet with target tracking is. Arguments: instances, million requests, arrivals per second, and
on how many cores: "one", or "two" as in the app, where the other core draws ahead and does the statistics.

Four workers an instance at 70 % load, LEAST_OUTSTANDING_REQUESTS, log-normal service times: they are as long as the
rate and the load make them, so that fleets of all sizes do equally many requests a minute.
"""

from __future__ import annotations

import sys
from dataclasses import replace

from bench.ours.measure import make_case, replicate, requests
from bench.peers.measure import Clock, report
from headroom.work.prefetch import one_ahead
from simulator.engine.replication import in_step
from simulator.kernels.fates import COMPLETED
from simulator.model.workload import ServiceTime, Workload
from simulator.patterns.realtime.deployment import InvocationsTracking, RealtimeDeployment
from simulator.traffic.kinds import Constant

WORKERS = 4
LOAD = 0.7


def main(instances: int, millions: float, rate_per_s: float, cores: str) -> None:
    """One replication, after one of a minute's length has loaded everything."""
    mean_s = LOAD * WORKERS * instances / rate_per_s
    workload = Workload(
        traffic=Constant(rate_per_s=rate_per_s),
        service_time=ServiceTime(mean_ms=1000 * mean_s),
        container_workers=WORKERS,
    )
    deployment = RealtimeDeployment(
        initial_instance_count=instances,
        min_capacity=max(1, instances // 2),
        max_capacity=min(1000, 2 * instances),
        # In the middle between the alarms for more and for fewer: 0.95 of the target (facts row 2.8).
        scaling=InvocationsTracking(target_value=60 * rate_per_s / instances / 0.95),
        routing_strategy="LEAST_OUTSTANDING_REQUESTS",
    )
    case = make_case(workload, duration_s=1e6 * millions / rate_per_s, warmup_s=60.0)
    case = replace(case, ahead=one_ahead if cores == "two" else in_step)
    clock = Clock()
    results = replicate(case, deployment, 1, clock)
    (result,) = results
    mean_count = float(result.gauges["instances_in_service"].integral.sum()) / result.horizon_s
    if abs(mean_count / instances - 1) > 0.1:
        raise SystemExit(f"{mean_count:.1f} instances on average: not the fleet of {instances} that was to be timed.")
    busy = float(result.sums.work.sum()) / result.horizon_s / (instances * WORKERS)
    answered = float(result.sums.fates[:, COMPLETED].sum() / result.offered.sum())
    report("", requests(results, case), clock, {"instances": [mean_count], "load": [busy], "answered": [answered]})


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3]), sys.argv[4])
