"""Transform jobs: which job takes what, finish times by hand, what is used, limits, and what may never happen."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.engine.accumulators import Tally
from simulator.engine.replication import Stream
from simulator.kernels.fates import COMPLETED, FAILED, TIMED_OUT, UNFINISHED
from simulator.model.assumptions import Assumptions
from simulator.model.faults import KINDS, CapacityShortage, InstanceLoss, SlowDependency, TrafficSpike, ZoneLoss
from simulator.model.requirement import Requirement
from simulator.model.service import demands
from simulator.model.workload import ServiceTime, Workload
from simulator.patterns.batch import intake
from simulator.patterns.batch import run as pattern
from simulator.patterns.batch.deployment import BatchDeployment
from simulator.patterns.batch.pattern import BATCH
from simulator.patterns.common import machine
from simulator.simulate import simulate
from simulator.traffic.kinds import DAY_S, Constant, Jobs, Timestamps
from tests.engine import contains, make_case, replicate
from tests.strategies import specs

# Nothing is random: a job works 200 s after it is asked for, 7 of them to load the model; no overhead, S3 at once.
BY_HAND = Assumptions(
    batch_start_median_s=193, provisioning_sigma=0, minibatch_overhead_ms=0, s3_mb_per_s=10_000, overhead_ms=0
)
START_S = 200.0


def workload(records=1000, *, mean_s=0.1, workers=1, at_s=1000.0, **more) -> Workload:
    given = {
        "traffic": Jobs(records=records, at_s=at_s),
        "service_time": ServiceTime(distribution="deterministic", mean_ms=1000 * mean_s),
        "request_mb": 0.0,
        "response_mb": 0.0,
        "model_load_s": 7.0,
        "container_workers": workers,
    }
    return Workload(**(given | more))


def by_hand(work, *, duration_s=DAY_S, warmup_s=0.0, assumptions=BY_HAND, **deployment):
    case = make_case(work, duration_s=duration_s, warmup_s=warmup_s, assumptions=assumptions)
    return replicate(case, BatchDeployment(**deployment), 1)[0]


def takes_s(result):
    """Time of the only job from the beginning of work to its end."""
    (job,) = result.jobs
    return job.finished_s - job.began_s


def amounts(result):
    return {line.key: line.quantity for line in result.usage}


# Finish times: facts row 5.7, the most over instances of sum of (mini-batches x time) / concurrency.


@pytest.mark.parametrize(
    ("objects", "instances", "workers", "expected_s"),
    [
        (1, 1, 1, 100.0),  # 1,000 records of 0.1 s
        (1, 4, 1, 100.0),  # one object is worked on by one instance (row 5.3)
        (4, 4, 1, 25.0),
        (4, 3, 1, 50.0),  # the first instance has two of four objects
        (5, 2, 1, 60.0),  # three of five
        (4, 4, 5, 5.0),  # 250 records on five workers
        (10, 4, 2, 15.0),  # three objects of 100 records on two workers
    ],
)
def test_finish_time_of_single_records(objects, instances, workers, expected_s):
    result = by_hand(
        workload(workers=workers), input_objects=objects, instance_count=instances, batch_strategy="SingleRecord"
    )
    assert takes_s(result) == pytest.approx(expected_s)
    (job,) = result.jobs
    assert (job.ready_s, job.began_s, job.records) == (1000.0, 1200.0, 1000)


@pytest.mark.parametrize(
    ("request_mb", "payload_mb", "objects", "workers", "expected_s"),
    [
        (0.1, 6, 1, 1, 100.0 + 17 * 0.5),  # 60 records a call: 17 calls, each with half a second of overhead
        (0.1, 6, 3, 1, 100.0 + 18 * 0.5),  # calls never mix objects: 6 each for 333, 333 and 334 records
        (1.0, 1, 1, 1, 100.0 + 1000 * 0.5),
        (0.7, 1, 1, 1, 100.0 + 1000 * 0.5),  # one record fits
        (0.1, 50, 1, 2, 50.0 + 0.5),  # two calls of 500 records side by side
        (0.1, 40, 1, 2, 60.0 + 2 * 0.5),  # 400, 400 and 200 records: 40 s and 60 s
        (0.0, 6, 10, 1, 100.0 + 10 * 0.5),  # records without size: one call for each object
    ],
)
def test_finish_time_of_mini_batches(request_mb, payload_mb, objects, workers, expected_s):
    half_a_second = BY_HAND.model_copy(update={"minibatch_overhead_ms": 500.0, "s3_mb_per_s": 1e300})
    work = workload(workers=workers, request_mb=request_mb)
    result = by_hand(work, assumptions=half_a_second, input_objects=objects, max_payload_in_mb=payload_mb)
    assert takes_s(result) == pytest.approx(expected_s)


def test_an_object_that_is_not_split_is_one_call():
    slow = BY_HAND.model_copy(update={"minibatch_overhead_ms": 500.0})
    result = by_hand(
        workload(workers=2), assumptions=slow, input_objects=10, split_type="None", batch_strategy="SingleRecord"
    )
    assert takes_s(result) == pytest.approx(5 * (10 + 0.5))


def test_objects_are_downloaded_before_and_uploaded_after_their_work():
    """Two objects of 500 records of 0.1 s, 1 MB in and 0.5 MB out each, at 100 MB/s: 5 s down, 50 s of work, 2.5 s up.
    One slot: the second download begins when the first object's work is done; uploads hold no slot.
    """
    rate = BY_HAND.model_copy(update={"s3_mb_per_s": 100.0})
    work = workload(request_mb=1.0, response_mb=0.5)
    result = by_hand(work, assumptions=rate, input_objects=2)
    assert takes_s(result) == pytest.approx(2 * (5 + 50) + 2.5)
    # Half the records are answered 57.5 s after the start, half after 112.5 s.
    assert result.sums.parts.sum() == pytest.approx(1000 * START_S + 500 * 57.5 + 500 * 112.5)
    assert result.sums.parts.tolist() == pytest.approx([0, 500 * 55, 1000 * START_S, 1000 * 57.5])


def test_overlapping_jobs_have_their_own_instances():
    """A job every day that takes 30 hours: from the second on two run at a time."""
    work = workload(records=108_000, mean_s=1.0)
    result = by_hand(work, duration_s=3 * DAY_S, input_objects=1, batch_strategy="SingleRecord")
    assert [job.finished_s - job.ready_s for job in result.jobs] == pytest.approx([START_S + 108_000] * 3)
    assert result.gauges["instances_billed"].peak.max() == 2
    assert amounts(result)["batch_instance_s"] == pytest.approx(3 * (START_S + 108_000))


def test_two_slots_overlap_their_transfers():
    rate = BY_HAND.model_copy(update={"s3_mb_per_s": 100.0})
    result = by_hand(
        workload(records=2, mean_s=10.0, request_mb=50.0, workers=2),
        assumptions=rate,
        input_objects=2,
        max_payload_in_mb=50,
    )
    assert takes_s(result) == pytest.approx(0.5 + 10)


# The schedule.


def scheduled(*t_s, **more):
    return workload(traffic=Timestamps(t_s=t_s, repeat=False), **more)


def test_a_job_takes_what_has_arrived_since_the_one_before():
    work = scheduled(100.0, 1000.0, 3599.0, 3600.0, 5000.0, 8000.0)
    result = by_hand(work, duration_s=3 * 3600.0, schedule_every_s=3600.0)
    assert [(job.ready_s, job.records) for job in result.jobs] == [(3600.0, 3), (7200.0, 2), (10_800.0, 1)]
    assert result.sums.fates[:, COMPLETED].sum() == 6


def test_the_last_arrivals_are_taken_after_the_horizon():
    result = by_hand(scheduled(4000.0), duration_s=2 * 3600.0, schedule_offset_s=1800.0, schedule_every_s=7200.0)
    (job,) = result.jobs
    assert job.ready_s == 9000.0
    assert result.sums.fates[:, COMPLETED].sum() == 1


def test_a_job_without_records_does_not_start():
    result = by_hand(scheduled(100.0), schedule_every_s=3600.0)
    assert len(result.jobs) == 1
    assert amounts(result)["batch_instance_s"] == pytest.approx(START_S + 0.1)


def test_arrivals_are_spread_over_their_minute():
    """Three records in the minute from 60 to 120 count as 70, 90 and 110."""
    result = by_hand(scheduled(61.0, 62.0, 63.0), schedule_every_s=3600.0, input_objects=1)
    assert result.sums.parts.sum() == pytest.approx(3 * (3600 + START_S + 0.3) - (70 + 90 + 110))


def test_records_wait_for_their_job():
    result = by_hand(scheduled(30.0, 30.0), duration_s=7200.0, schedule_every_s=3600.0)
    queued = result.gauges["queued"]
    assert queued.integral.sum() == pytest.approx(2 * 30 + 2 * 3540)
    assert queued.peak[0] == 2
    assert queued.integral[60:].sum() == 0


def test_a_job_at_the_edge_has_its_full_size_and_costs_its_share():
    """One record a second, a job every 12 h from 6 h on, a horizon of one day: jobs at 6, 18 and 30 h. The first has 6
    of its 12 hours before the horizon (3 of them drawn in the warm-up), the last 6 after it; together they cost as two.
    """
    work = workload(traffic=Constant(rate_per_s=1.0, interarrival_cv=0.1), mean_s=0.5)
    result = by_hand(work, warmup_s=3 * 3600.0, schedule_offset_s=6 * 3600.0, schedule_every_s=43_200.0)
    assert [job.ready_s / 3600 for job in result.jobs] == [6, 18, 30]
    assert [job.records for job in result.jobs] == pytest.approx([43_200] * 3, rel=1e-3)
    assert result.offered.sum() == pytest.approx(86_400, rel=1e-3)
    assert amounts(result)["batch_instance_s"] == pytest.approx(2 * (START_S + 43_200 * 0.5 / 1), rel=2e-3)


def test_all_patterns_see_the_same_arrivals():
    work = workload(traffic=Constant(rate_per_s=0.5))
    case = make_case(work, duration_s=DAY_S, warmup_s=3600.0)
    drawn = np.concatenate(list(case.source.times(case.rng(Stream.ARRIVALS), -3600.0, DAY_S)))
    result = by_hand(work, warmup_s=3600.0)
    bins = np.bincount((drawn[drawn >= 0] / result.bin_s).astype(int), minlength=result.offered.size)
    assert result.offered.tolist() == bins.tolist()


@given(
    offset_s=st.floats(0, DAY_S),
    every_s=st.floats(900, 7 * DAY_S),
    duration_s=st.floats(3600, 9 * DAY_S),
    warmup_s=st.sampled_from([0.0, 1000.0, 86_400.0, 300_000.0]),
)
@settings(max_examples=60)
def test_every_counted_record_is_in_exactly_one_job(offset_s, every_s, duration_s, warmup_s):
    work = workload(traffic=Constant(rate_per_s=0.01))
    case = make_case(work, duration_s=duration_s, warmup_s=warmup_s)
    found = intake.orders(case, offset_s, every_s)
    drawn = np.concatenate([np.zeros(0), *case.source.times(case.rng(Stream.ARRIVALS), -warmup_s, duration_s)])
    assert sum(order.stop - order.first for order in found) == np.count_nonzero(drawn >= 0)
    for order in found:
        since_s = order.ready_s - every_s
        inside = np.count_nonzero((drawn >= max(since_s, 0)) & (drawn < order.ready_s))
        assert order.stop - order.first == inside
        assert 0 < order.share <= 1
        assert (np.diff(order.spans.edges_s) > 0).all()
        assert order.spans.edges_s[-1] == order.ready_s
    assert found[-1].ready_s < duration_s + every_s if found else drawn[drawn >= 0].size == 0


def test_data_sets_of_the_horizon_start_their_own_jobs():
    work = workload(traffic=Jobs(records=10, at_s=7200.0, every_days=2))
    result = by_hand(work, duration_s=5 * DAY_S, schedule_offset_s=5.0)
    assert [job.ready_s for job in result.jobs] == [7200, 7200 + 2 * DAY_S, 7200 + 4 * DAY_S]
    assert result.offered.sum() == 30
    assert not by_hand(work, duration_s=7200.0).jobs


# What is used.


def test_what_is_used():
    """Three instances from asking to the end of 100 s; 10 objects in and out, each written and read once."""
    work = workload(request_mb=1e-9, response_mb=0.5, internet_egress_share=0.1)
    result = by_hand(work, input_objects=10, instance_count=3, batch_strategy="SingleRecord")
    used = amounts(result)
    assert used["batch_instance_s"] == pytest.approx(3 * (START_S + 40), rel=1e-3)
    assert used["s3_put_requests"] == 20
    assert used["s3_get_requests"] == 20
    assert used["internet_out_gb"] == pytest.approx(1000 * 0.5 / 1024 * 0.1)


def test_when_provisioning_is_not_billed_work_is():
    unpaid = BY_HAND.model_copy(update={"bill_while_provisioning": False})
    result = by_hand(workload(), assumptions=unpaid, input_objects=1)
    assert amounts(result)["batch_instance_s"] == pytest.approx(100)
    assert result.gauges["instances_billed"].integral.sum() == pytest.approx(100)


def test_gauges_and_utilisation():
    """Four objects of 25 s on three instances with two workers each: the first works 25 s, the others half of it."""
    result = by_hand(workload(workers=2), input_objects=4, instance_count=3, batch_strategy="SingleRecord")
    assert takes_s(result) == pytest.approx(25)
    assert result.utilisation == pytest.approx(100 / (25 * 3 * 2))
    assert result.gauges["instances_in_service"].integral.sum() == pytest.approx(3 * 25)
    assert result.gauges["instances_billed"].integral.sum() == pytest.approx(3 * (START_S + 25))
    assert result.sums.work.sum() == pytest.approx(100)


def test_slots_stay_within_a_hundred_megabytes_of_calls():
    """Facts row 5.6: ten workers, but calls of 50 MB: two at a time, which the outcome notes."""
    result = by_hand(workload(workers=10), input_objects=1, batch_strategy="SingleRecord", max_payload_in_mb=50)
    assert takes_s(result) == pytest.approx(50)
    assert "2 of the container's 10 workers" in result.notes[0]


def test_more_transforms_than_workers_change_nothing_and_are_noted():
    result = by_hand(workload(workers=2), input_objects=1, batch_strategy="SingleRecord", max_concurrent_transforms=10)
    assert takes_s(result) == pytest.approx(50)
    assert "10" in result.notes[0]


def test_a_job_that_takes_more_than_a_month_is_not_finished():
    """40 objects of a day each on one slot: what is done 31 days after the horizon counts, the rest does not."""
    work = workload(records=40 * 864, mean_s=100.0, at_s=0.0)
    result = by_hand(work, input_objects=40, batch_strategy="SingleRecord")
    assert result.jobs[0].finished_s is None
    assert result.sums.fates[:, COMPLETED].sum() == 31 * 864
    assert result.sums.fates[:, UNFINISHED].sum() == 9 * 864


# Draws.


@pytest.mark.parametrize("distribution", ["deterministic", "exponential", "gamma", "lognormal"])
@pytest.mark.parametrize("size", [1, 2, 50])
def test_a_call_has_the_mean_and_the_variance_of_its_records(distribution, size):
    service = ServiceTime(distribution=distribution, mean_ms=100, cv=0.5)
    cv = {"deterministic": 0.0, "exponential": 1.0}.get(distribution, 0.5)
    sizes = np.full(20_000, size)
    means, variances = [], []
    for k in range(20):
        drawn = pattern.call_demands(np.random.default_rng(k), service, sizes, single=size == 1)
        means.append(drawn.mean())
        variances.append(drawn.var())
    if distribution == "deterministic":
        assert means == pytest.approx([0.1 * size] * 20)
    else:
        assert contains(means, 0.1 * size)
        assert contains(variances, size * (0.1 * cv) ** 2)


def test_single_records_have_the_demands_that_other_patterns_see():
    service = ServiceTime(mean_ms=100)
    one, other = np.random.default_rng(1), np.random.default_rng(1)
    drawn = pattern.call_demands(one, service, np.ones(100, dtype=np.int64), single=True)
    assert drawn.tolist() == demands(other, service, 100).tolist()


def test_the_start_is_log_normal_with_its_median():
    spread = BY_HAND.model_copy(update={"provisioning_sigma": 0.5})
    work = workload(records=1)
    case = make_case(work, duration_s=31 * DAY_S, warmup_s=0.0, assumptions=spread)
    logs = []
    for result in replicate(case, BatchDeployment(), 20):
        starts = np.array([job.began_s - job.ready_s for job in result.jobs])
        logs.append(np.log(starts - 7).mean())
    assert contains(logs, math.log(193))


# What must always hold.


@given(
    records=st.integers(1, 5000),
    objects=st.integers(1, 300),
    instances=st.integers(1, 9),
    strategy=st.sampled_from(["SingleRecord", "MultiRecord"]),
    distribution=st.sampled_from(["lognormal", "gamma", "exponential", "deterministic"]),
)
@settings(max_examples=30)
def test_conservation_and_bounds(records, objects, instances, strategy, distribution):
    service = ServiceTime(distribution=distribution, mean_ms=100)
    work = workload(records, workers=3, service_time=service, request_mb=0.3)
    result = by_hand(work, input_objects=objects, instance_count=instances, batch_strategy=strategy)
    assert result.sums.fates.sum() == result.offered.sum() == records
    assert result.sums.histogram.sum() == result.sums.fates[:, COMPLETED].sum() == records
    assert result.sums.attempts[1] == result.sums.made[0] == result.attempts.sum() == records
    assert 0 < result.utilisation <= 1 + 1e-9
    assert result.sums.work.sum() <= takes_s(result) * 3 * instances + 1e-6


def test_same_seed_same_bits():
    work = workload(traffic=Constant(rate_per_s=2.0), service_time=ServiceTime(mean_ms=100))
    one, two = (by_hand(work, schedule_every_s=3600.0) for _ in range(2))
    assert all(np.array_equal(a, b) for a, b in zip(one.sums, two.sums, strict=True))
    assert one.usage == two.usage
    assert one.jobs == two.jobs


@pytest.mark.parametrize("strategy", ["SingleRecord", "MultiRecord"])
def test_the_size_of_chunks_changes_nothing(monkeypatch, strategy):
    work = workload(5000, service_time=ServiceTime(mean_ms=100), request_mb=2.0, workers=3)
    whole = by_hand(work, batch_strategy=strategy, instance_count=4)
    monkeypatch.setattr(pattern, "CHUNK", 7)
    pieces = by_hand(work, batch_strategy=strategy, instance_count=4)
    assert whole.jobs == pieces.jobs
    assert all(np.array_equal(a, b) for a, b in zip(whole.sums, pieces.sums, strict=True))


@pytest.mark.parametrize("instances", [1, 2, 3, 5, 10])
def test_more_instances_finish_no_later_when_objects_are_alike(instances):
    few, more = (
        takes_s(by_hand(workload(), input_objects=20, instance_count=n, batch_strategy="SingleRecord"))
        for n in (instances, instances + 1)
    )
    assert more <= few + 1e-9


def test_the_outcome_holds_the_deadline_and_the_latency():
    case = make_case(workload(workers=2), duration_s=DAY_S, warmup_s=0.0, assumptions=BY_HAND)
    outcome = simulate(case, BatchDeployment(input_objects=1, batch_strategy="SingleRecord"))
    assert outcome.longest_job_s == pytest.approx(START_S + 50)
    assert outcome.latency.quantile(50) == pytest.approx(START_S + 50, rel=0.008)
    assert outcome.parts_s["setup"] == pytest.approx(START_S)


# Limits.


@pytest.mark.parametrize(
    ("work", "deployment", "what", "row"),
    [
        ({"request_mb": 7}, {}, "record", "5.5"),
        ({"max_request_mb": 7}, {}, "record", "5.5"),
        ({"request_mb": 101}, {"max_payload_in_mb": 100}, "record", "1.1"),
        ({"request_mb": 0.1}, {"split_type": "None", "input_objects": 10}, "input object, not split", "5.4"),
        ({"request_mb": 5, "records": 10_000}, {"input_objects": 1}, "input object", "5.10"),
        ({"mean_s": 500.0}, {}, "time per mini-batch", "5.9"),
        ({"request_mb": 0.1, "mean_s": 61.0}, {"input_objects": 1}, "time per mini-batch", "5.9"),
        (
            {"mean_s": 500.0},
            {"invocations_timeout_s": 400.0, "batch_strategy": "SingleRecord"},
            "time per mini-batch",
            "5.9",
        ),
        ({"memory_mb": 20_000}, {}, "memory", "1.5"),
    ],
)
def test_hard_limits(work, deployment, what, row):
    case = make_case(workload(**work))
    assert [(one.what, one.row) for one in BATCH.limits(case, BatchDeployment(**deployment))] == [(what, row)]


def test_what_fits_breaks_no_limit():
    fits = BatchDeployment(split_type="None", input_objects=10, max_payload_in_mb=10)
    assert BATCH.limits(make_case(workload(request_mb=0.1)), fits) == ()
    # A minute of work for each of 60 records is an hour, but in objects of ten records it is just under ten minutes.
    hour = make_case(workload(request_mb=0.1, mean_s=59.0))
    assert BATCH.limits(hour, BatchDeployment(input_objects=100)) == ()


def test_the_largest_job_of_a_schedule_is_held_against_the_limits():
    """One record a second, 10 MB objects: a job a day has 864 records an object, one every 15 minutes has 9."""
    work = workload(traffic=Constant(rate_per_s=1.0), request_mb=0.1)
    daily, often = (BatchDeployment(split_type="None", schedule_every_s=s) for s in (DAY_S, 900.0))
    assert [one.row for one in BATCH.limits(make_case(work), daily)] == ["5.4"]
    assert BATCH.limits(make_case(work), often) == ()


def test_a_type_that_batch_transform_does_not_have_and_a_missing_gpu():
    case = make_case(workload(), requirement=Requirement(needs_gpu=True))
    broken = BATCH.limits(case, BatchDeployment(instance_type="ml.t2.medium"))
    assert {one.row for one in broken} == {"5.13", "1.30"}


# Faults, retries and skewed sizes.


def faulty(work, *faults, assumptions=BY_HAND, **deployment):
    case = make_case(work, duration_s=DAY_S, warmup_s=0.0, assumptions=assumptions, faults=faults)
    return replicate(case, BatchDeployment(**deployment), 1)[0]


def test_a_slow_dependency_slows_the_calls_that_begin_in_it():
    """100 calls of 10 s from 1200 s on; those that begin from 1300 s to 1400 s take 5 s more: 7 of them."""
    slow = SlowDependency(at_s=1300, lasts_s=100, added_ms=5000)
    result = faulty(workload(100, mean_s=10.0), slow, batch_strategy="SingleRecord", input_objects=1)
    assert takes_s(result) == pytest.approx(1000 + 7 * 5)


def test_a_shortage_delays_the_start_and_is_not_paid_for():
    result = faulty(workload(1000), CapacityShortage(at_s=500, lasts_s=1500), input_objects=1)
    plain = by_hand(workload(1000), input_objects=1)
    assert result.jobs[0].began_s == 2000 + START_S
    assert takes_s(result) == takes_s(plain)
    assert amounts(result)["batch_instance_s"] == pytest.approx(amounts(plain)["batch_instance_s"])


@pytest.mark.parametrize("fault", [InstanceLoss(at_s=1250), ZoneLoss(at_s=1250)])
def test_a_job_that_loses_an_instance_is_run_again_and_both_runs_are_paid_for(fault):
    """Ready at 1000 s, begun at 1200 s, lost at 1250 s, begun again at 1450 s, done 100 s later."""
    result = faulty(workload(1000), fault, input_objects=1)
    assert result.jobs[0].finished_s == 1250 + START_S + 100
    assert amounts(result)["batch_instance_s"] == pytest.approx(250 + START_S + 100)
    assert result.sums.fates[:, COMPLETED].sum() == 1000


def test_an_instance_loss_between_jobs_touches_none():
    result = faulty(workload(1000), InstanceLoss(at_s=5000), input_objects=1)
    assert result.jobs == by_hand(workload(1000), input_objects=1).jobs


def test_a_spike_makes_a_data_set_as_much_larger_as_what_a_client_sends_to_an_endpoint():
    work = workload(1200, at_s=0.0).model_copy(update={"traffic": Jobs(records=1200, at_s=0, submit_over_s=1200)})
    result = faulty(work, TrafficSpike(at_s=300, lasts_s=600, factor=3))
    assert result.jobs[0].records == 600 + 3 * 600
    assert result.offered.sum() == result.jobs[0].records


def test_retries_take_the_mean_of_a_geometric_law_and_fail_beyond_the_last():
    """With a chance q to fail, tries in all are (1 - q^4) / (1 - q) on average, and q^4 of the objects fail."""
    q, records = 0.5, 20_000
    result = by_hand(workload(records), batch_strategy="SingleRecord", input_objects=records, failing_call_share=q)
    failed = result.sums.fates[:, FAILED].sum() / records
    assert failed == pytest.approx(q**4, abs=4 * math.sqrt(q**4 * (1 - q**4) / records))
    assert takes_s(result) / (0.1 * records) == pytest.approx((1 - q**4) / (1 - q), rel=0.03)
    assert result.sums.fates.sum() == records


@pytest.mark.parametrize("retries", [0, 3])
def test_a_call_that_is_too_long_is_cut_off_each_time_and_its_object_gives_no_answers(retries):
    """Of 60 records an object the sixth has 10 more, which makes its call 70 s: cut off at 65 s, and tried again."""
    work = workload(370, mean_s=1.0)
    deployment = {"input_objects": 6, "invocations_timeout_s": 65.0, "invocations_max_retries": retries}
    case = make_case(work, duration_s=DAY_S, warmup_s=0.0, assumptions=BY_HAND)
    edges = np.array([0, 60, 120, 180, 240, 300, 370])
    (order,) = intake.orders(case, 0.0, DAY_S)
    job = pattern.Job(case, BatchDeployment(**deployment), machine(case, "ml.m5.xlarge", ""), order, 0.0, edges)
    assert list(job.work(case.rng(Stream.DEMAND))) == [370]
    assert job.ended_s - job.began_s == pytest.approx(5 * 60 + (1 + retries) * 65)
    tally = Tally(DAY_S)
    job.answer(tally)
    assert tally.sums.fates.sum(axis=0)[[COMPLETED, TIMED_OUT]].tolist() == [300, 70]
    assert tally.sums.fates.sum() == 370


def test_a_call_that_was_slow_once_succeeds_when_it_is_tried_again():
    """Ten calls of 10 s from 1200 s on. The first is slow at first, is cut off at 12 s and done in the next 10 s."""
    slow = SlowDependency(at_s=1150, lasts_s=60, added_ms=5000)
    work = workload(10, mean_s=10.0)
    given = {"batch_strategy": "SingleRecord", "input_objects": 1, "invocations_timeout_s": 12.0}
    result = faulty(work, slow, **given)
    assert takes_s(result) == pytest.approx(12 + 100)
    assert result.sums.fates[:, COMPLETED].sum() == 10
    without = faulty(work, slow, **given, invocations_max_retries=0)
    assert without.sums.fates.sum(axis=0)[TIMED_OUT] == 10


def test_the_tries_of_a_call_that_begin_after_a_slow_time_are_not_slow():
    """The first try, from 1200 s on, takes 15 s and fails; the second begins when the dependency is quick again."""
    slow = SlowDependency(at_s=1150, lasts_s=60, added_ms=5000)
    seed = next(k for k in range(100) if np.random.default_rng(k).geometric(0.5) == 2)
    case = make_case(workload(1, mean_s=10.0), duration_s=DAY_S, warmup_s=0.0, assumptions=BY_HAND, faults=(slow,))
    (order,) = intake.orders(case, 0.0, DAY_S)
    here = machine(case, "ml.m5.xlarge", "")
    job = pattern.Job(case, BatchDeployment(failing_call_share=0.5), here, order, START_S)
    assert list(job.work(case.rng(Stream.DEMAND), np.random.default_rng(seed))) == [1]
    assert job.ended_s - job.began_s == pytest.approx(15 + 10)


def test_lone_long_calls_are_cut_off_as_often_as_their_law_says():
    """Exponential calls of 1 s on average, a limit of 3 s: e^-3 of the objects give no answers, after four tries."""
    records = 40_000
    work = workload(records, mean_s=1.0, service_time=ServiceTime(distribution="exponential", mean_ms=1000))
    given = {"batch_strategy": "SingleRecord", "input_objects": records, "invocations_timeout_s": 3.0}
    result = by_hand(work, **given)
    share = math.exp(-3)
    lost = result.sums.fates[:, TIMED_OUT].sum() / records
    assert lost == pytest.approx(share, abs=4 * math.sqrt(share * (1 - share) / records))
    # Those that are answered take 1 - 4 e^-3 on average, times their share; the others four times the limit.
    mean_s = (1 - (1 + 3) * share) + 4 * 3 * share
    assert takes_s(result) / records == pytest.approx(mean_s, rel=0.02)


def test_skewed_objects_hold_all_records_and_leave_instances_waiting():
    edges = pattern.object_edges(np.random.default_rng(1), 10_000, BatchDeployment(object_size_cv=2.0))
    sizes = np.diff(edges)
    assert (edges[0], edges[-1], sizes.min() >= 1) == (0, 10_000, True)
    assert sizes.std() / sizes.mean() == pytest.approx(2.0, rel=0.5)
    equal = by_hand(workload(10_000), input_objects=8, instance_count=4)
    skewed = by_hand(workload(10_000), input_objects=8, instance_count=4, object_size_cv=2.0)
    assert takes_s(skewed) > takes_s(equal)
    assert skewed.utilisation < equal.utilisation


@given(
    st.lists(st.one_of(*(specs(kind, at_s=st.floats(0, DAY_S)) for kind in KINDS)), max_size=4),
    st.sampled_from([0.0, 1.0]),
    st.sampled_from([0.0, 0.3]),
)
@settings(max_examples=30)
def test_any_faults_leave_every_record_with_one_fate(faults, cv, failing):
    faults = [one.model_copy(update={"factor": 2.0}) if isinstance(one, TrafficSpike) else one for one in faults]
    result = faulty(workload(500), *faults, object_size_cv=cv, failing_call_share=failing)
    assert result.sums.fates.sum() == result.offered.sum() == sum(job.records for job in result.jobs)
    assert all(job.began_s >= job.ready_s for job in result.jobs)
