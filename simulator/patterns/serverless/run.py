"""Serverless inference: one request per environment, cold starts, throttling beyond max_concurrency."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from simulator.engine.accumulators import Result, Tally, new_log
from simulator.engine.driver import FloatArray, serve
from simulator.engine.engines.choice import engine_of
from simulator.engine.gate import Chunk, Gate
from simulator.engine.replication import Case, Stream
from simulator.engine.stages import stages_of
from simulator.kernels import LOG_FULL, POOL_FULL, agenda, sending
from simulator.kernels import serverless as kernel
from simulator.kernels import serverless_state as parts
from simulator.model.keep_warm import KeepWarm, keep_warm
from simulator.model.usage import Usage
from simulator.patterns import autoscaling, container
from simulator.patterns.common import SAFE_DRAIN_S, payloads, retries
from simulator.patterns.serverless.account import Account
from simulator.patterns.serverless.cold_start import cold_start
from simulator.patterns.serverless.deployment import ServerlessDeployment
from simulator.patterns.serverless.limits import START_LIMIT_S, work_limits
from simulator.patterns.serverless.scaler import ProvisionedScaler
from simulator.patterns.serverless.speed import service_factor
from simulator.patterns.serverless.usage import EnvironmentTime, usage
from simulator.scaling.disturbances import Disturbances
from simulator.scaling.policies import is_scaled

SPARE_DRAWS = 4096
LOG_ROWS = 1 << 14  # they stay in the second-level cache until they are folded
POOL_PLACES = 4096


def _without_batches(case: Case) -> Iterator[str]:
    """Each request is worked on by itself, whatever the container's engine would do with more."""
    if engine_of(case.workload).rule:
        yield (
            "workload.batching changes nothing here: AWS gives an environment one request at a time (row 3.2), so a "
            "batch would never fill."
        )


def run(case: Case, deployment: ServerlessDeployment) -> Result:
    """One replication."""
    server = _Server(case, deployment)
    serve(case, server, SAFE_DRAIN_S, Gate(server.tally, server.params.factor))
    return server.result()


class _Server:
    """The endpoint: the compiled environments, looked at once per bin of the horizon."""

    def __init__(self, case: Case, deployment: ServerlessDeployment) -> None:
        self.case = case
        self.deployment = deployment
        self.tally = Tally(case.simulation.duration_s, stages_of(case), case.ahead)
        self.log = new_log(LOG_ROWS)
        self.backoff, self.starts = case.rng(Stream.BACKOFF), case.rng(Stream.COLD_START)
        self.lives, self.keeps = case.rng(Stream.LIFE), case.rng(Stream.KEEP)
        self.keep_warm = keep_warm(case.assumptions)
        self.cold_start = cold_start(case.workload, case.assumptions, deployment.memory_size_in_mb)
        self.last_s = -case.simulation.warmup_s
        self.account = Account(case.assumptions, case.region, deployment.max_concurrency)
        self.disturbances = Disturbances(case)
        self.params = _params(case, deployment, self.account.room(self.last_s), self.keep_warm)
        self.state = new_state(deployment, self.params.tokens, self.last_s)
        client = case.workload.client
        self.rate = sending.start(self.last_s, client.processes) if client.retry_mode == "adaptive" else None
        self.scaler = ProvisionedScaler(case, deployment) if is_scaled(deployment) else None

    def offer(self, t: FloatArray) -> None:
        self.tally.arrive(t)

    def advance(self, chunk: Chunk, i: int, until_s: float, final: bool) -> tuple[int, int]:
        return kernel.advance(  # type: ignore[no-any-return]
            self.state, self.params, self.rate, self.log, chunk.t, chunk.demand_s, i, until_s, final
        )

    def need(self, code: int) -> None:
        if code == LOG_FULL:
            self._fold()
        elif code == POOL_FULL:
            self.state = _wider(self.state)
        else:
            self._draw()

    def now_s(self) -> float:
        return self.last_s

    def next_control_s(self) -> float:
        """The next edge of a bin; the kernel keeps integrals and peaks exactly in between."""
        bin_s, horizon_s = self.tally.bin_s, self.tally.horizon_s
        edge_s = (math.floor(self.last_s / bin_s) + 1) * bin_s
        if self.last_s < horizon_s:
            edge_s = min(edge_s, horizon_s)
        if self.scaler:
            edge_s = min(edge_s, self.scaler.next_s())
        return min(edge_s, self.account.next_s(self.last_s), self.disturbances.next_s())

    def idle(self) -> bool:
        ints = self.state.ints
        return int(ints[parts.BUSY] + ints[parts.RETRYING] + ints[parts.HELD]) == 0

    def control(self, now_s: float) -> None:
        if now_s > self.last_s:
            self._hold(now_s, now_s - self.last_s)
        if self.scaler:
            self.scaler.control(self.state, now_s)
        if now_s >= self.disturbances.next_s():
            self.disturbances.due(now_s)
            self.params = self.params._replace(added_s=self.disturbances.added_s(now_s))
        if self.account.room(now_s) != self.params.max_concurrency:
            self.params = self.params._replace(max_concurrency=self.account.room(now_s))

    def _hold(self, now_s: float, length_s: float) -> None:
        """Gauges since the last look."""
        state, hold, ready = self.state, self.tally.hold, self.deployment.provisioned_concurrency
        if self.scaler:
            ready = self.scaler.ready
            self.scaler.work(state, length_s)
            hold("provisioned_in_service", self.last_s, now_s, ready)
            hold("provisioned_billed", self.last_s, now_s, self.scaler.billed)
        warm_s, busy_s, most_warm, most_busy = kernel.measure(state, self.params, now_s)
        hold("environments", self.last_s, now_s, ready + warm_s / length_s, float(ready + most_warm))
        hold("in_flight", self.last_s, now_s, busy_s / length_s, float(most_busy))
        hold("slots", self.last_s, now_s, self.params.max_concurrency)
        self.tally.attempted(self.last_s, now_s, int(state.ints[parts.ATTEMPTS]))
        state.ints[parts.ATTEMPTS] = 0
        self.last_s = now_s

    def result(self) -> Result:
        self._fold()
        environment_s = self.tally.integral("environments")
        work_s = float(self.tally.sums.work.sum())
        utilisation = work_s / environment_s if environment_s else None
        notes = (f"{self.cold_start}.", f"{self.keep_warm}.", *self._shared(), *_without_batches(self.case))
        return self.tally.result(self._usage(), utilisation, notes=notes)

    def _shared(self) -> Iterator[str]:
        """What other endpoints leave of the account's pool, where that is less than the endpoint may have."""
        least, pool = self.account.least(), self.account.pool
        if least < self.deployment.max_concurrency:
            yield f"The account's pool of {pool:,} leaves {least:,} requests in flight at the others' busiest time."

    def _usage(self) -> tuple[Usage, ...]:
        billed_s = self.state.reals[parts.BILLED_MS : parts.PER_S] / 1000
        kept_s = self.deployment.provisioned_concurrency * self.tally.horizon_s
        time = EnvironmentTime(
            on_demand_s=float(billed_s[parts.ON_DEMAND]),
            kept_s=self.tally.integral("provisioned_billed") if self.scaler else kept_s,
            provisioned_s=float(billed_s[parts.PROVISIONED]),
        )
        requests = payloads(self.tally, float(self.state.ints[parts.EXECUTED]))
        alarms = autoscaling.alarm_usage(self.scaler.alarms(), 0.0) if self.scaler else ()
        return usage(self.case.workload, self.deployment, time, requests, alarms)

    def _fold(self) -> None:
        self.log = self.tally.fold(self.log, int(self.state.ints[parts.LOGGED]))
        self.state.ints[parts.LOGGED] = 0

    def _draw(self) -> None:
        """Draw anew whichever numbers are used up."""
        assumptions, ints, draws = self.case.assumptions, self.state.ints, self.state.draws
        count = draws.shape[1]
        if ints[parts.SPARED] >= count:
            draws[parts.SPARE] = self.backoff.random(count)
            ints[parts.SPARED] = 0
        if ints[parts.STARTED] >= count:
            spread = np.exp(assumptions.serverless_cold_sigma * self.starts.standard_normal(count))
            draws[parts.START_S] = self.cold_start.median_s * spread
            if self.params.mortal:
                draws[parts.LIFE_S] = self.lives.uniform(*self.keep_warm.life_s, count)
            ints[parts.STARTED] = 0
        if ints[parts.KEPT] >= count:
            if self.params.spread:
                draws[parts.KEEP] = np.exp(assumptions.serverless_keep_warm_sigma * self.keeps.standard_normal(count))
            ints[parts.KEPT] = 0


def _params(case: Case, deployment: ServerlessDeployment, room: int, kept: KeepWarm) -> parts.Params:
    again, assumptions = retries(case), case.assumptions
    most_starts = assumptions.serverless_starts_per_10_s
    return parts.Params(
        max_concurrency=room,
        keep_s=kept.spare_s,
        factor=service_factor(case, deployment),
        limit_s=container.shortest(work_limits(case.workload)),
        start_limit_s=START_LIMIT_S,
        bill_setup=int(assumptions.serverless_bill_cold_start),
        horizon_s=case.simulation.duration_s,
        max_attempts=again.max_attempts,
        delay_cap_s=again.delay_cap_s,
        tokens=again.tokens,
        retry_cost=again.cost,
        quiet_s=kept.idle_s,
        mortal=int(kept.is_mortal),
        spread=int(assumptions.serverless_keep_warm_sigma > 0),
        not_ready_s=assumptions.serverless_not_ready_after_s or math.inf,
        # A 429 without a throttling code: tried again in the legacy mode only (facts row 8.6).
        retry_not_ready=int(case.workload.client.retry_mode == "legacy"),
        starts_per_s=most_starts / 10 if most_starts else math.inf,
        start_burst=float(most_starts),
        patience_s=case.workload.client.read_timeout_s or math.inf,
        timeout_cost=2 * again.cost,  # 10 where a refusal costs 5, facts row 8.3
    )


def new_state(deployment: ServerlessDeployment, tokens: float, now_s: float) -> parts.State:
    """Nothing is in flight, no on-demand environment exists, and all draws count as used up."""
    places = deployment.max_concurrency
    rows = 2 * places
    state = parts.State(
        ints=np.zeros(parts.COUNTS, dtype=np.int64),
        reals=np.zeros(parts.REALS),
        rows=np.zeros(agenda.ROW * rows),
        bucket=np.full(agenda.buckets(places), -1, dtype=np.int32),
        ring=np.zeros(1 << (places - 1).bit_length(), dtype=np.int32),
        dies_s=np.zeros(rows),
        keep=np.ones(rows),
        ghost=np.zeros(rows, dtype=np.int8),
        pool=np.zeros((parts.POOL, POOL_PLACES)),
        draws=np.zeros((parts.DRAWS, SPARE_DRAWS)),
    )
    state.rows.view(np.int64)[agenda.WORD :: agenda.ROW] = np.arange(1, rows + 1)
    state.pool.view(np.int64)[parts.SLOT] = np.arange(POOL_PLACES)
    ints, reals = state.ints, state.reals
    ints[parts.FREE] = POOL_PLACES
    ints[parts.READY] = deployment.provisioned_concurrency
    ints[parts.SPARED] = ints[parts.STARTED] = ints[parts.KEPT] = SPARE_DRAWS
    reals[parts.TOKENS] = tokens
    reals[parts.SINCE] = reals[parts.DATED_S] = reals[parts.STARTS_S] = now_s
    reals[parts.STARTS] = math.inf
    reals[parts.PER_S] = agenda.DAYS_PER_EVENT
    return state


def _wider(state: parts.State) -> parts.State:
    """The same state with twice the places for requests to be tried again; called when no place is free."""
    old = state.pool.shape[1]
    wider = state._replace(pool=np.concatenate([state.pool, np.zeros_like(state.pool)], axis=1))
    wider.pool.view(np.int64)[parts.SLOT, :old] = np.arange(old, 2 * old)
    wider.ints[parts.FREE] = old
    return wider
