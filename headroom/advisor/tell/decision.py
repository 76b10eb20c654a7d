"""The decision in three lines: what to take, why, and how sure that is. Made from a first look or from a plan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from headroom.advisor import order
from headroom.advisor.answer import Answer
from headroom.advisor.explore.tornado import Bar, Tornado, setting
from headroom.advisor.search.types import Plan, Screen
from headroom.advisor.tell import clause_text, cost_text, limit_text, preliminary, words
from headroom.advisor.tell.loss import required_latency
from simulator.model.limits import BrokenLimit
from simulator.patterns.registry import BY_KEY, Deployment
from simulator.scenario import Scenario

FAR = 5.0
"""Times the latency limit, from which all candidates are drawn at one height."""
_NOTABLE = 0.1
"""Share of a cost, or of a latency limit, from which an assumption that moves it is worth a line."""


_SAME = order.SAME_COST
"""Share of a figure of the best: one that is nearer to it is told as the same, as in the order of answers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How the best of one pattern stands. answer: None where limits rule every candidate out, and then `forbidden`
    holds those of the least bad.
    """

    pattern: str
    answer: Answer | None
    forbidden: tuple[BrokenLimit, ...] = ()

    @property
    def serves(self) -> bool:
        """Whether it meets the requirement."""
        return self.answer is not None and self.answer.meets

    @property
    def title(self) -> str:
        """What the pattern is called, in a word."""
        return BY_KEY[self.pattern].description.short

    @property
    def reason(self) -> str:
        """Why it cannot serve, in a few words; "" where it can."""
        if self.answer is None or self.answer.ruled_out:
            limits = self.forbidden if self.answer is None else self.answer.ruled_out
            return limit_text.short(limits[0]) if limits else "no instance type is accepted for it and priced"
        if self.serves:
            return ""
        clause = clause_text.binding(self.answer.clauses)
        return "no price is known" if clause is None else clause_text.missed(clause)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What to take. headline, why, sure: a line each. best: None when nothing meets. standings: the best of every
    pattern that was looked at, those that meet first, the cheapest of these first. exact: whether runs have decided.
    """

    scenario: Scenario
    headline: str
    why: str
    sure: str
    best: Answer | None
    standings: tuple[Standing, ...]
    exact: bool


def of_screen(screen: Screen) -> Decision:
    """The decision as far as the fast answer alone carries it."""
    scenario = screen.scenario
    standings = _in_order(
        scenario,
        [Standing(pattern=plan.pattern, answer=plan.best, forbidden=plan.forbidden) for plan in screen.patterns],
    )
    best = None if screen.best is None else screen.patterns[screen.best].best
    return _decision(scenario, standings, best, _sure_of_estimate(scenario, best), exact=False)


def of_plan(plan: Plan) -> Decision:
    """The decision of exact runs."""
    scenario, answers = plan.comparison.scenario, plan.comparison.evaluations
    keys = dict.fromkeys(answer.deployment.pattern for answer in answers)
    bests = [[answer for answer in answers if answer.deployment.pattern == key] for key in keys]
    standings = _in_order(
        scenario,
        [
            Standing(pattern=key, answer=own[order.ranking(scenario, own)[0]])
            for key, own in zip(keys, bests, strict=True)
        ],
    )
    best = None if plan.comparison.best is None else answers[plan.comparison.best]
    return _decision(scenario, standings, best, _sure_of_runs(plan, best), exact=True)


def what_changed(first: Screen, plan: Plan) -> str:
    """What the exact runs made of the first answer: that they agree, or what they take instead."""
    before = None if first.best is None else first.patterns[first.best].best
    now = None if plan.comparison.best is None else plan.comparison.evaluations[plan.comparison.best]
    if before is None or now is None:
        return "" if before is now else "Exact runs changed the first answer."
    if _alike(before.deployment, now.deployment):
        return "Exact runs agree."
    if _machine(before.deployment) == _machine(now.deployment):
        return "Exact runs changed only its settings."
    return f"Exact runs changed it from {before.deployment.name}."


def hangs_on(tornado: Tornado, scenario: Scenario) -> str:
    """The assumption that the deployment hangs on most, as a sentence; one that no assumption matters."""
    limit_s = scenario.requirement.latency_limit_s
    breaking = [bar for bar in tornado.by_latency if limit_s and _worst_s(bar) > limit_s]
    if breaking:
        bar, name = breaking[0], tornado.percentile
        value = bar.low if (bar.at_low.latency_s or 0.0) >= (bar.at_high.latency_s or 0.0) else bar.high
        return (
            f"It hangs on “{bar.title}”, assumed {setting(bar.value, bar.unit)}: at {setting(value, bar.unit)}"
            f" {name} is {words.seconds(_worst_s(bar))}."
        )
    dear = next(iter(tornado.by_cost), None)
    middle = None if dear is None else dear.at_middle.cost_usd_per_month
    if dear is None or not middle or dear.cost_swing_usd < _NOTABLE * middle:
        return "No assumption breaks it."
    ends = sorted(figures.cost_usd_per_month or 0.0 for figures in (dear.at_low, dear.at_high))
    return f"“{dear.title}”, assumed, may make it {words.dollars(ends[0])} to {words.dollars(ends[1])}."


def cost_and_latency(scenario: Scenario, answer: Answer) -> str:
    """Like "$412 a month, p95 212 of 400 ms"; of data sets with a deadline, how long the slowest takes."""
    parts = [] if answer.cost_usd_per_month is None else [f"{_cost(answer)} a month"]
    deadline = next((c for c in answer.clauses if c.key == "deadline" and c.margin is not None), None)
    latency = required_latency(scenario, answer)
    name, requirement = words.percentile(scenario.requirement.latency_percentile), scenario.requirement
    if deadline is not None and deadline.margin is not None:
        parts.append(f"done in {_of(deadline.margin * requirement.deadline_s, requirement.deadline_s)}")
    elif latency is not None:
        parts.append(f"{name} {_of(latency.value, requirement.latency_limit_s)}")
    return ", ".join(parts)


def against(answer: Answer, best: Answer, scenario: Scenario) -> str:
    """Cost and latency of an answer beside those of the best: "+$12.00 (+13 %), p95 −30 ms"."""
    ours, other = order.cost_usd(answer), order.cost_usd(best)
    parts = []
    if answer.cost_usd_per_month is not None and best.cost_usd_per_month is not None:
        gap = ours - other
        percent = f" ({_signed(gap)}{words.share(abs(gap) / other, 2)})" if other else ""
        same = abs(gap) <= _SAME * other
        parts.append("costs the same" if same else f"{_signed(gap)}{words.dollars(abs(gap))}{percent}")
    mine, theirs = required_latency(scenario, answer), required_latency(scenario, best)
    if mine is not None and theirs is not None:
        gap_s = mine.value - theirs.value
        name = words.percentile(scenario.requirement.latency_percentile)
        same = abs(gap_s) <= _SAME * theirs.value
        parts.append(f"{name} the same" if same else f"{name} {_signed(gap_s)}{words.seconds(abs(gap_s), 2)}")
    return ", ".join(parts)


def _decision(
    scenario: Scenario, standings: tuple[Standing, ...], best: Answer | None, sure: str, *, exact: bool
) -> Decision:
    if best is not None:
        headline = f"Take {best.deployment.name}: {cost_and_latency(scenario, best)}"
        why = _why(scenario, best, standings)
    else:
        headline, why = _nothing_meets(scenario, standings)
    return Decision(
        scenario=scenario, headline=headline, why=why, sure=sure, best=best, standings=standings, exact=exact
    )


def _in_order(scenario: Scenario, standings: Sequence[Standing]) -> tuple[Standing, ...]:
    """Those that meet first, by the one order; those without any candidate last."""
    able = [standing for standing in standings if standing.answer is not None]
    ranked = order.ranking(scenario, [standing.answer for standing in able if standing.answer is not None])
    return (*(able[place] for place in ranked), *(standing for standing in standings if standing.answer is None))


def _nothing_meets(scenario: Scenario, standings: Sequence[Standing]) -> tuple[str, str]:
    closest = next((one for one in standings if one.answer is not None and not one.answer.ruled_out), None)
    if closest is None or closest.answer is None:
        return "No pattern can serve this", "; ".join(f"{one.title}: {one.reason}" for one in standings)
    figures = cost_and_latency(scenario, closest.answer)
    name = closest.answer.deployment.name
    return f"Nothing meets the requirement. Closest is {name}: {figures}", f"It misses this: {closest.reason}."


def _why(scenario: Scenario, best: Answer, standings: Sequence[Standing]) -> str:
    """What makes the cost, and what the nearest other pattern would cost, or why there is none."""
    charge = next((cause.sentence for cause in best.causes if cause.key == "other charges"), "")
    busy = _busy(best)
    lead = f"{charge[:1].upper()}{charge[1:]}." if charge else f"Its instances are {busy}." if busy else ""
    rival = next((one for one in standings if one.serves and one.answer is not None and _other(one, best)), None)
    if rival is not None and rival.answer is not None:
        busy = _busy(rival.answer)
        text = f"{rival.title} would do for {_cost(rival.answer)}{_times(rival.answer, best)}"
        return f"{lead} {text}{f', {busy}' if busy else ''}.".strip()
    others = [one for one in standings if _other(one, best)]
    return f"{lead} No other pattern meets the requirement.".strip() if others else lead


def _other(standing: Standing, best: Answer) -> bool:
    return standing.pattern != best.deployment.pattern


def _busy(best: Answer) -> str:
    """How busy the instances are; "" where there are none, which are paid while they wait."""
    if best.utilisation is None or not BY_KEY[best.deployment.pattern].billing.machines:
        return ""
    return f"{words.share(best.utilisation.value, 2)} busy"


def _times(answer: Answer, best: Answer) -> str:
    ours, theirs = order.cost_usd(answer), order.cost_usd(best)
    if not theirs or ours <= theirs:
        return ""
    return (
        f" ({words.count(ours / theirs, 2)} times)"
        if ours >= 2 * theirs
        else f" (+{words.share(ours / theirs - 1, 2)})"
    )


def _sure_of_estimate(scenario: Scenario, best: Answer | None) -> str:
    if best is None or best.estimate is None:
        return "By the fast answer; exact runs decide."
    doubt = preliminary.doubt(best)
    latency = best.estimate.latency_s.get(words.percentile(scenario.requirement.latency_percentile))
    parts = [f"cost {words.error(best.estimate.usage_error)}"]
    if latency is not None:
        parts.append(f"latency {words.error(latency.error)}")
    return f"By the fast answer ({', '.join(parts)}); exact runs decide.{f' {doubt}' if doubt else ''}"


def _sure_of_runs(plan: Plan, best: Answer | None) -> str:
    looked = words.counted(plan.screened, "candidate")
    if best is None:
        return f"{looked} looked at, {words.counted(plan.simulated, 'exact run')} made."
    cost, runs = best.cost_usd_per_month, 0 if best.outcome is None else best.outcome.replications
    interval = (
        "" if cost is None or cost.low is None else f", {words.dollars(cost.low)} to {words.dollars(cost.high)} at 95 %"
    )
    verdict = f"best of {looked}" if plan.decided else "not decided: others may be as good"
    return f"Simulated {'once' if runs == 1 else f'{runs} times'}{interval}; {verdict}."


def _alike(first: Deployment, second: Deployment) -> bool:
    """Whether two deployments differ in nothing but the name."""
    return first.model_copy(update={"name": "-"}) == second.model_copy(update={"name": "-"})


def _machine(deployment: Deployment) -> tuple[str, str | int]:
    return deployment.pattern, BY_KEY[deployment.pattern].searching.machine(deployment)


def _worst_s(bar: Bar) -> float:
    return max((figures.latency_s or 0.0) for figures in (bar.at_low, bar.at_high))


def _cost(answer: Answer) -> str:
    return f"{cost_text.qualifier(answer)}{words.dollars(order.cost_usd(answer))}"


def _of(value_s: float, limit_s: float) -> str:
    """Like "212 of 400 ms"; without a limit the value alone."""
    value, limit = words.seconds(value_s), words.seconds(limit_s)
    if not limit_s:
        return value
    number, _, unit = value.rpartition(" ")
    return f"{number if limit.endswith(f' {unit}') else value} of {limit}"


def _signed(gap: float) -> str:
    return "+" if gap > 0 else words.MINUS
