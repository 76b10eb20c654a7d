"""Asynchronous inference: one queue per endpoint in front of instances that may scale to zero."""

from __future__ import annotations

from simulator.engine.accumulators import Result, Tally, new_log
from simulator.engine.driver import FloatArray, serve
from simulator.engine.engines.choice import engine_of
from simulator.engine.gate import Chunk, Gate
from simulator.engine.replication import Case
from simulator.engine.stages import stages_of
from simulator.kernels import LOG_FULL
from simulator.kernels import asynchronous as kernel
from simulator.kernels import asynchronous_state as parts
from simulator.kernels.fates import COMPLETED, LOST, TIMED_OUT, UNFINISHED
from simulator.model.service import slowdown_table
from simulator.model.usage import Usage
from simulator.patterns import autoscaling, container
from simulator.patterns.asynchronous.arrays import (
    activate,
    deactivate,
    longer,
    new_batches,
    new_state,
    wider,
    wider_batches,
)
from simulator.patterns.asynchronous.deployment import (
    CALL,
    AsynchronousDeployment,
    sends_inline,
    slots_per_instance,
)
from simulator.patterns.asynchronous.limits import time_limits
from simulator.patterns.asynchronous.scaler import AsynchronousScaler
from simulator.patterns.asynchronous.usage import Requests, usage
from simulator.patterns.common import Machine, machine, payloads, slowdown, utilisation
from simulator.scaling.disturbances import Disturbances
from simulator.scaling.metrics import PERIOD_S, Reading
from simulator.scaling.policies import (
    capacities,
    is_scaled,
)
from simulator.scaling.target import ScalableTarget

MOST_WAITING = 20_000_000


def run(case: Case, deployment: AsynchronousDeployment) -> Result:
    """One replication."""
    server = _Server(case, deployment)
    # Long enough for the last request to expire or to be started and finished.
    drain_s = deployment.request_ttl_s + deployment.invocation_timeout_s + 3600.0
    serve(case, server, drain_s, Gate(server.tally, server.params.factor))
    return server.result()


class _Server:
    """The endpoint: the compiled queue and slots, the instances' comings and goings, and the scaling policies."""

    def __init__(self, case: Case, deployment: AsynchronousDeployment, most_waiting: int = MOST_WAITING) -> None:
        self.case = case
        self.most_waiting = most_waiting
        self.deployment = deployment
        self.machine = machine(case, deployment.instance_type, "instance_type")
        self.engine = engine_of(case.workload)
        self.at_once = self.engine.requests_at_once(self.machine.workers)
        self.slots = slots_per_instance(deployment, self.at_once)
        self.tally = Tally(case.simulation.duration_s, stages_of(case, CALL), case.ahead)
        self.log = new_log()
        most = capacities(deployment)[1] if is_scaled(deployment) else deployment.initial_instance_count
        # Draining instances keep their place while new ones start; _widen makes more places when that is not enough.
        self.disturbances = Disturbances(case)
        self.fleet = autoscaling.new_fleet(
            case, self.machine.kind, self.disturbances, 2 * most, deployment.initial_instance_count
        )
        self.params = _params(case, deployment, self.machine)
        slower = slowdown(slowdown_table(case.workload, deployment.instance_type), self.machine.workers)
        self.state = new_state(2 * most, self.slots)._replace(slowdown=slower)
        rule = self.engine.rule
        self.batches = new_batches(rule, self.state, self.machine.workers) if rule else None
        self.scaler = AsynchronousScaler(case, deployment) if is_scaled(deployment) else None
        self.target = self.scaler.target if self.scaler else ScalableTarget()
        self.last_s = -case.simulation.warmup_s
        self.state.reals[parts.NOW] = self.last_s
        self.period_ends_s = self.last_s + PERIOD_S
        for number in self.fleet.start(deployment.initial_instance_count):
            activate(self.state, number, self.slots)

    def offer(self, t: FloatArray) -> None:
        self.tally.arrive(t)

    def advance(self, chunk: Chunk, i: int, until_s: float, final: bool) -> tuple[int, int]:
        held = self.state, self.params, self.batches, self.log
        return kernel.advance(*held, chunk.t, chunk.demand_s, i, until_s, final)  # type: ignore[no-any-return]

    def need(self, code: int) -> None:
        if code == LOG_FULL:
            self._fold()
        elif self.state.enter_s.size < self.most_waiting:
            self.state = longer(self.state, self.most_waiting)
        else:
            self.state.ints[parts.SHUT] = 1

    def now_s(self) -> float:
        return self.last_s

    def next_control_s(self) -> float:
        due_s = self.target.next_s(held=self.fleet.updating)
        return min(self.period_ends_s, self.fleet.next_ready_s(), self.disturbances.next_s(), due_s)

    def idle(self) -> bool:
        return self._backlog() == 0

    def control(self, now_s: float) -> None:
        self._hold(now_s)
        if now_s >= self.period_ends_s:
            if self.scaler:
                reading = Reading(
                    in_service=len(self.fleet.in_service),
                    desired=self.fleet.desired,
                    busy=int(self.state.ints[parts.BUSY]),
                    queued=int(self.state.ints[parts.QUEUED]),
                )
                self.scaler.observe(now_s, reading)
            self.period_ends_s += PERIOD_S
        if now_s >= self.disturbances.next_s():
            self._disturb(now_s)
        self._widen()
        for number in self.fleet.arrive(now_s):
            activate(self.state, number, self.slots)
        for number in self.fleet.retire(now_s):
            deactivate(self.state, number)
        for number in autoscaling.leaving(self.target, self.fleet, now_s):
            self._take_away(number, now_s)
        self.fleet.gone([number for number in self.fleet.draining if self.state.busy[number] == 0])

    def result(self) -> Result:
        self._fold()
        return self.tally.result(self._usage(), utilisation(self.tally), notes=self._notes())

    def _disturb(self, now_s: float) -> None:
        """Let the faults that are due happen."""
        for number in self.disturbances.strike(now_s, self.fleet):
            self._kill(number, now_s)
        self.params = self.params._replace(added_s=self.disturbances.added_s(now_s))

    def _take_away(self, number: int, now_s: float) -> None:
        """Scale-in: the instance finishes what it has, or what it has is done again or lost (facts row 4.14)."""
        if self.case.assumptions.async_scale_in == "drain":
            deactivate(self.state, number)
        else:
            self._kill(number, now_s)

    def _kill(self, number: int, now_s: float) -> None:
        """The instance is gone at once. What it works on is done again, unless the assumption says it is lost."""
        self._fold()
        held = int(self.state.ints[parts.QUEUED] + self.state.busy[number])
        while self.state.enter_s.size < min(held, self.most_waiting):
            self.state = longer(self.state, self.most_waiting)
        redo = self.case.assumptions.async_scale_in != "lost"
        kernel.kill(self.state, self.params, self.batches, self.log, number, now_s, redo)

    def _usage(self) -> tuple[Usage, ...]:
        tally = self.tally
        fates = tally.sums.fates.sum(axis=0)
        completed = float(fates[COMPLETED])
        requests = Requests(
            offered=float(tally.offered.sum()),
            completed=completed,
            ended=float(fates.sum() - fates[UNFINISHED]),
            payloads=payloads(tally, completed + float(fates[TIMED_OUT] + fates[LOST])),
        )
        alarms = self.scaler.alarms() if self.scaler else 0.0
        instance_s = tally.integral("instances_billed")
        return usage(self.case.workload, self.deployment, self.machine.kind, instance_s, requests, alarms)

    def _notes(self) -> tuple[str, ...]:
        notes = [*autoscaling.refusals(self.target, self.disturbances)]
        asked = self.deployment.max_concurrent_invocations_per_instance
        if asked > self.at_once:
            notes.append(
                f"MaxConcurrentInvocationsPerInstance is {asked}, but the container works on {self.at_once} "
                "at once; more would only wait inside it, so here they wait in the queue"
            )
        if self.state.ints[parts.DROPPED]:
            notes.append(
                f"the backlog passed {self.most_waiting / 1e6:g} million requests; the fleet cannot keep up, and what "
                "came while it was that long counts as not finished"
            )
        return tuple(notes)

    def _backlog(self) -> int:
        return int(self.state.ints[parts.QUEUED] + self.state.ints[parts.BUSY])

    def _fold(self) -> None:
        self.log = self.tally.fold(self.log, int(self.state.ints[parts.LOGGED]))
        self.state.ints[parts.LOGGED] = 0

    def _hold(self, now_s: float) -> None:
        """Gauges since the last look; the queue's mean is exact, and so is its peak."""
        ints, reals, fleet, hold = self.state.ints, self.state.reals, self.fleet, self.tally.hold
        # After the drain the last event may lie behind the end of the horizon, when nothing waits any more.
        ends_s = max(now_s, float(reals[parts.NOW]))
        waited = float(reals[parts.WAITED] + ints[parts.QUEUED] * (ends_s - reals[parts.NOW]))
        mean = waited / (ends_s - self.last_s) if ends_s > self.last_s else 0.0
        in_service = len(fleet.in_service)
        hold("instances_in_service", self.last_s, now_s, in_service)
        hold("instances_billed", self.last_s, now_s, fleet.billed(self.case.assumptions.bill_while_provisioning))
        hold("slots", self.last_s, now_s, in_service * min(self.slots, self.machine.workers))
        hold("queued", self.last_s, now_s, mean, float(ints[parts.PEAK]))
        self.tally.attempted(self.last_s, now_s, int(ints[parts.ATTEMPTS]))
        ints[parts.ATTEMPTS] = 0
        ints[parts.PEAK] = ints[parts.QUEUED]
        reals[parts.WAITED] = 0.0
        reals[parts.NOW] = ends_s
        self.last_s = now_s

    def _widen(self) -> None:
        """Long drains, one scale-in after the other, can keep more places than there are."""
        fleet = self.fleet
        if len(fleet.in_service) + len(fleet.draining) + fleet.provisioning > fleet.size:
            fleet.size *= 2
            self.state = wider(self.state)
            self.batches = wider_batches(self.batches) if self.batches else None


def _params(case: Case, deployment: AsynchronousDeployment, here: Machine) -> parts.Params:
    rate = case.assumptions.s3_mb_per_s
    return parts.Params(
        factor=here.factor,
        download_s=0.0 if sends_inline(case.workload, deployment) else case.workload.request_mb / rate,
        upload_s=case.workload.response_mb / rate,
        ttl_s=deployment.request_ttl_s,
        timeout_s=container.shortest(time_limits(case, deployment)),
    )
