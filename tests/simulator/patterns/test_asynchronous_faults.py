"""Faults of asynchronous endpoints: against the fluid formula, by hand, and that nothing gets lost on the way."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.kernels.fates import COMPLETED, FATES, LOST
from simulator.model.assumptions import Assumptions
from simulator.model.faults import (
    KINDS,
    CapacityShortage,
    EndpointUpdate,
    InstanceLoss,
    SlowDependency,
    TrafficSpike,
    ZoneLoss,
)
from simulator.model.requirement import Requirement
from simulator.model.workload import ServiceTime, Workload
from simulator.patterns.asynchronous.deployment import AsynchronousDeployment, BacklogTracking
from simulator.simulate import simulate
from simulator.traffic.kinds import Constant, Timestamps
from tests.engine import contains, make_case, replicate
from tests.strategies import specs

# Ready 100 s after it is asked for, asked for 50 s after a death.
STEADY = Assumptions(
    overhead_ms=0, provisioning_cpu_median_s=100, provisioning_sigma=0, replacement_delay_s=50, s3_mb_per_s=10_000
)
REPLACED_S = 150.0


def work(traffic, mean_ms=1000.0, distribution="deterministic"):
    return Workload(
        traffic=traffic,
        service_time=ServiceTime(distribution=distribution, mean_ms=mean_ms),
        model_load_s=0.0,
        request_mb=0.0,
        response_mb=0.0,
        container_workers=1,
    )


def fixed(instances, **more):
    return AsynchronousDeployment(initial_instance_count=instances, scaling=None, **more)


def at(*times):
    return Timestamps(t_s=times, repeat=False)


def one(workload, deployment, *faults, assumptions=STEADY, duration_s=7200.0):
    case = make_case(workload, duration_s=duration_s, warmup_s=0, assumptions=assumptions, faults=faults)
    return replicate(case, deployment, 1)[0]


def fates(result):
    return {name: int(n) for name, n in zip(FATES, result.sums.fates.sum(axis=0), strict=True) if n}


def mean_parts(result):
    return (result.sums.parts / result.sums.fates[:, COMPLETED].sum()).tolist()


def test_what_a_dead_instance_worked_on_is_done_again_by_the_next():
    """Begun at 100 s, killed at 100.5 s; the replacement is there at 250.5 s and needs 1 s."""
    result = one(work(at(100.0)), fixed(1), InstanceLoss(at_s=100.5))
    assert fates(result) == {"completed": 1}
    assert mean_parts(result) == pytest.approx([0, 150.5, 0, 1.0])


def test_or_it_is_lost():
    lost = STEADY.model_copy(update={"async_scale_in": "lost"})
    result = one(work(at(100.0, 101.0)), fixed(1), InstanceLoss(at_s=100.5), assumptions=lost)
    assert fates(result) == {"completed": 1, "lost": 1}
    assert result.sums.work.sum() == pytest.approx(1.5)


def test_a_request_that_is_lost_was_read_all_the_same_and_leaves_no_answer():
    """Facts rows 4.7 and 4.14: both inputs are written, and read by the endpoint; one answer is written and read."""
    assumed = STEADY.model_copy(update={"async_scale_in": "lost"})
    sized = work(at(100.0, 101.0)).model_copy(update={"request_mb": 1024.0, "response_mb": 512.0})
    result = one(sized, fixed(1), InstanceLoss(at_s=100.5), assumptions=assumed)
    assert fates(result) == {"completed": 1, "lost": 1}
    used = {line.key: line.quantity for line in result.usage}
    assert (used["async_data_in_gb"], used["async_data_out_gb"]) == pytest.approx((2.0, 0.5))
    assert (used["s3_put_requests"], used["s3_get_requests"]) == (2 + 1, 2 + 1)


@pytest.mark.parametrize(("how", "lost"), [("drain", 0), ("redone", 0), ("lost", 1)])
def test_scale_in_takes_a_busy_instance_away_as_assumed(how, lost):
    """A scheduled action takes the second of two instances at 1000 s, in the middle of its work (facts row 4.14)."""
    actions = ({"schedule": "at(1000)", "min_capacity": 1, "max_capacity": 1},)
    deployment = AsynchronousDeployment(
        initial_instance_count=2, min_capacity=1, max_capacity=2, scaling=None, scheduled_actions=actions
    )
    assumed = STEADY.model_copy(update={"async_scale_in": how})
    result = one(work(at(900.0, 900.0), mean_ms=200_000), deployment, assumptions=assumed)
    assert result.sums.fates[:, LOST].sum() == lost
    assert fates(result)["completed"] == 2 - lost
    latest_s = {"drain": 200.0, "redone": 400.0, "lost": 200.0}[how]
    assert np.flatnonzero(result.sums.histogram.sum(axis=0)).max() == pytest.approx(
        np.flatnonzero(one(work(at(900.0), mean_ms=latest_s * 1000), fixed(1)).sums.histogram.sum(axis=0)).max()
    )


def test_a_slow_dependency_slows_what_begins_in_its_window():
    slow = SlowDependency(at_s=100, lasts_s=50, added_ms=700)
    result = one(work(at(99.5, 120.0, 150.0)), fixed(3), slow)
    assert mean_parts(result)[3] == pytest.approx((1 + 1.7 + 1) / 3)


def test_a_shortage_keeps_the_replacement_away():
    result = one(work(at(100.0)), fixed(1), InstanceLoss(at_s=90), CapacityShortage(at_s=0, lasts_s=1000))
    assert mean_parts(result)[1] == pytest.approx(1000 + 100 - 100)


def test_an_update_bills_both_fleets_and_loses_nothing():
    traffic = Constant(rate_per_s=1)
    update = EndpointUpdate(at_s=1000, termination_wait_s=600)
    plain, updated = one(work(traffic), fixed(3)), one(work(traffic), fixed(3), update)
    assert fates(updated) == fates(plain)
    more_s = updated.usage[0].quantity - plain.usage[0].quantity
    assert more_s == pytest.approx(3 * (100 + 600))


@pytest.mark.slow
@pytest.mark.parametrize("added", [60.0, 300.0])
def test_the_backlog_of_a_loss_drains_as_a_fluid_does(added):
    """Of c servers k are away for a time D at a rate r: the queue holds (r - (c - k) / m) D and drains at c / m - r.

    What was in work on the k servers is done again on top of it.
    """
    rate, servers, away, mean_s = 100.0, 128, 64, 1.0
    assumed = STEADY.model_copy(update={"replacement_delay_s": added})
    case = make_case(
        work(Constant(rate_per_s=rate), distribution="exponential"),
        duration_s=9000,
        warmup_s=0,
        assumptions=assumed,
        faults=(InstanceLoss(at_s=1800, instances=away),),
    )
    missing_s = added + 100
    backlog = (rate - (servers - away) / mean_s) * missing_s + rate * mean_s * away / servers
    drained_s = missing_s + backlog / (servers / mean_s - rate)
    area = backlog * drained_s / 2
    waited = []
    for result in replicate(case, fixed(servers), 10):
        bins = slice(30, 30 + math.ceil(drained_s / 60) + 5)
        waited.append(result.gauges["queued"].integral[bins].sum() / area)
    assert contains(waited, 1.0) or abs(np.mean(waited) - 1) < 0.03
    outcome = simulate(replace(case, requirement=Requirement(latency_limit_s=20)), fixed(servers))
    (found,) = outcome.recoveries
    assert found.recovered_s == pytest.approx(1800 + drained_s, abs=3 * 60)
    # Who came when the work of those before lasts just until the replacements are there waits longest.
    longest_s = missing_s * (1 - (servers - away) / (rate * mean_s))
    assert found.p99_worst_s == pytest.approx(longest_s + math.log(100) * mean_s, rel=0.15)


def test_without_faults_every_bit_is_the_same():
    workload = work(Constant(rate_per_s=3), distribution="exponential")
    deployment = AsynchronousDeployment(initial_instance_count=2, max_capacity=6, scaling=BacklogTracking())
    never = InstanceLoss(at_s=1e7)
    plain, faulty = one(workload, deployment), one(workload, deployment, never)
    np.testing.assert_array_equal(plain.sums.histogram, faulty.sums.histogram)
    assert plain.usage == faulty.usage
    assert plain.sums.parts.tolist() == faulty.sums.parts.tolist()


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.one_of(*(specs(kind, at_s=st.floats(0, 3600)) for kind in KINDS)), max_size=6),
    st.sampled_from(["drain", "redone", "lost"]),
    st.integers(1, 5),
    st.booleans(),
)
def test_any_faults_leave_every_request_with_one_fate(faults, how, instances, scaled):
    faults = tuple(
        fault.model_copy(update={"factor": min(fault.factor, 5.0)})
        if isinstance(fault, TrafficSpike)
        else fault.model_copy(update={"added_ms": min(fault.added_ms, 5000.0)})
        if isinstance(fault, SlowDependency)
        else fault
        for fault in faults
    )
    deployment = AsynchronousDeployment(
        initial_instance_count=instances,
        max_capacity=6,
        scaling=BacklogTracking() if scaled else None,
        request_ttl_s=900,
    )
    assumed = STEADY.model_copy(update={"async_scale_in": how})
    case = make_case(work(Constant(rate_per_s=1)), duration_s=3600, warmup_s=600, assumptions=assumed, faults=faults)
    outcome = simulate(replace(case, simulation=case.simulation.model_copy(update={"replications": 1})), deployment)
    assert sum(outcome.fates.values()) == outcome.offered
    assert outcome.fates["unfinished"] == 0
    assert outcome.latency.counts.sum() == outcome.completed
    assert how == "lost" or outcome.fates["lost"] == 0
    assert [one.at_s for one in outcome.recoveries] == sorted(fault.at_s for fault in faults if fault.at_s < 3600)
    assert all(one.recovered_s is None or one.recovered_s >= one.at_s for one in outcome.recoveries)
    assert all(0 <= one.error_share <= 1 for one in outcome.recoveries)


def test_a_zone_takes_its_third():
    result = one(work(Constant(rate_per_s=1)), fixed(7), ZoneLoss(at_s=600))
    assert result.gauges["instances_in_service"].integral[10] == pytest.approx(60 * 4)
