"""What a search wants to know of a candidate by the fast answer: is it feasible, how good, does it come nearer."""

from __future__ import annotations

import math
from dataclasses import dataclass

from headroom.advisor import order
from headroom.advisor.answer import Answer
from headroom.advisor.order import Goal, Merit
from simulator.engine.aggregate import percentile_name
from simulator.scenario import Scenario

_PLAINLY = 0.99


@dataclass(frozen=True, slots=True)
class Ranking:
    """The order of candidates under the goal of one scenario.

    within_s: latency, in seconds, that is also asked for on the way to the least one.
    """

    scenario: Scenario
    within_s: float = math.inf

    @property
    def goal(self) -> Goal:
        """The figure that the search makes least: cost or latency."""
        return self.scenario.search.goal

    @property
    def fast_wanted(self) -> bool:
        """Whether latency is the goal, and not cost."""
        return self.goal == "latency"

    @property
    def percentile(self) -> str:
        """Name of the required percentile."""
        return percentile_name(self.scenario.requirement.latency_percentile)

    def merit(self, answer: Answer) -> Merit:
        """The merit that a candidate is ordered by."""
        return order.merit(self.scenario, answer)

    def feasible(self, answer: Answer) -> bool:
        """Whether a candidate is feasible in all that its size can change.

        Clauses on deferred answers and on the budget do not count, because a larger candidate cannot meet them.
        """
        if answer.ruled_out or self.latency_s(answer) > self.within_s:
            return False
        return all(clause.met for clause in answer.clauses if clause.key not in ("deferred", "budget"))

    def nearer(self, merit: Merit, other_merit: Merit) -> bool:
        """Whether a candidate misses fewer clauses, or plainly less of them."""
        return (
            merit.broken < other_merit.broken
            or merit.missed_by < other_merit.missed_by * _PLAINLY
            or merit.latency_s < other_merit.latency_s * _PLAINLY
        )

    def latency_s(self, answer: Answer) -> float:
        """Latency at the required percentile, in seconds; infinite when nothing is answered."""
        return order.required_latency_s(self.scenario, answer)
