"""The one order: which of several answers is best, which comes next, and which comes closest where none meets.

What meets the requirement comes before what does not. Of what meets, the cheapest is best; where latency is the goal,
the cheapest of those within 1 % of the least latency. Of what does not meet, the order is by the number of broken
clauses; of equally many, the cheapest of those that miss by about as much as the least. A tolerance reaches from the
least of those that are left, so it depends on all of them: the order is one of a set, not of two at a time.
"""

from __future__ import annotations

import heapq
import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar

from headroom.advisor.answer import Answer, Clause, Comparison
from simulator.engine.aggregate import percentile_name
from simulator.scenario import Scenario

SAME_LATENCY = 0.01
"""Share of the least latency: an answer slower by no more than this counts as equally fast, and cost decides."""

SAME_MISS = 0.5
"""Share of the least miss: misses that differ by no more than this count as equal, and cost decides."""

Goal = Literal["cost", "latency"]
Item = TypeVar("Item")


@dataclass(frozen=True, slots=True, kw_only=True)
class Merit:
    """What an answer is ordered by.

    unmeasured: broken clauses that are no number, such as an answer in S3. missed_by: value over limit of the broken
    clause that is missed by most, 1 where none is a number. Cost and latency are infinite where they are not known.
    """

    meets: bool
    ruled_out: bool = False
    broken: int = 0
    unmeasured: int = 0
    missed_by: float = 1.0
    cost_usd: float = math.inf
    latency_s: float = math.inf

    @property
    def group(self) -> tuple[bool, bool, int, int]:
        """Smaller is better, whatever the figures are."""
        return not self.meets, self.ruled_out, self.broken, self.unmeasured

    @property
    def thrift(self) -> tuple[float, float, float]:
        """Smaller is better among those whose other figures count as the same."""
        return self.cost_usd, self.latency_s, self.missed_by


def make_merit(meets: bool, ruled_out: bool, clauses: Iterable[Clause], cost_usd: float, latency_s: float) -> Merit:
    """The merit of an answer with these clauses and figures."""
    broken = [clause for clause in clauses if not clause.met]
    margins = [clause.margin for clause in broken if clause.margin is not None]
    return Merit(
        meets=meets,
        ruled_out=ruled_out,
        broken=len(broken),
        unmeasured=len(broken) - len(margins),
        missed_by=max(margins, default=1.0),
        cost_usd=cost_usd,
        latency_s=latency_s,
    )


def merit(scenario: Scenario, answer: Answer) -> Merit:
    """What an answer is ordered by; the same for equal figures, however they were found out."""
    latency_s = required_latency_s(scenario, answer)
    return make_merit(answer.meets, bool(answer.ruled_out), answer.clauses, cost_usd(answer), latency_s)


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


def ranked(goal: Goal, merits: Sequence[Merit]) -> list[int]:
    """All places: the best, then the best of what is left, and so on; of equals the first."""
    groups: defaultdict[tuple[bool, bool, int, int], list[int]] = defaultdict(list)
    for place, merit in enumerate(merits):
        groups[merit.group].append(place)
    ordered: list[int] = []
    for group in sorted(groups):
        places = groups[group]
        if not merits[places[0]].meets:
            ordered += _cheapest_of_alike(merits, places, lambda merit: merit.missed_by, SAME_MISS)
        elif goal == "latency":
            ordered += _cheapest_of_alike(merits, places, lambda merit: merit.latency_s, SAME_LATENCY)
        else:
            ordered += sorted(places, key=lambda place: merits[place].thrift)
    return ordered


def _cheapest_of_alike(
    merits: Sequence[Merit], places: Sequence[int], figure: Callable[[Merit], float], tolerance: float
) -> list[int]:
    """Again and again the cheapest of those whose figure is within the tolerance of the least that is left."""
    by_figure = sorted(places, key=lambda place: figure(merits[place]))
    alike: list[tuple[tuple[float, float, float], int]] = []
    ordered: list[int] = []
    ranked: set[int] = set()
    least = reached = 0  # in by_figure: the first that is left, and the first that is not in `alike` yet
    while len(ordered) < len(by_figure):
        while by_figure[least] in ranked:
            least += 1
        limit = figure(merits[by_figure[least]]) * (1 + tolerance)
        while reached < len(by_figure) and figure(merits[by_figure[reached]]) <= limit:
            heapq.heappush(alike, (merits[by_figure[reached]].thrift, by_figure[reached]))
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


def cheapest_of_the_closest(scenario: Scenario, answers: Sequence[Answer], closest: int) -> bool:
    """Whether another misses as many clauses as the closest, and by less, but so little less that it counts as same."""
    merits = [merit(scenario, answer) for answer in answers]
    closest_merit = merits[closest]
    return any(merit.group == closest_merit.group and merit.missed_by < closest_merit.missed_by for merit in merits)
