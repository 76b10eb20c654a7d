"""The Timeline page's body: which deployment, and its panels over one clock."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from advisor import recoveries, words
from advisor.evaluation import Evaluation
from simulator.outcome import JobRun
from simulator.scenario import Scenario
from ui import chart
from ui.figures import faults
from ui.figures import timeline as figures
from ui.live import Results
from ui.text import md

CHOSEN = "timeline_deployment"


def choose(scenario: Scenario, found: Results) -> Evaluation | None:
    """Which deployment to look at, among those that were simulated; None, with the reason said, when there is none."""
    simulated = [
        at for at, status in enumerate(found) if status.evaluation is not None and status.evaluation.outcome is not None
    ]
    if not simulated:
        st.info("No deployment has been simulated yet, or hard limits rule all of them out. Compare says which.")
        return None
    names = [deployment.name for deployment in scenario.deployments]
    at = st.selectbox("Deployment", simulated, format_func=lambda n: f"{n + 1}. {names[n]}", key=CHOSEN, width=420)
    return found[at].evaluation


def panels(scenario: Scenario, evaluation: Evaluation) -> None:
    """Demand, capacity, fleet, queue, trouble, latency; the same time on every horizontal axis."""
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
    for note in outcome.notes:
        st.caption(md(note))


def _faults(scenario: Scenario, evaluation: Evaluation) -> None:
    """What each fault did; the numbers are those at the marks on the panels."""
    outcome = evaluation.outcome
    assert outcome is not None
    said = recoveries.sentences(outcome, scenario.faults, scenario.simulation.starts_on)
    if said:
        st.subheader("What did the faults do?", anchor=False)
        st.markdown("\n".join(f"{at + 1}. {md(one)}" for at, one in enumerate(said)))


def _jobs(jobs: Sequence[JobRun], clock: figures.Clock) -> None:
    """When each job of the first replication was ready, began and was finished."""
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
