"""How scaling policies and scheduled actions are described: AWS's own parameters, shared by the patterns."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Any, Literal, Self

from pydantic import StringConstraints, field_validator, model_validator

from simulator.fields import Spec, choice, quantity
from simulator.scaling import schedule
from simulator.traffic.kinds import Name

MAX_STEPS = 20  # facts row 2.25
MAX_ACTIONS = 20  # AWS allows 200 (facts row 10.10)


def scale_out_cooldown(default: float = 300.0) -> float:
    """The field ScaleOutCooldown of a target tracking policy."""
    words = "Least time from one scale-out to the next of the same size."
    return quantity(default, "ScaleOutCooldown", words, unit="s", ge=0, le=3600, row="2.21")  # type: ignore[no-any-return]


def scale_in_cooldown(default: float = 300.0) -> float:
    """The field ScaleInCooldown of a target tracking policy."""
    words = "Least time from a scaling activity to the next scale-in."
    return quantity(default, "ScaleInCooldown", words, unit="s", ge=0, le=3600, row="2.21")  # type: ignore[no-any-return]


def disable_scale_in() -> bool:
    """The field DisableScaleIn of a target tracking policy."""
    words = "The policy only adds; something else takes away, if anything."
    return choice(False, "DisableScaleIn", words, row="2.24")  # type: ignore[no-any-return]


class ConcurrencyTracking(Spec):
    """Target tracking on SageMakerVariantConcurrentRequestsPerModelHighResolution."""

    target_value: float = quantity(
        5.0,
        "TargetValue",
        "Requests in work or queued on an instance that scaling holds, as a maximum.",
        gt=0,
        le=1e6,
        row="2.3",
    )
    scale_out_cooldown_s: float = scale_out_cooldown()
    scale_in_cooldown_s: float = scale_in_cooldown()
    disable_scale_in: bool = disable_scale_in()


class ProvisionedTracking(Spec):
    """Target tracking on SageMakerVariantProvisionedConcurrencyUtilization, within its own bounds."""

    target_value: float = quantity(
        0.5,
        "TargetValue",
        "Share of the provisioned environments in work that scaling holds, as a mean over a minute.",
        gt=0,
        le=1,
        row="3.41",
    )
    scale_out_cooldown_s: float = scale_out_cooldown()
    scale_in_cooldown_s: float = scale_in_cooldown()
    disable_scale_in: bool = disable_scale_in()


class StepAdjustment(Spec):
    """From a distance beyond the threshold on, up to the next one's."""

    distance: float = quantity(0.0, "Distance", "How far the metric is beyond the threshold.", ge=0, le=1e7)
    scaling_adjustment: float = quantity(
        1.0, "ScalingAdjustment", "Instances or per cent; negative takes away.", ge=-1000, le=1000
    )


class StepScalingPolicy(Spec):
    """A step scaling policy and its alarm. Patterns name the metrics that they have."""

    metric: str
    threshold: float = quantity(1000.0, "Threshold", "The alarm rises at this value of the metric.", ge=0, le=1e7)
    evaluation_periods: int = quantity(
        3, "EvaluationPeriods", "Periods running that the metric must be there.", ge=1, le=360
    )
    adjustment_type: Literal["ChangeInCapacity", "PercentChangeInCapacity", "ExactCapacity"] = choice(
        "ChangeInCapacity", "AdjustmentType", "What the adjustments mean: instances, per cent, or the new count."
    )
    step_adjustments: tuple[StepAdjustment, ...] = choice(
        (StepAdjustment(),),
        "StepAdjustments",
        "The further beyond the threshold, the larger the step; distances rise.",
        row="2.25",
        max_length=MAX_STEPS,
    )
    min_adjustment_magnitude: int = quantity(
        0, "MinAdjustmentMagnitude", "Fewest instances that a change in per cent makes.", ge=0, le=1000, row="2.25"
    )
    cooldown_s: float = quantity(
        300.0, "Cooldown", "Time in which only a bigger scale-out proceeds.", unit="s", ge=0, le=3600, row="2.25"
    )

    @model_validator(mode="after")
    def _distances_rise(self) -> Self:
        if not self.step_adjustments:
            raise ValueError("needs at least one entry in step_adjustments")
        if any(after.distance <= before.distance for before, after in pairwise(self.step_adjustments)):
            raise ValueError("needs distances that rise in step_adjustments")
        return self


class StepOut(StepScalingPolicy):
    """Adds capacity while a metric is at or above a threshold."""

    @model_validator(mode="after")
    def _adds(self) -> Self:
        if any(step.scaling_adjustment < 0 for step in self.step_adjustments):
            raise ValueError("needs scaling_adjustment >= 0 in all step_adjustments of a scale-out")
        return self


class StepIn(StepScalingPolicy):
    """Takes capacity away while a metric is at or below a threshold."""

    threshold: float = quantity(100.0, "Threshold", "The alarm rises at this value of the metric.", ge=0, le=1e7)
    evaluation_periods: int = quantity(
        15, "EvaluationPeriods", "Periods running that the metric must be there.", ge=1, le=360
    )
    step_adjustments: tuple[StepAdjustment, ...] = choice(
        (StepAdjustment(scaling_adjustment=-1.0),),
        "StepAdjustments",
        "The further below the threshold, the larger the step; distances rise, adjustments are negative.",
        row="2.25",
        max_length=MAX_STEPS,
    )

    @model_validator(mode="after")
    def _takes_away(self) -> Self:
        exact = self.adjustment_type == "ExactCapacity"
        if not exact and any(step.scaling_adjustment > 0 for step in self.step_adjustments):
            raise ValueError("needs scaling_adjustment <= 0 in all step_adjustments of a scale-in")
        if exact and any(step.scaling_adjustment < 0 for step in self.step_adjustments):
            raise ValueError("needs scaling_adjustment >= 0 in step_adjustments of ExactCapacity")
        return self


class ScheduledAction(Spec):
    """Sets the bounds at certain times; capacity follows."""

    schedule: Annotated[str, StringConstraints(min_length=1, max_length=200)] = choice(
        "cron(0 8 ? * MON-FRI *)",
        "Schedule",
        "at(HH:MM), at(seconds), rate(value unit) or cron(minutes hours day-of-month month weekday year).",
        row="2.26",
    )
    timezone: Name = choice("UTC", "Timezone", "Time zone of the schedule.", row="2.26")
    min_capacity: int = quantity(1, "MinCapacity", "Fewest from then on.", ge=0, le=1000, row="2.26")
    max_capacity: int = quantity(4, "MaxCapacity", "Most from then on.", ge=0, le=1000, row="2.26")

    @field_validator("schedule")
    @classmethod
    def _can_be_read(cls, text: str) -> str:
        schedule.parse(text)
        return text

    @field_validator("timezone")
    @classmethod
    def _is_known(cls, name: str) -> str:
        schedule.zone(name)
        return name

    @model_validator(mode="after")
    def _bounds_agree(self) -> Self:
        if self.min_capacity > self.max_capacity:
            raise ValueError("needs min_capacity <= max_capacity")
        return self


def scheduled_actions() -> tuple[ScheduledAction, ...]:
    """The field ScheduledActions of a deployment."""
    return choice(  # type: ignore[no-any-return]
        (),
        "Scheduled actions",
        "Set MinCapacity and MaxCapacity at certain times; capacity follows at once.",
        row="2.26",
        max_length=MAX_ACTIONS,
    )


POLICIES = ("scaling", "concurrency_scaling", "step_scale_out", "step_scale_in", "scheduled_actions")
"""Fields of deployments that register a scalable target."""


def is_scaled(deployment: object) -> bool:
    """Whether anything may change the capacity of the deployment."""
    return any(getattr(deployment, name, None) for name in POLICIES)


def actions_of(deployment: object) -> tuple[ScheduledAction, ...]:
    """The actions by the clock of a deployment; none where it cannot have any."""
    actions: tuple[ScheduledAction, ...] = getattr(deployment, "scheduled_actions", ())
    return actions


def capacities(deployment: Any) -> tuple[int, int]:
    """Least and most capacity that any bounds of a scaled deployment allow at any time."""
    entries = (deployment, *actions_of(deployment))
    return min(entry.min_capacity for entry in entries), max(entry.max_capacity for entry in entries)
