"""What a description of a policy allows: the bounds that AWS states and the rules between its fields."""

from __future__ import annotations

import pytest

from simulator.scaling.policies import ScheduledAction, StepAdjustment, StepIn, StepOut


def ladder(*adjustments: float) -> tuple[StepAdjustment, ...]:
    return tuple(StepAdjustment(distance=10.0 * n, scaling_adjustment=change) for n, change in enumerate(adjustments))


def test_a_step_may_change_nothing():
    """Facts row 2.25; the first step of a ladder is often 0."""
    assert StepOut(metric="m", step_adjustments=ladder(0, 2)).step_adjustments[0].scaling_adjustment == 0
    assert StepIn(metric="m", step_adjustments=ladder(0, -2)).step_adjustments[0].scaling_adjustment == 0


@pytest.mark.parametrize(
    ("kind", "steps", "exact"), [(StepOut, (1, -1), False), (StepIn, (-1, 1), False), (StepIn, (1, -1), True)]
)
def test_a_step_in_the_wrong_direction_is_refused(kind, steps, exact):
    adjusted = "ExactCapacity" if exact else "ChangeInCapacity"
    with pytest.raises(ValueError, match="scaling_adjustment"):
        kind(metric="m", adjustment_type=adjusted, step_adjustments=ladder(*steps))


def test_an_exact_capacity_of_a_scale_in_may_be_anything_from_none():
    assert StepIn(metric="m", adjustment_type="ExactCapacity", step_adjustments=ladder(2, 0)).step_adjustments


def test_distances_rise_and_there_is_at_least_one_step():
    twice = (StepAdjustment(distance=5.0), StepAdjustment(distance=5.0, scaling_adjustment=2.0))
    for steps, words in ((twice, "distances that rise"), ((), "at least one entry")):
        with pytest.raises(ValueError, match=words):
            StepOut(metric="m", step_adjustments=steps)


def test_the_bounds_of_a_scheduled_action_may_be_equal_but_not_cross():
    assert ScheduledAction(min_capacity=3, max_capacity=3).max_capacity == 3
    with pytest.raises(ValueError, match="min_capacity <= max_capacity"):
        ScheduledAction(min_capacity=4, max_capacity=3)
