"""Serverless inference: one request per environment, cold starts, throttling beyond max_concurrency."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, Self

import numpy as np
from pydantic import model_validator

from simulator.engine.accumulators import Result, Tally, new_log
from simulator.engine.driver import Chunk, FloatArray, serve
from simulator.engine.replication import BrokenLimit, Case, Stream
from simulator.fields import Spec, choice, quantity
from simulator.kernels import LOG_FULL, POOL_FULL, agenda, sending
from simulator.kernels import serverless as kernel
from simulator.model.assumptions import Assumptions
from simulator.model.hardware import find
from simulator.model.service import cpu_factor, serverless_factor, serverless_vcpu
from simulator.model.usage import Usage
from simulator.model.workload import Workload
from simulator.patterns import autoscaling
from simulator.patterns import hard_limits as hard
from simulator.patterns.common import SAFE_DRAIN_S, endpoint_usage, retries, slowdown
from simulator.patterns.protocol import Pattern
from simulator.patterns.serverless.account import Account
from simulator.patterns.serverless.scaler import ProvisionedScaler
from simulator.scaling.disturbances import Disturbances
from simulator.scaling.policies import ProvisionedTracking, ScheduledAction, capacities, is_scaled, scheduled_actions
from simulator.traffic.kinds import Name

MEMORY_SIZES_IN_MB = (1024, 2048, 3072, 4096, 5120, 6144)  # facts row 1.5
MOST_CONCURRENCY = 200  # facts row 1.6
TIME_LIMIT_S = 60.0  # facts row 1.3
START_LIMIT_S = 180.0  # facts row 3.5
IMAGE_LIMIT_MB = 10 * 1024.0  # facts row 1.11
SPARE_DRAWS = 4096
LOG_ROWS = 1 << 14  # they stay in the second-level cache until they are folded
POOL_PLACES = 4096


class ServerlessDeployment(Spec):
    """One configuration of a serverless endpoint."""

    pattern: Literal["serverless"] = "serverless"
    name: Name = choice("Serverless", "Name", "A name for this configuration.")
    memory_size_in_mb: Literal[1024, 2048, 3072, 4096, 5120, 6144] = choice(
        2048, "MemorySizeInMB", "Memory of an environment; vCPU grows with it.", row="1.5"
    )
    max_concurrency: int = quantity(
        20, "MaxConcurrency", "Requests in work at once; one more is answered 429.", ge=1, le=200, row="1.6"
    )
    provisioned_concurrency: int = quantity(
        0,
        "ProvisionedConcurrency",
        "Environments kept warm, paid while they wait; 0 for none.",
        ge=0,
        le=200,
        row="1.7",
    )
    scaling: ProvisionedTracking | None = choice(
        None, "Autoscaling", "Target tracking of provisioned concurrency; none keeps the count.", row="3.41"
    )
    min_capacity: int = quantity(
        1, "MinCapacity", "Fewest environments that scaling may provision.", ge=1, le=200, row="3.41"
    )
    max_capacity: int = quantity(
        10, "MaxCapacity", "Most environments that scaling may provision.", ge=1, le=200, row="1.7"
    )
    scheduled_actions: tuple[ScheduledAction, ...] = scheduled_actions()

    @model_validator(mode="after")
    def _provisioned_fits(self) -> Self:
        if self.provisioned_concurrency > self.max_concurrency:
            raise ValueError("needs provisioned_concurrency <= max_concurrency")
        if is_scaled(self):
            if not self.min_capacity <= self.provisioned_concurrency <= self.max_capacity:
                raise ValueError("needs min_capacity <= provisioned_concurrency <= max_capacity")
            least, most = capacities(self)
            if least < 1 or most > self.max_concurrency:
                raise ValueError("needs 1 to max_concurrency in max_capacity and in all scheduled_actions")
        return self


@dataclass(frozen=True, slots=True, kw_only=True)
class ColdStart:
    """The parts of the median cold start, in seconds (facts rows 3.1, 3.27)."""

    container_s: float
    image_s: float
    model_s: float
    load_s: float

    @property
    def median_s(self) -> float:
        """Their sum."""
        return self.container_s + self.image_s + self.model_s + self.load_s

    def __str__(self) -> str:
        return (
            f"Half of the cold starts take more than {self.median_s:.1f} s: container {self.container_s:.1f} s, "
            f"image {self.image_s:.1f} s, model from S3 {self.model_s:.1f} s, load {self.load_s:.1f} s"
        )


def cold_start(workload: Workload, assumptions: Assumptions, memory_size_in_mb: int) -> ColdStart:
    """The median cold start. Loading the model is serial work: less than one vCPU slows it down, more does not help."""
    return ColdStart(
        container_s=assumptions.serverless_container_start_s,
        image_s=workload.image_mb / assumptions.serverless_image_mb_per_s,
        model_s=workload.model_mb / assumptions.serverless_model_mb_per_s,
        load_s=workload.model_load_s * cpu_factor(serverless_vcpu(memory_size_in_mb, assumptions), 0.0),
    )


def limits(case: Case, deployment: ServerlessDeployment) -> tuple[BrokenLimit, ...]:
    """Payload, time, features, image, memory, start-up and concurrency (facts sections 1 and 3)."""
    workload = case.workload
    mean_s = workload.service_time.mean_ms / 1000 * _factor(case, deployment)
    return (
        *hard.users(workload),
        *hard.payload(workload, case.assumptions.serverless_max_payload_mb, "1.1"),
        *hard.duration(mean_s, TIME_LIMIT_S, "1.3"),
        *_features(case),
        *_sizes(case, deployment),
        *_concurrency(case, mean_s),
    )


def run(case: Case, deployment: ServerlessDeployment) -> Result:
    """One replication."""
    server = _Server(case, deployment)
    serve(case, server, SAFE_DRAIN_S)
    return server.result()


class _Server:
    """The endpoint: the compiled environments, looked at once per bin of the horizon."""

    def __init__(self, case: Case, deployment: ServerlessDeployment) -> None:
        self.case = case
        self.deployment = deployment
        self.tally = Tally(case.simulation.duration_s, case.assumptions.overhead_ms / 1000, case.ahead)
        self.log = new_log(LOG_ROWS)
        self.backoff, self.starts = case.rng(Stream.BACKOFF), case.rng(Stream.COLD_START)
        self.lives, self.keeps = case.rng(Stream.LIFE), case.rng(Stream.KEEP)
        self.cold_start = cold_start(case.workload, case.assumptions, deployment.memory_size_in_mb)
        self.last_s = -case.simulation.warmup_s
        self.account, self.disturbances = Account(case.assumptions, deployment.max_concurrency), Disturbances(case)
        self.params = _params(case, deployment, self.account.room(self.last_s))
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
        return int(ints[kernel.BUSY] + ints[kernel.RETRYING] + ints[kernel.HELD]) == 0

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
        self.tally.attempted(self.last_s, now_s, int(state.ints[kernel.ATTEMPTS]))
        state.ints[kernel.ATTEMPTS] = 0
        self.last_s = now_s

    def result(self) -> Result:
        self._fold()
        environment_s = self.tally.integral("environments")
        work_s = float(self.tally.sums.work.sum())
        utilisation = work_s / environment_s if environment_s else None
        return self.tally.result(self._usage(), utilisation, notes=(f"{self.cold_start}.", *self._shared()))

    def _shared(self) -> Iterator[str]:
        """What other endpoints leave of the account's pool, where that is less than the endpoint may have."""
        least, pool = self.account.least(), self.case.assumptions.serverless_account_concurrency
        if least < self.deployment.max_concurrency:
            yield f"The account's pool of {pool:,} leaves {least:,} requests in flight at the others' busiest time."

    def _usage(self) -> tuple[Usage, ...]:
        ready, memory = self.deployment.provisioned_concurrency, str(self.deployment.memory_size_in_mb)
        billed_s = self.state.reals[kernel.BILLED_MS : kernel.PER_S] / 1000
        executed = float(self.state.ints[kernel.EXECUTED])
        durations = [Usage(key="serverless_duration_s", dimension=memory, quantity=float(billed_s[kernel.ON_DEMAND]))]
        if ready:
            kept_s, worked_s = ready * self.tally.horizon_s, float(billed_s[kernel.PROVISIONED])
            if self.scaler:
                kept_s = self.tally.integral("provisioned_billed")
            durations.append(Usage(key="serverless_pc_usage_s", dimension=memory, quantity=kept_s))
            durations.append(Usage(key="serverless_pc_duration_s", dimension=memory, quantity=worked_s))
        if self.scaler:
            durations += autoscaling.alarm_usage(self.scaler.alarms(), 0.0)
        return (*durations, *endpoint_usage(self.case, self.tally, "serverless", executed))

    def _fold(self) -> None:
        self.log = self.tally.fold(self.log, int(self.state.ints[kernel.LOGGED]))
        self.state.ints[kernel.LOGGED] = 0

    def _draw(self) -> None:
        """Draw anew whichever numbers are used up."""
        assumptions, ints, draws = self.case.assumptions, self.state.ints, self.state.draws
        count = draws.shape[1]
        if ints[kernel.SPARED] >= count:
            draws[kernel.SPARE] = self.backoff.random(count)
            ints[kernel.SPARED] = 0
        if ints[kernel.STARTED] >= count:
            spread = np.exp(assumptions.serverless_cold_sigma * self.starts.standard_normal(count))
            draws[kernel.START_S] = self.cold_start.median_s * spread
            if self.params.mortal:
                least_s, most_s = assumptions.serverless_life_min_s, assumptions.serverless_life_max_s
                draws[kernel.LIFE_S] = self.lives.uniform(min(least_s, most_s), most_s, count)
            ints[kernel.STARTED] = 0
        if ints[kernel.KEPT] >= count:
            if self.params.spread:
                draws[kernel.KEEP] = np.exp(assumptions.serverless_keep_warm_sigma * self.keeps.standard_normal(count))
            ints[kernel.KEPT] = 0


def _features(case: Case) -> Iterator[BrokenLimit]:
    if case.requirement.needs_gpu:
        yield BrokenLimit("GPU", "the model needs one", "no GPU on serverless endpoints", "1.30")
    if case.requirement.needs_vpc:
        yield BrokenLimit("VPC", "the container needs one", "no VPC on serverless endpoints", "1.31")


def _sizes(case: Case, deployment: ServerlessDeployment) -> Iterator[BrokenLimit]:
    workload, memory_mb = case.workload, deployment.memory_size_in_mb
    if workload.image_mb > IMAGE_LIMIT_MB:
        given, allowed = f"{workload.image_mb / 1024:.3g} GB", f"at most {IMAGE_LIMIT_MB / 1024:g} GB"
        yield BrokenLimit("container image", given, allowed, "1.11")
    if workload.memory_mb > memory_mb:
        yield BrokenLimit("memory", f"{workload.memory_mb:g} MB", f"at most {memory_mb} MB, its MemorySizeInMB", "1.5")
    start = cold_start(workload, case.assumptions, memory_mb)
    if start.median_s > START_LIMIT_S:
        yield BrokenLimit("cold start", f"median {start.median_s:.3g} s", f"at most {START_LIMIT_S:g} s", "3.5")


def _concurrency(case: Case, mean_s: float) -> Iterator[BrokenLimit]:
    rate_per_s, at_s = hard.peak_rate_per_s(case)
    in_work = rate_per_s * mean_s
    if in_work > MOST_CONCURRENCY:
        given = f"{math.ceil(in_work):,} requests in work at the peak"
        yield BrokenLimit("concurrency", given, f"at most {MOST_CONCURRENCY}", "1.6", at_s)


def _factor(case: Case, deployment: ServerlessDeployment) -> float:
    workload = case.workload
    reference = find(case.hardware, workload.reference_instance_type, "workload.reference_instance_type")
    factor = serverless_factor(workload, reference, deployment.memory_size_in_mb, case.assumptions)
    # One request at a time: of a slowdown under concurrency only its first line.
    return factor * float(slowdown(workload.slowdown, 1)[1])


def _params(case: Case, deployment: ServerlessDeployment, room: int) -> kernel.Params:
    again, assumptions = retries(case), case.assumptions
    most_starts = assumptions.serverless_starts_per_10_s
    return kernel.Params(
        max_concurrency=room,
        keep_s=assumptions.serverless_keep_warm_s,
        factor=_factor(case, deployment),
        limit_s=TIME_LIMIT_S,
        start_limit_s=START_LIMIT_S,
        bill_setup=int(assumptions.serverless_bill_cold_start),
        horizon_s=case.simulation.duration_s,
        max_attempts=again.max_attempts,
        delay_cap_s=again.delay_cap_s,
        tokens=again.tokens,
        retry_cost=again.cost,
        quiet_s=assumptions.serverless_quiet_s or math.inf,
        mortal=int(assumptions.serverless_life_max_s > 0),
        spread=int(assumptions.serverless_keep_warm_sigma > 0),
        not_ready_s=assumptions.serverless_not_ready_after_s or math.inf,
        # A 429 without a throttling code: tried again in the legacy mode only (facts row 8.6).
        retry_not_ready=int(case.workload.client.retry_mode == "legacy"),
        starts_per_s=most_starts / 10 if most_starts else math.inf,
        start_burst=float(most_starts),
    )


def new_state(deployment: ServerlessDeployment, tokens: float, now_s: float) -> kernel.State:
    """Nothing is in flight, no on-demand environment exists, and all draws count as used up."""
    places = deployment.max_concurrency
    rows = 2 * places
    state = kernel.State(
        ints=np.zeros(kernel.COUNTS, dtype=np.int64),
        reals=np.zeros(kernel.REALS),
        rows=np.zeros(agenda.ROW * rows),
        bucket=np.full(agenda.buckets(places), -1, dtype=np.int32),
        ring=np.zeros(1 << (places - 1).bit_length(), dtype=np.int32),
        dies_s=np.zeros(rows),
        keep=np.ones(rows),
        pool=np.zeros((kernel.POOL, POOL_PLACES)),
        draws=np.zeros((kernel.DRAWS, SPARE_DRAWS)),
    )
    state.rows.view(np.int64)[agenda.WORD :: agenda.ROW] = np.arange(1, rows + 1)
    state.pool.view(np.int64)[kernel.SLOT] = np.arange(POOL_PLACES)
    ints, reals = state.ints, state.reals
    ints[kernel.FREE] = POOL_PLACES
    ints[kernel.READY] = deployment.provisioned_concurrency
    ints[kernel.SPARED] = ints[kernel.STARTED] = ints[kernel.KEPT] = SPARE_DRAWS
    reals[kernel.TOKENS] = tokens
    reals[kernel.SINCE] = reals[kernel.DATED_S] = reals[kernel.STARTS_S] = now_s
    reals[kernel.STARTS] = math.inf
    reals[kernel.PER_S] = agenda.DAYS_PER_EVENT
    return state


def _wider(state: kernel.State) -> kernel.State:
    """The same state with twice the places for requests to be tried again; called when no place is free."""
    old = state.pool.shape[1]
    wider = state._replace(pool=np.concatenate([state.pool, np.zeros_like(state.pool)], axis=1))
    wider.pool.view(np.int64)[kernel.SLOT, :old] = np.arange(old, 2 * old)
    wider.ints[kernel.FREE] = old
    return wider


SERVERLESS = Pattern(
    key="serverless", title="Serverless endpoint", deployment=ServerlessDeployment, limits=limits, run=run
)
