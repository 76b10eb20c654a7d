"""Provisioned concurrency that changes: its policy, what is kept ready and what is paid for (facts rows 3.41, 3.52).

The metric is the time that provisioned environments worked over the time that they were there, in each minute. More of
them take requests together, one start of provisioned concurrency after they were asked for. Those that are taken away
take no more requests: free ones are gone at once, busy ones when theirs leave.
"""

from __future__ import annotations

from simulator.engine.replication import Case, Stream
from simulator.kernels import serverless_state as parts
from simulator.patterns import autoscaling
from simulator.patterns.serverless.deployment import ServerlessDeployment
from simulator.scaling.fleet import Fleet
from simulator.scaling.metrics import METRICS, PERIOD_S, Reading
from simulator.scaling.policies import capacities
from simulator.scaling.target import ScalableTarget
from simulator.scaling.tracking import Bounds

_TRACKED = METRICS["ProvisionedConcurrencyUtilization"]


class ProvisionedScaler:
    """Provisioned environments of an endpoint. Led by `control`, just after the kernel was measured."""

    def __init__(self, case: Case, deployment: ServerlessDeployment) -> None:
        assumptions, rng = case.assumptions, case.rng(Stream.PROVISIONING)
        self._billed_early = assumptions.bill_while_provisioning

        def together_s(count: int) -> list[float]:
            spread = float(rng.lognormal(0.0, assumptions.provisioning_sigma))
            return [assumptions.provisioned_concurrency_median_s * spread] * count

        self._fleet = Fleet(
            capacities(deployment)[1],
            ready_s=together_s,
            waits=assumptions.scaling_waits,
        )
        self._fleet.start(deployment.provisioned_concurrency)
        bounds = Bounds(least=deployment.min_capacity, most=deployment.max_capacity)
        delays, scheduled = autoscaling.Delays(case), bool(deployment.scheduled_actions)
        self._policy = (
            autoscaling.tracking(deployment.scaling, _TRACKED, bounds, delays, scheduled=scheduled)
            if deployment.scaling
            else None
        )
        self._target = ScalableTarget(
            [self._policy] if self._policy else [], autoscaling.changes(deployment.scheduled_actions, case)
        )
        self._period_ends_s = PERIOD_S - case.simulation.warmup_s
        self._worked_s = self._there_s = 0.0

    @property
    def ready(self) -> int:
        """Environments that take requests."""
        return len(self._fleet.in_service)

    @property
    def billed(self) -> int:
        """Environments that are paid for."""
        return self._fleet.billed(self._billed_early)

    def next_s(self) -> float:
        """When something has to be decided or done next."""
        return min(self._period_ends_s, self._fleet.next_ready_s(), self._target.next_s(held=self._fleet.updating))

    def work(self, state: parts.State, length_s: float) -> None:
        """Take note of what was done since the last look; to be called before the kernel is measured."""
        busy, reals = self.ready - int(state.ints[parts.READY]), state.reals
        self._worked_s += max(0.0, busy * length_s + float(reals[parts.PROVISIONED_S]))
        self._there_s += self.ready * length_s
        reals[parts.PROVISIONED_S] = 0.0

    def control(self, state: parts.State, now_s: float) -> None:
        """Observe, take into service what is ready, decide; to be called after the kernel is measured."""
        if now_s >= self._period_ends_s:
            if self._policy:
                reading = Reading(
                    in_service=self.ready, desired=self._fleet.desired, worked_s=self._worked_s, there_s=self._there_s
                )
                self._policy.observe(now_s, _TRACKED.read(reading), reading.in_service, reading.desired)
            self._worked_s = self._there_s = 0.0
            self._period_ends_s += PERIOD_S
        state.ints[parts.READY] += len(self._fleet.arrive(now_s))
        leaving = list(autoscaling.leaving(self._target, self._fleet, now_s))
        self._fleet.gone(leaving)
        withdraw(state, len(leaving))

    def alarms(self) -> float:
        """Alarms that stand all month."""
        return autoscaling.alarms([self._policy]) if self._policy else 0.0


def withdraw(state: parts.State, count: int) -> None:
    """So many provisioned environments take no more requests; to be called just after the kernel was measured.

    Those that are the first to finish are no more then; until then they count as on-demand environments.
    """
    ints = state.ints
    free = min(count, int(ints[parts.READY]))
    ints[parts.READY] -= free
    ints[parts.LEAVING] += count - free
    ints[parts.ENVIRONMENTS] += count - free
    ints[parts.MOST_ENVIRONMENTS] = max(ints[parts.MOST_ENVIRONMENTS], ints[parts.ENVIRONMENTS])
