"""Real-time endpoints: instances that are always there, workers with a queue in each, target tracking."""

from __future__ import annotations

import math

import numpy as np

from simulator.engine.accumulators import LOG_ROWS, Result, Tally, new_log
from simulator.engine.driver import FloatArray, serve
from simulator.engine.engines.choice import engine_of
from simulator.engine.gate import Chunk, Gate
from simulator.engine.replication import Case, Stream
from simulator.engine.stages import stages_of
from simulator.kernels import LOG_FULL, OK, POOL_FULL, Ints, calendar
from simulator.kernels import realtime as kernel
from simulator.kernels import realtime_levels as levels
from simulator.kernels import realtime_loss as loss
from simulator.kernels import realtime_state as parts
from simulator.kernels.fates import FAILED
from simulator.patterns import autoscaling, container
from simulator.patterns.common import SAFE_DRAIN_S, Machine, machine, payloads, retries, utilisation
from simulator.patterns.realtime.absence import as_it_starts, instances_at_the_start, is_deleted_at_times
from simulator.patterns.realtime.arrays import (
    larger,
    larger_batches,
    larger_extra,
    new_batches,
    new_state,
    redate,
    wider,
    wider_extra,
)
from simulator.patterns.realtime.clients import Users, needs_full, new_extra
from simulator.patterns.realtime.deployment import RealtimeDeployment
from simulator.patterns.realtime.limits import answer_limit
from simulator.patterns.realtime.scaler import RealtimeScaler
from simulator.patterns.realtime.usage import usage
from simulator.scaling.disturbances import Disturbances
from simulator.scaling.metrics import HIGH_RESOLUTION_S, PERIOD_S, Reading
from simulator.scaling.policies import (
    capacities,
    is_scaled,
)
from simulator.scaling.target import ScalableTarget


def run(case: Case, deployment: RealtimeDeployment) -> Result:
    """One replication."""
    server = _Server(case, deployment)
    serve(case, server, SAFE_DRAIN_S, Gate(server.tally, server.params.factor))
    return server.result()


class _Server:
    """The endpoint: the compiled fleet, its instances' comings and goings, and the scaling policy."""

    def __init__(self, case: Case, deployment: RealtimeDeployment) -> None:
        self.case = case
        self.deployment = deployment
        self.machine = machine(case, deployment.instance_type, "instance_type")
        self.tally = Tally(case.simulation.duration_s, stages_of(case), case.ahead)
        self.log = new_log(LOG_ROWS)
        self.rng = case.rng(Stream.BACKOFF)
        most = capacities(deployment)[1] if is_scaled(deployment) else deployment.initial_instance_count
        # Twice the most, because draining instances keep their place while new ones start; _widen makes more places.
        self.disturbances = Disturbances(case)
        initial = instances_at_the_start(case, deployment)
        starts = as_it_starts(case, deployment)
        self.fleet = autoscaling.new_fleet(starts, self.machine.kind, self.disturbances, 2 * most, initial)
        self.params = _params(case, deployment, self.machine)
        rule = engine_of(case.workload).rule
        self.state = new_state(2 * most, self.params, self.rng, rule.most if rule else 1)
        self.batches = new_batches(rule, self.state) if rule else None
        self.extra: parts.Extra | None = None
        if needs_full(case) or is_deleted_at_times(deployment):
            self._equip()
        self.scaler = RealtimeScaler(case, deployment) if is_scaled(deployment) else None
        self.target = self.scaler.target if self.scaler else ScalableTarget()
        self.last_s = self.tuned_s = -case.simulation.warmup_s
        self.seen = 0
        self.state.reals[parts.PER_S] = max(
            1.0, calendar.DAYS_PER_EVENT * float(case.source.rate_per_s(np.array([self.last_s]))[0])
        )
        self.state.reals[parts.QUEUE_SINCE] = self.last_s
        # Without a policy nobody reads the metric; the controller then only closes the bins of the gauges.
        self.period_s = PERIOD_S if self.scaler else self.tally.bin_s
        self.moment_s = HIGH_RESOLUTION_S if self.scaler and self.scaler.looks_every(HIGH_RESOLUTION_S) else math.inf
        self.moment_ends_s = self.last_s + self.moment_s
        self.period_ends_s = self.last_s + self.period_s
        for number in self.fleet.start(initial):
            self._activate(number)

    def offer(self, t: FloatArray) -> None:
        self.tally.arrive(t)

    def advance(self, chunk: Chunk, i: int, until_s: float, final: bool) -> tuple[int, int]:
        held = self.state, self.params, self.extra, self.batches, self.log
        return kernel.advance(*held, chunk.t, chunk.demand_s, chunk.u, i, until_s, final)  # type: ignore[no-any-return]

    def need(self, code: int) -> None:
        if code == LOG_FULL:
            self._fold()
        elif code == POOL_FULL:
            self.state = wider(self.state)
            self.extra = wider_extra(self.extra) if self.extra else None
        else:
            self._draw()

    def now_s(self) -> float:
        return self.last_s

    def next_control_s(self) -> float:
        due_s = self.target.next_s(held=self.fleet.updating)
        own_s = min(self.period_ends_s, self.moment_ends_s)
        return min(own_s, self.fleet.next_ready_s(), self.disturbances.next_s(), due_s)

    def idle(self) -> bool:
        ints = self.state.ints
        held = int(self.extra.ints[parts.HELD]) if self.extra else 0
        return int(ints[parts.BUSY] + ints[parts.QUEUED] + ints[parts.RETRYING]) + held == 0

    def control(self, now_s: float) -> None:
        self._hold(now_s)
        self._observe(now_s)
        if now_s >= self.disturbances.next_s():
            self._disturb(now_s)
        self._widen()
        for number in self.fleet.arrive(now_s):
            self._activate(number)
            if self.extra:
                self.extra.warm_s[number] = now_s + self.case.assumptions.warmup_hazard_s
        for number in self.fleet.retire(now_s):
            self._deactivate(number)
        for number in autoscaling.leaving(self.target, self.fleet, now_s):
            self._deactivate(number)
            if self.case.assumptions.realtime_scale_in == "kill":
                self._kill(number, now_s)
        finished = [n for n in self.fleet.draining if self.state.busy[n] + self.state.queued[n] == 0]
        self.fleet.gone(finished)

    def result(self) -> Result:
        self._fold()
        tally = self.tally
        received = float(tally.sums.made[0])
        if is_deleted_at_times(self.deployment):
            # What finds no endpoint fails at its only attempt, and nothing is received.
            received -= float(tally.sums.fates[:, FAILED].sum())
        billed = usage(
            self.case.workload,
            self.deployment,
            self.machine.kind,
            tally.integral("instances_billed"),
            payloads(tally, received),
            self.scaler.alarm_usage() if self.scaler else autoscaling.alarm_usage(0.0, 0.0),
        )
        return tally.result(billed, utilisation(tally), notes=autoscaling.refusals(self.target, self.disturbances))

    def _observe(self, now_s: float) -> None:
        """Give the metrics of the periods that end now to the policies, and begin the next ones."""
        state, in_service = self.state, self.fleet.in_service
        if now_s >= self.period_ends_s:
            if self.scaler:
                self.scaler.observe(now_s, PERIOD_S, self._reading())
            state.reals[parts.WEIGHT] = 0.0
            self.period_ends_s += self.period_s
        if self.scaler and now_s >= self.moment_ends_s:
            self.scaler.observe(now_s, HIGH_RESOLUTION_S, self._reading())
            state.ints[parts.MOST] = self._outstanding()[in_service].max(initial=0)
            self.moment_ends_s += self.moment_s

    def _reading(self) -> Reading:
        in_service = self.fleet.in_service
        return Reading(
            in_service=len(in_service),
            desired=self.fleet.desired,
            per_instance=float(self.state.reals[parts.WEIGHT]),
            most_at_once=float(self.state.ints[parts.MOST]),
            busy=int(self._in_work()[in_service].sum()),
            queued=int(self.state.queued[in_service].sum()),
        )

    def _widen(self) -> None:
        """Long drains, one scale-in after the other, can keep more places than there are."""
        fleet = self.fleet
        if len(fleet.in_service) + len(fleet.draining) + fleet.provisioning > fleet.size:
            fleet.size *= 2
            self.state = larger(self.state)
            self.extra = larger_extra(self.extra) if self.extra else None
            self.batches = larger_batches(self.batches) if self.batches else None

    def _outstanding(self) -> Ints:
        """Requests in work and queued, by instance."""
        return self._in_work() + self.state.queued

    def _in_work(self) -> Ints:
        return self.batches.in_work if self.batches else self.state.busy

    def _fold(self) -> None:
        self.log = self.tally.fold(self.log, int(self.state.ints[parts.LOGGED]))
        self.state.ints[parts.LOGGED] = 0
        if self.extra:
            self.tally.arrive(self.extra.sent_s[: self.extra.ints[parts.SENT]])
            self.extra.ints[parts.SENT] = 0

    def _equip(self) -> None:
        """Everything that the full specialisation needs."""
        self.users = Users(self.case)
        self.state, slots = self.users.begin(self.state)
        self.extra = new_extra(self.case, self.deployment, self.machine, self.state)
        self.extra.user[slots] = 1
        self.users.draw(self.extra)

    def _draw(self) -> None:
        """New draws in place of those that are used up."""
        if self.extra and self.extra.ints[parts.DEMANDED] == self.extra.demand_s.size:
            self.users.draw(self.extra)
        if self.state.ints[parts.SPARED] > self.state.spare.size - parts.draws_of(self.extra, self.batches):
            self.state.spare[:] = self.rng.random(self.state.spare.size)
            self.state.ints[parts.SPARED] = 0

    def _disturb(self, now_s: float) -> None:
        """Let the faults that are due happen."""
        for number in self.disturbances.strike(now_s, self.fleet):
            if self.state.role[number] == parts.IN_SERVICE:
                self._deactivate(number)
            self._kill(number, now_s)
        if self.extra:
            self.extra.reals[parts.ADDED_S] = self.disturbances.added_s(now_s)

    def _kill(self, number: int, now_s: float) -> None:
        """The instance is gone at once; what it has fails for its clients (facts row 8.4)."""
        while (code := loss.kill(self.state, self.params, self.extra, self.batches, self.log, number, now_s)) != OK:
            self.need(code)
        self.fleet.gone([number])

    def _hold(self, now_s: float) -> None:
        ints, fleet, hold = self.state.ints, self.fleet, self.tally.hold
        in_service = len(fleet.in_service)
        hold("instances_in_service", self.last_s, now_s, in_service)
        hold("instances_billed", self.last_s, now_s, fleet.billed(self.case.assumptions.bill_while_provisioning))
        hold("slots", self.last_s, now_s, in_service * self.machine.workers)
        self._hold_queue(now_s)
        self.tally.attempted(self.last_s, now_s, int(ints[parts.ATTEMPTS]))
        self.seen += int(ints[parts.ATTEMPTS])
        ints[parts.ATTEMPTS] = 0
        self.last_s = now_s
        if now_s - self.tuned_s >= PERIOD_S:
            self._retune(now_s)

    def _hold_queue(self, now_s: float) -> None:
        """The kernel keeps the integral of the waiting requests over time, and their peak, since the last look."""
        ints, reals = self.state.ints, self.state.reals
        reals[parts.QUEUE_S] += ints[parts.QUEUED] * (now_s - reals[parts.QUEUE_SINCE])
        mean = reals[parts.QUEUE_S] / (now_s - self.last_s) if now_s > self.last_s else 0.0
        self.tally.hold("queued", self.last_s, now_s, float(mean), float(ints[parts.QUEUE_PEAK]))
        reals[parts.QUEUE_S], reals[parts.QUEUE_SINCE] = 0.0, now_s
        ints[parts.QUEUE_PEAK] = ints[parts.QUEUED]

    def _retune(self, now_s: float) -> None:
        """Keep the days of the calendar about as long as the events are apart."""
        state = self.state
        wanted_per_s = calendar.DAYS_PER_EVENT * max(self.seen, 1) / (now_s - self.tuned_s)
        self.seen, self.tuned_s = 0, now_s
        if not 1 / 3 < wanted_per_s / state.reals[parts.PER_S] < 3:
            state.reals[parts.PER_S] = wanted_per_s
            redate(state)

    def _activate(self, number: int) -> None:
        state = self.state
        state.role[number] = parts.IN_SERVICE
        state.active[state.ints[parts.ACTIVE]] = number
        state.ints[parts.ACTIVE] += 1
        if self.params.least_outstanding:
            level = int(self._outstanding()[number])
            levels.enlist(state.member, state.members, state.place, number, level)
            state.ints[parts.LEVEL] = min(int(state.ints[parts.LEVEL]), level)

    def _deactivate(self, number: int) -> None:
        state = self.state
        state.role[number] = parts.DRAINING
        place = int(np.flatnonzero(state.active[: state.ints[parts.ACTIVE]] == number)[0])
        state.ints[parts.ACTIVE] -= 1
        state.active[place] = state.active[state.ints[parts.ACTIVE]]
        if self.params.least_outstanding:
            level = int(self._outstanding()[number])
            levels.delist(state.member, state.members, state.place, number, level)


def _params(case: Case, deployment: RealtimeDeployment, here: Machine) -> parts.Params:
    again = retries(case)
    return parts.Params(
        workers=here.workers,
        queue_size=deployment.job_queue_size,
        least_outstanding=int(deployment.routing_strategy == "LEAST_OUTSTANDING_REQUESTS"),
        factor=here.factor,
        limit_s=answer_limit(case).seconds,
        cut_s=container.cut_off_s(case.workload),
        # A 503 is retried by both modes, a 424 by neither (facts rows 8.4, 8.5).
        retry_overflow=int(deployment.overflow_status == 503),
        max_attempts=again.max_attempts,
        delay_cap_s=again.delay_cap_s,
        tokens=again.tokens,
        retry_cost=again.cost,
    )
