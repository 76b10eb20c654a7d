"""Which of two candidates is better: the goal of the search, put as a key to sort by."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from headroom.advisor.compare import SAME_LATENCY
from headroom.advisor.evaluation import Clause, Estimate
from headroom.advisor.fast import Preview
from simulator.engine.aggregate import percentile_name
from simulator.estimate.figures import Figure
from simulator.scenario import Scenario

_PLAINLY = 0.99

Key = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Ranking:
    """The goal of one scenario. within_s: latency that is also asked for, on the way to the least one."""

    scenario: Scenario
    within_s: float = math.inf

    @property
    def fast_wanted(self) -> bool:
        """Whether latency is the goal, and not cost."""
        return self.scenario.search.goal == "latency"

    @property
    def percentile(self) -> str:
        """Name of the required percentile."""
        return percentile_name(self.scenario.requirement.latency_percentile)

    def key(self, said: Preview) -> Key:
        """Smaller is better. What meets comes first; then what breaks fewer clauses, and by less."""
        return rank(self, said.meets, said.clauses, cost_usd(said), self.latency_s(said))

    def does(self, said: Preview) -> bool:
        """Whether a candidate does what its size can help: an answer that comes later, or a budget, it cannot."""
        if said.ruled_out or self.latency_s(said) > self.within_s:
            return False
        return all(one.met for one in said.clauses if one.key not in ("deferred", "budget"))

    def nearer(self, said: Preview, than: Key) -> bool:
        """Whether a candidate misses fewer clauses, or plainly less of them."""
        key = self.key(said)
        return key[1] < than[1] or key[-2] < than[-2] * _PLAINLY or key[-1] < than[-1] * _PLAINLY

    def latency_s(self, said: Preview) -> float:
        """The required percentile; infinite when nothing is answered."""
        figure = None if said.quick is None else said.quick.latency_s.get(self.percentile)
        return math.inf if figure is None else figure.value


def rank(ranking: Ranking, meets: bool, clauses: Iterable[Clause], usd: float, latency_s: float) -> Key:
    """A key to sort by; the same for fast answers and for exact evaluations.

    Of what does not meet, those that miss about as much go by cost: to miss a little less is not worth any price.
    """
    broken = [clause for clause in clauses if not clause.met]
    missed_by = max((clause.margin for clause in broken if clause.margin is not None), default=1.0)
    about = float(round(math.log2(missed_by))) if 0 < missed_by < math.inf else missed_by
    if ranking.fast_wanted:
        step = round(math.log(latency_s) / SAME_LATENCY) if 0 < latency_s < math.inf else latency_s
        return (0.0 if meets else 1.0, float(len(broken)), about, float(step), usd, missed_by, latency_s)
    return (0.0 if meets else 1.0, float(len(broken)), about, usd, missed_by, latency_s)


def cost_usd(said: Preview) -> float:
    """A month's cost as a number to compare by; infinite when hard limits rule the candidate out."""
    return math.inf if said.cost_usd_per_month is None else said.cost_usd_per_month.value


def from_estimate(estimate: Estimate) -> Figure:
    """An exact figure: the half width of its interval over replications as its error, 0 when there is one run."""
    if estimate.n == 1 or estimate.low is None or estimate.high is None or not estimate.value:
        return Figure(value=estimate.value, error=0.0)
    return Figure(value=estimate.value, error=(estimate.high - estimate.low) / 2 / estimate.value)
