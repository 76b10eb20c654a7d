"""Many screens for one what-if: searches that go on side by side, their questions asked together, each only once.

A search is a generator: it yields the scenario it wants to know about, gets the standing of the patterns in it, and
returns what it found. The questions of all searches of a round are asked at once, on the executor where there is one:
the answer does not depend on how many processes work.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from headroom.advisor.evaluate import Progress
from headroom.advisor.executor import Executor
from headroom.advisor.explore.ranking_at import Standing, stand
from headroom.advisor.search.screen import Effort
from headroom.advisor.world import World
from simulator.engine.replication import in_step
from simulator.scenario import Scenario
from simulator.traffic.kinds import NamedTrace

CLOSENESS = 1.02
"""Values are found to 2 %: about as sure as the fast answer is of a cost."""

CHUNKS = 6
"""Parts that many calls go to the executor in: few, as sending a world takes a tenth of a second; enough for two cores
or four to end at about the same time."""

T = TypeVar("T")
Search = Generator[Scenario, Standing, T]


@dataclass(frozen=True, slots=True)
class Bracket:
    """Two values of a parameter, what is true of the standing at `inside` being no longer true at `outside`."""

    inside: float
    outside: float
    standing_inside: Standing
    standing_outside: Standing

    @property
    def middle(self) -> float:
        """Between the two, even in the logarithm."""
        return math.sqrt(self.inside * self.outside)


def narrowed(
    bracket: Bracket,
    scenario_at: Callable[[float], Scenario],
    holds: Callable[[Standing], bool],
    closeness: float = CLOSENESS,
) -> Search[Bracket]:
    """Halve the bracket, in the logarithm, until its ends are as close as `closeness` (a ratio)."""
    while max(bracket.inside / bracket.outside, bracket.outside / bracket.inside) > closeness:
        middle = bracket.middle
        standing = yield scenario_at(middle)
        if holds(standing):
            bracket = replace(bracket, inside=middle, standing_inside=standing)
        else:
            bracket = replace(bracket, outside=middle, standing_outside=standing)
    return bracket


class SharedScreens:
    """Screens scenarios, on an executor if there is one, and remembers the answers.

    `progress` is told the share of `expected` screens that is done; more than expected stay just below 1.
    """

    def __init__(
        self, world: World, executor: Executor | None, progress: Progress, expected: int, effort: Effort = Effort.COARSE
    ) -> None:
        self._world = world
        self._executor = executor
        self._progress = progress
        self._expected = expected
        self._effort = effort
        self._known: dict[Scenario, Standing] = {}
        self._before = 0

    def closer(self) -> SharedScreens:
        """One that screens in full, and goes on telling the same progress."""
        closer = SharedScreens(self._world, self._executor, self._progress, self._expected, Effort.FULL)
        closer._before = len(self._known)
        return closer

    def ask(self, scenarios: Sequence[Scenario]) -> list[Standing]:
        """The standing of the patterns in each."""
        new = [scenario for scenario in dict.fromkeys(scenarios) if scenario not in self._known]
        # All questions of a what-if replay the same trace, if any: one world, sent once for each chunk.
        world = slim(new[0], self._world) if new and self._executor else self._world
        calls = [(scenario, world, self._effort) for scenario in new]
        for scenario, standing in zip(new, each(self._executor, stand, calls), strict=True):
            self._learn(scenario, standing)
        return [self._known[scenario] for scenario in scenarios]

    def together(self, searches: Sequence[Search[T]]) -> list[T]:
        """Run all searches to their end; what they returned, in their order."""
        results: dict[int, T] = {}
        asking: dict[int, Scenario] = {}
        for index, search in enumerate(searches):
            _step(search, None, index, asking, results)
        while asking:
            round_ = dict(asking)
            asking.clear()
            for index, answer in zip(round_, self.ask(list(round_.values())), strict=True):
                _step(searches[index], answer, index, asking, results)
        return [results[index] for index in range(len(searches))]

    def _learn(self, scenario: Scenario, standing: Standing) -> None:
        self._known[scenario] = standing
        finished = self._before + len(self._known)
        self._progress(finished / (max(self._expected, finished) + 1))


def each(executor: Executor | None, fn: Callable[..., T], calls: Sequence[tuple[Any, ...]]) -> Iterator[T]:
    """Results of fn for each tuple of arguments, in order; computed on the executor where there is one."""
    if executor is None:
        yield from (fn(*call) for call in calls)
    else:
        size = max(1, len(calls) // CHUNKS)
        futures = [executor.submit(_chunk, fn, calls[index : index + size]) for index in range(0, len(calls), size)]
        for future in futures:
            yield from future.result()


def _chunk(fn: Callable[..., T], calls: Sequence[tuple[Any, ...]]) -> list[T]:
    """Some calls in one process: what they share is sent there once."""
    return [fn(*call) for call in calls]


def slim(scenario: Scenario, world: World) -> World:
    """The world with no more traces than the scenario uses: what is sent to another process."""
    traffic = scenario.workload.traffic
    trace = traffic.trace if isinstance(traffic, NamedTrace) else ""
    return replace(world, traces={k: world.traces[k] for k in world.traces if k == trace}, ahead=in_step)


def _step(
    search: Search[T], answer: Standing | None, index: int, asking: dict[int, Scenario], results: dict[int, T]
) -> None:
    """Give a search its answer, and note its next question or its end."""
    try:
        asking[index] = next(search) if answer is None else search.send(answer)
    except StopIteration as end:
        results[index] = end.value
