"""The Timeline page's body: which deployment, its numbers, and its panels over one clock."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from headroom.advisor.answer import Answer, Uncertain
from headroom.advisor.tell import clause_text, cost_text, preliminary, recoveries, words
from headroom.sharing.exports.export import SimulatedDeployment
from headroom.ui.explore import contenders
from headroom.ui.figures import faults, quick
from headroom.ui.figures import timeline as figures
from headroom.ui.shell import chart, downloads
from headroom.ui.shell.live import Results
from headroom.ui.widgets.plain_text import md
from simulator.engine.outcome import JobRun
from simulator.scenario import Scenario

CHOSEN = "timeline"


def show(scenario: Scenario, results: Results) -> None:
    """Draw the choice of a deployment, then its numbers and panels: exact, or of its estimate until it is simulated."""
    answer = contenders.choose(scenario, results, CHOSEN)
    if answer is None:
        return
    if answer.estimated:
        _preview(scenario, answer)
        return
    numbers(scenario, answer)
    if answer.causes:
        st.info(md(clause_text.causes(answer).strip()), icon=":material/lightbulb:")
    panels(scenario, answer)
    downloads.offer(SimulatedDeployment(scenario=scenario, evaluation=answer))


def _preview(scenario: Scenario, answer: Answer) -> None:
    """Draw what the estimate expects, marked as a preview."""
    assert answer.estimate is not None
    st.info(
        f"**Preview.** The exact run replaces it when it is there. {md(preliminary.doubt(answer))}",
        icon=":material/bolt:",
    )
    numbers(scenario, answer)
    starts_on, look = scenario.simulation.starts_on, chart.look()
    chart.show(quick.rate(answer.estimate, starts_on, look), "demand")
    chart.show(quick.capacity(answer.estimate, starts_on, look), "fleet")


def numbers(scenario: Scenario, evaluation: Answer) -> None:
    """Draw cost and latencies, each with its interval, or the error of a preview."""
    required = words.percentile(scenario.requirement.latency_percentile)
    names = sorted({"p50", "p99", required} & set(evaluation.latency_s), key=lambda name: float(name[1:]))
    shown: dict[str, tuple[Uncertain, words.Format]] = {}
    cost = evaluation.cost_usd_per_month
    if cost is not None and not evaluation.unpriced:
        shown[f"Cost a month, {cost_text.qualifier(evaluation)}".rstrip(", ")] = (cost, words.dollars)
    shown |= {f"{name} latency": (evaluation.latency_s[name], words.seconds) for name in names}
    if evaluation.error_share is not None:
        shown["Without answer"] = (evaluation.error_share, words.share)
    with st.grid(4, min_column_width=205):
        for title, (value, form) in shown.items():
            with st.container(border=True, height="stretch"):
                st.metric(title, form(value.value))
                st.caption(md(words.interval(value, form)))


def panels(scenario: Scenario, evaluation: Answer) -> None:
    """Draw demand, capacity, fleet, queue, trouble and latency over the same time axis."""
    outcome = evaluation.outcome
    assert outcome is not None
    clock = figures.clock_of(outcome, scenario.simulation.starts_on)
    look = chart.look()
    limit_s = scenario.requirement.latency_limit_s
    drawings = {
        "demand": figures.demand(outcome, clock, look),
        "capacity": figures.capacity(outcome, clock, look),
        "fleet": figures.fleet(outcome, clock, look),
        "backlog": figures.backlog(outcome, clock, look),
        "trouble": figures.trouble(outcome, clock, look),
        "latency": figures.latency(outcome, clock, look, limit_s),
        "heat": figures.heat_map(outcome, clock, look),
    }
    _faults(scenario, evaluation)
    for key, drawing in drawings.items():
        faults.mark(drawing.figure, outcome.recoveries, outcome.horizon_s)
        chart.show(drawing, f"{key}")
    if outcome.jobs:
        _jobs(outcome.jobs, clock)
    st.caption(
        "One run: a point over time has no interval of its own; the numbers above have theirs."
        if outcome.replications == 1
        else "Areas around lines, and ± in the tables: 95 % interval of each point over"
        f" {words.count(outcome.replications)} replications. Maxima are the largest of all, percentiles within 0.8 %."
    )
    for note in outcome.notes:
        st.caption(md(note))


def _faults(scenario: Scenario, evaluation: Answer) -> None:
    """Draw a sentence on the effect of each fault, numbered like the marks on the panels."""
    outcome = evaluation.outcome
    assert outcome is not None
    sentences = recoveries.sentences(outcome, scenario.faults, scenario.simulation.starts_on)
    if sentences:
        st.subheader("What did the faults do?", anchor=False)
        st.markdown("\n".join(f"{index + 1}. {md(sentence)}" for index, sentence in enumerate(sentences)))


def _jobs(jobs: Sequence[JobRun], clock: figures.TimeAxis) -> None:
    """Draw when each job of the first replication was ready, began and was finished."""
    st.subheader("When are the jobs finished?", anchor=False)
    st.dataframe(
        {
            "Ready": [clock.moment(job.ready_s) for job in jobs],
            "Began": [clock.moment(job.began_s) for job in jobs],
            "Finished": ["not" if job.finished_s is None else clock.moment(job.finished_s) for job in jobs],
            "Took": [words.seconds(None if job.finished_s is None else job.finished_s - job.ready_s) for job in jobs],
            "Records": [job.records for job in jobs],
        },
        hide_index=True,
        key="jobs",
        alt="Jobs of the first replication",
    )
