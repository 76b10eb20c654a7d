"""Fleets under scaling: the same numbers as the engine's fleet, and the same bill as the exact run."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.estimate.fleet_path import Crew
from simulator.model.workload import ServiceTime, Workload
from simulator.patterns.realtime.deployment import InvocationsTracking, RealtimeDeployment
from simulator.patterns.realtime.estimate import realtime
from simulator.scaling.fleet import Fleet
from simulator.simulate import simulate
from simulator.traffic.kinds import Bursts, Profile
from tests.engine import make_case


@given(st.lists(st.tuples(st.integers(0, 8), st.integers(1, 50)), max_size=30))
def test_a_crew_counts_what_a_fleet_names(orders):
    times = iter(range(1, 10_000))
    draws = [float(30 + next(times) * 7 % 40) for _ in range(500)]
    one, other = iter(draws), iter(draws)
    crew = Crew(2, lambda together: [next(one) for _ in range(together)])
    fleet = Fleet(50, lambda together: [next(other) for _ in range(together)])
    fleet.start(2)
    now_s = 0.0
    for desired, length_s in orders:
        now_s += length_s
        crew.arrive(now_s)
        fleet.arrive(now_s)
        crew.resize(now_s, desired)
        fleet.resize(now_s, desired)
        assert (crew.serving, crew.draining) == (len(fleet.in_service), len(fleet.draining))
        assert (crew.desired, crew.next_ready_s()) == (fleet.desired, fleet.next_ready_s())
        assert crew.billed(True) == fleet.billed(True)
        assert crew.billed(False) == fleet.billed(False)


@pytest.mark.parametrize(
    "traffic",
    [
        Profile(peak_rate_per_s=8, shape=(1, 5, 2, 8, 3, 1, 6, 2)),
        Bursts(on_rate_per_s=10, off_rate_per_s=1, mean_on_s=900, mean_off_s=1800),
    ],
)
def test_the_bill_is_that_of_the_exact_run_on_the_same_draws(traffic):
    workload = Workload(traffic=traffic, service_time=ServiceTime(mean_ms=300))
    case = make_case(workload, duration_s=12 * 3600, warmup_s=3600)
    case = replace(case, simulation=case.simulation.model_copy(update={"replications": 2}))
    deployment = RealtimeDeployment(scaling=InvocationsTracking(target_value=120), max_capacity=8)
    exact = simulate(case, deployment)
    quick = realtime(case, deployment, 2)
    assert quick.usage[0].key == exact.usage[0].key
    assert quick.usage[0].quantity == pytest.approx(exact.usage[0].quantity, rel=0.02)
    assert quick.latency_s["p99"].value == pytest.approx(exact.latency.quantile(99), rel=0.15)
