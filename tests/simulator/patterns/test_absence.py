"""A real-time endpoint that its schedule deletes and creates again."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from simulator.estimate.answer import fast
from simulator.model.workload import Client, ServiceTime, Workload
from simulator.patterns.realtime.absence import as_it_starts, instances_at_the_start
from simulator.patterns.realtime.deployment import InvocationsTracking, RealtimeDeployment
from simulator.scaling.policies import ScheduledAction
from simulator.simulate import simulate
from simulator.traffic.kinds import DAY_S, Constant
from tests.engine import make_case

ON = ScheduledAction(schedule="cron(0 8 * * ? *)", min_capacity=1, max_capacity=1)
OFF = ScheduledAction(schedule="cron(0 20 * * ? *)", min_capacity=0, max_capacity=0)
BY_DAY = RealtimeDeployment(scheduled_actions=(ON, OFF), max_capacity=1)


def case_of_a_day(**client: object):
    workload = Workload(
        traffic=Constant(rate_per_s=0.05),
        service_time=ServiceTime(mean_ms=100),
        client=Client(**client),
        model_load_s=0,
    )
    return make_case(workload, duration_s=2 * DAY_S, warmup_s=3600)


@pytest.mark.parametrize("retry_mode", ["none", "legacy", "standard", "adaptive"])
def test_half_of_the_day_is_paid_and_calls_of_the_night_fail_once(retry_mode):
    outcome = simulate(case_of_a_day(retry_mode=retry_mode), BY_DAY)
    [paid_s] = [line.quantity for line in outcome.usage if line.key == "hosting_instance_s"]
    assert paid_s == pytest.approx(DAY_S, rel=0.01)
    assert outcome.fates["failed"] / outcome.offered == pytest.approx(0.5, abs=0.02)
    assert outcome.attempts == outcome.offered


def test_the_fast_answer_agrees():
    case = case_of_a_day()
    estimate, outcome = fast(case, BY_DAY), simulate(case, BY_DAY)
    assert estimate.error_share.value == pytest.approx(outcome.fates["failed"] / outcome.offered, abs=0.02)
    assert [line.key for line in estimate.usage] == [line.key for line in outcome.usage]
    for estimated, used in zip(estimate.usage, outcome.usage, strict=True):
        assert estimated.quantity == pytest.approx(used.quantity, rel=0.05, abs=1e-9)


def test_a_policy_that_watches_it_survives_the_night():
    scaled = BY_DAY.model_copy(update={"scaling": InvocationsTracking(target_value=60)})
    assert simulate(case_of_a_day(), scaled).fates == simulate(case_of_a_day(), BY_DAY).fates


def test_it_begins_as_its_schedule_left_it_and_is_created_without_a_cached_image():
    case = case_of_a_day()
    assert instances_at_the_start(case, BY_DAY) == 0, "deleted at eight in the evening before"
    assert instances_at_the_start(case, BY_DAY.model_copy(update={"scheduled_actions": ()})) == 1
    assert not as_it_starts(case, BY_DAY).assumptions.image_is_cached
    assert as_it_starts(case, RealtimeDeployment()) is case


def test_none_at_the_fewest_and_some_at_the_most_is_what_aws_refuses():
    between = ScheduledAction(schedule="at(08:00)", min_capacity=0, max_capacity=2)
    with pytest.raises(ValidationError, match="or none at all"):
        RealtimeDeployment(scheduled_actions=(between,))
