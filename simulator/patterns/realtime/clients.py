"""When a real-time endpoint needs its kernel with extras, and what these are given."""

from __future__ import annotations

import math

import numpy as np

from simulator.engine.replication import Case, Stream
from simulator.engine.stages import each_attempt_s
from simulator.kernels import Ints, sending
from simulator.kernels import realtime_state as parts
from simulator.model.service import demands, has_own_slowdowns, slowdown_table
from simulator.patterns.common import Machine, retries, slowdown
from simulator.patterns.realtime.absence import is_deleted_at_times
from simulator.patterns.realtime.arrays import wider
from simulator.patterns.realtime.deployment import RealtimeDeployment
from simulator.patterns.realtime.limits import answer_limit

KILLING = {"instance_loss", "zone_loss", "slow_dependency"}
"""Faults that change requests in work or their service times."""

_DEMANDS = 4096
_SENT = 4096
_NEVER = -math.inf


def needs_full(case: Case) -> bool:
    """Whether anything is asked for that only the specialisations with extras have."""
    workload, assumptions = case.workload, case.assumptions
    return bool(
        any(fault.kind in KILLING for fault in case.faults)
        or assumptions.realtime_scale_in == "kill"
        or (assumptions.warmup_hazard_s > 0 and assumptions.warmup_slowdown > 1)
        or workload.slowdown
        or has_own_slowdowns(workload.service_time)
        or workload.population
        or workload.client.read_timeout_s
        or workload.client.retry_mode == "adaptive"
    )


def new_extra(case: Case, deployment: RealtimeDeployment, here: Machine, state: parts.State) -> parts.Extra:
    """The extra arrays beside these; nobody is a user yet."""
    places, pool = state.worker_t.size, state.first_s.size
    extra = parts.Extra(
        rules=_rules(case, deployment),
        ints=np.zeros(parts.EXTRA_INTS, dtype=np.int64),
        reals=np.zeros(parts.EXTRA_REALS),
        warm_s=np.full(state.role.size, _NEVER),
        slowdown=slowdown(slowdown_table(case.workload, here.kind.name), here.workers),
        worker_slot=np.zeros(places, dtype=np.int64),
        begin_s=np.zeros(pool),
        paid=np.zeros(pool),
        user=np.zeros(pool, dtype=np.int8),
        ghost=np.zeros(pool, dtype=np.int8),
        older=np.zeros(pool, dtype=np.int64),
        newer=np.zeros(pool, dtype=np.int64),
        demand_s=np.zeros(_DEMANDS if case.workload.population else 1),
        sent_s=np.zeros(_SENT if case.workload.population else 1),
        rate=sending.start(-case.simulation.warmup_s, case.workload.client.processes),
    )
    extra.ints[[parts.OLDEST, parts.NEWEST]] = parts.NONE
    extra.reals[parts.NOW_S] = -case.simulation.warmup_s
    return extra


def _rules(case: Case, deployment: RealtimeDeployment) -> parts.Rules:
    client, population = case.workload.client, case.workload.population
    read_s, answer_s = client.read_timeout_s or math.inf, answer_limit(case).seconds
    return parts.Rules(
        deadline_s=min(answer_s, read_s),
        # A longer one never expires: the endpoint answers 424 before (facts rows 1.3, 8.5).
        retry_timeout=int(read_s <= answer_s),
        # Of an endpoint that does not exist the answer is a 400, which no mode tries again (facts row 8.4).
        retry_absent=int(not is_deleted_at_times(deployment)),
        timeout_cost=2 * retries(case).cost,  # 10 where a refusal costs 5, facts row 8.3
        adaptive=int(client.retry_mode == "adaptive"),
        warmup_slowdown=case.assumptions.warmup_slowdown,
        # What the network takes between two requests of a user is time away from the endpoint, as thinking is.
        think_s=population.think_time_s + each_attempt_s(case) if population else 1.0,
        stops_s=case.simulation.duration_s,
    )


class Users:
    """Draws for a closed population: who thinks how long at first, and the work of what they send."""

    def __init__(self, case: Case) -> None:
        self._case, self._rng = case, case.rng(Stream.USERS)

    def begin(self, state: parts.State) -> tuple[parts.State, Ints]:
        """All users think at the start; the state, wide enough, and the places of the users in its pool."""
        population = self._case.workload.population
        count = population.users if population else 0
        while int(state.ints[parts.FREE]) <= count:
            state = wider(state)
        state.ints[parts.FREE] -= count
        slots = state.free[state.ints[parts.FREE] :][:count].copy()
        if population:
            first_s = self._rng.exponential(population.think_time_s, count) - self._case.simulation.warmup_s
            # A sorted list is a heap.
            state.retry_t[:count], state.retry_key[:count], state.attempt[slots] = np.sort(first_s), slots, 0
            state.ints[parts.RETRYING] = count
        return state, slots

    def draw(self, extra: parts.Extra) -> None:
        """New work for the requests to come."""
        extra.demand_s[:] = demands(self._rng, self._case.workload.service_time, extra.demand_s.size)
        extra.ints[parts.DEMANDED] = 0
