"""What a decision hangs on: the assumptions that, moved to one end of their plausible range, make another one win.

All deployments of a comparison that may win are looked at again under each assumption moved to its low and to its high
value. A deployment is taken by the fast answer where that is sure as things are and at both ends, else by exact runs
where these are cheap; the middle is taken by the same method, so that a change of method is not taken for a change of
the answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

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
from headroom.advisor.tell import words
from headroom.advisor.world import World
from simulator.model.assumptions import Assumptions
from simulator.scenario import Scenario


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
    """A deployment as the assumptions stand: by the fast answer, whether that is sure, and exactly."""

    fast: Entry
    sure: bool
    exact: Entry


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
    """The same. prepared: the scenario that was compared, whatever its deployments are."""
    scenario = comparison.scenario
    prepared = prepared.simulated_as(scenario)
    able = [one for one in comparison.evaluations if _may_win(one)]
    middles = [_middle(prepared, one) for one in able]
    touching_each = [set(touching(scenario, one.deployment, prepared.world.hardware)) for one in able]
    touched = [one for one in RANGES if any(one in mine for mine in touching_each)]
    wanted = [(one, at) for one in touched for at, mine in enumerate(touching_each) if one in mine]
    sent = prepared.to_send()
    calls = [(sent, one, middles[at]) for one, at in wanted]
    trios: dict[str, dict[int, _Trio]] = {one.field: {} for one in touched}
    for done, ((one, at), trio) in enumerate(zip(wanted, each(executor, _moved, calls), strict=True), 1):
        trios[one.field][at] = trio
        progress(done / len(calls))
    found = [hinge for one in touched for hinge in _hinges(scenario, one, middles, trios[one.field])]
    unsure = tuple(one.field for one in touched if not all(trio.sure for trio in trios[one.field].values()))
    best = comparison.best
    today = "" if best is None else comparison.evaluations[best].deployment.name
    said = _sentence(found, today, len(touched), len(unsure))
    return Hinges(found=tuple(found), moved=len(touched), unsure=unsure, sentence=said)


def choice(scenario: Scenario, entries: Sequence[Entry]) -> int | None:
    """Which of the entries is chosen, by the goal of the search; the first of equals. None: none meets."""
    return order.best(scenario.search.goal, [one.merit for one in entries])


def _may_win(evaluation: Answer) -> bool:
    """Whether any assumption could make it the best: none changes a hard limit, or where an answer comes."""
    return not evaluation.ruled_out and all(one.met for one in evaluation.clauses if one.key == "deferred")


def _middle(prepared: PreparedScenario, answer: Answer) -> _Middle:
    scenario, estimated = prepared.scenario, estimate(prepared, answer.deployment)
    return _Middle(of_answer(scenario, estimated), estimated.sure, of_answer(scenario, answer))


def _moved(prepared: PreparedScenario, one: Range, middle: _Middle) -> _Trio:
    """Fast where that is sure throughout, else exactly where that is cheap, else fast all the same."""
    deployment = middle.exact.deployment
    assert deployment is not None, "it is not ruled out"
    scenario = prepared.scenario
    ends = [moved(scenario, one.field, value) for value in (one.low, one.high)]
    low, high = (estimate(prepared.simulated_as(end), deployment) for end in ends)
    sure = middle.sure and low.sure and high.sure
    replications = 0 if sure else cheap_replications(prepared, deployment)
    if not replications:
        return _Trio(of_answer(scenario, low), middle.fast, of_answer(scenario, high), sure)
    few = [short(one, replications) for one in (ends[0], scenario, ends[1])]
    runs = [of_answer(scenario, simulate(prepared.simulated_as(one), deployment)) for one in few]
    return _Trio(runs[0], runs[1], runs[2], True)


def _hinges(scenario: Scenario, one: Range, middles: Sequence[_Middle], trios: Mapping[int, _Trio]) -> Iterator[Hinge]:
    still = {at: _Trio(middle.exact, middle.exact, middle.exact, True) for at, middle in enumerate(middles)}
    rows = [(still | dict(trios))[at] for at in range(len(middles))]
    today = choice(scenario, [row.middle for row in rows])
    for value, entries in ((one.low, [row.low for row in rows]), (one.high, [row.high for row in rows])):
        wins = choice(scenario, entries)
        if wins != today:
            yield Hinge(
                field=one.field,
                title=Assumptions.model_fields[one.field].title or one.field,
                unit=unit(one.field),
                value=getattr(scenario.assumptions, one.field),
                to=value,
                wins=None if wins is None else entries[wins],
                why="" if today is None else entries[today].why,
            )


def _sentence(found: Sequence[Hinge], today: str, number: int, unsure: int) -> str:
    """What the decision hangs on, each with the value that turns it."""
    said = f"None of {number} assumptions, moved alone within its plausible range, changes the choice."
    if found:
        fields = len({one.field for one in found})
        many = words.counted(fields, "assumption")
        said = f"The choice hangs on {many} of {number}: {'; '.join(_turn(one, today) for one in found)}."
    if unsure:
        said += f" For {unsure} of them only a fast answer that is not sure was at hand."
    return said


def _turn(one: Hinge, today: str) -> str:
    """Like "with Keep-warm time at 60 s (assumed: 300 s) Real-time is chosen, because with Serverless p95 ..."."""
    instead = "nothing meets the requirement" if one.wins is None else f"{_name(one.wins)} is chosen"
    given = f"with {one.title} at {setting(one.to, one.unit)} (assumed: {setting(one.value, one.unit)}) {instead}"
    return f"{given}, because with {today} {one.why}" if one.why else given


def _name(entry: Entry) -> str:
    return entry.title if entry.deployment is None else entry.deployment.name
