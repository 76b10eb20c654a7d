"""Where the patterns stand in one scenario: the best of each, what it costs, and why it does not serve if it does not.

Made from a screen (the fast answer), a plan or a comparison (exact runs). Small plain values, so that what-ifs, which
make hundreds, can pass them between processes.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from headroom.advisor.answer import Answer, Clause, Comparison
from headroom.advisor.order import Merit, first_of, upkeep
from headroom.advisor.search.screen import Effort, screen
from headroom.advisor.search.types import PatternPlan, Screen
from headroom.advisor.tell import clause_text, limit_text, words
from headroom.advisor.world import World
from simulator.patterns.registry import BY_KEY, Deployment
from simulator.scenario import Scenario


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """The best deployment of one pattern. deployment and costs are None when hard limits forbid the pattern.

    latency_s: of the required percentile, None when nothing is answered. why: the binding reason when it does not meet
    the requirement, in words; "" when it does.
    """

    pattern: str
    deployment: Deployment | None
    cost_usd_per_month: float | None
    latency_s: float | None
    meets: bool
    why: str

    @property
    def title(self) -> str:
        """The pattern's name for people."""
        return BY_KEY[self.pattern].title

    @property
    def merit(self) -> Merit:
        """The merit that entries are ordered by."""
        latency_s = math.inf if self.latency_s is None else self.latency_s
        looked_after = 0 if self.deployment is None else upkeep(self.deployment)
        return Merit(meets=self.meets, cost_usd=self.cost_usd, latency_s=latency_s, upkeep=looked_after)

    @property
    def cost_usd(self) -> float:
        """Monthly cost to compare by, USD; infinite when it is not known."""
        return math.inf if self.cost_usd_per_month is None else self.cost_usd_per_month


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The patterns that were looked at, in the order of PATTERNS. best: index of the winner; None: nothing meets."""

    entries: tuple[Entry, ...]
    best: int | None

    @property
    def winner(self) -> Entry | None:
        """The entry that wins."""
        return None if self.best is None else self.entries[self.best]

    def of(self, pattern: str) -> Entry | None:
        """The entry of a pattern; None when the search space leaves it out."""
        return next((entry for entry in self.entries if entry.pattern == pattern), None)


def stand(scenario: Scenario, world: World, effort: Effort = Effort.COARSE) -> Standing:
    """Rank the patterns in a scenario by a screen."""
    return of_screen(screen(scenario, world, effort))


def contenders(scenario: Scenario) -> Scenario:
    """The scenario with no patterns but those that may win: nothing that answers through S3 where the answer is wanted
    on the connection. A what-if that changes no such thing saves its work on them. As it is when that leaves none.
    """
    requirement, search = scenario.requirement, scenario.search
    if requirement.answer_may_be_deferred:
        return scenario
    able = tuple(key for key in search.patterns or BY_KEY if not BY_KEY[key].s3_row)
    return scenario.model_copy(update={"search": search.model_copy(update={"patterns": able})}) if able else scenario


def of_screen(screened: Screen) -> Standing:
    """Rank the patterns by the estimates of a screen."""
    return Standing(
        entries=tuple(_of_plan(screened.scenario, pattern) for pattern in screened.patterns), best=screened.best
    )


def of_comparison(comparison: Comparison) -> Standing:
    """Rank the patterns by exact runs: each by its winner, else by the deployment that comes closest."""
    evaluations, best = comparison.evaluations, comparison.best
    firsts: list[int] = []
    for pattern in BY_KEY:
        indices = [index for index, answer in enumerate(evaluations) if answer.deployment.pattern == pattern]
        if indices:
            firsts.append(best if best in indices else first_of(comparison.scenario, evaluations, indices))
    return Standing(
        entries=tuple(of_answer(comparison.scenario, evaluations[first]) for first in firsts),
        best=None if best is None else firsts.index(best),
    )


def of_answer(scenario: Scenario, answer: Answer) -> Entry:
    """The entry of the pattern whose best deployment this answer is about."""
    required = answer.latency_s.get(words.percentile(scenario.requirement.latency_percentile))
    cost = answer.cost_usd_per_month
    return Entry(
        pattern=answer.deployment.pattern,
        deployment=None if answer.ruled_out else answer.deployment,
        cost_usd_per_month=None if cost is None else cost.value,
        latency_s=None if required is None else required.value,
        meets=answer.meets,
        why="" if answer.meets else _why(scenario, answer.clauses),
    )


def _of_plan(scenario: Scenario, plan: PatternPlan) -> Entry:
    if plan.best is None:
        why = limit_text.listed(plan.forbidden, scenario)
        return Entry(
            pattern=plan.pattern, deployment=None, cost_usd_per_month=None, latency_s=None, meets=False, why=why
        )
    return of_answer(scenario, plan.best)


def _why(scenario: Scenario, clauses: Iterable[Clause]) -> str:
    clause = clause_text.binding(clauses)
    return (
        "the price of its compute is missing"
        if clause is None
        else clause_text.broken(clause, clause_text.noun(scenario))
    )
