"""Whether a deployment holds the requirement while one Availability Zone is lost (docs/verdict.md).

A zone holds ceil(n / zones) of n instances (facts row 1.44). What is left is judged by the fast answer, as if the zone
were lost all the time: in each moment that is the worst that a loss can do before AWS has replaced the instances. The
same answer stands beside estimates and beside runs, so that a search and its exact runs agree on it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from headroom.advisor.answer import Answer, Clause
from headroom.advisor.tell import words
from simulator.engine.replication import Case
from simulator.estimate.answer import reckon
from simulator.estimate.figures import Estimate
from simulator.estimate.unmodelled import unmodelled
from simulator.patterns.protocol import ZoneLoss
from simulator.patterns.registry import BY_KEY

LOST = "with one zone lost"


def clauses(case: Case, answer: Answer) -> Iterator[Clause]:
    """The clause on a lost zone, where the requirement speaks of zones. answer: judged by all other clauses.

    Of instances that do not hold latency and errors with all zones nothing is said but whether they are too few.
    """
    zones, loss = case.requirement.zones, BY_KEY[answer.deployment.pattern].zone_loss
    if zones < 2 or loss is None:
        return
    if loss.least is None:
        yield _clause("One zone lost", loss.told, "no outage", loss, met=True)
        return
    fewest = loss.least(answer.deployment)
    if fewest < zones:
        limit = f"at least {zones} in {zones} zones"
        too_few = _clause("Fewest instances", words.count(fewest), limit, loss, met=False)
        yield replace(too_few, margin=zones / fewest if fewest else None)
    elif all(clause.met for clause in answer.clauses if clause.key in ("latency", "errors")):
        yield from _carried(replace(case, faults=(), zones=zones), answer, loss)


def _carried(case: Case, answer: Answer, loss: ZoneLoss) -> Iterator[Clause]:
    """The tighter of latency and errors for the instances that are left; their number alone where no formula tells."""
    left_out = unmodelled(case, answer.deployment)
    if left_out:
        why = f"not known {LOST}: the fast answer leaves out {words.joined(left_out)}"
        yield _clause("Load", why, "carried by the rest", loss, met=True)
        return
    # As a search asks, whoever asks: two methods would contradict each other near the limit.
    figures = list(_figures(case, reckon(case, answer.deployment, 1, rough=True)))
    title, value, limit, form = max(figures, key=lambda figure: (figure[1] > figure[2], figure[1] / (figure[2] or 1.0)))
    shown = (form(value), form(limit)) if value <= limit else words.apart(value, limit, form)
    clause = _clause(f"{title} {LOST}", shown[0], f"at most {shown[1]}", loss, met=value <= limit)
    yield replace(clause, margin=value / limit if limit else None)


def _figures(case: Case, estimate: Estimate) -> Iterator[tuple[str, float, float, words.Format]]:
    requirement = case.requirement
    name = words.percentile(requirement.latency_percentile)
    if requirement.latency_limit_s and name in estimate.latency_s:
        yield f"{name} latency", estimate.latency_s[name].value, requirement.latency_limit_s, words.seconds
    yield "Share of errors", estimate.error_share.value, requirement.max_error_share, words.share


def _clause(title: str, value: str, limit: str, loss: ZoneLoss, *, met: bool) -> Clause:
    return Clause(key="availability", title=title, limit=limit, value=value, met=met, margin=None, row=loss.row)
