"""M/M/16 in Headroom: the real-time engine with one instance of 16 workers and a queue that never fills."""

from __future__ import annotations

from bench.ours.measure import make_case, replicate, requests
from bench.peers.measure import BATCHES, Clock, report
from bench.peers.scenarios import ARRIVALS_PER_S, REQUESTS, SERVERS, SERVICE_S
from simulator.kernels.fates import REJECTED
from simulator.model.workload import Client, ServiceTime, Workload
from simulator.patterns.realtime.deployment import RealtimeDeployment
from simulator.traffic.kinds import Constant


def main() -> None:
    """A million requests, BATCHES times: at this speed one run is too short to be timed well."""
    workload = Workload(
        traffic=Constant(rate_per_s=ARRIVALS_PER_S),
        client=Client(retry_mode="none"),
        service_time=ServiceTime(distribution="exponential", mean_ms=1000 * SERVICE_S),
        container_workers=SERVERS,
    )
    clock = Clock()
    case = make_case(workload, duration_s=REQUESTS / ARRIVALS_PER_S, warmup_s=0.0)
    results = replicate(case, RealtimeDeployment(job_queue_size=10_000), BATCHES, clock)
    if any(result.sums.fates[:, REJECTED].any() for result in results):
        raise SystemExit("The queue was full at some time, so this was not M/M/16.")
    waits = [float(result.sums.parts[1] / result.sums.fates[:, 0].sum()) for result in results]
    report("", requests(results, case), clock, {"wait_s": waits})


if __name__ == "__main__":
    main()
