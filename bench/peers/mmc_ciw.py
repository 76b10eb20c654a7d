"""M/M/16 in Ciw."""

from __future__ import annotations

from typing import Any

import ciw

from bench.peers.measure import Clock, means, report
from bench.peers.scenarios import ARRIVALS_PER_S, REQUESTS, SERVERS, SERVICE_S


def simulate(seed: int) -> list[Any]:
    """Records of all requests."""
    ciw.seed(seed)
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Exponential(rate=ARRIVALS_PER_S)],
        service_distributions=[ciw.dists.Exponential(rate=1 / SERVICE_S)],
        number_of_servers=[SERVERS],
    )
    simulation = ciw.Simulation(network)
    simulation.simulate_until_max_customers(REQUESTS, method="Finish")
    records: list[Any] = simulation.get_all_records()
    return records


if __name__ == "__main__":
    clock = Clock()
    records = clock.time(lambda: simulate(3))
    waits = [record.waiting_time for record in sorted(records, key=lambda record: record.arrival_date)]
    report("ciw", len(waits), clock, {"wait_s": means(waits)})
