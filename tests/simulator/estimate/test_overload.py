"""Fleets that get more than they can do for a while, by the fast answer: as a fluid, and against the exact run."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headroom.advisor.evaluate import estimate, simulate
from headroom.advisor.prepared import prepare
from simulator.estimate import overload, time_distribution
from simulator.estimate.fleet_path import Path
from simulator.estimate.queueing import Fleet
from simulator.patterns.realtime.deployment import RealtimeDeployment
from tests.headroom.advisor.search.small import WORLD, scenario

ROOM = 100
FLEET = Fleet(lines="shortest", places=1, room=ROOM, mean_s=0.1, clumping=1.0)
"""Ten requests a second for each instance."""


def path(expected, instances=10):
    size = len(expected)
    counts = np.full(size, instances)
    return Path(
        edges_s=np.linspace(0.0, 60.0 * size, size + 1),
        in_service=counts,
        billed=counts,
        expected=np.array(expected, dtype=float),
    )


def test_a_burst_that_fits_into_the_queues_costs_time_and_no_errors():
    found = overload.behind([path([600, 6900, 600, 600])], FLEET, 0.0)
    assert found.refused == 0
    assert found.inside.tolist() == [False, True, True, False]
    assert found.came == 7500
    # The burst leaves 900 in the queues, which take 9 s at first, and 10 s of the next minute; 500 then find none.
    assert time_distribution.quantile(found.wait, (500 + 3500) / 7500) == pytest.approx(4.5, rel=0.05)
    assert time_distribution.quantile(found.wait, 0.999) == pytest.approx(9.0, rel=0.05)


def test_what_does_not_fit_is_refused():
    found = overload.behind([path([600, 7600, 600])], FLEET, 0.0)
    assert found.refused == pytest.approx(7600 - 6000 - 10 * ROOM)
    assert found.wait.sum() == pytest.approx(found.came - found.refused)


def test_refused_requests_that_ask_again_find_room_when_the_burst_is_over():
    asking_s = overload.again_s(5, 2.0**30)
    assert asking_s == pytest.approx(7.5 / 2)
    once, again = (overload.behind([path([600, 7600, 600])], FLEET, asked_s) for asked_s in (0.0, asking_s))
    assert once.refused - again.refused == pytest.approx((7600 - 6000) / 60 * asking_s)


def test_a_lasting_overload_is_a_full_queue():
    found = overload.behind([path([12_000] * 500)], FLEET, 0.0)
    assert found.refused / found.came == pytest.approx(0.5, rel=0.01)
    assert time_distribution.quantile(found.wait, 0.5) == pytest.approx(ROOM * 0.1, rel=0.05)


def test_nothing_is_behind_where_all_can_be_done():
    found = overload.behind([path([5900] * 5)], FLEET, 3.75)
    assert (found.came, found.refused) == (0.0, 0.0)
    assert not found.inside.any()


@given(st.lists(st.floats(0, 30_000), min_size=1, max_size=30), st.integers(1, 12), st.floats(0, 8))
def test_whatever_comes_is_accepted_or_refused(expected, instances, asking_s):
    found = overload.behind([path(expected, instances)], FLEET, asking_s)
    assert 0 <= found.refused <= found.came <= sum(expected) + 1e-6
    assert found.wait.sum() == pytest.approx(found.came - found.refused, abs=1e-6 * max(1.0, found.came))


@pytest.mark.parametrize("count", [10, 13])
def test_a_burst_of_a_minute_is_refused_as_in_the_exact_run(count):
    bursty = scenario(
        {"latency_percentile": 50, "latency_limit_s": 1.0, "max_error_share": 0.01},
        traffic={"kind": "counts", "bin_s": 60.0, "requests": [100, 100, 5200, 0, 0, 100, 100, 100, 100, 100]},
        service_time={"mean_ms": 200, "cv": 0.5},
        simulation={"duration_s": 3600.0, "warmup_s": 0.0, "replications": 3},
    )
    assert bursty.workload.reference_instance_type == "ml.m5.xlarge"
    workload = bursty.workload.model_copy(update={"container_workers": 1})
    prepared = prepare(bursty.model_copy(update={"workload": workload}), WORLD)
    deployment = RealtimeDeployment(
        instance_type="ml.m5.xlarge",
        initial_instance_count=count,
        job_queue_size=100,
        routing_strategy="LEAST_OUTSTANDING_REQUESTS",
    )
    fast, exact = estimate(prepared, deployment), simulate(prepared, deployment)
    assert fast.error_share is not None
    assert exact.error_share is not None
    assert fast.error_share.value == pytest.approx(exact.error_share.value, abs=0.02)
    assert fast.latency_s["p95"].value == pytest.approx(exact.latency_s["p95"].value, rel=0.2)
