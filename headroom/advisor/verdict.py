"""The verdict: each clause of the requirement held against what was simulated and billed (docs/verdict.md)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from headroom.advisor.evaluation import Clause, ClauseKey, Evaluation
from headroom.advisor.tell import words
from simulator.engine.outcome import Outcome
from simulator.model.limits import BrokenLimit
from simulator.model.requirement import Requirement
from simulator.patterns.registry import BY_KEY
from simulator.scenario import Scenario
from simulator.traffic.kinds import Jobs


def clauses(scenario: Scenario, evaluation: Evaluation) -> tuple[Clause, ...]:
    """The clauses that apply: broken hard limits first, then what the requirement asks for, in its own order."""
    requirement = scenario.requirement
    return (
        *(hard_limit(broken) for broken in evaluation.ruled_out),
        *_latency(requirement, evaluation),
        *_errors(requirement, evaluation),
        *_deadline(scenario, evaluation),
        *_budget(requirement, evaluation),
        *_deferred(requirement, evaluation.deployment.pattern),
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


def _latency(requirement: Requirement, evaluation: Evaluation) -> Iterator[Clause]:
    limit_s, outcome = requirement.latency_limit_s, evaluation.outcome
    if outcome is None or not limit_s:
        return
    name = words.percentile(requirement.latency_percentile)
    title = f"{name} latency"
    measured = evaluation.latency_s.get(name)
    if measured is None:
        value = "nothing answered" if outcome.offered else "no requests"
        limit = f"at most {words.seconds(limit_s)}"
        yield Clause(key="latency", title=title, limit=limit, value=value, met=not outcome.offered, margin=None)
        return
    yield compared("latency", title, measured.value, limit_s, words.seconds)


def _errors(requirement: Requirement, evaluation: Evaluation) -> Iterator[Clause]:
    if evaluation.error_share is not None:
        yield compared("errors", "Errors", evaluation.error_share.value, requirement.max_error_share, words.share)


def _deadline(scenario: Scenario, evaluation: Evaluation) -> Iterator[Clause]:
    limit_s, outcome, traffic = scenario.requirement.deadline_s, evaluation.outcome, scenario.workload.traffic
    if outcome is None or not limit_s or not isinstance(traffic, Jobs):
        return
    slowest_s = _slowest_data_set_s(traffic, outcome)
    if slowest_s is not None:
        yield compared("deadline", "Slowest data set", slowest_s, limit_s, words.seconds)
        return
    value = _unfinished(outcome) if outcome.offered else "no data set in the horizon"
    limit = f"at most {words.seconds(limit_s)}"
    yield Clause(
        key="deadline", title="Slowest data set", limit=limit, value=value, met=not outcome.offered, margin=None
    )


def _slowest_data_set_s(traffic: Jobs, outcome: Outcome) -> float | None:
    """From ready to finished, None when one did not finish.

    An endpoint that keeps no account of data sets gets them sent over submit_over_s, and has finished one when the last
    record is answered: no later than that time plus the slowest answer of all.
    """
    if outcome.jobs:
        return outcome.longest_job_s
    slowest_s = outcome.latency.quantile(100)
    if slowest_s is None or outcome.fates["unfinished"]:
        return None
    return traffic.submit_over_s + slowest_s


def _unfinished(outcome: Outcome) -> str:
    unfinished = sum(sample.longest_job_s is None for sample in outcome.samples)
    if unfinished in (0, len(outcome.samples)):
        return "not finished"
    return f"not finished in {unfinished} of {len(outcome.samples)} replications"


def _budget(requirement: Requirement, evaluation: Evaluation) -> Iterator[Clause]:
    limit_usd, cost = requirement.monthly_budget_usd, evaluation.cost_usd_per_month
    if cost is None or not limit_usd:
        return
    clause = compared("budget", "Cost a month", cost.value, limit_usd, words.dollars)
    if evaluation.at_least:
        # Without the price of the compute, what is known may break the budget, but cannot show that it is kept.
        met = clause.met and not evaluation.unpriced
        margin = None if clause.met and not met else clause.margin
        clause = replace(clause, value=f"at least {clause.value}, a price is missing", met=met, margin=margin)
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
