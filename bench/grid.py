"""The grid of the regret benchmark: plain products of settings for every type, less what provably loses.

Nothing here is the planner's. What is left out of the products is left out by one of these, worked out from the load,
the price list and the simulated laws alone:

- too dear: the instances that it keeps at all times, or those that the work needs, cost as much as the limit; so do the
  requests to S3, the data and the alarms that it cannot be without;
- too small: what it can do in the horizon and the time that a request may take is less than what must be answered;
- too late: through S3, where somebody waits for the answer; or jobs so seldom that records wait too long for one.

Of instance types with the same price, vCPU, memory and GPUs, which the simulator cannot tell apart, the first stands
for all. Types are those of the Region's price list; burstable ones, Graviton and those that need a compiled model only
where the scenario names them, as the planner promises (docs/search.md).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from itertools import pairwise, product
from typing import Any, NamedTuple

import numpy as np

from headroom.advisor.monthly import MONTH_S, own_prices
from headroom.advisor.prepared import prepare
from headroom.advisor.world import World
from pricing.bill import Quantity, make_bill
from pricing.book import PriceBook
from simulator import simulate as simulator
from simulator.engine.replication import Case
from simulator.model.service import serverless_factor
from simulator.patterns.asynchronous.deployment import AsynchronousDeployment
from simulator.patterns.batch.deployment import BatchDeployment
from simulator.patterns.common import MB_PER_GB, Machine, machine
from simulator.patterns.realtime.deployment import RealtimeDeployment
from simulator.patterns.registry import Deployment
from simulator.patterns.serverless.deployment import ServerlessDeployment
from simulator.scenario import Scenario
from simulator.traffic.kinds import DAY_S, Jobs

BY_CHANCE = 0.97
"""Of the expected requests, at least so many come."""

COUNTS = (*range(1, 17), 20, 24, 28, 32, 40, 48, 64, 80, 96, 128, 160, 200)
MOST = (1, 2, 3, 4, 6)
AT_ONCE = (0.75, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0)
"""Target concurrency, in requests for each worker."""

BUSY = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
COOLDOWNS_S = (0.0, 300.0, 900.0)
BACKLOGS = (2.0, 5.0, 10.0, 20.0, 40.0)
PLACES = (1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 30, 40, 50, 75, 100, 150, 200)
MEMORIES_MB = (1024, 2048, 3072, 4096, 5120, 6144)
KEPT = (0, 1, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 50, 100, 200)
OBJECTS = (10, 100, 1000, 10_000)
PAYLOADS_MB = (6, 25, 100)
EVERY_S = (900.0, 1800.0, 3600.0, 7200.0, 14_400.0, 28_800.0, DAY_S)
BLOCKS_H = (1, 2, 3, 4, 6)
AHEAD_S = 900.0
CLOCK = 0.95
"""Of the mean count by the clock: new instances are paid from when they are ready."""

_NAMED_ONLY = re.compile(r"ml\.(t\d|inf\d|trn\d|[a-z]+\d+g[a-z]*(?=\.))")
"""Burstable, compiled for, Graviton (a g right behind the generation)."""

Settings = dict[str, Any]


class Laid(NamedTuple):
    """A candidate before it is made: its settings, and what it costs at least."""

    settings: Settings
    floor_usd: float


@dataclass(slots=True)
class Pruned:
    """How many of a grid there are, and how many of them each bound left out."""

    size: int = 0
    too_dear: int = 0
    too_small: int = 0
    forbidden: int = 0


@dataclass
class Grid:
    """The grid of a scenario. coarse: with fewer targets and counts. pruned: counted while candidates are
    handed out.
    """

    scenario: Scenario
    world: World
    coarse: bool = False
    pruned: Pruned = field(default_factory=Pruned)
    _machines: dict[str, Machine] = field(default_factory=dict)
    _usd: dict[tuple[str, str, float], float] = field(default_factory=dict)

    def cheaper(self, below_usd: float) -> list[Deployment]:
        """Whatever may cost less and may meet, by what it costs at least."""
        found: list[tuple[float, int, Deployment]] = []
        late = self.scenario.requirement.answer_may_be_deferred
        wanted = self.scenario.search.patterns
        for pattern, (kind, made, through_s3) in _KINDS.items():
            if (wanted and pattern not in wanted) or (through_s3 and not late):
                continue
            for laid in made(self):
                self.pruned.size += 1
                if self._may_be(laid, below_usd):
                    found.append((laid.floor_usd, len(found), kind.model_validate(laid.settings)))
        able = [one for *_, one in sorted(found, key=lambda one: one[:2]) if not simulator.limits(self.case, one)]
        self.pruned.forbidden = len(found) - len(able)
        return able

    def _may_be(self, laid: Laid, below_usd: float) -> bool:
        if laid.floor_usd >= below_usd:
            self.pruned.too_dear += 1
        elif self.most_per_s(laid.settings) < self.least_per_s or self.waits_too_long(laid.settings):
            self.pruned.too_small += 1
        else:
            return True
        return False

    @cached_property
    def case(self) -> Case:
        """Of the scenario."""
        return prepare(self.scenario, self.world).case

    @cached_property
    def requests(self) -> float:
        """Of a month, at least."""
        duration_s = self.scenario.simulation.duration_s
        return self.case.source.expected(0.0, duration_s) * MONTH_S / duration_s * BY_CHANCE

    @cached_property
    def answered(self) -> float:
        """Of a month, at least, in what meets."""
        return self.requests * (1 - self.scenario.requirement.max_error_share)

    @cached_property
    def peak_per_s(self) -> float:
        """Of the busiest minute."""
        return float(self.by_minute.max())

    @cached_property
    def by_minute(self) -> np.ndarray[Any, np.dtype[np.float64]]:
        """The rate at every minute of the horizon."""
        duration_s = self.scenario.simulation.duration_s
        edges = np.arange(0.0, duration_s + 1, 60.0)
        found = [self.case.source.expected(a, b) / 60 for a, b in pairwise(edges.tolist())]
        return np.array(found)

    @cached_property
    def least_per_s(self) -> float:
        """What must be done in a second, when all of the horizon and the time that one may take are used."""
        requirement, simulation = self.scenario.requirement, self.scenario.simulation
        share = 1 - requirement.max_error_share
        if requirement.deadline_s and isinstance(self.scenario.workload.traffic, Jobs):
            return self.scenario.workload.traffic.records * BY_CHANCE * share / requirement.deadline_s
        if not requirement.latency_limit_s:
            return 0.0
        in_time = self.answered * simulation.duration_s / MONTH_S * requirement.latency_percentile / 100
        return in_time / (simulation.duration_s + requirement.latency_limit_s)

    def most_per_s(self, settings: Settings) -> float:
        """What all that a candidate may ever have can do."""
        if settings["pattern"] == "serverless":
            return float(settings["max_concurrency"] / self._environment_s(settings["memory_size_in_mb"]))
        counts = [settings.get(name, 0) for name in ("initial_instance_count", "instance_count", "max_capacity")]
        return float(max(counts) * self.per_s(settings["instance_type"]))

    def waits_too_long(self, settings: Settings) -> bool:
        """Whether too many records wait for the next job alone for longer than an answer may take."""
        requirement, every_s = self.scenario.requirement, settings.get("schedule_every_s", 0.0)
        if not requirement.latency_limit_s or isinstance(self.scenario.workload.traffic, Jobs):
            return False
        return float(every_s) * requirement.latency_percentile / 100 > requirement.latency_limit_s * 1.1

    def per_s(self, instance_type: str) -> float:
        """Requests that an instance that always has work ends in a second."""
        here = self.machine(instance_type)
        return here.workers / (self.scenario.workload.service_time.mean_ms / 1000 * here.factor)

    def machine(self, instance_type: str) -> Machine:
        """A type as the workload sees it."""
        if instance_type not in self._machines:
            self._machines[instance_type] = machine(self.case, instance_type, "instance_type")
        return self._machines[instance_type]

    def _environment_s(self, memory: int) -> float:
        workload = self.scenario.workload
        reference = self.world.hardware[workload.reference_instance_type]
        factor = serverless_factor(workload, reference, memory, self.scenario.assumptions)
        return workload.service_time.mean_ms / 1000 * factor

    def usd(self, usage: str, dimension: str, amount: float) -> float:
        """Of so much in a month; infinite where there is no price."""
        key = usage, dimension, amount
        if key not in self._usd:
            quantity = Quantity(usage, dimension, Decimal(str(round(amount, 6))))
            bill = make_bill([quantity], self._prices, self.scenario.region, self.world.on)
            self._usd[key] = float(bill.total_usd) if bill.complete else float("inf")
        return self._usd[key]

    @cached_property
    def _prices(self) -> PriceBook:
        return own_prices(self.world.prices, self.scenario)

    def types(self, usage: str) -> Iterator[tuple[str, float]]:
        """Instance types that may be asked for, and what one costs in a month."""
        families, seen = self.scenario.search.families, set()
        for name in self.world.prices.instance_types(self.scenario.region, usage):
            named = name.rsplit(".", 1)[0] in families if families else not _NAMED_ONLY.match(name)
            if not named or name not in self.world.hardware:
                continue
            usd, kind = self.usd(usage, name, MONTH_S), self.world.hardware[name]
            alike = (usd, kind.vcpu, kind.memory_mb, kind.gpu_count, kind.gpu_model)
            if alike not in seen:
                seen.add(alike)
                yield name, usd

    def fleet_usd(self, name: str, usd: float, least: int) -> float:
        """Of instances: those that are always there, and those that the work needs.

        Data sets have idle hours between the deadline and the next of them, in which those that are always there do
        no work.
        """
        busy = self.answered / self.per_s(name) / MONTH_S if not self.scenario.workload.batching else 0.0
        traffic, deadline_s = self.scenario.workload.traffic, self.scenario.requirement.deadline_s
        if isinstance(traffic, Jobs) and deadline_s:
            idle = max(0.0, 1 - deadline_s / DAY_S / traffic.every_days)
            return usd * max(least, least * idle + busy)
        return usd * max(least, busy)

    @cached_property
    def _data_usd(self) -> float:
        """Of the data through a real-time endpoint."""
        workload = self.scenario.workload
        return sum(
            self.usd(usage, "", self.answered * size_mb / MB_PER_GB)
            for usage, size_mb in (
                ("realtime_data_in_gb", workload.request_mb),
                ("realtime_data_out_gb", workload.response_mb),
            )
        )

    def realtime(self) -> Iterator[Laid]:
        """A count that stays; either metric, its target, MinCapacity and cooldown; the clock."""
        for name, usd in self.types("hosting_instance_s"):
            own = {"pattern": "realtime", "instance_type": name, "routing_strategy": "LEAST_OUTSTANDING_REQUESTS"}
            for count in COUNTS:
                yield Laid({**own, "initial_instance_count": count}, self.fleet_usd(name, usd, count) + self._data_usd)
            most = min(1000, int(4 * self.peak_per_s / self.per_s(name)) + 2)
            targets = [*((0, one) for one in BUSY), *((1, one) for one in AT_ONCE)]
            finely = (targets, COUNTS, COOLDOWNS_S)
            coarsely = (targets[::2], COUNTS[::3], COOLDOWNS_S[1:2])
            for (metric, busy), least, cooldown_s in product(*(coarsely if self.coarse else finely)):
                if least >= most:
                    continue
                count = {"min_capacity": least, "max_capacity": most, "initial_instance_count": least}
                scaling = self._tracking(metric, name, busy, cooldown_s)
                yield Laid({**own, **count, **scaling}, self.fleet_usd(name, usd, least) + self._data_usd)
            for clock, mean in self.clocks(name, 1):
                yield Laid({**own, **clock}, CLOCK * usd * mean + self._data_usd)

    def _tracking(self, metric: int, name: str, busy: float, cooldown_s: float) -> Settings:
        target = self.per_s(name) * 60 * busy if metric == 0 else self.machine(name).workers * busy
        policy = {"target_value": float(f"{target:.4g}"), "scale_in_cooldown_s": cooldown_s}
        return {"scaling" if metric == 0 else "concurrency_scaling": policy}

    def clocks(self, name: str, least: int, of_h: Sequence[int] = BLOCKS_H) -> Iterator[tuple[Settings, float]]:
        """Counts by blocks of so many hours of the day, enough for the busiest minute of each on any day, a quarter of
        an hour ahead, and their mean over the day.
        """
        traffic = self.scenario.workload.traffic
        if not (traffic.kind == "profile" or (isinstance(traffic, Jobs) and traffic.every_days == 1)):
            return
        minutes = np.arange(self.by_minute.size)
        for hours, busy in product(of_h, BUSY):
            peaks = np.zeros(24 // hours)
            for ahead_s in (0.0, AHEAD_S):
                block = ((minutes * 60 - ahead_s) % DAY_S // (hours * 3600)).astype(int)
                np.maximum.at(peaks, block, self.by_minute)
            counts = np.maximum(np.ceil(peaks / (self.per_s(name) * busy) - 1e-9), least).astype(int).tolist()
            starts = [at for at in range(len(counts)) if counts[at] != counts[at - 1]] or [0]
            if len(starts) <= 20 and max(counts) <= 1000:
                yield self._clock([(at * hours, counts[at]) for at in starts]), sum(counts) / len(counts)

    def _clock(self, starts: list[tuple[int, int]]) -> Settings:
        timezone = self.scenario.simulation.timezone
        actions = [
            {"schedule": f"cron(0 {hour} * * ? *)", "timezone": timezone, "min_capacity": count, "max_capacity": count}
            for hour, count in starts
        ]
        counts = [count for _, count in starts]
        return {
            "scheduled_actions": actions,
            "min_capacity": min(counts),
            "max_capacity": max(*counts, 1),
            "initial_instance_count": counts[-1],
        }

    def asynchronous(self) -> Iterator[Laid]:
        """A count that stays; backlog target, MinCapacity, MaxCapacity and both cooldowns; the clock."""
        own_deployment = self._own(AsynchronousDeployment)
        calls = self.usd("s3_put_requests", "", self.requests + self.answered)
        calls += self.usd("s3_get_requests", "", 2 * self.answered)
        calls += self.usd("sns_publish_requests", "", self.answered) if own_deployment.get("notify", True) else 0.0
        for name, usd in self.types("async_instance_s"):
            own = {**own_deployment, "pattern": "asynchronous", "instance_type": name}
            for count in COUNTS:
                settings = {**own, "initial_instance_count": count, "scaling": None}
                yield Laid(settings, self.fleet_usd(name, usd, count) + calls)
            for least, most, target, down_s, up_s in product((0, 1, 2), MOST, BACKLOGS, COOLDOWNS_S, COOLDOWNS_S[:2]):
                if least > most:
                    continue
                policy = {"target_value": target, "scale_in_cooldown_s": down_s, "scale_out_cooldown_s": up_s}
                count = {"min_capacity": least, "max_capacity": most, "initial_instance_count": least}
                yield Laid({**own, **count, "scaling": policy}, self.fleet_usd(name, usd, least) + calls)
            for clock, mean in self.clocks(name, 0):
                yield Laid({**own, **clock, "scaling": None}, CLOCK * usd * mean + calls)

    def serverless(self) -> Iterator[Laid]:
        """Memory, MaxConcurrency and ProvisionedConcurrency."""
        for memory in MEMORIES_MB:
            for places, count in product(PLACES, KEPT):
                if count > places:
                    continue
                settings = {"memory_size_in_mb": memory, "max_concurrency": places, "provisioned_concurrency": count}
                yield Laid({"pattern": "serverless", **settings}, self.serverless_usd(memory, count))

    def serverless_usd(self, memory: int, count: int) -> float:
        """Of environments of this size: those that are kept ready, and the time that the work takes."""
        size, work_s = str(memory), self.answered * self._environment_s(memory)
        on_demand = self.usd("serverless_duration_s", size, work_s)
        if not count:
            return on_demand
        ready = self.usd("serverless_pc_duration_s", size, work_s)
        return min(on_demand, ready) + count * self.usd("serverless_pc_usage_s", size, MONTH_S)

    def batch(self) -> Iterator[Laid]:
        """Count, objects, strategy, payload, calls at once, and how often a job runs."""
        own = self._own(BatchDeployment)
        workload, overhead_s = self.scenario.workload, self.scenario.assumptions.minibatch_overhead_ms / 1000
        every = (DAY_S,) if isinstance(workload.traffic, Jobs) else EVERY_S
        jobs = {one: MONTH_S / one for one in every}
        for name, usd in self.types("batch_instance_s"):
            workers = self.machine(name).workers
            usd_per_s = usd / MONTH_S
            record_s = workers / self.per_s(name)
            for count, objects, strategy, payload, at_once, every_s in product(
                COUNTS, OBJECTS, ("MultiRecord", "SingleRecord"), PAYLOADS_MB, (0, 1), every
            ):
                settings = {
                    "instance_type": name,
                    "instance_count": count,
                    "input_objects": objects,
                    "batch_strategy": strategy,
                    "max_payload_in_mb": payload,
                    "max_concurrent_transforms": at_once,
                    "schedule_every_s": every_s,
                }
                if count > 100 or objects < count:
                    continue
                calls = 1.0 if strategy == "SingleRecord" else min(1.0, workload.request_mb / payload)
                # A container has no more calls at once than are asked for, or than 100 MB of payload are.
                side_by_side = min(workers, at_once or max(1, 100 // payload))
                work_s = self.answered * (record_s + calls * overhead_s) / side_by_side
                requests = self.usd("s3_put_requests", "", min(objects * jobs[every_s], self.answered))
                yield Laid({**own, "pattern": "batch", **settings}, work_s * usd_per_s + requests)

    def _own(self, kind: type[Any]) -> Settings:
        """The scenario's own deployment of a pattern: what the grid does not vary."""
        one = next((one for one in self.scenario.deployments if isinstance(one, kind)), None)
        return {} if one is None else {**one.model_dump(), "name": kind.model_fields["name"].default}


_KINDS: Mapping[str, tuple[type[Any], Callable[[Grid], Iterator[Laid]], bool]] = {
    "realtime": (RealtimeDeployment, Grid.realtime, False),
    "serverless": (ServerlessDeployment, Grid.serverless, False),
    "asynchronous": (AsynchronousDeployment, Grid.asynchronous, True),
    "batch": (BatchDeployment, Grid.batch, True),
}
"""By pattern: its settings, its part of the grid, whether its answers go through S3."""


def few(scenario: Scenario, replications: int) -> Scenario:
    """The same scenario with so many replications."""
    simulation = scenario.simulation.model_copy(update={"replications": replications})
    return scenario.model_copy(update={"simulation": simulation})
