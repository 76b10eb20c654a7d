"""The policies of an asynchronous endpoint: what their metrics are, and how they are fed."""

from __future__ import annotations

from collections.abc import Callable

from simulator.engine.replication import Case
from simulator.patterns import autoscaling
from simulator.patterns.asynchronous.deployment import AsynchronousDeployment
from simulator.scaling.step import StepScaling
from simulator.scaling.target import Policy, ScalableTarget
from simulator.scaling.tracking import HIGH_PERIODS, Bounds
from simulator.scaling.wake import STEP_COOLDOWN_S, STEP_PERIODS, Wake


class AsynchronousScaler:
    """The policies of an endpoint, and the target that joins them."""

    def __init__(self, case: Case, deployment: AsynchronousDeployment) -> None:
        bounds = Bounds(least=deployment.min_capacity, most=deployment.max_capacity)
        delay_s, self._scaling = autoscaling.Delays(case).standard_s, deployment.scaling
        self._tracking, self._wake = None, None
        if deployment.scaling:
            scheduled = bool(deployment.scheduled_actions)
            self._tracking = autoscaling.tracking(deployment.scaling, bounds, delay_s, scheduled=scheduled)
            self._wake = _wake(deployment, delay_s)
        specs = [spec for spec in (deployment.step_scale_out, deployment.step_scale_in) if spec]
        self._steps = [(spec.metric, autoscaling.step(spec, bounds, delay_s)) for spec in specs]
        self._has_wake_alarm = (
            self._scaling is not None and self._scaling.wake_from_zero and deployment.min_capacity == 0
        )
        policies: list[Policy] = [policy for policy in (self._tracking, self._wake) if policy]
        self.target = ScalableTarget(
            [*policies, *(policy for _, policy in self._steps)],
            autoscaling.changes(deployment.scheduled_actions, case),
            autoscaling.quota(case),
        )

    def observe(self, now_s: float, queued: int, busy: int, in_service: int) -> None:
        """Row 4.8: the backlog holds what is queued and in work; per instance it has no value at zero instances."""
        backlog = queued + busy
        metrics: dict[str, float | None] = {
            "ApproximateBacklogSizePerInstance": backlog / in_service if in_service else None,
            "ApproximateBacklogSize": float(backlog),
            "HasBacklogWithoutCapacity": float(queued > 0 and in_service == 0),
        }
        if self._tracking:
            self._tracking.observe(now_s, metrics["ApproximateBacklogSizePerInstance"], in_service)
        if self._wake and self._scaling:
            # HasBacklogWithoutCapacity, or the backlog against the target when there is target tracking alone.
            up = queued > 0 if self._scaling.wake_from_zero else backlog > self._scaling.target_value
            self._wake.observe(now_s, up and in_service == 0)
        for name, policy in self._steps:
            policy.observe(now_s, metrics[name], in_service)

    def alarms(self) -> float:
        """Alarms that stand all month. Starting from zero without a wake policy is no alarm of its own (row 4.11)."""
        tracked = [self._tracking] if self._tracking else []
        steps: list[StepScaling] = [policy for _, policy in self._steps]
        return autoscaling.alarms([*tracked, *steps]) + self._has_wake_alarm


def _wake(deployment: AsynchronousDeployment, delay_s: Callable[[], float]) -> Wake | None:
    """What starts the first instance: the wake policy or, without it, a backlog above the target (facts row 4.11)."""
    if deployment.scaling is None:
        return None
    if deployment.scaling.wake_from_zero:
        return Wake(STEP_PERIODS, STEP_COOLDOWN_S, deployment.max_capacity, delay_s)
    return Wake(HIGH_PERIODS, deployment.scaling.scale_out_cooldown_s, deployment.max_capacity, delay_s)
