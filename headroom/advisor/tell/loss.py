"""Why a deployment is not the best: facts of the runs, told by one function to whoever speaks of it.

Two forms stand ready: that of a deployment among those that a user compares, which names the best, and that of a
pattern in a plan. Both say the same things in the same order of weight.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from headroom.advisor import intervals
from headroom.advisor.answer import Answer, Clause, Uncertain
from headroom.advisor.order import as_fast, cost_usd, simpler_for_about_as_much
from headroom.advisor.tell import clause_text, cost_text, limit_text, words
from simulator.scenario import Scenario

Kind = Literal["limit", "miss", "price"]
"""A limit or the capacity stands in the way; another clause is broken; every clause is met, and another is better."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """One answer against the best, None where nothing meets. binding: the clause that it misses by most, None where it
    misses none.
    """

    scenario: Scenario
    answer: Answer
    best: Answer | None

    @property
    def binding(self) -> Clause | None:
        """The broken clause that is missed by most."""
        return clause_text.binding(self.answer.clauses)

    @property
    def kind(self) -> Kind:
        """The kind of thing that this answer lost by."""
        if self.answer.ruled_out:
            return "limit"
        if self.binding is None:
            return "price"
        return "limit" if self.binding.key == "errors" else "miss"

    @property
    def because(self) -> str:
        """What it misses by most and what stands behind that, or which price is missing; "" where it has neither."""
        if self.binding is not None:
            noun = clause_text.noun(self.scenario)
            return clause_text.broken(self.binding, noun) + clause_text.detail(self.scenario, self.answer, self.binding)
        if not self.answer.unpriced or self.answer.bill is None:
            return ""
        things = cost_text.priced_things(self.answer.bill.gaps)
        return f"it meets every clause, but a price is missing for {things}"

    @property
    def others(self) -> list[Clause]:
        """The other broken clauses."""
        return [clause for clause in self.answer.clauses if not clause.met and clause is not self.binding]

    @property
    def slower(self) -> str:
        """Where latency is the goal and every clause is met: how its latency compares, as "takes ... , and "."""
        if self.best is None or self.scenario.search.goal != "latency":
            return ""
        latency, best_latency = (required_latency(self.scenario, answer) for answer in (self.answer, self.best))
        if latency is None or best_latency is None:
            return ""
        values = words.apart(latency.value, best_latency.value, words.seconds)
        if latency.value < best_latency.value and as_fast(latency.value, best_latency.value):
            return f"is faster by no more than 1 % ({values[0]}, the best {values[1]}), and "
        return f"takes {values[0]} where the best takes {values[1]}, and "

    @property
    def less_simple(self) -> str:
        """Where cost is the goal and it is cheaper than the best by less than counts: that the best is simpler."""
        if self.best is None or self.scenario.search.goal != "cost" or not self.answer.meets:
            return ""
        return (
            ", and of costs within 0.5 % the simpler is taken"
            if simpler_for_about_as_much(self.best, self.answer)
            else ""
        )


def of_deployment(loss: Loss, name: str, best_name: str) -> str:
    """The loss of one deployment among those that are compared, as a whole sentence."""
    answer = loss.answer
    if answer.ruled_out:
        return f"{limit_text.ruled_out(name, answer.ruled_out, loss.scenario)}."
    comparable = loss.best is not None and not answer.unpriced
    comparison = f" it {price_than(answer, loss.best, best_name)}" if comparable and loss.best is not None else ""
    comparison += loss.less_simple if comparison else ""
    if answer.meets:
        link = ", but " if loss.slower else ", and" if comparison else ""
        return f"{name} meets every clause{link}{loss.slower.rstrip()}{comparison}."
    if loss.binding is None:
        return f"{name} cannot be ranked: {loss.because}."
    return f"{name} does not meet the requirement: {why_not(loss)}{';' if comparison else ''}{comparison}."


def of_pattern(loss: Loss) -> str:
    """The loss of the best deployment of a pattern, to be put after the pattern's name, without the full stop."""
    answer, best = loss.answer, loss.best
    if answer.ruled_out:
        return limit_text.listed(answer.ruled_out, loss.scenario)
    if loss.binding is None:
        if best is None or answer.unpriced:
            return f"cannot be ranked: {loss.because}"
        return f"meets every clause, but {loss.slower}{price_difference(answer, best)}{loss.less_simple}"
    if loss.kind == "limit":
        return loss.because
    noun = clause_text.noun(loss.scenario)
    missed = loss.because + "".join(f"; also, {clause_text.broken(clause, noun)}" for clause in loss.others)
    if best is None or answer.unpriced:
        return missed
    return f"{price_difference(answer, best)}, {'but' if cost_usd(answer) < cost_usd(best) else 'and'} {missed}"


def why_not(loss: Loss) -> str:
    """Name the broken clause in full and the rest by title, or the price that is missing."""
    rest = (
        f"; also broken: {words.joined([clause_text.small(clause.title) for clause in loss.others])}"
        if loss.others
        else ""
    )
    if loss.binding is not None and loss.binding.key == "deferred" and not loss.others:
        rest = "; every other clause is met"
    return f"{loss.because}{rest}"


def required_latency(scenario: Scenario, answer: Answer) -> Uncertain | None:
    """The latency of the percentile that the requirement speaks of."""
    return answer.latency_s.get(words.percentile(scenario.requirement.latency_percentile))


def price_than(answer: Answer, other: Answer, name: str) -> str:
    """Like "costs $12.00 a month less than Real-time", and whether the intervals leave that open."""
    gap_usd = cost_usd(answer) - cost_usd(other)
    if gap_usd == 0:
        return f"costs the same as {name}"
    comparison = f"costs {words.dollars(abs(gap_usd))} a month {'less' if gap_usd < 0 else 'more'} than {name}"
    costs = answer.cost_usd_per_month, other.cost_usd_per_month
    open_ = costs[0] is not None and costs[1] is not None and intervals.overlap(costs[0], costs[1])
    return f"{comparison}, but the intervals overlap" if open_ else comparison


def price_difference(answer: Answer, other: Answer) -> str:
    """Like "costs $12.00 (13 %) a month more", or less."""
    gap_usd, base = cost_usd(answer) - cost_usd(other), cost_usd(other)
    if gap_usd == 0:
        return "costs the same"
    part = f" ({words.share(abs(gap_usd) / base)})" if 0 < abs(gap_usd) <= base else ""
    times = f", {words.count(1 + gap_usd / base)} times as much" if 0 < base < gap_usd else ""
    direction = "more" if gap_usd > 0 else "less"
    return f"costs {words.dollars(abs(gap_usd))}{part} a month {direction}{times}"
