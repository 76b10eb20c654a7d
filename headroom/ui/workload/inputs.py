"""The forms of the Workload page: traffic of any kind, the work itself, the requirement, how it is simulated."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

import streamlit as st

from headroom.advisor.tell import warn
from headroom.ui.controls.day import KIND_WORDS
from headroom.ui.shell import cached, state
from headroom.ui.widgets import forms
from headroom.ui.widgets.plain_text import md
from headroom.ui.workload import traffic_upload
from simulator.errors import InvalidScenario
from simulator.fields import Spec
from simulator.scenario import Scenario
from simulator.traffic.kinds import KINDS
from simulator.traffic.sources import span_s


def traffic(scenario: Scenario) -> None:
    """Draw the choice of the kind of traffic, and the form of that kind."""
    present = scenario.workload.traffic
    kinds = [str(kind.model_fields["kind"].default) for kind in KINDS]
    kind = st.selectbox(
        "Kind of traffic",
        kinds,
        index=kinds.index(present.kind),
        format_func=KIND_WORDS.__getitem__,
        key=f"kind{state.epoch()}",
    )
    if kind != present.kind:
        new_traffic = next(candidate for candidate, name in zip(KINDS, kinds, strict=True) if name == kind)()
        _set_part(scenario, "workload", scenario.workload.model_copy(update={"traffic": new_traffic}), fresh=True)
    edited = forms.edit(
        present, f"workload.traffic.{kind}", forms.Options(choices={"trace": sorted(cached.world().traces)})
    )
    if edited is not None and edited != present:
        _set_part(scenario, "workload", scenario.workload.model_copy(update={"traffic": edited}))
    with suppress(InvalidScenario):  # a window outside its trace is told by the page
        for sentence in warn.repeated(scenario, span_s(scenario.workload.traffic, cached.world().traces)):
            st.warning(md(sentence), icon=":material/repeat:")
    traffic_upload.said()


def work(scenario: Scenario) -> None:
    """Draw the form of the workload without its traffic."""
    choices = {"reference_instance_type": sorted(cached.world().hardware)}
    _part(scenario, "workload", choices, skip=("traffic",))


def requirement(scenario: Scenario) -> None:
    """Draw the form of the requirement."""
    _part(scenario, "requirement")


def simulation(scenario: Scenario) -> None:
    """Draw the form of Region, horizon and replications."""
    regions = cached.world().prices.regions()
    options = regions if scenario.region in regions else (scenario.region, *regions)
    region = st.selectbox(
        "Region",
        options,
        index=options.index(scenario.region),
        key=f"region{state.epoch()}",
        help="The AWS Region whose prices count.",
        width=300,
    )
    if region != scenario.region:
        state.change(scenario.model_copy(update={"region": region}))
    _part(scenario, "simulation")


def _part(scenario: Scenario, name: str, choices: forms.Choices | None = None, skip: Sequence[str] = ()) -> None:
    present: Spec = getattr(scenario, name)
    edited = forms.edit(present, name, forms.Options(choices=choices or {}, skip=skip))
    if edited is not None and edited != present:
        _set_part(scenario, name, edited)


def _set_part(scenario: Scenario, name: str, value: Spec, *, fresh: bool = False) -> None:
    state.change(scenario.model_copy(update={name: value}), fresh=fresh)
