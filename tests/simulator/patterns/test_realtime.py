"""Real-time endpoints when something goes wrong, and what containers and clients do besides answering and waiting."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.kernels.fates import COMPLETED, FAILED, REJECTED, TIMED_OUT
from simulator.model.assumptions import Assumptions
from simulator.model.faults import (
    CapacityShortage,
    EndpointUpdate,
    InstanceLoss,
    SlowDependency,
    TrafficSpike,
    ZoneLoss,
)
from simulator.model.workload import Batching, Client, Population, ServiceTime, Slowdown, Workload
from simulator.patterns.asynchronous.deployment import AsynchronousDeployment
from simulator.patterns.batch.deployment import BatchDeployment
from simulator.patterns.realtime.deployment import InvocationsTracking, RealtimeDeployment
from simulator.patterns.realtime.pattern import REALTIME
from simulator.patterns.serverless.deployment import ServerlessDeployment
from simulator.scaling.policies import ScheduledAction
from simulator.simulate import limits, simulate
from simulator.traffic.kinds import Constant, Step, Steps, Timestamps
from simulator.traffic.spiked import spiked
from tests.engine import make_case

EXACT = {"overhead_ms": 0, "provisioning_sigma": 0, "provisioning_cpu_median_s": 200}
STEADY = Workload(
    traffic=Constant(rate_per_s=100),
    service_time=ServiceTime(mean_ms=80),
    client=Client(retry_mode="none"),
    model_load_s=0,
)
FOUR = RealtimeDeployment(initial_instance_count=4, routing_strategy="LEAST_OUTSTANDING_REQUESTS", overflow_status=503)


def by_hand(t_s, service_s=1.0, workers=1, **more):
    """Requests at just these times, all of the same length."""
    given = {
        "traffic": Timestamps(t_s=tuple(float(t) for t in t_s), repeat=False),
        "service_time": ServiceTime(distribution="deterministic", mean_ms=service_s * 1000),
        "client": Client(retry_mode="none"),
        "container_workers": workers,
        "model_load_s": 0.0,
    }
    return Workload(**(given | more))


def case_of(workload, faults=(), *, hours=1.0, warmup_s=600.0, **assumptions):
    case = make_case(
        workload, duration_s=hours * 3600, warmup_s=warmup_s, assumptions=Assumptions(**(EXACT | assumptions))
    )
    return replace(case, faults=tuple(faults), source=spiked(case.source, faults))


def run(workload, deployment=FOUR, faults=(), **more):
    return REALTIME.run(case_of(workload, faults, **more), deployment)


def fates(result):
    return result.sums.fates.sum(axis=0)


def test_the_full_loop_gives_the_plain_one_s_figures():
    """A hazard that no instance ever meets changes nothing."""
    plain, full = run(STEADY), run(STEADY, warmup_hazard_s=10)
    for name in ("histogram", "fates", "attempts", "made"):
        assert np.array_equal(getattr(plain.sums, name), getattr(full.sums, name))
    np.testing.assert_allclose(full.sums.work, plain.sums.work)
    np.testing.assert_allclose(full.gauges["queued"].integral, plain.gauges["queued"].integral)
    assert full.usage == plain.usage


def test_what_a_lost_instance_holds_fails_and_it_is_replaced():
    """One in work and two waiting die at 100 s; the next is in service 60 + 200 s later."""
    work = by_hand([90.0, 91.0, 92.0, 200.0, 370.0], service_s=30.0)
    result = run(work, RealtimeDeployment(), [InstanceLoss(at_s=100)])
    assert fates(result)[[COMPLETED, FAILED]].tolist() == [1, 4]
    assert result.sums.work.sum() == pytest.approx(10 + 30)
    assert result.gauges["instances_in_service"].integral.sum() == pytest.approx(3600 - 260)
    assert result.gauges["instances_billed"].integral.sum() == pytest.approx(3600 - 60)


def test_a_client_that_retries_survives_a_lost_instance():
    """A broken connection is retried in both modes (facts row 8.4)."""
    lost = [InstanceLoss(at_s=1000, instances=2)]
    assert fates(run(STEADY, faults=lost))[FAILED] > 0
    for mode in ("legacy", "standard"):
        again = run(STEADY.model_copy(update={"client": Client(retry_mode=mode)}), faults=lost)
        assert fates(again)[FAILED] == 0
        assert again.attempts.sum() > again.offered.sum()


def test_a_zone_takes_a_third():
    result = run(by_hand([10.0]), FOUR.model_copy(update={"initial_instance_count": 6}), [ZoneLoss(at_s=1000)])
    assert result.gauges["instances_in_service"].integral.sum() == pytest.approx(6 * 3600 - 2 * 260)


def test_a_shortage_delays_the_replacement():
    faults = [InstanceLoss(at_s=1000), CapacityShortage(at_s=900, lasts_s=1100)]
    result = run(by_hand([10.0]), RealtimeDeployment(), faults)
    assert result.gauges["instances_in_service"].integral.sum() == pytest.approx(3600 - (2200 - 1000))


def test_a_slow_dependency_slows_what_starts_in_its_window():
    work = by_hand([100.0, 1000.0, 1500.0, 2000.0])
    result = run(work, FOUR, [SlowDependency(at_s=900, lasts_s=1000, added_ms=500)])
    assert result.sums.work.sum() == pytest.approx(4 + 2 * 0.5)


def test_an_update_bills_two_fleets_and_fails_nothing():
    result = run(STEADY, FOUR, [EndpointUpdate(at_s=1000)])
    assert fates(result)[COMPLETED] == result.offered.sum()
    # That an old instance is empty is seen within a minute.
    billed_s = result.gauges["instances_billed"].integral.sum()
    assert 4 * (3600 + 200) <= billed_s <= 4 * (3600 + 200 + 60)


def test_a_spike_of_traffic_comes():
    calm, wild = run(STEADY), run(STEADY, faults=[TrafficSpike(at_s=1200, lasts_s=600, factor=3)])
    assert wild.offered.sum() - calm.offered.sum() == pytest.approx(2 * 100 * 600, rel=0.05)


SHRINKS = RealtimeDeployment(
    initial_instance_count=2,
    max_capacity=2,
    routing_strategy="LEAST_OUTSTANDING_REQUESTS",
    scheduled_actions=(ScheduledAction(schedule="at(1000)", min_capacity=1, max_capacity=1),),
)


def test_a_scale_in_drains_or_kills():
    work = by_hand([990.0, 991.0, 992.0, 993.0], service_s=20.0)
    assert fates(run(work, SHRINKS))[COMPLETED] == 4
    killed = run(work, SHRINKS, realtime_scale_in="kill")
    assert fates(killed)[[COMPLETED, FAILED]].tolist() == [2, 2]


def test_a_fleet_that_drains_while_it_is_busy_is_no_more_than_fully_used():
    """Two overloaded instances, of which one goes: what it still works on is work, without a slot in service."""
    overload = STEADY.model_copy(update={"traffic": Constant(rate_per_s=400)})
    assert run(overload, SHRINKS.model_copy(update={"job_queue_size": 10_000})).utilisation == 1.0


def test_a_new_instance_is_slow_for_a_while():
    """In service at 1,200 s; what starts there up to 1,230 s takes three times as long."""
    grows = RealtimeDeployment(
        max_capacity=2, scheduled_actions=(ScheduledAction(schedule="at(1000)", min_capacity=2, max_capacity=2),)
    ).model_copy(update={"routing_strategy": "LEAST_OUTSTANDING_REQUESTS"})
    # Two at a time: one of each pair goes to the new instance.
    work = by_hand([1210.0, 1210.1, 1250.0, 1250.1], service_s=2.0)
    result = run(work, grows, warmup_hazard_s=30, warmup_slowdown=3)
    assert result.sums.work.sum() == pytest.approx(4 * 2 + 2 * 2)


def test_slowdown_goes_by_the_requests_in_work_at_the_start():
    table = (Slowdown(concurrency=2, factor=1.5), Slowdown(concurrency=4, factor=2.5))
    work = by_hand([100.0, 100.1, 100.2, 100.3], workers=4, slowdown=table)
    result = run(work, RealtimeDeployment())
    assert result.sums.work.sum() == pytest.approx(1.0 + 1.5 + 2.0 + 2.5)


def test_the_table_must_rise():
    with pytest.raises(ValueError, match="rise"):
        Workload(slowdown=(Slowdown(concurrency=2), Slowdown(concurrency=2)))


@pytest.mark.parametrize("mode", ["legacy", "standard"])
def test_a_client_that_gives_up_makes_the_container_work_twice(mode):
    """Rows 2.58 and 8.8: the first attempt is worked on to its end, the second waits behind it."""
    client = Client(retry_mode=mode, read_timeout_s=5, max_attempts=2)
    result = run(by_hand([100.0], service_s=8.0, client=client), RealtimeDeployment())
    assert fates(result)[TIMED_OUT] == 1
    assert result.sums.work.sum() == pytest.approx(16)
    assert result.attempts.sum() == 2


@pytest.mark.parametrize("processes", [1, 3])
def test_a_timeout_costs_ten_of_the_quota_of_500_that_each_process_has(processes):
    """With a quota of 500, 50 timeouts in a row are retried and no more (facts row 8.3)."""
    client = Client(retry_mode="standard", read_timeout_s=1, processes=processes)
    result = run(by_hand(np.arange(100.0, 300.0), service_s=50.0, workers=64, client=client), RealtimeDeployment())
    assert result.attempts.sum() - 200 == 50 * processes


def test_a_client_may_wait_longer_than_the_endpoint():
    """At 60 s the endpoint answers 424, which is not retried (facts rows 1.3, 8.5)."""
    patient = Client(retry_mode="legacy", read_timeout_s=70)
    result = run(by_hand([100.0], service_s=65.0, client=patient), RealtimeDeployment())
    assert (fates(result)[TIMED_OUT], result.attempts.sum()) == (1, 1)


def test_adaptive_clients_calm_a_storm():
    """They send about what is answered, where standard keeps its quota busy and legacy sends several times the load."""
    small = FOUR.model_copy(update={"initial_instance_count": 1, "job_queue_size": 5})
    made, refused = {}, {}
    for mode in ("legacy", "standard", "adaptive"):
        client = Client(retry_mode=mode, processes=5)
        work = STEADY.model_copy(update={"client": client, "traffic": Constant(rate_per_s=75)})
        result = run(work, small)
        made[mode] = result.attempts.sum() / result.offered.sum()
        refused[mode] = fates(result)[REJECTED] / result.offered.sum()
        assert fates(result).sum() == result.offered.sum()
    assert made["adaptive"] < made["standard"] < made["legacy"]
    assert made["adaptive"] < 1.1
    assert refused["adaptive"] < 0.01 < refused["standard"]


def test_users_send_one_at_a_time_and_stop_at_the_horizon():
    work = by_hand([0.0], traffic=Constant(rate_per_s=0), population=Population(users=3, think_time_s=1))
    result = run(work, RealtimeDeployment())
    assert fates(result)[COMPLETED] == result.offered.sum() > 0
    assert result.gauges["queued"].peak.max() <= 2
    assert result.gauges["slots"].integral.sum() == pytest.approx(3600)


def test_users_come_beside_the_other_traffic():
    both = STEADY.model_copy(update={"population": Population(users=50, think_time_s=5)})
    alone = run(STEADY).offered.sum()
    assert run(both).offered.sum() - alone == pytest.approx(50 / 5.08 * 3600, rel=0.05)


@pytest.mark.parametrize("deployment", [ServerlessDeployment(), AsynchronousDeployment(), BatchDeployment()])
def test_users_rule_the_other_patterns_out(deployment):
    """They would be left out of them, and the deployment would look cheaper than it is."""
    population = Population(users=50, think_time_s=5)
    assert not limits(case_of(STEADY.model_copy(update={"population": population})), FOUR)
    broken = limits(case_of(Workload(population=population)), deployment)
    assert [(limit.what, limit.given, limit.whose) for limit in broken] == [("users who wait", "50", "headroom")]


def test_a_fleet_of_which_nothing_is_left_has_no_metric_that_could_shrink_it():
    """Gone for longer than the low alarm takes; the next instances come as many as there were."""
    kept = FOUR.model_copy(
        update={
            "scaling": InvocationsTracking(target_value=1600),
            "max_capacity": 4,
            "scheduled_actions": (ScheduledAction(schedule="at(0)", min_capacity=1, max_capacity=4),),
        }
    )
    outage = [InstanceLoss(at_s=600, instances=4), CapacityShortage(at_s=600, lasts_s=2000)]
    result = run(STEADY, kept, outage)
    assert result.gauges["instances_in_service"].peak[-10:].tolist() == [4.0] * 10


def test_a_scheduled_action_during_an_update_happens_when_it_is_over():
    """The new fleet is there 200 s after the update begins, the two more 200 s after that."""
    grows = FOUR.model_copy(
        update={
            "max_capacity": 6,
            "scheduled_actions": (ScheduledAction(schedule="at(1100)", min_capacity=6, max_capacity=6),),
        }
    )
    result = run(by_hand([10.0]), grows, [EndpointUpdate(at_s=1000)])
    assert result.gauges["instances_in_service"].integral.sum() == pytest.approx(4 * 1400 + 6 * 2200)


@pytest.mark.parametrize(
    ("deployment", "said"),
    [
        (ServerlessDeployment(), True),
        (AsynchronousDeployment(scaling=None), False),
        (BatchDeployment(schedule_every_s=3600), False),
    ],
)
def test_where_batches_make_no_sense_a_note_says_whose_limit_that_is(deployment, said):
    told = [
        simulate(case_of(work), deployment).notes
        for work in (Workload(), Workload(batching=Batching()), Workload(slowdown=(Slowdown(),), batching=Batching()))
    ]
    assert "workload.batching" not in "".join(told[0])
    words = "workload.batching changes nothing here: AWS gives"
    assert (words in "".join(told[1])) is said
    assert (words in "".join(told[2])) is said


def test_batches_make_more_of_a_container():
    overload = STEADY.model_copy(update={"traffic": Constant(rate_per_s=400)})
    batched = overload.model_copy(update={"batching": Batching(max_batch_delay_ms=10, fixed_share=0.8)})
    assert fates(run(overload))[REJECTED] > 0 == fates(run(batched))[REJECTED]


def test_an_instance_that_dies_takes_its_batches_with_it():
    batched = STEADY.model_copy(update={"batching": Batching(max_batch_delay_ms=50, fixed_share=0.5)})
    assert not limits(case_of(batched, [InstanceLoss(at_s=1800)]), FOUR)
    well, ill = run(batched), run(batched, faults=[InstanceLoss(at_s=1800, instances=2)])
    assert fates(well)[FAILED] == 0 < fates(ill)[FAILED] + ill.sums.attempts[2:].sum()
    assert fates(ill).sum() == ill.offered.sum()


def test_a_fleet_with_batches_scales():
    scaled = FOUR.model_copy(
        update={"scaling": InvocationsTracking(target_value=600), "min_capacity": 1, "max_capacity": 8}
    )
    steps = Steps(steps=(Step(at_s=0, rate_per_s=100), Step(at_s=1200, rate_per_s=10)))
    outcome = simulate(case_of(STEADY.model_copy(update={"traffic": steps, "batching": Batching()})), scaled)
    in_service = outcome.series.means["instances_in_service"]
    assert outcome.completed == outcome.offered
    assert max(in_service) == 8
    assert in_service[-1] < 4


faults = st.one_of(
    st.builds(InstanceLoss, at_s=st.floats(0, 4000), instances=st.integers(1, 5)),
    st.builds(ZoneLoss, at_s=st.floats(0, 4000), zones=st.integers(2, 4)),
    st.builds(SlowDependency, at_s=st.floats(0, 3000), lasts_s=st.floats(1, 2000), added_ms=st.floats(1, 500)),
    st.builds(CapacityShortage, at_s=st.floats(0, 3000), lasts_s=st.floats(1, 2000)),
    st.builds(EndpointUpdate, at_s=st.floats(0, 3000), traffic_routing=st.sampled_from(["ALL_AT_ONCE", "LINEAR"])),
)


@pytest.mark.slow
@settings(max_examples=25, deadline=None)
@given(
    st.lists(faults, max_size=4),
    st.sampled_from(["none", "legacy", "standard", "adaptive"]),
    st.sampled_from([0.0, 0.3, 60.0]),
    st.sampled_from(["drain", "kill"]),
    st.integers(0, 30),
    st.sampled_from(["RANDOM", "LEAST_OUTSTANDING_REQUESTS"]),
    st.none() | st.builds(Batching, max_batch_size=st.integers(1, 16), max_batch_delay_ms=st.sampled_from([0.0, 40.0])),
)
def test_requests_add_up_whatever_goes_wrong(some, mode, timeout_s, scale_in, users, routing, batching):
    client = Client(retry_mode=mode, read_timeout_s=timeout_s, processes=2)
    population = Population(users=users, think_time_s=3) if users else None
    work = STEADY.model_copy(
        update={
            "client": client, "population": population, "traffic": Constant(rate_per_s=30), "batching": batching,
        }
    )  # fmt: skip
    deployment = FOUR.model_copy(
        update={
            "scaling": InvocationsTracking(target_value=500), "min_capacity": 1, "max_capacity": 6,
            "routing_strategy": routing, "job_queue_size": 3,
        }
    )  # fmt: skip
    result, again = (
        run(work, deployment, some, realtime_scale_in=scale_in, warmup_hazard_s=60, hours=1.0) for _ in range(2)
    )
    assert fates(result).sum() == result.offered.sum()
    assert (result.sums.fates >= 0).all()
    assert fates(result)[-1] == 0
    assert result.sums.histogram.sum() == fates(result)[COMPLETED]
    assert 0 <= (result.utilisation or 0) <= 1 + 1e-9
    assert all(np.array_equal(one, other) for one, other in zip(result.sums, again.sums, strict=True))
