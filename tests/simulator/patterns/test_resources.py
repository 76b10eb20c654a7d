"""What a pattern asks AWS to create: frozen values, schedules as the clock says them, steps as AWS writes them."""

from __future__ import annotations

import pytest

from simulator.errors import Problem
from simulator.model.placement import Placement
from simulator.model.workload import Workload
from simulator.patterns import endpoint_resources
from simulator.patterns.asynchronous.resources import resources as of_asynchronous
from simulator.patterns.batch.deployment import BatchDeployment
from simulator.patterns.batch.resources import schedule_expression
from simulator.patterns.realtime.deployment import RealtimeDeployment, RealtimeStepOut
from simulator.patterns.realtime.resources import resources as of_realtime
from simulator.patterns.registry import PATTERNS
from simulator.patterns.resources import Json, Parameter, Ref, frozen, references
from simulator.patterns.serverless.resources import resources as of_serverless
from simulator.scaling.metrics import METRICS
from simulator.scaling.policies import StepAdjustment
from tests.engine import make_case

DAY_S = 86_400.0


@pytest.mark.parametrize(
    ("offset_s", "every_s", "expression"),
    [
        (0, DAY_S, "cron(0 0 * * ? *)"),
        (7.5 * 3600, DAY_S, "cron(30 7 * * ? *)"),
        (5400, 6 * 3600, "cron(30 1,7,13,19 * * ? *)"),
        (600, 3600, "cron(10/60 * * * ? *)"),
        (0, 900, "cron(0/15 * * * ? *)"),
        (7200, 7 * DAY_S, "cron(0 2 ? * WED *)"),
        (0, 100 * 60, "rate(100 minutes)"),
        (0, 2 * DAY_S, "rate(2880 minutes)"),
    ],
)
def test_a_schedule_of_jobs_as_the_clock_says_it(offset_s: float, every_s: float, expression: str) -> None:
    deployment = BatchDeployment(schedule_offset_s=offset_s, schedule_every_s=every_s)
    assert schedule_expression(deployment, starts_on=2) == expression


def test_each_pattern_answers_from_its_folder() -> None:
    asked = {pattern.key: pattern.resources for pattern in PATTERNS}
    assert asked["realtime"] is of_realtime
    assert asked["serverless"] is of_serverless
    assert asked["asynchronous"] is of_asynchronous


def test_a_blueprint_cannot_be_changed() -> None:
    blueprint = of_realtime(make_case(Workload()), RealtimeDeployment(), Placement())
    for resource in blueprint.resources:
        with pytest.raises(TypeError):
            resource.parameters["Name"] = "x"  # type: ignore[index]
    assert frozen([1, {"a": [2]}]) == (1, {"a": (2,)})
    assert list(references({"a": [Ref("A")], "b": Json({"c": Parameter("image")})})) == [Ref("A"), Parameter("image")]


def test_a_metric_of_its_own_name_is_tracked_by_name_and_another_by_its_place() -> None:
    for name, metric in METRICS.items():
        assert metric.predefined is metric.title.startswith("SageMakerVariant"), name
        assert metric.of_variant is metric.predefined, name


def test_steps_begin_where_the_one_before_ends() -> None:
    spec = RealtimeStepOut(
        step_adjustments=(StepAdjustment(scaling_adjustment=1), StepAdjustment(distance=500, scaling_adjustment=3))
    )
    policy, alarm = endpoint_resources.step("StepOut", spec, endpoint_resources.INSTANCES)
    assert policy.parameters["StepScalingPolicyConfiguration"]["StepAdjustments"] == (
        {"MetricIntervalLowerBound": 0.0, "MetricIntervalUpperBound": 500.0, "ScalingAdjustment": 1},
        {"MetricIntervalLowerBound": 500.0, "ScalingAdjustment": 3},
    )
    assert alarm.parameters["AlarmActions"] == (Ref("StepOutPolicy", "Arn"),)


def test_half_an_instance_is_refused() -> None:
    spec = RealtimeStepOut(step_adjustments=(StepAdjustment(scaling_adjustment=1.5),))
    problems = list(endpoint_resources.step_problems("step_scale_out", spec))
    assert problems == [
        Problem(
            "step_scale_out.step_adjustments[0].scaling_adjustment",
            "1.5",
            "a whole number: AWS's ScalingAdjustment is one",
        )
    ]
