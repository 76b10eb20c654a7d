"""A new scenario in three questions: how much and when, what the model needs, when the answer is wanted."""

from __future__ import annotations

import streamlit as st

from headroom.ui.controls import day, models, wanted
from headroom.ui.shell import cached, state
from simulator.model.requirement import Requirement
from simulator.model.simulation import Simulation
from simulator.model.workload import Workload
from simulator.scenario import Scenario
from simulator.traffic.kinds import DAY_S, WEEK_S

ASKED = "new_scenario_asked"
NIGHTLY = "Of a job each night: records a second, if they were spread over four hours."


def ask() -> None:
    """Ask the questions in place of the page."""
    st.session_state[ASKED] = True


def asked() -> bool:
    """Tell whether the questions are open."""
    return bool(st.session_state.get(ASKED))


def show() -> None:
    """Draw the three questions; what is open stays as it is until they are answered."""
    st.subheader("A new scenario", anchor=False)
    with st.form("new-scenario-form", border=True):
        st.text_input("Name", "My workload", key="new-name", max_chars=80)
        st.markdown("**1. How much comes, and when?**")
        with st.container(horizontal=True):
            st.number_input(
                "Requests/s at the busiest time", 0.0001, 1e6, 10.0, format="%g", key="new-much", help=NIGHTLY
            )
            st.selectbox("Shape of the day", list(day.SHAPES), format_func=_shape_title, key="new-shape", index=1)
        st.markdown("**2. What does the model need?** Typical sizes to begin with; put your own measurement beside.")
        st.selectbox(
            "Kind of model", range(len(models.MODELS)), format_func=lambda n: models.MODELS[n].title, key="new-model"
        )
        st.markdown("**3. When is the answer wanted?**")
        st.selectbox("Answer wanted", list(wanted.CHOICES), format_func=_wanted_title, key="new-wanted")
        with st.container(horizontal=True):
            st.form_submit_button("Plan it", icon=":material/bolt:", on_click=_begin, key="new-begin")
            st.form_submit_button("Cancel", on_click=_end, key="new-cancel")


def made(name: str, much: float, shape: str, model: models.Model, when: str, region: str) -> Scenario:
    """The scenario of the answers: no deployments, the defaults for all that was not asked."""
    traffic = day.SHAPES[shape].make(much * 4 * 3600 if shape == "night" else much)
    scenario = Scenario(
        schema=1,
        region=region,
        workload=Workload(name=name, traffic=traffic),
        requirement=Requirement(latency_percentile=95.0, max_error_share=0.01),
        simulation=Simulation(duration_s=WEEK_S, warmup_s=DAY_S),
        deployments=(),
    )
    return wanted.with_wanted(models.with_model(scenario, model), when)


def _begin() -> None:
    answers = st.session_state
    model = models.MODELS[answers["new-model"]]
    name = str(answers["new-name"]).strip() or "My workload"
    regions = cached.world().prices.regions()
    region = state.scenario().region if state.scenario().region in regions else "us-east-1"
    state.put(made(name, answers["new-much"], answers["new-shape"], model, answers["new-wanted"], region), fresh=True)
    _end()


def _end() -> None:
    st.session_state.pop(ASKED, None)


def _shape_title(key: str) -> str:
    return day.SHAPES[key].title


def _wanted_title(key: str) -> str:
    return wanted.CHOICES[key].title
