"""The one order: which of several answers is best, which comes next, and which comes closest where none meets.

What meets the requirement comes before what does not. Of what meets, the cheapest is best, and of those within 0.5 % of
it the one with the least to look after; where latency is the goal, the cheapest of those within 1 % of the least
latency. Of what does not meet, the order is by the number of broken
clauses; of equally many, the cheapest of those that miss by about as much as the least. A tolerance reaches from the
least of those that are left, so it depends on all of them: the order is one of a set, not of two at a time.
"""

from __future__ import annotations

import heapq
import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeVar

from headroom.advisor.answer import Answer, Clause, Comparison
from simulator.engine.aggregate import percentile_name
from simulator.patterns.registry import BY_KEY, Deployment
from simulator.scenario import Scenario

SAME_LATENCY = 0.01
"""Share of the least latency: an answer slower by no more than this counts as equally fast, and cost decides."""

SAME_COST = 0.005
"""Share of the least cost: an answer dearer by no more than this counts as equally cheap, and upkeep decides."""

SAME_MISS = 0.5
"""Share of the least miss: misses that differ by no more than this count as equal, and cost decides."""

Goal = Literal["cost", "latency"]
Item = TypeVar("Item")


@dataclass(frozen=True, slots=True, kw_only=True)
class Merit:
    """What an answer is ordered by.

    unmeasured: broken clauses that are no number, such as an answer in S3. missed_by: value over limit of the broken
    clause that is missed by most, 1 where none is a number. upkeep: what there is to look after, as the pattern says
    (`Way.upkeep`). Cost and latency are infinite where they are not known.
    """

    meets: bool
    ruled_out: bool = False
    broken: int = 0
    unmeasured: int = 0
    missed_by: float = 1.0
    cost_usd: float = math.inf
    latency_s: float = math.inf
    upkeep: int = 0

    @property
    def group(self) -> tuple[bool, bool, int, int]:
        """Smaller is better, whatever the figures are."""
        return not self.meets, self.ruled_out, self.broken, self.unmeasured

    @property
    def thrift(self) -> tuple[float, float, float, int]:
        """Smaller is better among those whose other figures count as the same; of equal figures, the simpler."""
        return self.cost_usd, self.latency_s, self.missed_by, self.upkeep

    @property
    def simplicity(self) -> tuple[float, ...]:
        """Smaller is better among those that count as equally cheap."""
        return self.upkeep, *self.thrift


def make_merit(scenario: Scenario, answer: Answer, meets: bool, clauses: Iterable[Clause]) -> Merit:
    """The merit of an answer, were these its clauses."""
    broken = [clause for clause in clauses if not clause.met]
    margins = [clause.margin for clause in broken if clause.margin is not None]
    return Merit(
        meets=meets,
        ruled_out=bool(answer.ruled_out),
        broken=len(broken),
        unmeasured=len(broken) - len(margins),
        missed_by=max(margins, default=1.0),
        cost_usd=cost_usd(answer),
        latency_s=required_latency_s(scenario, answer),
        upkeep=upkeep(answer.deployment),
    )


def merit(scenario: Scenario, answer: Answer) -> Merit:
    """What an answer is ordered by; the same for equal figures, however they were found out."""
    return make_merit(scenario, answer, answer.meets, answer.clauses)


def upkeep(deployment: Deployment) -> int:
    """What there is to look after in a deployment, as its pattern says; the lower, the simpler."""
    return BY_KEY[deployment.pattern].searching.way(deployment).upkeep


def cost_usd(answer: Answer) -> float:
    """The cost a month as a number to compare by; infinite when it is not known."""
    return math.inf if answer.cost_usd_per_month is None else answer.cost_usd_per_month.value


def required_latency_s(scenario: Scenario, answer: Answer) -> float:
    """The latency of the percentile that the requirement speaks of; infinite when nothing is answered."""
    latency = answer.latency_s.get(percentile_name(scenario.requirement.latency_percentile))
    return math.inf if latency is None else latency.value


def best(goal: Goal, merits: Sequence[Merit]) -> int | None:
    """The place of the best that meets, of equals the first; None when none meets."""
    meeting = [place for place, merit in enumerate(merits) if merit.meets]
    if goal == "latency":
        most_s = min((merits[place].latency_s for place in meeting), default=0.0) * (1 + SAME_LATENCY)
        meeting = [place for place in meeting if merits[place].latency_s <= most_s]
        return min(meeting, key=lambda place: merits[place].thrift, default=None)
    most_usd = min((merits[place].cost_usd for place in meeting), default=0.0) * (1 + SAME_COST)
    meeting = [place for place in meeting if merits[place].cost_usd <= most_usd]
    return min(meeting, key=lambda place: merits[place].simplicity, default=None)


def ranked(goal: Goal, merits: Sequence[Merit]) -> list[int]:
    """All places: the best, then the best of what is left, and so on; of equals the first."""
    groups: defaultdict[tuple[bool, bool, int, int], list[int]] = defaultdict(list)
    for place, merit in enumerate(merits):
        groups[merit.group].append(place)
    ordered: list[int] = []
    for group in sorted(groups):
        places = groups[group]
        if not merits[places[0]].meets:
            ordered += _best_of_alike(merits, places, _MISS)
        else:
            ordered += _best_of_alike(merits, places, _LATENCY if goal == "latency" else _COST)
    return ordered


class _Alike(NamedTuple):
    """When merits count as the same: by which figure, how far it reaches beyond the least, and what then decides."""

    figure: Callable[[Merit], float]
    tolerance: float
    decides: Callable[[Merit], tuple[float, ...]]


_MISS = _Alike(lambda merit: merit.missed_by, SAME_MISS, lambda merit: merit.thrift)
_LATENCY = _Alike(lambda merit: merit.latency_s, SAME_LATENCY, lambda merit: merit.thrift)
_COST = _Alike(lambda merit: merit.cost_usd, SAME_COST, lambda merit: merit.simplicity)


def _best_of_alike(merits: Sequence[Merit], places: Sequence[int], rule: _Alike) -> list[int]:
    """Again and again the best of those whose figure is within the tolerance of the least that is left."""
    figure = rule.figure
    by_figure = sorted(places, key=lambda place: figure(merits[place]))
    alike: list[tuple[tuple[float, ...], int]] = []
    ordered: list[int] = []
    ranked: set[int] = set()
    least = reached = 0  # in by_figure: the first that is left, and the first that is not in `alike` yet
    while len(ordered) < len(by_figure):
        while by_figure[least] in ranked:
            least += 1
        limit = figure(merits[by_figure[least]]) * (1 + rule.tolerance)
        while reached < len(by_figure) and figure(merits[by_figure[reached]]) <= limit:
            heapq.heappush(alike, (rule.decides(merits[by_figure[reached]]), by_figure[reached]))
            reached += 1
        _, place = heapq.heappop(alike)
        ranked.add(place)
        ordered.append(place)
    return ordered


def best_first(goal: Goal, items: Iterable[Item], merit_of: Callable[[Item], Merit]) -> list[Item]:
    """The items in the order of their merits."""
    items = list(items)
    return [items[place] for place in ranked(goal, [merit_of(item) for item in items])]


def would_win(goal: Goal, candidate: Merit, merits: Sequence[Merit]) -> bool:
    """Whether a candidate meets and would be best among these; not if it only equals one of them."""
    return best(goal, [*merits, candidate]) == len(merits)


def ranking(scenario: Scenario, answers: Iterable[Answer]) -> list[int]:
    """The places of these answers, best first; where none meets, the first comes closest."""
    return ranked(scenario.search.goal, [merit(scenario, answer) for answer in answers])


def best_answer(scenario: Scenario, answers: Iterable[Answer]) -> int | None:
    """The place of the best answer that meets the requirement, None when none does."""
    return best(scenario.search.goal, [merit(scenario, answer) for answer in answers])


def runner_up(comparison: Comparison) -> int | None:
    """The place of the best of those that meet the requirement beside the best; None when there is none."""
    answers = comparison.evaluations
    order = (place for place in ranking(comparison.scenario, answers) if place != comparison.best)
    return next((place for place in order if answers[place].meets), None)


def first_of(scenario: Scenario, answers: Sequence[Answer], places: Sequence[int]) -> int:
    """Of these places, at least one, that of the best answer, or of the one that comes closest."""
    return places[ranking(scenario, [answers[place] for place in places])[0]]


def as_fast(one_s: float, other_s: float) -> bool:
    """Whether two latencies count as the same."""
    return max(one_s, other_s) <= min(one_s, other_s) * (1 + SAME_LATENCY)


def cheapest_of_the_fastest(scenario: Scenario, answers: Sequence[Answer], best: int) -> bool:
    """Whether latency is the goal and another that meets is faster than the best, by less than counts."""
    meeting = [required_latency_s(scenario, answer) for answer in answers if answer.meets]
    return scenario.search.goal == "latency" and required_latency_s(scenario, answers[best]) > min(meeting)


def simplest_of_the_cheapest(scenario: Scenario, answers: Sequence[Answer], best: int) -> bool:
    """Whether cost is the goal and another that meets is cheaper than the best, by less than counts."""
    meeting = [cost_usd(answer) for answer in answers if answer.meets]
    return scenario.search.goal == "cost" and cost_usd(answers[best]) > min(meeting)


def simpler_for_about_as_much(answer: Answer, other: Answer) -> bool:
    """Whether an answer has less to look after than another that is cheaper by less than counts."""
    usd, other_usd = cost_usd(answer), cost_usd(other)
    within = other_usd < usd <= other_usd * (1 + SAME_COST)
    return within and upkeep(answer.deployment) < upkeep(other.deployment)


def cheapest_of_the_closest(scenario: Scenario, answers: Sequence[Answer], closest: int) -> bool:
    """Whether another misses as many clauses as the closest, and by less, but so little less that it counts as same."""
    merits = [merit(scenario, answer) for answer in answers]
    closest_merit = merits[closest]
    return any(merit.group == closest_merit.group and merit.missed_by < closest_merit.missed_by for merit in merits)
