"""Scaling of whole endpoints, second by second: what is asked for when, what is paid for, what is refused."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from pydantic import ValidationError

from simulator.engine.gauges import GAUGES
from simulator.kernels import realtime as kernel
from simulator.kernels import realtime_state as parts
from simulator.model.assumptions import Assumptions
from simulator.model.usage import KEYS
from simulator.model.workload import Client, ServiceTime, Workload
from simulator.patterns.asynchronous.deployment import (
    AsynchronousDeployment,
    BacklogStepIn,
    BacklogStepOut,
    BacklogTracking,
)
from simulator.patterns.provisioning import ScaleOuts
from simulator.patterns.realtime.arrays import larger
from simulator.patterns.realtime.deployment import (
    InvocationsTracking,
    RealtimeDeployment,
    RealtimeStepIn,
    RealtimeStepOut,
)
from simulator.patterns.realtime.run import _Server
from simulator.patterns.serverless.deployment import ServerlessDeployment
from simulator.scaling.fleet import Fleet
from simulator.scaling.policies import ConcurrencyTracking, ProvisionedTracking, ScheduledAction, StepAdjustment
from simulator.simulate import limits, simulate
from simulator.traffic.kinds import Constant, Timestamps
from tests.engine import HARDWARE, make_case, replicate

EXACT = Assumptions(
    overhead_ms=0,
    provisioning_sigma=0,
    alarm_delay_min_s=90,
    alarm_delay_max_s=90,
    high_resolution_delay_min_s=15,
    high_resolution_delay_max_s=15,
)
READY_S = 200.0


def workload(t_s, service_s=0.01, **more):
    """Requests at just these times, all of the same length; two at once on ml.m5.large; a model that loads at once."""
    given = {
        "traffic": Timestamps(t_s=tuple(float(t) for t in t_s), repeat=False),
        "service_time": ServiceTime(distribution="deterministic", mean_ms=service_s * 1000),
        "client": Client(retry_mode="none"),
        "model_load_s": 0.0,
        "reference_instance_type": "ml.m5.large",
    }
    return Workload(**(given | more))


def realtime(**more):
    return RealtimeDeployment(
        **({"instance_type": "ml.m5.large", "max_capacity": 9, "routing_strategy": "LEAST_OUTSTANDING_REQUESTS"} | more)
    )


def run(work, deployment, assumptions=EXACT, *, hours=1.0, warmup_s=600.0):
    case = make_case(work, duration_s=hours * 3600, warmup_s=warmup_s, assumptions=assumptions)
    return replicate(case, deployment, 1)[0]


def gauge(result, name):
    """Mean of each minute."""
    return (result.gauges[name].integral / 60).round(6).tolist()


def usage(result):
    return {line.key: line.quantity for line in result.usage}


def held(value, changes, minutes):
    """Mean of each minute of what is `value` and becomes another at the times of changes."""
    steps = [(0.0, value), *changes, (minutes * 60.0, 0)]
    out = []
    for minute in range(minutes):
        low, high = 60.0 * minute, 60.0 * (minute + 1)
        out.append(sum(v * max(0.0, min(high, b) - max(low, a)) for (a, v), (b, _) in pairwise(steps)) / 60)
    return [round(value, 6) for value in out]


# Concurrent requests, every ten seconds.


def test_concurrency_scales_out_after_thirty_seconds_and_the_delay():
    """Eight requests of 50 s from 100 s on: 8 in the periods to 110, 120, 130; at 145 s ceil(8 / 5) = 2 are wanted."""
    result = run(workload([100.0] * 8, 50.0), realtime(concurrency_scaling=ConcurrencyTracking(target_value=5)))
    assert gauge(result, "instances_billed")[:10] == held(1, [(145.0, 2)], 10)
    assert gauge(result, "instances_in_service")[:10] == held(1, [(145.0 + READY_S, 2)], 10)


def test_concurrency_is_the_maximum_of_any_instance():
    """Nine at once on two instances: five on one of them, more than 4.6; the mean would be 4.5."""
    scaling = ConcurrencyTracking(target_value=4.6)
    work = workload([100.0] * 9, 50.0)
    result = run(work, realtime(initial_instance_count=2, concurrency_scaling=scaling))
    assert gauge(result, "instances_billed")[:5] == held(2, [(145.0, 3)], 5)


def test_a_moment_within_ten_seconds_counts():
    """Ten requests of 10 ms at the same moment in three periods running are seen, although hardly ever in flight."""
    times = [t for start in (101.0, 112.0, 123.0) for t in [start] * 10]
    result = run(workload(times), realtime(concurrency_scaling=ConcurrencyTracking(target_value=5)))
    assert gauge(result, "instances_billed")[:5] == held(1, [(145.0, 2)], 5)


def test_concurrency_scales_in_after_ninety_periods_of_ten_seconds():
    """From two to one: nothing comes, so the 90 periods since the start of the warm-up end at 300 s."""
    result = run(workload([1e6]), realtime(initial_instance_count=2, concurrency_scaling=ConcurrencyTracking()))
    assert gauge(result, "instances_billed")[:10] == held(2, [(315.0, 1)], 10)


def test_alarms_on_ten_seconds_are_billed_apart():
    both = realtime(
        scaling=InvocationsTracking(),
        concurrency_scaling=ConcurrencyTracking(disable_scale_in=True),
        step_scale_out=RealtimeStepOut(),
        step_scale_in=RealtimeStepIn(metric="ConcurrentRequestsPerModel"),
    )
    used = usage(run(workload([1e6]), both))
    assert used["cloudwatch_alarm_months"] == 3
    assert used["cloudwatch_high_resolution_alarm_months"] == 2
    assert "cloudwatch_high_resolution_alarm_months" not in usage(run(workload([1e6]), realtime()))


# Several policies, steps.


def test_the_faster_metric_acts_first_and_the_slower_keeps_it_from_scaling_in():
    """120 a minute is above 0.9 x 125, so tracking by invocations never lets go of the second instance again."""
    times = np.concatenate([np.arange(0.0, 3600.0, 0.25), np.full(40, 100.5), np.full(40, 111.0), np.full(40, 121.0)])
    policies = {
        "scaling": InvocationsTracking(target_value=125),
        "concurrency_scaling": ConcurrencyTracking(target_value=20),
        "initial_instance_count": 1,
        "min_capacity": 1,
        "max_capacity": 2,
    }
    billed = gauge(run(workload(np.sort(times)), realtime(**policies)), "instances_billed")
    assert billed == held(1, [(145.0, 2)], 60)


def test_steps_on_invocations():
    """90 a minute, threshold 60: 30 beyond it, the second step. Three minutes, then the delay."""
    steps = RealtimeStepOut(
        threshold=60, step_adjustments=(StepAdjustment(), StepAdjustment(distance=20, scaling_adjustment=3))
    )
    result = run(workload(np.arange(0.25, 600, 60 / 90)), realtime(step_scale_out=steps))
    assert gauge(result, "instances_billed")[:8] == held(1, [(270.0, 4)], 8)


def test_steps_in_on_concurrency():
    steps = RealtimeStepIn(metric="ConcurrentRequestsPerModel", threshold=0, evaluation_periods=60)
    deployment = realtime(initial_instance_count=4, step_scale_in=steps)
    result = run(workload([1e6]), deployment)
    assert gauge(result, "instances_billed")[:20] == held(4, [(15.0, 3), (315.0, 2), (615.0, 1)], 20)


def test_steps_on_the_backlog_of_a_queue():
    work = workload([30.0] * 100, 30.0)
    deployment = AsynchronousDeployment(
        instance_type="ml.m5.large",
        scaling=None,
        min_capacity=1,
        max_capacity=5,
        step_scale_out=BacklogStepOut(threshold=50, evaluation_periods=1),
        step_scale_in=BacklogStepIn(evaluation_periods=1),
    )
    assert gauge(run(work, deployment), "instances_billed")[:5] == held(1, [(60.0 + 90, 2)], 5)


def test_a_step_on_waiting_without_capacity_wakes_an_endpoint():
    deployment = AsynchronousDeployment(
        instance_type="ml.m5.large",
        initial_instance_count=0,
        scaling=None,
        step_scale_out=BacklogStepOut(metric="HasBacklogWithoutCapacity", threshold=1, evaluation_periods=2),
    )
    result = run(workload([30.0], 1.0), deployment)
    assert gauge(result, "instances_billed")[:10] == held(0, [(120.0 + 90, 1)], 10)
    assert result.sums.fates[:, 0].sum() == 1


# Scheduled actions.


def action(schedule, least, most, **more):
    return ScheduledAction(schedule=schedule, min_capacity=least, max_capacity=most, **more)


def test_a_schedule_lifts_and_lowers_without_any_policy():
    actions = (action("at(600)", 3, 5), action("at(00:30)", 1, 1))
    result = run(workload([1e6]), realtime(scheduled_actions=actions))
    assert gauge(result, "instances_billed") == held(1, [(600.0, 3), (1800.0, 1)], 60)
    assert gauge(result, "instances_in_service") == held(1, [(600.0 + READY_S, 3), (1800.0, 1)], 60)
    assert usage(result)["cloudwatch_alarm_months"] == 0


def test_a_schedule_runs_in_the_warm_up_too():
    result = run(workload([1e6]), realtime(scheduled_actions=(action("cron(45 23 ? * SUN *)", 3, 3),)), warmup_s=3600.0)
    assert gauge(result, "instances_in_service") == [3.0] * 60


def test_a_schedule_in_another_time_zone():
    case = make_case(workload([1e6]), duration_s=4 * 3600, assumptions=EXACT)
    case = case.__class__(
        **{name: getattr(case, name) for name in case.__dataclass_fields__}
        | {"simulation": case.simulation.model_copy(update={"timezone": "Europe/Berlin"})}
    )
    deployment = realtime(scheduled_actions=(action("cron(0 1 ? * MON *)", 3, 3),))
    result = replicate(case, deployment, 1)[0]
    assert gauge(result, "instances_billed") == held(1, [(2 * 3600.0, 3)], 240)


def test_policies_stay_within_what_the_schedule_allows():
    busy = np.arange(0.0, 3600.0, 0.2)  # 300 a minute
    deployment = realtime(
        scaling=InvocationsTracking(target_value=100), max_capacity=2, scheduled_actions=(action("at(1200)", 1, 9),)
    )
    billed = gauge(run(workload(busy), deployment), "instances_billed")
    assert billed[:20] == held(1, [(270.0, 2)], 20)
    assert billed[20:25] == held(2, [(30.0, 3)], 5)


def test_an_asynchronous_endpoint_sleeps_by_schedule():
    actions = (action("at(300)", 2, 4), action("at(1800)", 0, 4))
    deployment = AsynchronousDeployment(
        instance_type="ml.m5.large",
        initial_instance_count=0,
        scaling=BacklogTracking(),
        scheduled_actions=actions,
    )
    billed = gauge(run(workload([1e6]), deployment), "instances_billed")
    # Two until the schedule lets them go, then tracking takes them away: fifteen minutes are low long since.
    assert billed[:30] == held(0, [(300.0, 2)], 30)
    assert billed[32:] == [0.0] * 28


def test_a_schedule_puts_an_asynchronous_endpoint_to_sleep_and_what_comes_then_waits_for_the_morning():
    """Asleep from 600 s to 3,000 s, although a request comes at 1,000 s; awake 200 s after that."""
    actions = (action("at(600)", 0, 0), action("at(3000)", 1, 4))
    deployment = AsynchronousDeployment(
        instance_type="ml.m5.large", scaling=BacklogTracking(wake_from_zero=False), scheduled_actions=actions
    )
    result = run(workload([1000.0], 1.0), deployment)
    assert gauge(result, "instances_billed") == held(1, [(390.0, 0), (3000.0, 1)], 60)
    assert result.sums.fates[:, 0].sum() == 1
    assert result.sums.parts[1] == pytest.approx(3000 + READY_S - 1000)


def test_drains_that_last_longer_than_the_schedule_get_more_places():
    """Each ten minutes three instances with a queue of twenty minutes begin to drain, and three new ones come."""
    fast = EXACT.model_copy(update={"provisioning_cpu_median_s": 1.0})
    actions = tuple(action(f"cron({minute}/10 * * * ? *)", n, n) for minute, n in ((0, 3), (5, 1)))
    work = workload(np.arange(0.0, 3600.0, 1.0), 50.0)
    deployment = realtime(max_capacity=3, scheduled_actions=actions)
    result = run(work, deployment, fast)
    assert result.sums.fates.sum() == 3600
    assert max(gauge(result, "instances_billed")) > 6
    assert max(gauge(result, "instances_in_service")) <= 3


# What AWS refuses or delays.


def test_a_scale_out_beyond_the_quota_is_refused_whole_and_said():
    quota = EXACT.model_copy(update={"instances_per_endpoint_quota": 2})
    work = workload(np.arange(0.0, 1200.0, 0.2))
    deployment = realtime(scaling=InvocationsTracking(target_value=110))
    result = run(work, deployment, quota)
    assert max(gauge(result, "instances_billed")) == 1
    assert any("quota of 2 instances" in note for note in result.notes)
    assert gauge(run(work, deployment), "instances_billed")[:7] == held(1, [(270.0, 3)], 7)


def test_an_endpoint_that_begins_beyond_the_quota_is_ruled_out():
    case = make_case(workload([1.0]), assumptions=EXACT.model_copy(update={"instances_per_endpoint_quota": 2}))
    (broken,) = limits(case, realtime(initial_instance_count=3))
    assert (broken.what, broken.row) == ("instances per endpoint", "10.1")
    assert limits(case, realtime(initial_instance_count=2)) == ()


def test_a_shortage_delays_all_instances_of_a_scale_out():
    short = EXACT.model_copy(update={"shortage_probability": 1.0, "shortage_s": 1200.0})
    result = run(workload([1e6]), realtime(scheduled_actions=(action("at(60)", 4, 9),)), short)
    assert gauge(result, "instances_in_service") == held(1, [(60.0 + READY_S + 1200, 4)], 60)


def test_shortages_come_with_their_probability():
    """Of 400 scale-outs of one instance, 0.25: within 3.3 standard errors."""
    short = EXACT.model_copy(update={"shortage_probability": 0.25, "shortage_s": 1.0})
    fleet = Fleet(400, ScaleOuts(make_case(workload([1e6]), assumptions=short), HARDWARE["ml.m5.large"], 1))
    for k in range(400):
        fleet.resize(0.0, k + 1)
    in_time = len(fleet.arrive(READY_S))
    assert 1 - in_time / 400 == pytest.approx(0.25, abs=3.3 * np.sqrt(0.25 * 0.75 / 400))


@pytest.mark.parametrize(
    ("kind", "cached", "ready_s"),
    [
        ("ml.m5.large", True, READY_S + 200 - 500 / 53),
        ("ml.g5.xlarge", False, 150 + 200 - 500 / 53),
        ("ml.g5.xlarge", True, 150 + 4200 / 210 - 500 / 53),
        ("ml.inf2.xlarge", True, 150 + 4200 / 210 - 500 / 53),
    ],
)
def test_a_large_image_is_fetched_unless_an_accelerator_type_has_it_cached(kind, cached, ready_s):
    """10.6 GB at 53 MB/s are 200 s, in which the model comes too; with the image cached 4.2 GB at 210 MB/s are 20 s."""
    assumptions = EXACT.model_copy(update={"image_is_cached": cached})
    lift = (action("at(0)", 2, 2),)
    large = workload([1e6], image_mb=10_600, model_mb=4200)
    result = run(large, realtime(instance_type=kind, scheduled_actions=lift), assumptions)
    assert gauge(result, "instances_in_service")[:8] == held(1, [(ready_s, 2)], 8)


# Provisioned concurrency.


def serverless(**more):
    return ServerlessDeployment(**({"max_concurrency": 20, "provisioned_concurrency": 2, "max_capacity": 10} | more))


PC_READY_S = 210.0


def test_provisioned_concurrency_follows_its_utilisation():
    """Two environments, one request of 0.9 s each second: 0.45 of them busy. Target 0.3: ceil(2 x 1.5) = 3."""
    work = workload(np.arange(0.05, 3600, 1.0), 0.9, image_mb=1e-300, model_mb=0.0)
    result = run(work, serverless(scaling=ProvisionedTracking(target_value=0.3, scale_out_cooldown_s=900)))
    assert gauge(result, "provisioned_billed")[:8] == held(2, [(270.0, 3)], 8)
    assert gauge(result, "provisioned_in_service")[:10] == held(2, [(270.0 + PC_READY_S, 3)], 10)
    paid = usage(result)
    assert paid["serverless_pc_usage_s"] == pytest.approx(2 * 270 + 3 * (3600 - 270))
    assert paid["serverless_pc_duration_s"] == pytest.approx(3600 * 0.9, rel=1e-3)
    assert paid["cloudwatch_alarm_months"] == 2


def test_idle_provisioned_concurrency_scales_in_to_its_least():
    result = run(workload([1e6]), serverless(provisioned_concurrency=6, scaling=ProvisionedTracking()))
    assert gauge(result, "provisioned_billed") == held(6, [(390.0, 1)], 60)  # 15 minutes from -600 s, then 90 s


def test_provisioned_concurrency_on_a_schedule():
    actions = (action("at(600)", 5, 5), action("at(1200)", 1, 1))
    result = run(workload([1e6]), serverless(scheduled_actions=actions))
    assert gauge(result, "provisioned_billed") == held(2, [(600.0, 5), (1200.0, 1)], 60)
    assert gauge(result, "provisioned_in_service") == held(2, [(600.0 + PC_READY_S, 5), (1200.0, 1)], 60)
    assert gauge(result, "environments") == gauge(result, "provisioned_in_service")


def test_busy_provisioned_environments_finish_their_request_and_are_gone():
    """Three of four are in work when three are taken away: the free one goes at once, two others at 640 s."""
    result = run(workload([600.0] * 3, 40.0), serverless(
        provisioned_concurrency=4, scheduled_actions=(action("at(620)", 1, 1),)
    ))  # fmt: skip
    assert result.sums.fates[:, 0].sum() == 3
    assert result.sums.cold.sum() == 0
    in_service, environments = gauge(result, "provisioned_in_service"), gauge(result, "environments")
    assert in_service[:12] == held(4, [(620.0, 1)], 12)
    assert environments[:12] == held(4, [(620.0, 3), (640.0, 1)], 12)
    assert usage(result)["serverless_pc_duration_s"] == pytest.approx(120.0)


def test_a_request_takes_a_provisioned_environment_as_soon_as_it_is_there():
    sizes = {"image_mb": 1e-300, "model_mb": 0.0}
    deployment = serverless(provisioned_concurrency=1, scheduled_actions=(action("at(60)", 3, 3),))
    before, after = (
        run(workload([t] * 3, 1.0, **sizes), deployment).sums.cold.sum() for t in (60 + PC_READY_S - 1, 60 + PC_READY_S)
    )
    assert (before, after) == (2, 0)


# Rules between fields, words, speed.


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: realtime(scheduled_actions=(action("at(1)", 0, 3),)), "at least one instance"),
        (lambda: realtime(max_capacity=1, initial_instance_count=2, step_scale_out=RealtimeStepOut()), "max_capacity"),
        (lambda: serverless(scaling=ProvisionedTracking(), provisioned_concurrency=0), "min_capacity <="),
        (lambda: serverless(scheduled_actions=(action("at(1)", 1, 30),)), "max_concurrency"),
        (lambda: action("at(1)", 4, 3), "min_capacity <= max_capacity"),
        (lambda: RealtimeStepOut(step_adjustments=()), "at least one"),
        (lambda: RealtimeStepOut(step_adjustments=(StepAdjustment(), StepAdjustment())), "rise"),
        (lambda: RealtimeStepOut(step_adjustments=(StepAdjustment(scaling_adjustment=-1),)), ">= 0"),
        (lambda: RealtimeStepIn(step_adjustments=(StepAdjustment(),)), "<= 0"),
        (lambda: ScheduledAction(timezone="Mars"), "time zone"),
    ],
)
def test_what_does_not_fit_together_is_refused(make, words):
    with pytest.raises(ValidationError, match="needs") as caught:
        make()
    assert words in str(caught.value)


def test_gauges_and_usage_have_words():
    deployments = (
        serverless(scaling=ProvisionedTracking()),
        realtime(concurrency_scaling=ConcurrencyTracking()),
    )
    for deployment in deployments:
        outcome = simulate(make_case(workload([1.0, 2.0])), deployment)
        assert set(outcome.series.means) <= GAUGES.keys()
        assert {line.key for line in outcome.usage} <= set(KEYS)


def test_more_places_for_instances_change_nothing_for_those_in_work():
    """The endpoint is stopped in the middle, given twice the places, and goes on: the same rows."""
    work = workload([1e6], traffic=Constant(rate_per_s=40), service_time=ServiceTime(mean_ms=60))
    case = make_case(work, assumptions=EXACT)
    rows = []
    for more in (False, True):
        server = _Server(case, realtime(initial_instance_count=2))
        rng = np.random.default_rng(1)
        t, demand, u = np.sort(rng.uniform(0, 20, 800)), rng.lognormal(-2.5, 0.6, 800), rng.random(800)
        i, _ = kernel.advance(server.state, server.params, None, None, server.log, t, demand, u, 0, 10.0, False)
        assert server.state.ints[parts.BUSY] > 2
        if more:
            server.state = larger(server.state)
        kernel.advance(server.state, server.params, None, None, server.log, t, demand, u, i, np.inf, True)
        logged = int(server.state.ints[parts.LOGGED])
        rows.append([column[:logged].tolist() for column in server.log])
    assert rows[0] == rows[1]


# An endpoint that is Updating refuses another count (facts row 2.46).

WAITS = EXACT.model_copy(update={"scaling_waits": True})


def test_a_bigger_scale_out_waits_for_the_instances_of_the_first_when_scaling_waits():
    """Four at once every 5 s: two are wanted at 145 s, in service at 345 s; a datum from before then still counts once,
    and no more. Without waiting the four of one instance are multiplied by all that were asked for, up to the most.
    """
    work = workload([100.0 + 5 * k for k in range(200) for _ in range(4)])
    quick = ConcurrencyTracking(target_value=2, scale_out_cooldown_s=0)
    waits, goes_on = (run(work, realtime(concurrency_scaling=quick), given) for given in (WAITS, EXACT))
    assert gauge(waits, "instances_billed")[:15] == held(1, [(145.0, 2), (345.0, 4)], 15)
    assert gauge(goes_on, "instances_billed")[:6] == held(1, [(145.0, 2), (155.0, 4), (165.0, 8), (175.0, 9)], 6)


def test_a_scheduled_action_waits_for_instances_on_their_way_when_scaling_waits():
    """The first asks for three at 600 s, in service at 800 s; the second, of 700 s, follows then."""
    actions = (
        ScheduledAction(schedule="at(600)", min_capacity=3, max_capacity=9),
        ScheduledAction(schedule="at(700)", min_capacity=5, max_capacity=9),
    )
    waits, goes_on = (run(workload([1e6]), realtime(scheduled_actions=actions), given) for given in (WAITS, EXACT))
    assert gauge(goes_on, "instances_billed")[:20] == held(1, [(600.0, 3), (700.0, 5)], 20)
    assert gauge(waits, "instances_billed")[:20] == held(1, [(600.0, 3), (800.0, 5)], 20)


def test_provisioned_concurrency_waits_too():
    actions = (
        ScheduledAction(schedule="at(600)", min_capacity=3, max_capacity=9),
        ScheduledAction(schedule="at(700)", min_capacity=5, max_capacity=9),
    )
    deployment = ServerlessDeployment(provisioned_concurrency=1, scheduled_actions=actions)
    waits, goes_on = (run(workload([1e6]), deployment, given) for given in (WAITS, EXACT))
    assert gauge(goes_on, "provisioned_billed")[:20] == held(1, [(600.0, 3), (700.0, 5)], 20)
    assert gauge(waits, "provisioned_billed")[:20] == held(1, [(600.0, 3), (810.0, 5)], 20)
