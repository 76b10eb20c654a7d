"""The policies of a real-time endpoint: what their metrics are, and how they are fed."""

from __future__ import annotations

from simulator.engine.replication import Case
from simulator.model.usage import Usage
from simulator.patterns import autoscaling
from simulator.patterns.realtime.deployment import RealtimeDeployment
from simulator.scaling.step import StepScaling
from simulator.scaling.target import ScalableTarget
from simulator.scaling.tracking import HIGH_RESOLUTION_LOW_PERIODS, Bounds, TargetTracking


class RealtimeScaler:
    """The policies of an endpoint by the metric that they look at, and the target that joins them."""

    def __init__(self, case: Case, deployment: RealtimeDeployment) -> None:
        bounds = Bounds(least=deployment.min_capacity, most=deployment.max_capacity)
        delays, scheduled = autoscaling.Delays(case), bool(deployment.scheduled_actions)
        minute_s, moment_s = delays.standard_s, delays.high_resolution_s
        self.by_invocations: list[TargetTracking | StepScaling] = []
        self.by_concurrency: list[TargetTracking | StepScaling] = []
        if deployment.scaling:
            self.by_invocations.append(autoscaling.tracking(deployment.scaling, bounds, minute_s, scheduled=scheduled))
        if deployment.concurrency_scaling:
            by_moment = autoscaling.tracking(
                deployment.concurrency_scaling,
                bounds,
                moment_s,
                scheduled=scheduled,
                low_periods=HIGH_RESOLUTION_LOW_PERIODS,
            )
            self.by_concurrency.append(by_moment)
        for spec in (deployment.step_scale_out, deployment.step_scale_in):
            if spec and spec.metric == "InvocationsPerInstance":
                self.by_invocations.append(autoscaling.step(spec, bounds, minute_s))
            elif spec:
                self.by_concurrency.append(autoscaling.step(spec, bounds, moment_s))
        self.target = ScalableTarget(
            [*self.by_invocations, *self.by_concurrency],
            autoscaling.changes(deployment.scheduled_actions, case),
            autoscaling.quota(case),
        )

    def observe_invocations(self, now_s: float, per_instance: float | None, in_service: int) -> None:
        """The sum over the last 60 s of requests per instance (facts row 2.1)."""
        for policy in self.by_invocations:
            policy.observe(now_s, per_instance, in_service)

    def observe_concurrency(self, now_s: float, most: float | None, in_service: int) -> None:
        """The most requests that any instance had in the last 10 s (facts row 2.3)."""
        for policy in self.by_concurrency:
            policy.observe(now_s, most, in_service)

    def alarm_usage(self) -> tuple[Usage, ...]:
        """Alarms on metrics of 60 s and of 10 s are priced apart."""
        return autoscaling.alarm_usage(autoscaling.alarms(self.by_invocations), autoscaling.alarms(self.by_concurrency))
