"""The finalists of every pattern, simulated exactly: fewer replications first, all of them for those that remain.

Candidates are taken in the order of the fast answer, which every run corrects for all that scale in the same way
(`learned`). The race goes on while something that was not simulated promises to be better than the best, and then
looks around the best for small changes that do; it ends sooner only when the work that is allowed is done, and then
says what is left. Where one run is very large, `racing_one_run` decides with few.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from headroom.advisor import order
from headroom.advisor.answer import Answer
from headroom.advisor.order import SAME_COST, Merit
from headroom.advisor.search import racing_one_run, significance
from headroom.advisor.search.bounds import best_first, least_usd, may_win, meeting, most_promising_first
from headroom.advisor.search.learned import Learned
from headroom.advisor.search.naming import named, same_hardware, same_way
from headroom.advisor.search.ranking import Ranking
from headroom.advisor.search.runs import Runs
from headroom.advisor.search.types import Decision
from simulator.patterns.candidates import FreePlaces
from simulator.patterns.registry import BY_KEY, Deployment

AT_ONCE = 4
"""Candidates of one round, of which at most two scale in the same way."""

LEAST_TRIED, MOST_TRIED = 10, 40
"""Candidates that are simulated whatever the work, and at most."""

ALLOWED_MS = 12_000.0
"""Work of all runs of the race, in about milliseconds of one core."""

LOOKS_AROUND = 3
"""Winners around which small changes are looked at."""

MORE_OF_A_LINE = 2
"""Further candidates of a pattern whose first broke the requirement in the exact run, though others promise not to."""

_FEW = 2
_ALIKE = 2
RIVALS = 3
"""Other machines that are simulated because they may cost less than the best, though not by their figures."""

SETTLED = 4
"""Of those that were dropped after few replications, how many are brought to all of them in each of two rounds."""

INDIFFERENT = 0.01
"""What two settings of the same machine may differ by and count as one choice."""

_WORTH_A_RUN = 0.005
"""Share of the best's cost by which a candidate must promise to be cheaper, half of what counts as one choice."""

_CLEARLY = 1.15
"""A clause that the first replications miss by so much is not met by more of them."""

Nearby = Callable[[Deployment, Learned], list[Answer]]
"""Small changes of a deployment, by the fast answer as it is without corrections."""


@dataclass(slots=True)
class Line:
    """The candidates of one pattern, the most promising first; those that were simulated, and the best of them."""

    waiting: list[Answer]
    tried: list[Deployment] = field(default_factory=list)


@dataclass(slots=True)
class Race:
    """State of a race. learned: what runs have shown so far; around: winners around which was looked."""

    lines: list[Line]
    runs: Runs
    ranking: Ranking
    learned: Learned
    around: list[Deployment] = field(default_factory=list)

    @property
    def affordable(self) -> bool:
        """Whether another round may be run."""
        tried = sum(len(line.tried) for line in self.lines)
        return tried < MOST_TRIED and (tried < LEAST_TRIED + len(self.lines) or self.runs.spent_ms < ALLOWED_MS)

    def promising(self) -> list[tuple[Line, Answer]]:
        """What waits and promises to be better than all that meet so far, by corrected figures, best first."""
        merits = _meeting(self.lines, self.runs, self.ranking)
        corrected = [(line, answer, self.learned.corrected(answer)) for line in self.lines for answer in line.waiting]
        able = {
            id(answer): (line, plain)
            for line, plain, answer in corrected
            if self._may_win(answer, merits) or (not self.learned.known(plain) and self._may_win(plain, merits))
        }
        answers = [answer for _, _, answer in corrected if id(answer) in able]
        return [able[id(answer)] for answer in most_promising_first(self.ranking, answers)]

    def _may_win(self, answer: Answer, merits: Sequence[Merit]) -> bool:
        return may_win(self.ranking, answer, merits) and self._worth_a_run(answer, merits)

    def _worth_a_run(self, answer: Answer, merits: Sequence[Merit]) -> bool:
        if self.ranking.fast_wanted or answer.cost_usd_per_month is None:
            return True
        best = order.best(self.ranking.goal, merits)
        if best is None or order.upkeep(answer.deployment) < merits[best].upkeep:
            return True
        least_usd = min(merit.cost_usd for merit in merits)
        return answer.cost_usd_per_month.value < least_usd * (1 - _WORTH_A_RUN)

    def take(self, chosen: Iterable[tuple[Line, Answer]]) -> None:
        """Simulate these: the first replications of all, the others of those that may still be the best."""
        chosen = list(chosen)
        for line, answer in chosen:
            line.waiting.remove(answer)
            line.tried.append(answer.deployment)
        deployments = [answer.deployment for _, answer in chosen]
        self.runs.run(deployments, _FEW if self.runs.planned > _FEW else 1)
        alive = [deployment for deployment in deployments if not _hopeless(self.runs.evaluation(deployment))]
        best = _winner(self.lines, self.runs, self.ranking)
        if best is not None:
            alive = [
                deployment for deployment in alive if not surely_out(self.runs.evaluation(deployment), best, self.runs)
            ]
        self.runs.run(_best_first(alive, self.runs, self.ranking)[:_FEW], self.runs.planned)
        for _, answer in chosen:
            self.learned.see(answer, self.runs.evaluation(answer.deployment))

    def look_around(self, nearby: Nearby) -> bool:
        """Let small changes of the best wait as well; False when there is no new best to look around."""
        best = _winner(self.lines, self.runs, self.ranking)
        if best is None or best.deployment in self.around or len(self.around) >= LOOKS_AROUND:
            return False
        self.around.append(best.deployment)
        line = next(line for line in self.lines if best.deployment in line.tried)
        known = {*line.tried, *(answer.deployment for answer in line.waiting)}
        line.waiting += [answer for answer in nearby(best.deployment, self.learned) if answer.deployment not in known]
        return True


def decide(
    lines: Sequence[Sequence[Answer]],
    runs: Runs,
    ranking: Ranking,
    nearby: Nearby = lambda _deployment, _learned: [],
) -> Decision:
    """Simulate the first of every line, and more of whatever may hold the best."""
    if racing_one_run.is_large(runs):
        return racing_one_run.decide(lines, runs, ranking)
    race = Race([Line(list(line)) for line in lines], runs, ranking, Learned(runs.prepared))
    race.take([(line, line.waiting[0]) for line in race.lines if line.waiting])
    while race.affordable:
        able = race.promising()
        if able:
            race.take(_varied(able))
        elif not race.look_around(nearby):
            break
    for line in race.lines:
        _show_at_its_best(line, race)
    _finish(race.lines, runs, ranking)
    _meet_rivals(race.lines, runs, ranking)
    settled = settle(race.lines, runs, ranking)
    left = [race.learned.corrected(answer) for _, answer in race.promising()]
    return Decision(
        evaluations=[_in_order(line, runs, ranking) for line in race.lines],
        open=not settled or bool(left),
        left=left,
        learned=race.learned,
    )


def _varied(able: Sequence[tuple[Line, Answer]]) -> list[tuple[Line, Answer]]:
    """The first of these, of which few scale in the same way."""
    counts: Counter[object] = Counter()
    varied = []
    for line, answer in able:
        way = same_way(answer.deployment)
        counts[way] += 1
        if counts[way] <= _ALIKE:
            varied.append((line, answer))
    return varied[:AT_ONCE]


def _hopeless(answer: Answer) -> bool:
    return any(not clause.met and clause.margin is not None and clause.margin > _CLEARLY for clause in answer.clauses)


def _show_at_its_best(line: Line, race: Race) -> None:
    """Try the next of a pattern of which nothing that was simulated meets, while some promise to."""
    for _ in range(MORE_OF_A_LINE):
        if any(race.runs.evaluation(deployment).meets for deployment in line.tried if deployment in race.runs.results):
            return
        able = [answer for answer in line.waiting if may_win(race.ranking, race.learned.corrected(answer), ())]
        if not able:
            return
        race.take([(line, able[0])])


def _finish(state: Sequence[Line], runs: Runs, ranking: Ranking) -> None:
    """All replications of the best two of every line, so that their figures are those of `evaluate`."""
    for line in state:
        runs.run(_best_of(line, runs, ranking)[:_FEW], runs.planned)
        _make_room(line, runs, ranking)


def _meet_rivals(state: Sequence[Line], runs: Runs, ranking: Ranking) -> None:
    """Simulate other machines that may cost less than the best when the fast answer's cost errs to their good."""
    best = _winner(state, runs, ranking)
    if best is None or best.cost_usd_per_month is None or ranking.fast_wanted:
        return
    kinds = {same_hardware(deployment) for line in state for deployment in line.tried}
    usd = best.cost_usd_per_month.value
    able = [
        (line, answer)
        for line in state
        for answer in line.waiting
        if same_hardware(answer.deployment) not in kinds and may_win(ranking, answer, ()) and least_usd(answer) < usd
    ]
    first = {same_hardware(answer.deployment): (line, answer) for line, answer in reversed(able)}
    rivals = sorted(first.values(), key=lambda rival: least_usd(rival[1]))[:RIVALS]
    for line, answer in rivals:
        line.waiting.remove(answer)
        line.tried.append(answer.deployment)
    runs.run([answer.deployment for _, answer in rivals], runs.planned)


def settle(state: Sequence[Line], runs: Runs, ranking: Ranking) -> bool:
    """Complete the replications of dropped candidates that are not surely worse; return whether none is left."""
    for settled_at in (SETTLED, SETTLED, 0):
        best = _winner(state, runs, ranking)
        if best is None:
            return True
        unfinished = [
            deployment
            for line in state
            for deployment in line.tried
            if 0 < len(runs.results.get(deployment, ())) < runs.planned
        ]
        open_ = [deployment for deployment in unfinished if not surely_out(runs.evaluation(deployment), best, runs)]
        if not open_:
            return True
        runs.run(_best_first(open_, runs, ranking)[:settled_at], runs.planned)
    return False


def _winner(state: Sequence[Line], runs: Runs, ranking: Ranking) -> Answer | None:
    """The best of all that have all replications and meet."""
    finished = [answer for line in state for answer in _in_order(line, runs, ranking) if answer.meets]
    return next(iter(best_first(ranking, finished)), None)


def surely_out(answer: Answer, best: Answer, runs: Runs) -> bool:
    """Whether a candidate surely does not meet, or surely is no better than the best: by more than INDIFFERENT where
    the two differ in fine settings only, by more than SAME_COST where it has more to look after.
    """
    return significance.meets(runs.scenario, answer) is False or significance.dearer(
        answer, best, runs.prepared, _tolerance(answer, best, runs)
    )


def _tolerance(answer: Answer, best: Answer, runs: Runs) -> float:
    """Share of the best's figure by which a candidate may be better and is not taken all the same."""
    if same_hardware(answer.deployment) == same_hardware(best.deployment):
        return INDIFFERENT
    simpler = order.upkeep(best.deployment) < order.upkeep(answer.deployment)
    return SAME_COST if simpler and runs.scenario.search.goal == "cost" else 0.0


def _best_of(line: Line, runs: Runs, ranking: Ranking) -> list[Deployment]:
    return _best_first([deployment for deployment in line.tried if deployment in runs.results], runs, ranking)


def _best_first(deployments: Sequence[Deployment], runs: Runs, ranking: Ranking) -> list[Deployment]:
    return [
        deployment.deployment
        for deployment in best_first(ranking, (runs.evaluation(deployment) for deployment in deployments))
    ]


def _make_room(line: Line, runs: Runs, ranking: Ranking) -> None:
    """Places that cost nothing: twice the most that was in flight, as far as that is allowed."""
    for deployment in _best_of(line, runs, ranking)[:_FEW]:
        free = BY_KEY[deployment.pattern].searching.free_places
        roomier: Deployment = deployment
        while free and (places := _places(roomier, free, runs)) > free.places(roomier):
            roomier = named(free.with_places(roomier, places))
            runs.run([roomier], runs.planned)  # in which more may be in flight
        line.tried = list(dict.fromkeys(roomier if tried == deployment else tried for tried in line.tried))


def _places(deployment: Deployment, free: FreePlaces, runs: Runs) -> int:
    outcome, scenario = runs.evaluation(deployment).outcome, runs.scenario
    max_places = free.most(scenario.assumptions, scenario.search.serverless_concurrency_quota)
    in_flight = 0.0 if outcome is None else float(outcome.series.peaks[free.gauge].max(initial=0.0))
    return free.roomy(math.ceil(in_flight), max_places)


def _in_order(line: Line, runs: Runs, ranking: Ranking) -> list[Answer]:
    """Those that have all replications, best first."""
    finished = [
        deployment
        for deployment in line.tried
        if len(runs.results.get(deployment, ())) == runs.planned or deployment not in runs.results
    ]
    return best_first(ranking, (runs.evaluation(deployment) for deployment in finished))


def _meeting(state: Sequence[Line], runs: Runs, ranking: Ranking) -> list[Merit]:
    """The merits of all that meet, so far."""
    return meeting(
        ranking,
        (runs.evaluation(deployment) for line in state for deployment in line.tried if deployment in runs.results),
    )


def ties(evaluations: Sequence[Answer], best: int, runs: Runs) -> tuple[int, ...]:
    """Indices of answers that are tied with the best: they may meet the requirement, and neither is surely worse."""
    scenario = runs.scenario
    return tuple(
        index
        for index, answer in enumerate(evaluations)
        if index != best
        and significance.meets(scenario, answer) is not False
        and not significance.dearer(answer, evaluations[best], runs.prepared)
        and not _cheaper_by_less_than_counts(answer, evaluations[best], runs)
    )


def _cheaper_by_less_than_counts(answer: Answer, best: Answer, runs: Runs) -> bool:
    """Whether a candidate surely is cheaper, and surely by so little that the simpler best is taken."""
    tolerance = _tolerance(answer, best, runs)
    return (
        tolerance == SAME_COST
        and significance.dearer(best, answer, runs.prepared)
        and significance.dearer(answer, best, runs.prepared, tolerance)
    )
