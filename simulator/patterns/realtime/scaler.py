"""The policies of a real-time endpoint, each fed with the metric that it looks at."""

from __future__ import annotations

from collections.abc import Iterator

from simulator.engine.replication import Case
from simulator.model.usage import Usage
from simulator.patterns import autoscaling
from simulator.patterns.realtime.deployment import RealtimeDeployment
from simulator.scaling.metrics import HIGH_RESOLUTION_S, METRICS, PERIOD_S, Reading
from simulator.scaling.target import ScalableTarget
from simulator.scaling.tracking import Bounds


class RealtimeScaler:
    """The policies of an endpoint by the period of their metric, and the target that joins them."""

    def __init__(self, case: Case, deployment: RealtimeDeployment) -> None:
        every = list(_watching(case, deployment))
        self._by_period = {
            period_s: [watched for watched in every if watched.metric.period_s == period_s]
            for period_s in (PERIOD_S, HIGH_RESOLUTION_S)
        }
        self._told = {
            period_s: [(watched.metric.read, watched.policy.observe) for watched in watching]
            for period_s, watching in self._by_period.items()
        }
        self.target = ScalableTarget(
            [watched.policy for watching in self._by_period.values() for watched in watching],
            autoscaling.changes(deployment.scheduled_actions, case),
            autoscaling.quota(case),
        )

    def looks_every(self, period_s: float) -> bool:
        """Whether any policy looks at a metric of this period."""
        return bool(self._by_period[period_s])

    def observe(self, now_s: float, period_s: float, reading: Reading) -> None:
        """A period of the metrics of this length ends now."""
        for read, observe in self._told[period_s]:
            observe(now_s, read(reading), reading.in_service, reading.desired)

    def alarm_usage(self) -> tuple[Usage, ...]:
        """Alarms on metrics of 60 s and of 10 s are priced apart."""
        standard, high_resolution = (
            autoscaling.alarms([watched.policy for watched in watching]) for watching in self._by_period.values()
        )
        return autoscaling.alarm_usage(standard, high_resolution)


def _watching(case: Case, deployment: RealtimeDeployment) -> Iterator[autoscaling.Watching]:
    bounds = Bounds(least=deployment.min_capacity, most=deployment.max_capacity)
    delays, scheduled = autoscaling.Delays(case), bool(deployment.scheduled_actions)
    tracked = (
        ("InvocationsPerInstance", deployment.scaling),
        ("ConcurrentRequestsPerModel", deployment.concurrency_scaling),
    )
    for name, spec in tracked:
        if spec:
            policy = autoscaling.tracking(spec, METRICS[name], bounds, delays, scheduled=scheduled)
            yield autoscaling.Watching(METRICS[name], policy)
    for step in (deployment.step_scale_out, deployment.step_scale_in):
        if step:
            yield autoscaling.step(step, bounds, delays)
