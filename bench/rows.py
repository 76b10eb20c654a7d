"""The fine grid of a drawn workload, asked with exact runs alone: rows of candidates from bold to cautious.

Nothing here is the planner's, nor its fast answer. Along a row (a count that rises, a target that falls) cost rises and
latency falls, so that few runs find the first that meets: a row ends where it costs as much as the best so far. Rows
are those of all types whose bound (`grid.Grid`) is below the best. Around the cheapest that meet, every setting is then
changed in finer steps: targets by 3 %, MinCapacity and MaxCapacity by one, cooldowns, payloads.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import product
from typing import Any, NamedTuple

import numpy as np

from bench.grid import BLOCKS_H, CLOCK, EVERY_S, KEPT, MEMORIES_MB, PLACES, Grid, Settings, few
from headroom.advisor.answer import Answer
from headroom.advisor.evaluate import simulate
from headroom.advisor.monthly import MONTH_S
from headroom.advisor.prepared import PreparedScenario, prepare
from headroom.advisor.world import World
from simulator import simulate as simulator
from simulator.patterns.asynchronous.deployment import AsynchronousDeployment
from simulator.patterns.batch.deployment import BatchDeployment
from simulator.patterns.realtime.deployment import RealtimeDeployment
from simulator.patterns.registry import BY_KEY, Deployment
from simulator.patterns.serverless.deployment import ServerlessDeployment
from simulator.scenario import Scenario
from simulator.traffic.kinds import DAY_S

ALMOST = 1.1
"""What misses by so little in its first run is given all of them."""

STEPS = tuple(0.95**step for step in range(48))
"""Targets of a row, as shares of its boldest."""

LEAST = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32)
MOST = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64)
FINER = (0.8, 0.9, 0.94, 0.97, 1.03, 1.06, 1.1, 1.25)
COOLDOWNS_S = (0.0, 60.0, 120.0, 240.0, 300.0, 420.0, 600.0, 900.0, 1800.0)
WORK_MS = 10_000.0
"""Of all runs of one workload, about, in milliseconds of one core."""

LEAST_RUNS, MOST_RUNS = 60, 150
FOR_WINNER, FOR_ROWS = 0.35, 0.8
"""Of the runs, how many may have been made when the look around the winner, and that through the rows, is over."""

AROUND = 3
"""Candidates around which finer steps are taken."""

_REQUEST_MS, _MINUTE_MS = 1e-4, 0.03
_BLOCK_S = 600.0
_WAITED_FOR_S = 60.0


class Row(NamedTuple):
    """Candidates from bold to cautious. what: their kind; make(at): settings of one; floor_usd(at): what it costs at
    least.
    """

    what: str
    make: Callable[[int], Settings]
    size: int
    floor_usd: Callable[[int], float]


class Once(NamedTuple):
    """Of one replication. missed_by: how far over a limit the worst clause is; 1 or less when all are met."""

    usd: float
    missed_by: float

    @property
    def meets(self) -> bool:
        """Whether all clauses are met."""
        return self.missed_by <= 1.0


@dataclass
class Rows:
    """The search of one workload. best_usd: the least cost of what meets, in the first run. rows: how many there were;
    unasked: of those whose bound is below the best, how many the runs did not last for.
    """

    scenario: Scenario
    world: World
    best_usd: float
    rows: int = 0
    unasked: int = 0
    asked: dict[Deployment, Once] = field(default_factory=dict)

    @cached_property
    def grid(self) -> Grid:
        """Bounds and types."""
        return Grid(self.scenario, self.world)

    @cached_property
    def _prepared(self) -> PreparedScenario:
        return prepare(few(self.scenario, 1), self.world)

    @cached_property
    def allowed(self) -> int:
        """Runs that are allowed."""
        case = self._prepared.case
        run_ms = case.expected_requests() * _REQUEST_MS + case.minutes * _MINUTE_MS
        return int(min(MOST_RUNS, max(LEAST_RUNS, WORK_MS / run_ms)))

    def once(self, deployment: Deployment) -> Once:
        """One exact run of a deployment; it is made once."""
        if deployment not in self.asked:
            self.asked[deployment] = judged(simulate(self._prepared, deployment))
            if self.asked[deployment].meets:
                self.best_usd = min(self.best_usd, self.asked[deployment].usd)
        return self.asked[deployment]

    def search(self, winner: Deployment | None) -> None:
        """Look around the planner's winner, ask all rows, then look around the cheapest."""
        if winner is not None:  # first, since whatever is cheaper leaves fewer rows to ask
            self._finer(winner, FOR_WINNER)
        rows = _of_each_kind_in_turn(list(self._all()))
        self.rows = len(rows)
        for row in rows:
            if row.floor_usd(0) >= self.best_usd:
                continue
            if len(self.asked) >= FOR_ROWS * self.allowed:
                self.unasked += 1
            else:
                self._first(row)
        able = sorted((once.usd, at) for at, once in enumerate(self.asked.values()) if once.missed_by <= ALMOST)
        asked = list(self.asked)
        for _, at in able[:AROUND]:
            if asked[at] != winner:
                self._finer(asked[at], 1.0)

    def _first(self, row: Row) -> None:
        """The first of a row that meets and costs less than the best, by doubling and then halving steps."""
        low, high, at, step = -1, row.size, 0, 1
        while low + 1 < high and len(self.asked) < self.allowed:
            deployment = None if row.floor_usd(at) >= self.best_usd else self._able(row.make(at))
            once = Once(float("inf"), float("inf")) if deployment is None else self.once(deployment)
            if once.meets or once.usd >= self.best_usd:
                high = at
            else:
                low = at
            at = min(row.size - 1, low + step) if high == row.size else (low + high) // 2
            step *= 2

    def _able(self, settings: Settings) -> Deployment | None:
        """The deployment of these settings; None where a limit forbids it or it does not keep up: a month is many
        horizons, and what is left over at the end of one would grow.
        """
        if self.grid.most_per_s(settings) < self.grid.answered / MONTH_S:
            return None
        deployment: Deployment = BY_KEY[settings["pattern"]].deployment.model_validate(settings)
        return None if simulator.limits(self._prepared.case, deployment) else deployment

    def _finer(self, deployment: Deployment, share: float) -> None:
        """Small changes, going on from whichever meets and is cheaper, until none is or a share of the runs is made."""
        best, usd = deployment, self.once(deployment).usd
        seen: set[str] = set()
        better = True
        while better:
            better = False
            for settings in finer(best):
                if len(self.asked) >= share * self.allowed:
                    return
                if str(settings) in seen:
                    continue
                seen.add(str(settings))
                try:
                    changed = self._able(settings)
                except ValueError:  # beyond the bounds of a field, or counts that do not agree
                    continue
                once = None if changed is None else self.once(changed)
                if changed is not None and once is not None and once.meets and once.usd < usd:
                    best, usd, better = changed, once.usd, True

    def _all(self) -> Iterator[Row]:
        yield from self._realtime()
        yield from self._serverless()
        if self.scenario.requirement.answer_may_be_deferred:
            yield from self._asynchronous()
            yield from self._batch()

    def _realtime(self) -> Iterator[Row]:
        grid = self.grid
        for name, usd in grid.types("hosting_instance_s"):
            own = {"pattern": "realtime", "instance_type": name, "routing_strategy": "LEAST_OUTSTANDING_REQUESTS"}
            per_s, workers = grid.per_s(name), grid.machine(name).workers
            yield self._fixed(own, usd)
            most = min(1000, int(4 * grid.peak_per_s / per_s) + 2)
            for least in LEAST:
                if least >= most or grid.peak_per_s < 0.4 * per_s:
                    break
                count = {**own, "min_capacity": least, "max_capacity": most, "initial_instance_count": least}
                floor_usd = self._followed_usd(name, usd, least)
                yield self._targets({**count}, "scaling", per_s * 60 * 1.1, floor_usd)
                yield self._targets({**count}, "concurrency_scaling", 4.0 * workers, floor_usd)
            for hours in BLOCKS_H:
                yield from _as_row(own, [(clock, CLOCK * usd * mean) for clock, mean in grid.clocks(name, 1, (hours,))])

    def _asynchronous(self) -> Iterator[Row]:
        grid = self.grid
        own = {"pattern": "asynchronous", "scaling": None}
        for name, usd in grid.types("async_instance_s"):
            mine = {**own, "instance_type": name}
            per_s, workers = grid.per_s(name), grid.machine(name).workers
            yield self._fixed(mine, usd)
            most = max(2.0, 4 * grid.peak_per_s / per_s + 1)
            able = [count for count in MOST if grid.least_per_s / per_s <= count <= most]
            for least, highest in product((0, 1, 2), able):
                if least <= highest:
                    count = {**mine, "min_capacity": least, "max_capacity": highest, "initial_instance_count": least}
                    yield self._targets(count, "scaling", 40.0 * workers, grid.fleet_usd(name, usd, least), 2)
            for hours in BLOCKS_H:
                yield from _as_row(
                    mine, [(clock, CLOCK * usd * mean) for clock, mean in grid.clocks(name, 0, (hours,))]
                )

    def _fixed(self, own: Settings, usd: float) -> Row:
        needed_per_s = max(self.grid.least_per_s, self.grid.answered / MONTH_S)
        fewest = max(1, int(needed_per_s / self.grid.per_s(own["instance_type"])))
        return Row(
            what=f"{own['pattern']}, a count that stays",
            make=lambda at: {**own, "initial_instance_count": fewest + at},
            size=200,
            floor_usd=lambda at: (fewest + at) * usd * 0.999,
        )

    def _targets(self, own: Settings, policy: str, boldest: float, floor_usd: float, every: int = 1) -> Row:
        steps = STEPS[::every]

        def make(at: int) -> Settings:
            return {**own, policy: {"target_value": float(f"{max(boldest * steps[at], 0.1):.4g}")}}

        what = f"{own['pattern']}, {policy}, {'more' if own['min_capacity'] > 1 else 'one at most'} at all times"
        return Row(what=what, make=make, size=len(steps), floor_usd=lambda _: floor_usd)

    def _serverless(self) -> Iterator[Row]:
        for memory in MEMORIES_MB:
            own = {"pattern": "serverless", "memory_size_in_mb": memory, "max_concurrency": PLACES[-1]}
            floors = [self.grid.serverless_usd(memory, kept) for kept in KEPT]
            yield from _as_row(own, [({"provisioned_concurrency": 0}, floors[0])])
            kept = [({"provisioned_concurrency": count}, usd) for count, usd in zip(KEPT[1:], floors[1:], strict=True)]
            yield from _as_row(own, kept)

    def _batch(self) -> Iterator[Row]:
        grid = self.grid
        for name, usd in grid.types("batch_instance_s"):
            for every_s in EVERY_S:
                own = {"pattern": "batch", "instance_type": name, "schedule_every_s": every_s, "input_objects": 100}
                if grid.waits_too_long(own):
                    continue
                yield _counted(own, grid.answered / grid.per_s(name) * usd / MONTH_S)

    def _followed_usd(self, name: str, usd: float, least: int) -> float:
        """Of a fleet that follows the load and whose answers are waited for: in each block of time the work that comes,
        or the least count, less the share of requests that may be late.
        """
        requirement, floor_usd = self.scenario.requirement, self.grid.fleet_usd(name, usd, least)
        if requirement.answer_may_be_deferred or not 0 < requirement.latency_limit_s <= _WAITED_FOR_S:
            return floor_usd
        minutes, rates = max(1, int(_BLOCK_S / 60)), self.grid.by_minute
        blocks = rates[: rates.size // minutes * minutes].reshape(-1, minutes).mean(axis=1) / self.grid.per_s(name)
        if not blocks.size:
            return floor_usd
        late = 1 - requirement.latency_percentile / 100 + requirement.max_error_share
        of_blocks = np.maximum(0.97 * blocks, least).mean() - late * blocks.mean()
        return max(floor_usd, float(of_blocks) * usd * _BLOCK_S / (_BLOCK_S + requirement.latency_limit_s))


def _of_each_kind_in_turn(rows: Sequence[Row]) -> list[Row]:
    """The cheapest of each kind by the bounds, then the second of each, and so on, so that runs last for all kinds."""
    turns: Counter[str] = Counter()
    ordered: list[tuple[int, float, int]] = []
    for number in sorted(range(len(rows)), key=lambda number: rows[number].floor_usd(0)):
        row = rows[number]
        ordered.append((turns[row.what], row.floor_usd(0), number))
        turns[row.what] += 1
    return [rows[number] for *_, number in sorted(ordered)]


def judged(answer: Answer) -> Once:
    """What a search wants to know of an answer."""
    missed = [
        clause.margin if clause.margin is not None else float("inf") for clause in answer.clauses if not clause.met
    ]
    usd = float("inf") if answer.cost_usd_per_month is None else answer.cost_usd_per_month.value
    worst = max(missed, default=0.0)
    return Once(usd, float("inf") if answer.unpriced or answer.ruled_out else max(worst, 1.001 if missed else 0.0))


def _counted(own: Settings, floor_usd: float) -> Row:
    """Jobs of ever more instances."""
    return Row("jobs", lambda at: {**own, "instance_count": 1 + at}, 100, lambda _: floor_usd)


def _as_row(own: Settings, able: Sequence[tuple[Settings, float]]) -> Iterator[Row]:
    if able:
        able = sorted(able, key=lambda one: one[1])
        yield Row(
            what=f"{own['pattern']}, {'by the clock' if 'instance_type' in own else 'environments'}",
            make=lambda at: {**own, **able[at][0]},
            size=len(able),
            floor_usd=lambda at: able[at][1],
        )


def finer(deployment: Deployment) -> Iterator[Settings]:
    """The settings of a deployment with one of them, or two that go together, changed a little."""
    own = {**deployment.model_dump(), "name": type(deployment).model_fields["name"].default}
    if isinstance(deployment, ServerlessDeployment):
        changes = _of_serverless(deployment)
    elif isinstance(deployment, BatchDeployment):
        changes = _of_batch(deployment)
    elif isinstance(deployment, RealtimeDeployment | AsynchronousDeployment):
        changes = _of_fleet(deployment)
    else:
        raise TypeError(f"the grid has no finer steps of {deployment.pattern}")
    for change in changes:
        yield {**own, **change}


def _of_fleet(deployment: RealtimeDeployment | AsynchronousDeployment) -> Iterator[Settings]:
    policies: Mapping[str, Any] = {
        name: policy for name in ("scaling", "concurrency_scaling") if (policy := getattr(deployment, name, None))
    }
    for name, policy in policies.items():
        for times in FINER:
            yield {name: {**policy.model_dump(), "target_value": float(f"{policy.target_value * times:.4g}")}}
        for cooldown, seconds in product(("scale_in_cooldown_s", "scale_out_cooldown_s"), COOLDOWNS_S):
            yield {name: {**policy.model_dump(), cooldown: seconds}}
    if not policies:
        if not deployment.scheduled_actions:
            yield from ({"initial_instance_count": deployment.initial_instance_count + by} for by in (-1, 1))
        return
    least, most, initial = deployment.min_capacity, deployment.max_capacity, deployment.initial_instance_count
    for by in (-2, -1, 1, 2):
        yield {"max_capacity": most + by, "initial_instance_count": min(initial, most + by)}
        yield {"min_capacity": least + by, "initial_instance_count": max(initial, least + by)}
        for name, policy in policies.items():  # one more at all times pays for a bolder target, and one fewer asks for
            for times in (0.85, 1.15, 1.3, 1.6):
                bolder = {**policy.model_dump(), "target_value": float(f"{policy.target_value * times:.4g}")}
                yield {"min_capacity": least + by, "initial_instance_count": max(initial, least + by), name: bolder}


def _of_serverless(deployment: ServerlessDeployment) -> Iterator[Settings]:
    for by in (-1, 1):
        yield {"provisioned_concurrency": deployment.provisioned_concurrency + by}
        yield {"memory_size_in_mb": deployment.memory_size_in_mb + 1024 * by}


def _of_batch(deployment: BatchDeployment) -> Iterator[Settings]:
    for by in (-1, 1):
        yield {"instance_count": deployment.instance_count + by}
    for objects in (deployment.instance_count, 10, 30, 100, 300, 1000, 10_000):
        yield {"input_objects": max(objects, deployment.instance_count)}
    for payload in (1, 3, 6, 12, 25, 50, 100):
        yield {"max_payload_in_mb": payload, "max_concurrent_transforms": 0}
    yield {"batch_strategy": "SingleRecord" if deployment.batch_strategy == "MultiRecord" else "MultiRecord"}
    for times in (0.5, 0.7, 0.85, 1.2, 1.5, 2.0):
        every_s = min(DAY_S, max(900.0, round(deployment.schedule_every_s * times)))
        yield {"schedule_every_s": every_s}
        for by in (-1, 1):
            yield {"schedule_every_s": every_s, "instance_count": deployment.instance_count + by}
