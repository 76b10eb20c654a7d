"""Why each other pattern lost: its best deployment against the best of all (`headroom.advisor.tell.loss`)."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from headroom.advisor.answer import Comparison
from headroom.advisor.order import first_of
from headroom.advisor.tell import clause_text, words
from headroom.advisor.tell.loss import Kind, Loss, of_pattern
from simulator.patterns.registry import BY_KEY
from simulator.scenario import Scenario


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """Why a pattern lost. deployment: index of its best among the evaluations, None where it has none.

    kind: "limit" when a limit or the capacity stands in the way, "miss" when another clause is broken, "price" when it
    meets everything and another is better.
    """

    pattern: str
    deployment: int | None
    kind: Kind
    sentence: str


def why_lost(comparison: Comparison) -> Iterator[Lost]:
    """One for each pattern that did not win, by its best deployment, in the order of the patterns."""
    evaluations, best = comparison.evaluations, comparison.best
    winning = None if best is None else evaluations[best].deployment.pattern
    for pattern in BY_KEY:
        indices = [index for index, answer in enumerate(evaluations) if answer.deployment.pattern == pattern]
        if indices and pattern != winning:
            closest = first_of(comparison.scenario, evaluations, indices)
            loss = Loss(
                scenario=comparison.scenario,
                answer=evaluations[closest],
                best=None if best is None else evaluations[best],
            )
            sentence = f"{BY_KEY[pattern].title}: {of_pattern(loss)}.{clause_text.causes(loss.answer)}"
            yield Lost(pattern=pattern, deployment=closest, kind=loss.kind, sentence=sentence)


def nothing_to_try(scenario: Scenario, patterns: Collection[str]) -> Iterator[Lost]:
    """One for each pattern that a search was asked about and of which it has tried no candidate at all."""
    for pattern in BY_KEY:
        if pattern not in patterns and pattern in (scenario.search.patterns or BY_KEY):
            families = f" of {words.joined(scenario.search.families)}" if scenario.search.families else ""
            why = f"no instance type{families} is both accepted for it and priced in {scenario.region}"
            yield Lost(pattern=pattern, deployment=None, kind="limit", sentence=f"{BY_KEY[pattern].title}: {why}.")
