"""The numbers behind the answer: a row for each deployment in a table, and what is worth knowing of them."""

from __future__ import annotations

import streamlit as st

from headroom.advisor.answer import Answer, Comparison, Uncertain
from headroom.advisor.tell import clause_text, cost_text, limit_text, words
from headroom.advisor.tell.notes import notes
from headroom.ui.widgets.plain_text import md
from simulator.engine.outcome import FATE_WORDS
from simulator.patterns.registry import BY_KEY


def table(comparison: Comparison) -> None:
    """Draw every number of every deployment, with its 95 % interval over replications or the error of its preview."""
    name = words.percentile(comparison.scenario.requirement.latency_percentile)
    percentiles = dict.fromkeys(("p50", "p95", "p99", name))
    rows = comparison.evaluations
    if not rows:
        return
    columns = {
        "Deployment": [row.deployment.name for row in rows],
        "Pattern": [BY_KEY[row.deployment.pattern].title for row in rows],
        "Result": [_source(row) for row in rows],
        "Requirement": [_judgement(row) for row in rows],
        "Cost a month": [_cost(row) for row in rows],
        "Per million answered": [_cell(row.cost_usd_per_million, words.dollars) for row in rows],
        **{
            p: [_cell(row.latency_s.get(p), words.seconds) for row in rows]
            for p in sorted(percentiles, key=lambda t: float(t[1:]))
        },
        "Without answer": [_errors(row) for row in rows],
        "Utilisation": [_cell(row.utilisation, words.share) for row in rows],
        "What is broken": [_broken_clauses(row) for row in rows],
    }
    st.dataframe(
        columns, hide_index=True, key="comparison", alt="All deployments with cost, latency, errors and utilisation"
    )
    st.caption(md(_legend(comparison)))


def worth_knowing(comparison: Comparison) -> None:
    """Draw what a reader should know although no clause breaks on it."""
    all_notes = notes(comparison)
    if all_notes:
        with st.expander(f"Good to know ({len(all_notes)})"):
            for note in all_notes:
                st.markdown(md(note.text))


def _source(row: Answer) -> str:
    return "ruled out" if row.ruled_out else "preview" if row.estimated else "simulated"


def _cell(estimate: Uncertain | None, form: words.Format) -> str:
    return "–" if estimate is None else words.precise(estimate, form)


def _judgement(row: Answer) -> str:
    if row.ruled_out:
        return "ruled out"
    if all(clause.met for clause in row.clauses):
        return "price missing" if row.unpriced else "met"
    return "broken"


def _broken_clauses(row: Answer) -> str:
    if row.ruled_out:
        return "; ".join(map(limit_text.short, row.ruled_out))
    return "; ".join(clause_text.missed(clause) for clause in row.clauses if not clause.met)


def _cost(row: Answer) -> str:
    if row.unpriced:
        return "not known"
    return f"{cost_text.qualifier(row)}{_cell(row.cost_usd_per_month, words.dollars)}"


def _errors(row: Answer) -> str:
    if row.outcome is None:
        return _cell(row.error_share, words.share)
    requests = max(row.outcome.offered, 1)
    fates = [
        f"{FATE_WORDS[fate]} {words.share(number / requests)}"
        for fate, number in row.outcome.fates.items()
        if number and fate != "completed"
    ]
    return f"{_cell(row.error_share, words.share)}{f'; {words.joined(fates)}' if fates else ''}"


def _unknown(comparison: Comparison) -> list[str]:
    """Return why numbers of a single run have no interval, each reason once."""
    estimates = [
        estimate
        for row in comparison.evaluations
        for estimate in (row.cost_usd_per_month, row.error_share, *row.latency_s.values())
        if estimate is not None and estimate.provenance == "simulated once" and estimate.why
    ]
    reasons = list(dict.fromkeys(estimate.why for estimate in estimates))
    return [f'"One run" without an interval: {words.joined(reasons)}.'] if reasons else []


def _legend(comparison: Comparison) -> str:
    """Return what the brackets in the table mean, and how much was simulated."""
    outcomes = [row.outcome for row in comparison.evaluations if row.outcome is not None]
    previews = any(_source(row) == "preview" for row in comparison.evaluations)
    sentences = [
        "A preview stands with its error (±): the exact run is expected within it in 19 cases of 20."
    ] * previews
    if outcomes:
        counts = sorted({outcome.replications for outcome in outcomes})
        requests = max(outcome.offered for outcome in outcomes)
        sentences.append(
            "In brackets: 95 % interval over replications, or from parts of a single one; none where all agree in what"
            " is shown. Percentiles are read to within 0.8 %."
        )
        sentences.append(
            f"Replications: {words.joined([words.count(number) for number in counts])}; simulated requests for each"
            f" deployment: up to {words.count(requests)}."
        )
        sentences += _unknown(comparison)
    return " ".join(sentences)
