"""The verdict: each clause of the requirement held against what was simulated and billed (docs/verdict.md)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from headroom.advisor.answer import Answer, Clause, ClauseKey
from headroom.advisor.evidence import Evidence
from headroom.advisor.tell import words
from simulator.model.limits import BrokenLimit
from simulator.model.requirement import Requirement
from simulator.patterns.registry import BY_KEY
from simulator.scenario import Scenario
from simulator.traffic.kinds import Jobs


def clauses(scenario: Scenario, answer: Answer, evidence: Evidence | None) -> tuple[Clause, ...]:
    """The clauses that apply: broken hard limits first, then what the requirement asks for, in its own order.

    evidence: what the answer rests on; None for a deployment that is ruled out.
    """
    requirement = scenario.requirement
    return (
        *(hard_limit(broken) for broken in answer.ruled_out),
        *(() if evidence is None else _latency(requirement, answer, evidence)),
        *_errors(requirement, answer),
        *(() if evidence is None else _deadline(scenario, evidence)),
        *_budget(requirement, answer),
        *_deferred(requirement, answer.deployment.pattern),
    )


def hard_limit(broken: BrokenLimit) -> Clause:
    """A limit that rules a deployment out, as a clause."""
    return Clause(
        key="limit",
        title=broken.what[:1].upper() + broken.what[1:],
        limit=broken.allowed,
        value=broken.given,
        met=False,
        margin=None,
        row=broken.row,
        whose=broken.whose,
    )


def _latency(requirement: Requirement, answer: Answer, evidence: Evidence) -> Iterator[Clause]:
    limit_s = requirement.latency_limit_s
    if not limit_s:
        return
    name = words.percentile(requirement.latency_percentile)
    title, latency = f"{name} latency", answer.latency_s.get(name)
    if latency is None:
        value = "nothing answered" if evidence.offered else "no requests"
        yield _unmeasured("latency", title, value, limit_s, met=not evidence.offered)
    else:
        yield compared("latency", title, latency.value, limit_s, words.seconds)


def _errors(requirement: Requirement, answer: Answer) -> Iterator[Clause]:
    if answer.error_share is not None:
        yield compared("errors", "Errors", answer.error_share.value, requirement.max_error_share, words.share)


def _deadline(scenario: Scenario, evidence: Evidence) -> Iterator[Clause]:
    limit_s, traffic = scenario.requirement.deadline_s, scenario.workload.traffic
    if not limit_s or not isinstance(traffic, Jobs):
        return
    slowest_s = evidence.slowest_data_set_s(traffic)
    if slowest_s is None:
        value = evidence.unfinished if evidence.offered else "no data set in the horizon"
        yield _unmeasured("deadline", "Slowest data set", value, limit_s, met=not evidence.offered)
    else:
        yield compared("deadline", "Slowest data set", slowest_s, limit_s, words.seconds)


def _unmeasured(key: ClauseKey, title: str, value: str, limit_s: float, *, met: bool) -> Clause:
    """A clause on a time that there is none of."""
    limit = f"at most {words.seconds(limit_s)}"
    return Clause(key=key, title=title, limit=limit, value=value, met=met, margin=None)


def _budget(requirement: Requirement, answer: Answer) -> Iterator[Clause]:
    limit_usd, cost = requirement.monthly_budget_usd, answer.cost_usd_per_month
    if cost is None or not limit_usd:
        return
    clause = compared("budget", "Cost a month", cost.value, limit_usd, words.dollars)
    if answer.at_least:
        # Without the price of the compute, what is known may break the budget, but cannot show that it is kept.
        met = clause.met and not answer.unpriced
        margin = None if clause.met and not met else clause.margin
        clause = replace(clause, value=f"at least {clause.value}, a price is missing", met=met, margin=margin)
    if answer.price_estimated:
        clause = replace(clause, value=f"{clause.value}, a price is an estimate")
    yield clause


def _deferred(requirement: Requirement, pattern: str) -> Iterator[Clause]:
    if requirement.answer_may_be_deferred:
        return
    row = BY_KEY[pattern].s3_row
    yield Clause(
        key="deferred",
        title="Answer",
        limit="on the connection",
        value="in S3, later" if row else "on the connection",
        met=not row,
        margin=None,
        row=row,
    )


def compared(key: ClauseKey, title: str, value: float, limit: float, form: words.Format) -> Clause:
    """A clause on a number, compared as it is; the texts have as many digits as it takes to see which is larger."""
    met = value <= limit
    value_text, limit_text = (form(value), form(limit)) if met else words.apart(value, limit, form)
    margin = value / limit if limit else None
    return Clause(key=key, title=title, limit=f"at most {limit_text}", value=value_text, met=met, margin=margin)
