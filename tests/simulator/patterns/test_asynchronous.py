"""Asynchronous endpoints: limits, stories computed by hand, what is used, and what may never happen."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from simulator.engine.driver import serve
from simulator.engine.gate import Gate
from simulator.kernels.asynchronous_state import FREE
from simulator.kernels.fates import COMPLETED, EXPIRED, TIMED_OUT, UNFINISHED
from simulator.model.assumptions import Assumptions
from simulator.model.requirement import Requirement
from simulator.model.workload import ServiceTime, Workload
from simulator.patterns.asynchronous import run as pattern
from simulator.patterns.asynchronous.deployment import AsynchronousDeployment, BacklogTracking
from simulator.patterns.asynchronous.limits import limits
from simulator.simulate import simulate
from simulator.traffic.kinds import Constant, Timestamps
from tests.engine import make_case, replicate

# Nothing is random: alarms take 90 s, instances 200 s, and 1 MB/s makes transfers as long as payloads are large.
BY_HAND = Assumptions(
    overhead_ms=0,
    provisioning_cpu_median_s=200,
    provisioning_sigma=0,
    alarm_delay_min_s=90,
    alarm_delay_max_s=90,
    s3_mb_per_s=1,
)
FIXED = AsynchronousDeployment(scaling=None, initial_instance_count=1)
FROM_ZERO = AsynchronousDeployment(initial_instance_count=0, min_capacity=0, max_capacity=3)


def workload(*t_s, mean_s=10.0, workers=1, **more) -> Workload:
    given = {
        "traffic": Timestamps(t_s=t_s, repeat=False),
        "service_time": ServiceTime(distribution="deterministic", mean_ms=1000 * mean_s),
        "request_mb": 3.0,
        "response_mb": 2.0,
        "model_load_s": 7.0,
        "container_workers": workers,
    }
    return Workload(**(given | more))


def by_hand(work, deployment, *, duration_s=7200.0, warmup_s=0.0, **more):
    case = make_case(work, duration_s=duration_s, warmup_s=warmup_s, assumptions=BY_HAND, **more)
    return replicate(case, deployment, 1)[0]


def parts(result):
    """Total seconds of all completed requests: queue, setup, service."""
    return result.sums.parts[1:].tolist()


def fate(result, code):
    return int(result.sums.fates[:, code].sum())


def amounts(result):
    return {line.key: line.quantity for line in result.usage}


def test_time_to_a_result_is_download_model_upload():
    """Facts row 4.7: 3 s, 10 s, 2 s."""
    result = by_hand(workload(100.0), FIXED)
    assert parts(result) == [0, 5, 10]
    assert fate(result, COMPLETED) == 1


def test_a_slot_is_held_from_download_to_upload():
    """Two at once on one slot: the second waits 15 s. On two slots none waits."""
    assert parts(by_hand(workload(100.0, 100.0), FIXED)) == [15, 10, 20]
    assert parts(by_hand(workload(100.0, 100.0, workers=2), FIXED)) == [0, 10, 20]


def test_fewer_invocations_than_workers_are_what_counts():
    one = FIXED.model_copy(update={"max_concurrent_invocations_per_instance": 1})
    assert parts(by_hand(workload(100.0, 100.0, workers=2), one)) == [15, 10, 20]


def test_more_invocations_than_workers_change_nothing_and_are_noted():
    more = FIXED.model_copy(update={"max_concurrent_invocations_per_instance": 50})
    result = by_hand(workload(100.0, 100.0, workers=2), more)
    assert parts(result) == [0, 10, 20]
    assert "50" in result.notes[0]
    assert not by_hand(workload(100.0), FIXED).notes


def test_the_wake_from_zero_takes_two_periods_the_delay_provisioning_and_the_load():
    """Minutes that end at 120 and 180 see the request of 100; 90 s later an instance is asked for, ready in 207 s."""
    result = by_hand(workload(100.0), FROM_ZERO)
    serves_s = 180 + 90 + 200 + 7
    assert parts(result) == pytest.approx([serves_s - 100, 5, 10])
    latency_s = serves_s + 15 - 100
    assert simulate_latency(workload(100.0), FROM_ZERO) == pytest.approx(latency_s, rel=0.008)


def simulate_latency(work, deployment):
    return simulate(make_case(work, duration_s=7200, warmup_s=0, assumptions=BY_HAND), deployment).latency.quantile(50)


def test_scaled_to_zero_again_it_is_paid_from_asking_to_the_scale_in():
    """Asked for at 270, in service at 477. The minute that ends at 480 sees 1 per instance, the request in work, and
    the next ones 0: all below 0.9 x 5. The 15th ends at 1320; it wants ceil(1 x 0 / 5) = 0 instances 90 s later.
    """
    result = by_hand(workload(100.0), FROM_ZERO)
    assert result.gauges["instances_billed"].integral.sum() == pytest.approx(1410 - 270)
    assert result.gauges["instances_in_service"].integral.sum() == pytest.approx(1410 - 477)
    assert amounts(result)["async_instance_s"] == pytest.approx(1410 - 270)
    unpaid = BY_HAND.model_copy(update={"bill_while_provisioning": False})
    case = make_case(workload(100.0), duration_s=7200, warmup_s=0, assumptions=unpaid)
    assert amounts(replicate(case, FROM_ZERO, 1)[0])["async_instance_s"] == pytest.approx(1410 - 477)


def test_without_the_wake_policy_the_backlog_must_pass_the_target():
    """Target 2: two requests wait until they expire; with a third the endpoint wakes after 3 periods."""
    alone = FROM_ZERO.model_copy(
        update={"scaling": BacklogTracking(target_value=2, wake_from_zero=False), "request_ttl_s": 1000.0}
    )
    two = by_hand(workload(100.0, 100.0), alone)
    assert fate(two, EXPIRED) == 2
    assert two.gauges["instances_billed"].integral.sum() == 0
    three = by_hand(workload(100.0, 100.0, 100.0, workers=4), alone)
    assert parts(three) == pytest.approx([3 * (240 + 90 + 207 - 100), 15, 30])


def test_a_wake_policy_asks_for_a_second_instance_when_the_first_takes_longer_than_the_cooldown():
    slow = BY_HAND.model_copy(update={"provisioning_cpu_median_s": 1000.0})
    case = make_case(workload(100.0), duration_s=7200, warmup_s=0, assumptions=slow)
    result = replicate(case, FROM_ZERO, 1)[0]
    assert result.gauges["instances_billed"].peak.max() == 3


def test_backlog_above_the_target_adds_instances():
    """Forty at once on one slot, target 5: 3 periods above it, 90 s later ceil(backlog/5) are wanted, at most 3."""
    deployment = AsynchronousDeployment(initial_instance_count=1, min_capacity=1, max_capacity=3)
    result = by_hand(workload(*[1.0] * 40), deployment)
    billed = result.gauges["instances_billed"]
    assert billed.peak.max() == 3
    # 3 instances from 180 + 90 s on: bins are minutes.
    assert billed.integral[:5].tolist() == [60, 60, 60, 60, 30 + 30 * 3]
    assert fate(result, COMPLETED) == 40


def test_an_instance_that_leaves_finishes_its_work_and_is_paid_until_then():
    """Two requests of 3,000 s on two instances, target 10: the low alarm of 15 periods takes one out at 900 + 90; it
    works until 3,000 + 5 s and is seen to be gone when the controller looks next, at the full minute 3,060 s.
    """
    scaling = BacklogTracking(target_value=10)
    deployment = AsynchronousDeployment(
        scaling=scaling, initial_instance_count=2, min_capacity=1, max_capacity=2, invocation_timeout_s=3600.0
    )
    result = by_hand(workload(0.0, 0.0, mean_s=3000.0), deployment, duration_s=3600.0)
    assert fate(result, COMPLETED) == 2
    in_service, billed = (result.gauges[name].integral for name in ("instances_in_service", "instances_billed"))
    assert in_service.sum() == pytest.approx(990 * 2 + (3600 - 990))
    assert billed.sum() == pytest.approx(3060 * 2 + (3600 - 3060))


def test_who_waits_too_long_expires_and_is_gone_at_that_moment():
    """One slot, 100 s of work, time to live 150 s: served at 0 and 105; at 150 the rest leaves, the gauge with it."""
    deployment = FIXED.model_copy(update={"request_ttl_s": 150.0})
    result = by_hand(workload(*[0.0] * 5, mean_s=100.0), deployment)
    assert fate(result, COMPLETED) == 2
    assert fate(result, EXPIRED) == 3
    assert result.gauges["queued"].integral.sum() == pytest.approx(105 + 3 * 150)
    assert result.gauges["queued"].peak[:4].tolist() == [4, 4, 3, 0]


def test_a_model_beyond_its_time_limit_times_out_and_its_slot_is_freed_then():
    """Limit 60 s: 3 s download, 60 s model, no upload; the next waits 63 s."""
    short = FIXED.model_copy(update={"invocation_timeout_s": 60.0})
    slow = ServiceTime(distribution="deterministic", mean_ms=100_000)
    result = by_hand(workload(0.0, 0.0, service_time=slow), short)
    assert fate(result, TIMED_OUT) == 2
    assert result.sums.work.sum() == pytest.approx(120)
    assert result.gauges["queued"].integral.sum() == pytest.approx(63)


def test_what_is_used():
    """Five requests on one slot of 100 s with a time to live of 150 s: two are answered, three expire."""
    deployment = FIXED.model_copy(update={"request_ttl_s": 150.0})
    used = amounts(by_hand(workload(*[0.0] * 5, mean_s=100.0, internet_egress_share=0.5), deployment))
    assert used == pytest.approx(
        {
            "async_instance_s": 7200,
            "endpoint_volume_gb_month": 30 * 7200 / (730 * 3600),
            "async_data_in_gb": 2 * 3 / 1024,
            "async_data_out_gb": 2 * 2 / 1024,
            "internet_out_gb": 2 / 1024,
            "s3_put_requests": 5 + 2,
            "s3_get_requests": 2 + 2,
            "sns_publish_requests": 5,
            "cloudwatch_alarm_months": 0,
        }
    )


@pytest.mark.parametrize(
    ("request_mb", "inline_body", "in_s3"), [(0.128, True, 0), (0.129, True, 1), (0.128, False, 1)]
)
def test_a_small_input_goes_in_the_call_and_not_through_s3(request_mb, inline_body, in_s3):
    """Facts row 4.1: two answers are written and fetched; inputs only where they are too large for the call."""
    deployment = FIXED.model_copy(update={"inline_body": inline_body})
    result = by_hand(workload(0.0, 0.0, mean_s=100.0, request_mb=request_mb, response_mb=0.0), deployment)
    used = amounts(result)
    assert (used["s3_put_requests"], used["s3_get_requests"]) == (2 + 2 * in_s3, 2 + 2 * in_s3)
    assert parts(result)[1] == pytest.approx(2 * in_s3 * request_mb), "at 1 MB/s"


def test_a_request_that_times_out_is_read_but_writes_no_answer():
    """Facts row 4.7: two inputs are written by the client and read by the endpoint, and that is all."""
    deployment = FIXED.model_copy(update={"invocation_timeout_s": 60.0})
    used = amounts(by_hand(workload(0.0, 0.0, mean_s=100.0), deployment))
    assert (used["s3_put_requests"], used["s3_get_requests"]) == (2, 2)


def test_the_backlog_per_instance_counts_what_is_in_work():
    """Facts row 4.8: ten in work on ten slots and none queued are 10 on 1 instance; a target of 5 wants a second."""
    deployment = FROM_ZERO.model_copy(update={"initial_instance_count": 1, "min_capacity": 1})
    result = by_hand(workload(*[0.0] * 10, mean_s=1000.0, workers=10), deployment)
    assert parts(result)[0] == 0
    assert result.gauges["instances_in_service"].peak.max() == 2


@pytest.mark.parametrize(
    ("deployment", "alarms"),
    [
        (FIXED, 0),
        (FROM_ZERO, 3),
        (AsynchronousDeployment(min_capacity=1), 2),
        (AsynchronousDeployment(scaling=BacklogTracking(wake_from_zero=False)), 2),
    ],
)
def test_alarms_are_paid_by_the_month(deployment, alarms):
    lines = by_hand(workload(0.0), deployment, duration_s=3600.0).usage
    assert [(line.quantity, line.per) for line in lines if line.key == "cloudwatch_alarm_months"] == [(alarms, "month")]


def test_without_notifications_none_is_published():
    assert amounts(by_hand(workload(0.0), FIXED.model_copy(update={"notify": False})))["sns_publish_requests"] == 0


def test_utilisation_is_model_time_over_the_slots_of_instances_in_service():
    result = by_hand(workload(0.0, 100.0, workers=2), FIXED)
    assert result.utilisation == pytest.approx(20 / (2 * 7200))
    assert by_hand(workload(7000.0), FROM_ZERO, duration_s=7100.0).utilisation is None


def test_the_last_requests_are_waited_for_after_the_horizon():
    result = by_hand(workload(7100.0), FROM_ZERO)
    assert fate(result, COMPLETED) == 1
    assert parts(result)[0] == pytest.approx(7140 + 60 + 90 + 207 - 7100)


def test_the_queue_integral_is_the_sum_of_waits():
    """Little's law on a path that begins and ends empty, with scaling from zero and back."""
    t = np.sort(np.random.default_rng(5).uniform(0, 5000, 300))
    result = by_hand(workload(*t, mean_s=30.0), FROM_ZERO, duration_s=80_000.0)
    assert fate(result, COMPLETED) == 300
    assert result.gauges["queued"].integral.sum() == pytest.approx(parts(result)[0])
    assert result.sums.work.sum() == pytest.approx(300 * 30)


def test_a_backlog_that_no_fleet_can_hold_is_cut_off_and_noted():
    """Memory for 5,000 waiting requests: what comes beyond is not finished, and the fates still add up."""
    work = Workload(traffic=Constant(rate_per_s=20), service_time=ServiceTime(mean_ms=900_000), container_workers=1)
    case = make_case(work, warmup_s=0)
    server = pattern._Server(case, FIXED, most_waiting=5000)
    serve(case, server, 30_000, Gate(server.tally, server.params.factor))
    result = server.result()
    assert server.state.enter_s.size == 5000
    assert "cannot keep up" in result.notes[0]
    assert fate(result, UNFINISHED) > 0.8 * result.offered.sum()
    assert result.sums.fates.sum() == result.offered.sum()


def test_long_drains_make_more_places():
    """One instance at most has two places; when two are still at work and a third comes, there are four."""
    server = pattern._Server(
        make_case(workload(0.0), assumptions=BY_HAND), FROM_ZERO.model_copy(update={"max_capacity": 1})
    )
    server.fleet.draining = [0, 1]
    server.state.busy[:2] = 1
    server.fleet.resize(0.0, 1)
    server.control(207.0)
    assert server.fleet.in_service == [2]
    assert server.fleet.size == server.state.role.size == 4
    assert server.state.ints[FREE] == 1


LIMITS = [
    ({"request_mb": 1025}, {}, "payload in", "1.1"),
    ({"response_mb": 1025}, {}, "payload out", "1.1"),
    ({"service_time": ServiceTime(mean_ms=1e6)}, {}, "time per request", "4.5"),
    ({"memory_mb": 10_000}, {}, "memory", "1.5"),
    ({}, {"needs_gpu": True}, "GPU", "1.30"),
]


@pytest.mark.parametrize(("work", "required", "what", "row"), LIMITS)
def test_hard_limits(work, required, what, row):
    case = make_case(Workload(**work), requirement=Requirement(**required))
    broken = [(one.what, one.row) for one in limits(case, AsynchronousDeployment(invocation_timeout_s=900))]
    assert broken == [(what, row)]


def test_the_service_limit_is_an_hour():
    """On a smaller machine an hour's work takes longer than AWS allows."""
    work = Workload(service_time=ServiceTime(mean_ms=3.6e6), parallel_fraction=1.0, container_workers=1)
    case = make_case(work)
    deployment = AsynchronousDeployment(instance_type="ml.m5.large", invocation_timeout_s=3600)
    assert [(one.what, one.row) for one in limits(case, deployment)] == [("time per request", "1.3")]


def test_a_plain_deployment_breaks_no_limit():
    assert limits(make_case(Workload()), AsynchronousDeployment()) == ()


def test_more_instances_never_make_the_wait_longer():
    """On the same draws."""
    t = np.sort(np.random.default_rng(6).uniform(0, 3000, 200))
    waits = [
        parts(by_hand(workload(*t, mean_s=40.0), FIXED.model_copy(update={"initial_instance_count": n})))[0]
        for n in (2, 3, 4, 8)
    ]
    assert all(more <= fewer for fewer, more in pairwise(waits))
