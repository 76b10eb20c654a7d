"""The verdict in plain sentences, made only from facts of the evaluations: their numbers, or differences of these.

Names of deployments stand in the sentences as the user wrote them: plain text, escaped by whoever shows it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from headroom.advisor import order
from headroom.advisor.answer import Answer, Clause
from headroom.advisor.order import cost_usd
from headroom.advisor.tell import clause_text, cost_text, limit_text, words
from headroom.advisor.tell.loss import Loss, of_deployment, price_than, why_not
from simulator.scenario import Scenario

AS_FAST = "as fast as any within 1 %, and the cheapest of them"
"""What the best is where latency is the goal and another is faster by less than counts (`order.SAME_LATENCY`)."""


AS_CHEAP = "as cheap as any within 0.5 %, and the simplest of them"
"""What the best is where cost is the goal and another is cheaper by less than counts (`order.SAME_COST`)."""


@dataclass(frozen=True, slots=True)
class Contest:
    """Deployments in comparison, with what a sentence may say of them.

    best and runner_up: index of the best and of the next that meet the requirement, or None.
    """

    scenario: Scenario
    evaluations: tuple[Answer, ...]
    best: int | None
    runner_up: int | None

    @property
    def meeting(self) -> int:
        """How many deployments meet the requirement."""
        return sum(evaluation.meets for evaluation in self.evaluations)

    @property
    def unranked(self) -> bool:
        """Whether another meets every clause too, and cannot be ranked because no price is known for it."""
        return any(evaluation.unranked for evaluation in self.evaluations)

    @property
    def alike(self) -> str:
        """What the best is among those that count as the same by the goal; "" where it is the first of all by it."""
        return "" if self.best is None else alike(self.scenario, self.evaluations, self.best)

    @property
    def superlative(self) -> str:
        """What the best is, by the goal of the search."""
        return "" if self.best is None else superlative(self.scenario, self.evaluations, self.best)


def alike(scenario: Scenario, answers: Sequence[Answer], best: int) -> str:
    """What the best is among those that count as as fast or as cheap; "" where it is the fastest, or the cheapest."""
    if order.cheapest_of_the_fastest(scenario, answers, best):
        return AS_FAST
    return AS_CHEAP if order.simplest_of_the_cheapest(scenario, answers, best) else ""


def superlative(scenario: Scenario, answers: Sequence[Answer], best: int) -> str:
    """What the best is, by the goal of the search, to be put before "of the 3 that meet"."""
    if same := alike(scenario, answers, best):
        return f"{same},"
    return "the fastest" if scenario.search.goal == "latency" else "the cheapest"


def labels(evaluations: Sequence[Answer]) -> tuple[str, ...]:
    """What each deployment is called: its name, with its place in the list where two share a name."""
    names = [evaluation.deployment.name for evaluation in evaluations]
    times = Counter(names)
    return tuple(name if times[name] == 1 else f"{name} (no. {index})" for index, name in enumerate(names, 1))


def sentence(contest: Contest) -> str:
    """The verdict on all deployments, with its reason."""
    if not contest.evaluations:
        return "There is no deployment to compare."
    return _none_meets(contest) if contest.best is None else _one_meets(contest, contest.best)


def alone(scenario: Scenario, answer: Answer) -> str:
    """The verdict on one deployment by itself, with its causes."""
    contest = Contest(scenario, (answer,), 0 if answer.meets else None, None)
    return f"{sentence(contest)}{clause_text.causes(answer)}" if answer.meets else sentence(contest)


def reasons(contest: Contest) -> tuple[str, ...]:
    """One sentence per deployment: why it won or lost."""
    return tuple(_reason(contest, index) for index in range(len(contest.evaluations)))


def _cost(evaluation: Answer) -> str:
    return f"{cost_text.qualifier(evaluation)}{words.dollars(cost_usd(evaluation))}"


def _one_meets(contest: Contest, best: int) -> str:
    winner, names = contest.evaluations[best], labels(contest.evaluations)
    number = words.count(len(contest.evaluations))
    if contest.meeting > 1:
        meeting = words.count(contest.meeting)
        priced = " and have a price" if contest.unranked else ""
        among = f" of the {meeting} deployments that meet the requirement{priced}"
        lead = f"{names[best]} is {contest.superlative}{among}"
    elif len(contest.evaluations) > 1:
        priced = " and has a price" if contest.unranked else ""
        lead = f"{names[best]} is the only one of {number} deployments that meets the requirement{priced}"
    else:
        lead = f"{names[best]} meets the requirement"
    facts = [
        f"{_cost(winner)} a month",
        *(clause_text.holds(clause) for clause in winner.clauses if _is_number(clause)),
    ]
    return f"{lead}: {', '.join(facts)}{_ahead(contest, names)}.{prices(contest.evaluations)}"


def prices(evaluations: Sequence[Answer]) -> str:
    """Sentences, each with a space before it, on those that meet every clause and have no price or an estimated one."""
    names = labels(evaluations)
    missing: dict[str, list[str]] = {}
    for name, answer in zip(names, evaluations, strict=True):
        if answer.unranked and answer.bill:
            missing.setdefault(cost_text.priced_things(answer.bill.gaps), []).append(name)
    unranked = (
        f" {words.joined(those)} {'meets' if len(those) == 1 else 'meet'} every clause too, and cannot be ranked:"
        f" no price is known for {things}."
        for things, those in missing.items()
    )
    return "".join(unranked) + _estimated(evaluations)


def _estimated(evaluations: Sequence[Answer]) -> str:
    """One sentence for each price that is an estimate in the cost of something that meets."""
    lines = {
        (line.usage, line.dimension): line
        for answer in evaluations
        if answer.meets and answer.bill
        for line in answer.bill.estimates
    }
    return "".join(f" {cost_text.estimated(line)}" for line in lines.values())


def _ahead(contest: Contest, names: Sequence[str]) -> str:
    if contest.best is None or contest.runner_up is None:
        return ""
    best, other = contest.evaluations[contest.best], contest.evaluations[contest.runner_up]
    return f"; {_faster(contest, best, other)}it {price_than(best, other, names[contest.runner_up])}"


def _faster(contest: Contest, best: Answer, other: Answer) -> str:
    """Where latency is the goal: like "p95 latency is 67 ms instead of 80 ms, and "."""
    name = words.percentile(contest.scenario.requirement.latency_percentile)
    best_latency, other_latency = best.latency_s.get(name), other.latency_s.get(name)
    if contest.scenario.search.goal != "latency" or best_latency is None or other_latency is None:
        return ""
    texts = words.apart(best_latency.value, other_latency.value, words.seconds)
    return f"{name} latency is {texts[0]} instead of {texts[1]}, and "


def _none_meets(contest: Contest) -> str:
    number, names = len(contest.evaluations), labels(contest.evaluations)
    if all(evaluation.ruled_out for evaluation in contest.evaluations):
        if number == 1:
            return f"{limit_text.cannot_run(names[0], contest.evaluations[0].ruled_out, contest.scenario)}."
        return limit_text.none_can_run([evaluation.ruled_out for evaluation in contest.evaluations])
    if contest.unranked:
        return _none_is_priced(contest, names)
    closest = order.ranking(contest.scenario, contest.evaluations)[0]
    why, causes = why_not(_loss(contest, closest)), clause_text.causes(contest.evaluations[closest])
    if number == 1:
        return f"{names[0]} does not meet the requirement: {why}.{causes}"
    close = f"{names[closest]} comes {_close(contest, closest)}"
    return f"None of the {number} deployments meets the requirement; {close}: {why}.{causes}"


def _none_is_priced(contest: Contest, names: Sequence[str]) -> str:
    """The verdict where what meets every clause has no price."""
    unranked = [(name, answer) for name, answer in zip(names, contest.evaluations, strict=True) if answer.unranked]
    lines = {(line.usage, line.dimension): line for _, answer in unranked if answer.bill for line in answer.bill.gaps}
    meeting = words.joined([name for name, _ in unranked])
    verb = "meets" if len(unranked) == 1 else "meet"
    return (
        f"{meeting} {verb} every clause, and cannot be ranked: no price is known for"
        f" {cost_text.priced_things(lines.values())} in {contest.scenario.region}, nor one to estimate it from."
    )


def _close(contest: Contest, closest: int) -> str:
    if order.cheapest_of_the_closest(contest.scenario, contest.evaluations, closest):
        return "about as close as any, and is the cheapest of them"
    return "closest"


def _reason(contest: Contest, index: int) -> str:
    names, answer = labels(contest.evaluations), contest.evaluations[index]
    return f"{_outcome(contest, index, names)}{clause_text.causes(answer)}"


def _outcome(contest: Contest, index: int, names: Sequence[str]) -> str:
    """Why it won or lost, as a sentence."""
    if index == contest.best:
        return f"{_won(contest, names[index])}: {_cost(contest.evaluations[index])} a month{_ahead(contest, names)}."
    return of_deployment(_loss(contest, index), names[index], "" if contest.best is None else names[contest.best])


def _loss(contest: Contest, index: int) -> Loss:
    best = None if contest.best is None else contest.evaluations[contest.best]
    return Loss(scenario=contest.scenario, answer=contest.evaluations[index], best=best)


def _won(contest: Contest, name: str) -> str:
    """What the best is among the others."""
    if len(contest.evaluations) == 1:
        return f"{name} meets every clause"
    if contest.meeting == 1:
        return (
            f"{name} meets every clause and is the only one that does{' and has a price' if contest.unranked else ''}"
        )
    if contest.alike:
        return f"{name} meets every clause and, of those that do, is {contest.alike}"
    return f"{name} meets every clause and is {contest.superlative} that does"


def _is_number(clause: Clause) -> bool:
    return clause.key in ("latency", "errors", "deadline")
