"""A card for each of the user's deployments: its judgement, cost, and every clause with its interval or error."""

from __future__ import annotations

import streamlit as st

from headroom.advisor.answer import Answer, Clause, Uncertain
from headroom.advisor.tell import clause_text, cost_text, preliminary, words
from headroom.ui.shell import cached
from headroom.ui.shell.live import DeploymentResult, Results
from headroom.ui.widgets.plain_text import md
from simulator.patterns.registry import BY_KEY, Deployment
from simulator.scenario import Scenario

COLUMNS = {5: 5, 6: 3, 9: 3}  # cards in a row, where 4 would leave one alone
STATE_WORDS = {"failed": "Failed", "stopped": "Stopped"}


def show(scenario: Scenario, results: Results) -> None:
    """Draw one card per deployment, in the scenario's order."""
    with st.grid(COLUMNS.get(len(results), 4), min_column_width=205):
        for deployment, result in zip(scenario.deployments, results, strict=True):
            with st.container(border=True, height="stretch"):
                _card(deployment, result)


def configuration(deployment: Deployment) -> str:
    """Return the settings of a deployment in a line, such as "Real-time · 1 to 4 × ml.c7i.large"."""
    description = BY_KEY[deployment.pattern].description
    return f"{description.title} · {description.configuration(deployment)}"


def _card(deployment: Deployment, result: DeploymentResult) -> None:
    st.markdown(f"**{md(deployment.name)}**")
    st.caption(md(configuration(deployment)))
    if result.evaluation is not None:
        _exact(result.evaluation)
    elif result.preview is not None:
        _preview(result.preview, result)
    else:
        waiting = "Starting" if cached.quick_pool().starting else "Not evaluated yet"
        st.badge(STATE_WORDS.get(result.state, waiting), icon=":material/hourglass_empty:", color="gray")


def _exact(evaluation: Answer) -> None:
    if evaluation.ruled_out:
        st.badge("Ruled out", icon=":material/block:", color="red")
    elif evaluation.meets:
        st.badge("Meets", icon=":material/check:", color="green")
    else:
        st.badge("Does not meet", icon=":material/close:", color="orange")
    if evaluation.cost_usd_per_month is not None:
        _cost(evaluation, words.interval(evaluation.cost_usd_per_month, words.dollars))
    for clause in evaluation.clauses:
        st.markdown(clause_line(clause, _interval(evaluation, clause)))
    if not evaluation.ruled_out and evaluation.causes:
        st.caption(md(clause_text.causes(evaluation).strip()))


def _preview(answer: Answer, result: DeploymentResult) -> None:
    """Draw the card of an estimated answer, every number with its error."""
    if answer.ruled_out:
        st.badge("Ruled out", icon=":material/block:", color="red")
    elif answer.estimate is not None and not answer.estimate.stable:
        st.badge("Preview: not stable", icon=":material/error:", color="orange")
    elif not answer.sure:
        st.badge("Preview: not sure", icon=":material/help:", color="gray")
    else:
        st.badge(f"Preview: {'meets' if answer.meets else 'does not meet'}", icon=":material/bolt:", color="blue")
    if result.state in STATE_WORDS:
        st.badge(f"{STATE_WORDS[result.state]}: a preview only", icon=":material/hourglass_empty:", color="gray")
    if answer.estimate is not None:
        _cost(answer, f"{words.error(answer.estimate.usage_error)}, a preview")
    for clause in answer.clauses:
        error = preliminary.clause_error(answer, clause)
        verb = "close to the limit" if preliminary.close(answer, clause) else ""
        st.markdown(clause_line(clause, "" if error is None else words.error(error), verb))
    doubt = preliminary.doubt(answer)
    if doubt:
        st.caption(md(doubt))


def _cost(evaluation: Answer, precision: str) -> None:
    if evaluation.unpriced:
        st.metric("Cost a month", "not known")
        return
    assert evaluation.cost_usd_per_month is not None
    st.metric("Cost a month", f"{cost_text.qualifier(evaluation)}{words.dollars(evaluation.cost_usd_per_month.value)}")
    st.caption(md(precision))


def _interval(evaluation: Answer, clause: Clause) -> str:
    """Return the interval of the number that a clause is about; empty where it is none, or stands on the card
    already.
    """
    estimates: dict[str, tuple[Uncertain | None, words.Format]] = {
        "latency": (evaluation.latency_s.get(clause.title.partition(" ")[0]), words.seconds),
        "errors": (evaluation.error_share, words.share),
    }
    if clause.key == "deadline":
        return _over_runs(evaluation)
    estimate, form = estimates.get(clause.key, (None, words.seconds))
    if estimate is None or estimate.low == estimate.high is not None:
        return ""
    return words.precise(estimate, form).removeprefix(form(estimate.value)).strip()


def _over_runs(evaluation: Answer) -> str:
    """Return between which values the slowest data set of each run lies; the slowest of all is held against the
    deadline.
    """
    samples = () if evaluation.outcome is None else evaluation.outcome.samples
    slowest_s = [sample.longest_job_s for sample in samples if sample.longest_job_s is not None]
    if not slowest_s:
        return ""
    if len(samples) == 1:
        return "(one run)"
    low, high = words.seconds(min(slowest_s)), words.seconds(max(slowest_s))
    return "" if low == high else f"({low} to {high} over the runs)"


def clause_line(clause: Clause, precision: str = "", verb: str = "") -> str:
    """Return a clause as a line of Markdown: what, how much and how sure, the limit, and whether it is met."""
    icon = ":material/check:" if clause.met else ":material/close:"
    limit = clause_text.limit_of(clause)
    if clause.key == "deferred" and clause.met:
        limit = ""
    sure = f" {md(precision)}" if precision else ""
    judgement = f"{'met' if clause.met else 'broken'}{f', {verb}' if verb else ''}"
    return (
        f"{icon} {md(clause.title)} **{md(clause.value)}**{sure}{md(limit)}: {judgement}{md(clause_text.cited(clause))}"
    )
