"""The best candidate of one pattern by the fast answer: ladders by what they cost at least, then small changes.

Branch and bound: a ladder is looked into only when it could still be cheaper than the best so far. Where the work that
is allowed does not last for all ladders, those that promise most come first.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from headroom.advisor.answer import Answer
from headroom.advisor.order import SAME_LATENCY, best_first, cost_usd
from headroom.advisor.search.ladders import first_feasible
from headroom.advisor.search.ranking import Ranking
from headroom.advisor.search.spaces import Space, neighbours
from headroom.advisor.search.surrogate import SurrogateMemo
from simulator.patterns.candidates import Ladder
from simulator.patterns.registry import BY_KEY, COMPUTE, Deployment

_HOPELESS = 4
"""After so many ladders of a kind without a feasible rung, the other ladders of this kind come last."""

_AS_ITS_KIND = 0.9
"""Share of what a kind of ladder costs beyond its bound that all of the kind are taken to cost."""

_FASTEST = 12
_BOLDER_STEPS = 4
_WORTHWHILE = 0.003
"""Share of its cost that a change of a setting must save."""
_REST = 0.95
"""Share of the cost beside compute that every candidate of a pattern pays, as it is about the same for all."""


@dataclass(slots=True)
class BranchAndBound:
    """State of the branch-and-bound search of one pattern.

    until_ms: work of the surrogate, in about milliseconds, after which the search ends. kind: kind of the ladder that
    the best candidate stands on. rest_usd: monthly cost that the best pays beside its compute. found: for each kind of
    ladder, how far its first feasible rung lay from the guess. over: what the
    compute of that rung costs over its bound, the least of the kind. failed: ladders of each kind without a feasible
    rung.
    """

    space: Space
    surrogate: SurrogateMemo
    ranking: Ranking
    until_ms: float
    best: Answer | None = None
    kind: str = ""
    rest_usd: float = 0.0
    found: dict[str, float] = field(default_factory=dict)
    over: dict[str, float] = field(default_factory=dict)
    failed: Counter[str] = field(default_factory=Counter)
    looked_into: set[int] = field(default_factory=set)

    @property
    def spent(self) -> bool:
        """Whether the work that is allowed is done."""
        return self.surrogate.spent_ms >= self.until_ms


def branch_and_bound(space: Space, surrogate: SurrogateMemo, ranking: Ranking, allowed_ms: float) -> Answer | None:
    """Search one pattern by branch and bound: its best feasible candidate, else the nearest miss.

    Returns None when the space has no ladder. allowed_ms: work of the surrogate, in about milliseconds of one core.
    """
    if not space.ladders:
        return None
    until_ms = surrogate.spent_ms + allowed_ms
    if ranking.fast_wanted:
        least_s = _least_latency_s(space, surrogate, ranking, surrogate.spent_ms + allowed_ms / 2)
        ranking = replace(ranking, within_s=least_s * (1 + SAME_LATENCY))
    state = BranchAndBound(space, surrogate, ranking, until_ms)
    _through_ladders(state)
    _small_changes(state)
    _no_more_places(state)
    return state.best or _nearest(space, surrogate, ranking)


def _through_ladders(state: BranchAndBound) -> None:
    ladders = state.space.ladders
    by_usd = sorted(range(len(ladders)), key=lambda number: ladders[number].usd(_start(state, ladders[number])))
    first_of_kind: dict[str, int] = {}
    for number in by_usd:
        first_of_kind.setdefault(ladders[number].what, number)
    for number in first_of_kind.values():  # whatever the work: a kind that is not looked into cannot be judged
        _look_into(state, number)
    rest = [number for number in by_usd if number not in state.looked_into]
    later = [number for number in rest if _beaten_kind(state, ladders[number].what)]
    sooner = [number for number in rest if number not in later]
    for number in sooner:
        if not state.spent and state.failed[ladders[number].what] < _HOPELESS:
            _look_into(state, number)
    for number in (*later, *sooner):
        if not state.spent and number not in state.looked_into:
            _look_into(state, number)


def _beaten_kind(state: BranchAndBound, kind: str) -> bool:
    """Whether another kind has done better than this one: what is best on one type is mostly best on the next."""
    return (
        bool(state.kind)
        and kind != state.kind
        and kind in {state.space.ladders[number].what for number in state.looked_into}
    )


def _look_into(state: BranchAndBound, number: int) -> None:
    ladder = state.space.ladders[number]
    if ladder.usd(ladder.least) >= _below_usd(state) or _dearer_than_its_kind_can_be(state, ladder):
        return
    state.looked_into.add(number)
    ladder = replace(ladder, guess=_start(state, ladder))
    until_ms = math.inf if state.space.may_meet else state.until_ms  # else only how near it comes is of interest
    place, answer = first_feasible(ladder, state.surrogate, state.ranking, _below_usd(state), until_ms)
    if answer is None:
        state.failed[ladder.what] += 1
        return
    state.failed[ladder.what] = -len(state.space.ladders)
    bound_usd = ladder.usd(place)
    if bound_usd > 0:
        over = (cost_usd(answer) - rest_usd(answer)) / bound_usd
        state.over[ladder.what] = min(over, state.over.get(ladder.what, math.inf))
    guess = state.space.ladders[number].guess
    state.found[ladder.what] = place / max(guess, 1) if ladder.counts else float(place)
    if _keep(state, answer):
        state.kind = ladder.what


def _dearer_than_its_kind_can_be(state: BranchAndBound, ladder: Ladder) -> bool:
    """Whether a ladder costs more than the best where it misses its bound by about as much as others of its kind."""
    over = state.over.get(ladder.what)
    return over is not None and ladder.usd(_start(state, ladder)) * max(1.0, over * _AS_ITS_KIND) >= _below_usd(state)


def _start(state: BranchAndBound, ladder: Ladder) -> int:
    """The rung to start from: the ladder's guess, corrected by what ladders of the same kind have shown."""
    correction = state.found.get(ladder.what)
    if correction is None:
        return min(max(ladder.guess, ladder.least), ladder.most)
    guess = round(ladder.guess * correction) if ladder.counts else round(correction)
    return min(max(guess, ladder.least), ladder.most)


def _keep(state: BranchAndBound, answer: Answer) -> bool:
    if state.best is not None and _order(state, answer) >= _order(state, state.best):
        return False
    state.best = answer
    state.rest_usd = _REST * rest_usd(answer)
    return True


def _order(state: BranchAndBound, answer: Answer) -> tuple[float, ...]:
    return (0.0 if state.ranking.feasible(answer) else 1.0, *state.ranking.merit(answer).thrift)


def _below_usd(state: BranchAndBound) -> float:
    """The monthly cost, USD, that the compute of a better candidate must stay below."""
    budget = state.surrogate.scenario.requirement.monthly_budget_usd
    limit_usd = cost_usd(state.best) if state.best else math.inf
    if state.ranking.fast_wanted and budget:
        limit_usd = min(limit_usd, budget)
    return limit_usd - state.rest_usd


def descend(surrogate: SurrogateMemo, ranking: Ranking, deployment: Deployment, allowed_ms: float) -> None:
    """Ask about small changes of a deployment, going on from whichever is better, until none is.

    allowed_ms: work of the surrogate, in about milliseconds of one core.
    """
    space = Space(pattern=deployment.pattern, ladders=(), forbidden=(), may_meet=True)
    state = BranchAndBound(space, surrogate, ranking, surrogate.spent_ms + allowed_ms)
    state.best = surrogate.ask(deployment)
    _small_changes(state)


def _worth_changing(state: BranchAndBound) -> tuple[float, ...]:
    """The order of a candidate that is just so much cheaper that a setting may be changed for it."""
    assert state.best is not None
    feasible, usd, *rest = _order(state, state.best)
    return feasible, usd if state.ranking.fast_wanted else usd * (1 - _WORTHWHILE), *rest


def _bolder_and_bolder(deployment: Deployment) -> Iterator[Deployment]:
    """A small change, and what it makes room for: targets a step higher, again and again."""
    step: Deployment | None = deployment
    for _ in range(_BOLDER_STEPS):
        if step is None:
            return
        yield step
        step = BY_KEY[step.pattern].searching.bolder(step)


def _small_changes(state: BranchAndBound) -> None:
    """Take whichever small change is better, until none is."""
    asked_about: set[object] = set()
    while state.best is not None and not state.spent:
        better = False
        for deployment in neighbours(state.surrogate, state.best.deployment):
            if state.spent:
                return
            for step in _bolder_and_bolder(deployment):
                if step in asked_about or state.spent:
                    break
                asked_about.add(step)
                answer = state.surrogate.ask(step)
                if not state.ranking.feasible(answer):
                    break
                if _order(state, answer) < _worth_changing(state):
                    better = _keep(state, answer) or better
        if not better:
            return


def _no_more_places(state: BranchAndBound) -> None:
    """Reduce places that are free of charge but count against a quota, as long as the answer stays as good."""
    best = state.best
    free = BY_KEY[best.deployment.pattern].searching.free_places if best else None
    if best is None or best.ruled_out or free is None:
        return
    deployment, places_now = best.deployment, free.places(best.deployment)
    able = [places for places in free.steps if free.least(deployment) <= places < places_now]
    low, high = 0, len(able)  # as far as we know, all from high on are feasible
    while low < high and not state.spent:
        middle = (low + high) // 2
        answer = state.surrogate.ask(free.with_places(deployment, able[middle]))
        if state.ranking.feasible(answer) and _error_share(answer) <= _error_share(best):
            high = middle
        else:
            low = middle + 1
    if low == high < len(able):
        state.best = state.surrogate.ask(free.with_places(deployment, free.roomy(able[high], places_now)))


def _error_share(answer: Answer) -> float:
    return math.inf if answer.error_share is None else answer.error_share.value


def _least_latency_s(space: Space, surrogate: SurrogateMemo, ranking: Ranking, until_ms: float) -> float:
    """The least latency that the budget allows, of the fastest ladders."""
    budget = surrogate.scenario.requirement.monthly_budget_usd or math.inf
    least_s = math.inf
    for ladder in sorted(space.ladders, key=lambda ladder: (ladder.floor, ladder.usd(ladder.least)))[:_FASTEST]:
        if surrogate.spent_ms >= until_ms:
            break
        rung = min(ladder.most, 4 * ladder.guess) if ladder.counts else ladder.most
        while rung > ladder.least and ladder.usd(rung) > budget:
            rung -= max(1, (rung - ladder.least) // 8)
        answer = surrogate.ask(ladder.make(max(rung, ladder.least)))
        if ranking.feasible(answer) and cost_usd(answer) <= budget:
            least_s = min(least_s, ranking.latency_s(answer))
    return least_s


def _nearest(space: Space, surrogate: SurrogateMemo, ranking: Ranking) -> Answer | None:
    """The candidate that misses the requirement least, of all that the surrogate has answered."""
    misses = [
        answer
        for answer in surrogate.answers.values()
        if answer.deployment.pattern == space.pattern and not answer.ruled_out
    ]
    return next(iter(best_first(ranking.goal, misses, ranking.merit)), None)


def rest_usd(answer: Answer) -> float:
    """The monthly cost of a candidate, USD, that is not for compute."""
    lines: Sequence[float] = [
        float(line.amount_usd)
        for line in (answer.bill.lines if answer.bill else ())
        if line.usage not in COMPUTE and line.amount_usd is not None
    ]
    return math.fsum(lines)
