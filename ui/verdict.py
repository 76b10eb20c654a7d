"""The answer on the screen: the sentence, a card for each deployment, a row for each in a table."""

from __future__ import annotations

import streamlit as st

from advisor import words
from advisor.evaluation import Clause, Comparison, Evaluation
from simulator.outcome import FATE_WORDS
from simulator.patterns import BY_KEY
from simulator.scaling.spec import capacities, is_scaled
from simulator.scenario import Deployment, Scenario
from ui.jobs import Status
from ui.live import Results
from ui.text import md

COLUMNS = {5: 5, 6: 3, 9: 3}  # cards in a row, where 4 would leave one alone
STATE_WORDS = {"failed": "Failed", "stopped": "Stopped"}


def sentence(comparison: Comparison) -> None:
    """The verdict with its reason."""
    show, icon = (
        (st.warning, ":material/block:") if comparison.best is None else (st.success, ":material/check_circle:")
    )
    show(f"**{md(comparison.sentence)}**", icon=icon)


def pending(scenario: Scenario, found: Results) -> None:
    """What stands in place of the verdict while not every deployment is evaluated."""
    done = sum(status.evaluation is not None for status in found)
    st.info(
        f"{done} of {words.counted(len(scenario.deployments), 'deployment')} evaluated; the verdict comes when all are."
    )


def cards(scenario: Scenario, found: Results, comparison: Comparison | None) -> None:
    """One card per deployment, in the scenario's order."""
    with st.grid(COLUMNS.get(len(found), 4), min_column_width=205):
        for at, (deployment, status) in enumerate(zip(scenario.deployments, found, strict=True)):
            with st.container(border=True, height="stretch"):
                _card(deployment, status, comparison, at)


def table(comparison: Comparison) -> None:
    """Every number of every deployment, with its 95 % interval over replications."""
    name = words.percentile(comparison.scenario.requirement.latency_percentile)
    percentiles = dict.fromkeys(("p50", "p95", "p99", name))
    rows = comparison.evaluations
    if not rows:
        return
    columns = {
        "Deployment": [row.deployment.name for row in rows],
        "Pattern": [BY_KEY[row.deployment.pattern].title for row in rows],
        "Requirement": [_judgement(row) for row in rows],
        "Cost a month": [_cost(row) for row in rows],
        "Per million answered": [_or_dash(row, "cost_usd_per_million", words.dollars) for row in rows],
        **{p: [_latency(row, p, p == name) for row in rows] for p in sorted(percentiles, key=lambda t: float(t[1:]))},
        "Without answer": [_errors(row) for row in rows],
        "Utilisation": [_or_dash(row, "utilisation", words.share) for row in rows],
        "What is broken": [_broken(row) for row in rows],
    }
    st.dataframe(
        columns, hide_index=True, key="comparison", alt="All deployments with cost, latency, errors and utilisation"
    )
    st.caption(f"In brackets: 95 % interval of the mean over replications. {md(_replications(comparison))}")


def warnings(comparison: Comparison) -> None:
    """What a reader should know although no clause breaks on it."""
    said = [(row.deployment.name, warning) for row in comparison.evaluations for warning in row.warnings]
    if said:
        with st.expander(f"Good to know ({len(said)})"):
            for name, warning in said:
                st.markdown(f"**{md(name)}**: {md(warning)}")


def _card(deployment: Deployment, status: Status, comparison: Comparison | None, at: int) -> None:
    st.markdown(f"**{md(deployment.name)}**")
    st.caption(md(_configuration(deployment)))
    evaluation = status.evaluation
    if evaluation is None:
        st.badge(STATE_WORDS.get(status.state, "Not evaluated yet"), icon=":material/hourglass_empty:", color="gray")
        return
    if comparison is not None and comparison.best == at:
        st.badge("Cheapest that meets", icon=":material/check:", color="green")
    elif evaluation.ruled_out:
        st.badge("Ruled out", icon=":material/block:", color="red")
    elif evaluation.meets:
        st.badge("Meets", icon=":material/check:", color="green")
    else:
        st.badge("Does not meet", icon=":material/close:", color="orange")
    _figures(evaluation)
    for clause in evaluation.clauses:
        st.markdown(_clause(clause))
    if comparison is not None and not evaluation.ruled_out:
        st.caption(md(comparison.reasons[at]))


def _figures(evaluation: Evaluation) -> None:
    cost = evaluation.cost_usd_per_month
    if cost is not None:
        at_least = "at least " if evaluation.at_least else ""
        shown = "not known" if evaluation.unpriced else f"{at_least}{words.dollars(cost.value)}"
        st.metric("Cost a month", shown)


def _clause(clause: Clause) -> str:
    if clause.key == "deferred":
        return _answer(clause)
    icon, verb = (":material/check:", "met") if clause.met else (":material/close:", "broken")
    row = f" (facts row {clause.row})" if clause.row else ""
    return f"{icon} {md(clause.title)} **{md(clause.value)}**, {md(clause.limit)}: {verb}{md(row)}"


def _answer(clause: Clause) -> str:
    if clause.met:
        return f":material/check: {md(clause.title)} **{md(clause.value)}**: met"
    row = f" (facts row {clause.row})" if clause.row else ""
    return f":material/close: {md(clause.title)} **{md(clause.value)}**, wanted {md(clause.limit)}: broken{md(row)}"


def _configuration(deployment: Deployment) -> str:
    title = BY_KEY[deployment.pattern].title
    if deployment.pattern == "serverless":
        count = _range(deployment, deployment.provisioned_concurrency)
        ready = f", {count} provisioned" if deployment.provisioned_concurrency else ""
        return f"{title} · {deployment.memory_size_in_mb} MB · MaxConcurrency {deployment.max_concurrency}{ready}"
    if deployment.pattern == "batch":
        return f"{title} · {deployment.instance_count} × {deployment.instance_type}"
    return f"{title} · {_range(deployment, deployment.initial_instance_count)} × {deployment.instance_type}"


def _range(deployment: Deployment, initial: int) -> str:
    """How many there are, or between which numbers scaling keeps them."""
    if not is_scaled(deployment):
        return str(initial)
    least, most = capacities(deployment)
    return f"{least} to {most}"


def _judgement(row: Evaluation) -> str:
    if row.ruled_out:
        return "ruled out"
    if all(clause.met for clause in row.clauses):
        return "price missing" if row.unpriced else "met"
    return "broken"


def _broken(row: Evaluation) -> str:
    if row.ruled_out:
        return "; ".join(f"{limit.what} {limit.given}, allowed {limit.allowed}" for limit in row.ruled_out)
    return "; ".join(f"{clause.title} {clause.value}, {clause.limit}" for clause in row.clauses if not clause.met)


def _cost(row: Evaluation) -> str:
    if row.cost_usd_per_month is None:
        return "–"
    if row.unpriced:
        return "not known"
    return f"{'at least ' if row.at_least else ''}{words.estimate(row.cost_usd_per_month, words.dollars)}"


def _or_dash(row: Evaluation, name: str, form: words.Format) -> str:
    estimate = getattr(row, name)
    return "–" if estimate is None else form(estimate.value)


def _latency(row: Evaluation, name: str, required: bool) -> str:
    if name not in row.latency_s:
        return "–"
    found = row.latency_s[name]
    return words.estimate(found, words.seconds) if required else words.seconds(found.value)


def _errors(row: Evaluation) -> str:
    if row.outcome is None:
        return "–"
    offered = max(row.outcome.offered, 1)
    fates = [
        f"{FATE_WORDS[fate]} {words.share(number / offered)}"
        for fate, number in row.outcome.fates.items()
        if number and fate != "completed"
    ]
    return f"{words.share(row.outcome.error_share)}{f' ({words.joined(fates)})' if fates else ''}"


def _replications(comparison: Comparison) -> str:
    counts = {row.outcome.replications for row in comparison.evaluations if row.outcome is not None}
    offered = max((row.outcome.offered for row in comparison.evaluations if row.outcome is not None), default=0)
    if not counts:
        return ""
    made = words.joined([words.count(number) for number in sorted(counts)])
    single = " One replication gives no interval." if counts == {1} else ""
    return f"Replications: {made}; simulated requests for each deployment: up to {words.count(offered)}.{single}"
