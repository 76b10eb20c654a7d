"""What a decision hangs on: the assumptions that, moved to one end of their plausible range, make another one win.

All deployments of a comparison that may win are looked at again under each assumption moved to its low and to its high
value. A deployment is taken by the fast answer where that is sure as things are and at both ends, else by exact runs
where these are cheap; the middle is taken by the same method, so that a change of method is not taken for a change of
the answer.

Today's choice is looked at first. Where it still meets the requirement at both ends, what scales in the same way on
another machine and is plainly dearer today is not looked at: with the same requests and the same way of scaling, the
assumption moves both alike.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from headroom.advisor import order
from headroom.advisor.answer import Answer, Comparison
from headroom.advisor.evaluate import Progress, estimate, no_progress, simulate
from headroom.advisor.executor import Executor
from headroom.advisor.explore.affordable_runs import cheap_replications, short
from headroom.advisor.explore.ranges import RANGES, Range, touching
from headroom.advisor.explore.ranking_at import Entry, of_answer
from headroom.advisor.explore.shared_screens import each
from headroom.advisor.explore.tornado import Value, moved, setting, unit
from headroom.advisor.prepared import PreparedScenario, prepare
from headroom.advisor.search.naming import same_way
from headroom.advisor.tell import words
from headroom.advisor.world import World
from simulator.estimate.sampled import affordable
from simulator.model.assumptions import Assumptions
from simulator.patterns.instances import OF_GPUS
from simulator.patterns.registry import Deployment
from simulator.scenario import Scenario

_PLAINLY_DEARER = 1.02
"""Times today's choice. Where machines differ in nothing but price and speed, an assumption that both use moves their
costs alike to some tenths of a per cent.
"""


_FORMULA_REPLICATIONS = 3
"""Of the load, at most, where formulas alone answer; as many as a search takes, and the same ones in the middle."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hinge:
    """With this assumption at `to` instead of `value`, `wins` is chosen; None: nothing meets the requirement then.

    why: what becomes of today's winner there, "" when it still meets the requirement and only costs more.
    """

    field: str
    title: str
    unit: str
    value: Value
    to: Value
    wins: Entry | None
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Hinges:
    """found: at most one hinge for each end of a range. moved: how many assumptions were moved.

    unsure: those for which only a fast answer was at hand that is not sure of itself. sentence: all of it.
    """

    found: tuple[Hinge, ...]
    moved: int
    unsure: tuple[str, ...]
    sentence: str


@dataclass(frozen=True, slots=True)
class _Middle:
    """A deployment as the assumptions stand: by the fast answer, whether that is sure, and by short exact runs where it
    is not and these are cheap.
    """

    deployment: Deployment
    fast: Entry
    sure: bool
    runs: Entry | None

    @property
    def entry(self) -> Entry:
        """By the method that can be relied on most."""
        return self.runs or self.fast


@dataclass(frozen=True, slots=True)
class _Trio:
    """A deployment with one assumption low, as it is, and high; sure: by a method that can be relied on."""

    low: Entry
    middle: Entry
    high: Entry
    sure: bool


def hinges(
    comparison: Comparison, world: World, executor: Executor | None = None, progress: Progress = no_progress
) -> Hinges:
    """Move every assumption that touches a deployment of the comparison, and see whether the choice stays the same.

    Raises InvalidScenario with every problem of the scenario's shared part.
    """
    return hinges_prepared(comparison, prepare(comparison.scenario, world), executor, progress)


def hinges_prepared(
    comparison: Comparison,
    prepared: PreparedScenario,
    executor: Executor | None = None,
    progress: Progress = no_progress,
) -> Hinges:
    """Move every assumption that touches a deployment of the comparison, for a prepared scenario.

    prepared: the scenario that was compared, whatever its deployments are.
    """
    scenario = comparison.scenario
    prepared = prepared.simulated_as(scenario)
    able = [answer for answer in comparison.evaluations if _may_win(answer)]
    sent = prepared.to_send()
    middles = list(each(executor, _middle, [(sent, answer.deployment) for answer in able]))
    touching_each = [set(touching(scenario, answer.deployment, prepared.world.hardware)) for answer in able]
    touched = [range_ for range_ in RANGES if any(range_ in ranges for ranges in touching_each)]
    moves = [(range_, index) for range_ in touched for index, ranges in enumerate(touching_each) if range_ in ranges]
    trios = _trios(sent, middles, moves, executor, progress)
    exact = [of_answer(scenario, answer) for answer in able]
    hinges = [hinge for range_ in touched for hinge in _hinges(scenario, range_, exact, _of_range(trios, range_))]
    unsure = tuple(
        range_.field for range_ in touched if not all(trio.sure for trio in _of_range(trios, range_).values())
    )
    best = comparison.best
    today = "" if best is None else comparison.evaluations[best].deployment.name
    sentence = _sentence(hinges, today, len(touched), len(unsure))
    return Hinges(found=tuple(hinges), moved=len(touched), unsure=unsure, sentence=sentence)


_Move = tuple[Range, int]
"""An assumption, and the place of a deployment that it touches."""


def _trios(
    prepared: PreparedScenario,
    middles: Sequence[_Middle],
    moves: Sequence[_Move],
    executor: Executor | None,
    progress: Progress,
) -> dict[_Move, _Trio]:
    """Make all moves: first those of today's choice, then those of others, less what can turn nothing."""
    scenario, trios = prepared.scenario, dict[_Move, _Trio]()

    def make(wanted: Sequence[_Move]) -> None:
        calls = [(prepared, range_, middles[index]) for range_, index in wanted]
        for move, trio in zip(wanted, each(executor, _moved, calls), strict=True):
            trios[move] = trio
            progress(len(trios) / len(moves))

    today = choice(scenario, [middle.entry for middle in middles])
    make([move for move in moves if move[1] == today])
    for range_, index in moves:
        chosen = None if today is None else trios.get((range_, today))
        if chosen and index != today and today is not None and _moves_alike(scenario, range_, middles, index, today):
            alike = _alike(middles[index], chosen)
            if alike is not None:
                trios[range_, index] = alike
    make([move for move in moves if move not in trios])
    return trios


def _moves_alike(scenario: Scenario, range_: Range, middles: Sequence[_Middle], index: int, today: int) -> bool:
    """Whether an assumption acts alike on a deployment and on today's choice, and the deployment is plainly dearer."""
    deployment, chosen = middles[index].deployment, middles[today].deployment
    return (
        scenario.search.goal == "cost"
        and same_way(deployment) == same_way(chosen)
        and range_.field not in OF_GPUS  # these act on each machine in its own way
        and middles[index].entry.cost_usd > _PLAINLY_DEARER * middles[today].entry.cost_usd
    )


def _alike(middle: _Middle, chosen: _Trio) -> _Trio | None:
    """A deployment that is dearer than the choice today and is moved as it is; None where the choice breaks at an end,
    or it is not known by the same method.
    """
    if not (chosen.sure and chosen.low.meets and chosen.high.meets and (middle.runs or middle.sure)):
        return None

    def moved_as(end: Entry) -> Entry:
        return replace(middle.entry, cost_usd_per_month=middle.entry.cost_usd * end.cost_usd / chosen.middle.cost_usd)

    return _Trio(moved_as(chosen.low), middle.entry, moved_as(chosen.high), True)


def _of_range(trios: Mapping[_Move, _Trio], range_: Range) -> dict[int, _Trio]:
    """By the place of the deployment."""
    return {index: trio for (moved_range, index), trio in trios.items() if moved_range == range_}


def choice(scenario: Scenario, entries: Sequence[Entry]) -> int | None:
    """Which of the entries is chosen, by the goal of the search; the first of equals. None: none meets."""
    return order.best(scenario.search.goal, [entry.merit for entry in entries])


def _may_win(evaluation: Answer) -> bool:
    """Whether any assumption could make it the best: none changes a hard limit, or where an answer comes."""
    return not evaluation.ruled_out and all(clause.met for clause in evaluation.clauses if clause.key == "deferred")


def _middle(prepared: PreparedScenario, deployment: Deployment) -> _Middle:
    scenario = prepared.scenario
    estimated = _estimated(prepared, scenario, deployment)
    replications = 0 if estimated.sure else cheap_replications(prepared, deployment)
    runs = _run(prepared, scenario, deployment, replications) if replications else None
    return _Middle(deployment, of_answer(scenario, estimated), estimated.sure, runs)


def _moved(prepared: PreparedScenario, range_: Range, middle: _Middle) -> _Trio:
    """Fast where that is sure throughout, else exactly where that is cheap, else fast all the same."""
    scenario, deployment = prepared.scenario, middle.deployment
    low_end, high_end = (moved(scenario, range_.field, value) for value in (range_.low, range_.high))
    replications = cheap_replications(prepared, deployment)
    if middle.runs is None:
        low, high = (_fast(prepared, end, middle) for end in (low_end, high_end))
        sure = middle.sure and low[1] and high[1]
        if sure or not replications:
            return _Trio(low[0], middle.fast, high[0], sure)
    between = middle.runs or _run(prepared, scenario, deployment, replications)
    low_run, high_run = (
        between if end.assumptions == scenario.assumptions else _run(prepared, end, deployment, replications)
        for end in (low_end, high_end)
    )
    return _Trio(low_run, between, high_run, True)


def _fast(prepared: PreparedScenario, end: Scenario, middle: _Middle) -> tuple[Entry, bool]:
    """A deployment by the fast answer with an assumption moved, and whether that is sure."""
    if end.assumptions == prepared.scenario.assumptions:
        return middle.fast, middle.sure
    answer = _estimated(prepared, end, middle.deployment)
    return of_answer(prepared.scenario, answer), answer.sure


def _estimated(prepared: PreparedScenario, scenario: Scenario, deployment: Deployment) -> Answer:
    """The fast answer in a scenario that differs in nothing but assumptions."""
    if not affordable(prepared.case, deployment):  # else requests are counted, and fewer would be less sure
        scenario = short(scenario, min(_FORMULA_REPLICATIONS, scenario.simulation.replications))
    return estimate(prepared.simulated_as(scenario), deployment)


def _run(prepared: PreparedScenario, scenario: Scenario, deployment: Deployment, replications: int) -> Entry:
    """A deployment by so many replications of a scenario that differs in nothing but assumptions."""
    shortened = short(scenario, replications)
    return of_answer(prepared.scenario, simulate(prepared.simulated_as(shortened), deployment))


def _hinges(scenario: Scenario, range_: Range, exact: Sequence[Entry], trios: Mapping[int, _Trio]) -> Iterator[Hinge]:
    """The ends of a range that turn the choice. exact: the deployments as they are; trios: those that it touches."""
    rows = [trios.get(index, _Trio(entry, entry, entry, True)) for index, entry in enumerate(exact)]
    today = choice(scenario, [row.middle for row in rows])
    for value, entries in ((range_.low, [row.low for row in rows]), (range_.high, [row.high for row in rows])):
        wins = choice(scenario, entries)
        if wins != today:
            yield Hinge(
                field=range_.field,
                title=Assumptions.model_fields[range_.field].title or range_.field,
                unit=unit(range_.field),
                value=getattr(scenario.assumptions, range_.field),
                to=value,
                wins=None if wins is None else entries[wins],
                why="" if today is None else entries[today].why,
            )


def _sentence(hinges: Sequence[Hinge], today: str, number: int, unsure: int) -> str:
    """What the decision hangs on, each with the value that turns it."""
    sentence = f"None of {number} assumptions, moved alone within its plausible range, changes the choice."
    if hinges:
        fields = len({hinge.field for hinge in hinges})
        assumptions = words.counted(fields, "assumption")
        sentence = (
            f"The choice hangs on {assumptions} of {number}: {'; '.join(_turn(hinge, today) for hinge in hinges)}."
        )
    if unsure:
        sentence += f" For {unsure} of them only a fast answer that is not sure was at hand."
    return sentence


def _turn(hinge: Hinge, today: str) -> str:
    """Like "with Keep-warm time at 60 s (assumed: 300 s) Real-time is chosen, because with Serverless p95 ..."."""
    instead = "nothing meets the requirement" if hinge.wins is None else f"{_name(hinge.wins)} is chosen"
    condition = (
        f"with {hinge.title} at {setting(hinge.to, hinge.unit)} (assumed: {setting(hinge.value, hinge.unit)}) {instead}"
    )
    return f"{condition}, because with {today} {hinge.why}" if hinge.why else condition


def _name(entry: Entry) -> str:
    return entry.title if entry.deployment is None else entry.deployment.name
