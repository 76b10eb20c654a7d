"""The fast answer takes spikes with the arrivals, and is not sure of other faults where they touch."""

from __future__ import annotations

import pytest

from simulator.estimate.answer import fast, reckon
from simulator.model.faults import KINDS, TITLES, InstanceLoss, TrafficSpike
from simulator.model.workload import ServiceTime, Workload
from simulator.patterns.asynchronous.deployment import AsynchronousDeployment
from simulator.patterns.batch.deployment import BatchDeployment
from simulator.patterns.realtime.deployment import InvocationsTracking, RealtimeDeployment
from simulator.patterns.registry import BY_KEY
from simulator.patterns.serverless.deployment import ServerlessDeployment
from simulator.simulate import simulate
from simulator.traffic.kinds import Constant, Jobs, Profile
from tests.engine import make_case

BUSY = Workload(traffic=Profile(peak_rate_per_s=40, shape=(1, 2, 4, 3)), service_time=ServiceTime(mean_ms=100))
SPIKE = TrafficSpike(at_s=20_000, lasts_s=1800, factor=2)


def left_out(deployment, *faults, workload=BUSY):
    answer = reckon(make_case(workload, faults=faults), deployment)
    return [reason for reason in answer.reasons if "leaves out" in reason]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("pattern", BY_KEY)
def test_a_fault_that_touches_is_named_unless_it_is_a_spike(kind, pattern):
    fault = kind(at_s=600)
    deployment = BY_KEY[pattern].deployment()
    named = fault.kind in BY_KEY[pattern].touched_by and fault.kind != "traffic_spike"
    assert left_out(deployment, fault) == (
        [f"not sure: the fast answer leaves out {TITLES[fault.kind]}"] if named else []
    )


def test_a_spike_on_data_sets_is_named_for_batch_only():
    sets = Workload(traffic=Jobs(records=1000, at_s=600, submit_over_s=1200))
    assert left_out(BatchDeployment(), TrafficSpike(at_s=600), workload=sets) != []
    assert left_out(RealtimeDeployment(), TrafficSpike(at_s=600), workload=sets) == []


@pytest.mark.slow
@pytest.mark.parametrize(
    "deployment",
    [
        RealtimeDeployment(initial_instance_count=4),
        RealtimeDeployment(initial_instance_count=3, max_capacity=8, scaling=InvocationsTracking(target_value=600)),
        ServerlessDeployment(max_concurrency=200, memory_size_in_mb=4096),
        AsynchronousDeployment(initial_instance_count=4, scaling=None),
        BatchDeployment(schedule_every_s=3600),
    ],
    ids=lambda deployment: deployment.pattern,
)
def test_with_a_spike_it_is_as_good_as_without(deployment):
    """Its bars: p99 within 15 %, what is paid for within 2 %, where it is sure."""
    case = make_case(BUSY, duration_s=86_400, warmup_s=3600, faults=(SPIKE,))
    quick, exact = reckon(case, deployment), simulate(case, deployment)
    assert quick.sure, quick.reasons
    p99_s = exact.latency.quantile(99)
    assert quick.latency_s["p99"].value == pytest.approx(p99_s, rel=0.15)
    compute = quick.usage[0].key
    reckoned, paid = (
        sum(line.quantity for line in usage if line.key == compute) for usage in (quick.usage, exact.usage)
    )
    assert reckoned == pytest.approx(paid, rel=0.02)


def test_a_handful_of_requests_is_run_with_its_faults():
    few = Workload(traffic=Constant(rate_per_s=0.05), service_time=ServiceTime(mean_ms=200))
    case = make_case(few, duration_s=3600, faults=(InstanceLoss(at_s=600),))
    answer = fast(case, AsynchronousDeployment(scaling=None))
    assert not [reason for reason in answer.reasons if "leaves out" in reason]
