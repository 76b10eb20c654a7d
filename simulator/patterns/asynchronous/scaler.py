"""The policies of an asynchronous endpoint: what their metrics are, and how they are fed."""

from __future__ import annotations

from collections.abc import Callable

from simulator.engine.replication import Case
from simulator.patterns import autoscaling
from simulator.patterns.asynchronous.deployment import AsynchronousDeployment
from simulator.patterns.autoscaling import Watching
from simulator.scaling.metrics import METRICS, Reading
from simulator.scaling.target import Policy, ScalableTarget
from simulator.scaling.tracking import HIGH_PERIODS, Bounds
from simulator.scaling.wake import STEP_COOLDOWN_S, STEP_PERIODS, Wake

TRACKED = METRICS["ApproximateBacklogSizePerInstance"]


class AsynchronousScaler:
    """The policies of an endpoint, and the target that joins them."""

    def __init__(self, case: Case, deployment: AsynchronousDeployment) -> None:
        bounds = Bounds(least=deployment.min_capacity, most=deployment.max_capacity)
        delays, self._scaling = autoscaling.Delays(case), deployment.scaling
        self._tracking: list[Watching] = []
        if deployment.scaling:
            scheduled = bool(deployment.scheduled_actions)
            policy = autoscaling.tracking(deployment.scaling, TRACKED, bounds, delays, scheduled=scheduled)
            self._tracking = [Watching(TRACKED, policy)]
        self._wake = _wake(deployment, delays.standard_s)
        specs = (deployment.step_scale_out, deployment.step_scale_in)
        self._steps = [autoscaling.step(spec, bounds, delays) for spec in specs if spec]
        self._has_wake_alarm = (
            self._scaling is not None and self._scaling.wake_from_zero and deployment.min_capacity == 0
        )
        policies: list[Policy] = [watched.policy for watched in self._tracking]
        self.target = ScalableTarget(
            [*policies, *([self._wake] if self._wake else []), *(watched.policy for watched in self._steps)],
            autoscaling.changes(deployment.scheduled_actions, case),
            autoscaling.quota(case),
        )

    def observe(self, now_s: float, reading: Reading) -> None:
        """Row 4.8: the backlog holds what is queued and in work; per instance it has no value at zero instances."""
        for watching in self._tracking:
            watching.policy.observe(now_s, watching.metric.read(reading), reading.in_service, reading.desired)
        if self._wake and self._scaling:
            # HasBacklogWithoutCapacity, or the backlog against the target when there is target tracking alone.
            backlog = reading.queued + reading.busy
            up = reading.queued > 0 if self._scaling.wake_from_zero else backlog > self._scaling.target_value
            self._wake.observe(now_s, up and reading.in_service == 0)
        for watching in self._steps:
            watching.policy.observe(now_s, watching.metric.read(reading), reading.in_service, reading.desired)

    def alarms(self) -> float:
        """Alarms that stand all month. Starting from zero without a wake policy is no alarm of its own (row 4.11)."""
        watching = [*self._tracking, *self._steps]
        return autoscaling.alarms([watched.policy for watched in watching]) + self._has_wake_alarm


def _wake(deployment: AsynchronousDeployment, delay_s: Callable[[], float]) -> Wake | None:
    """What starts the first instance: the wake policy or, without it, a backlog above the target (facts row 4.11)."""
    if deployment.scaling is None:
        return None
    if deployment.scaling.wake_from_zero:
        return Wake(STEP_PERIODS, STEP_COOLDOWN_S, deployment.max_capacity, delay_s)
    return Wake(HIGH_PERIODS, deployment.scaling.scale_out_cooldown_s, deployment.max_capacity, delay_s)
