"""The ways to begin: a preset, a scenario file, or a trace of one's own."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from headroom.advisor.baseline import AlwaysOn
from headroom.advisor.tell import limit_text, words
from headroom.errors import BadTrace
from headroom.sharing import presets, toml_file
from headroom.sharing.portfolio_link import encode_portfolio
from headroom.ui.portfolio import portfolio_state
from headroom.ui.shell import cached, state
from headroom.ui.shell.menu import PAGES
from headroom.ui.widgets.plain_text import lines, md
from headroom.ui.workload import traffic_upload
from simulator.errors import HeadroomError
from simulator.scenario import Scenario

MOST_FILE_MB = -(-toml_file.MAX_CHARS // 2**20)
"""Of a scenario or portfolio file, for the uploader, which counts in whole MB."""


def offer() -> None:
    """Draw what one company's workloads would cost by the usual habit; presets and files are in the menu beside."""
    with st.container(border=True):
        _company()


def files() -> None:
    """Draw the uploads of a trace and of a whole scenario."""
    traffic_upload.show()
    _scenario_file()


def _company() -> None:
    st.markdown(f"**{presets.COMPANY}**")
    total = cached.company()
    forbidden = sum(any(limit.whose == "aws" for limit in part.limits) for part in total.parts)
    cost = f"{'' if total.complete else 'at least '}{words.dollars(total.cost_usd_per_month)}"
    st.markdown(
        "The usual habit, all three on always-on real-time endpoints sized for their busiest minute, would cost"
        f" **{md(cost)} a month** for {words.counted(total.instances, 'instance')}, and hard limits of AWS would forbid"
        f" it for {forbidden} of {len(total.parts)}:"
    )
    for part in total.parts:
        limits = f" **Forbidden**: {md(_limits(part))}." if part.limits else ""
        st.markdown(
            f"- {md(part.workload)}: {part.instances:,} × {md(part.instance_type)} for"
            f" {md(words.per_second(part.peak_per_s))}, {md(words.dollars(part.cost_usd_per_month))} a month."
            f"{limits}"
        )
    st.caption(
        f"Sized for {words.share(total.parts[0].utilisation)} utilisation, an assumption. Open one to see what it"
        " should run on."
    )
    company = {portfolio_state.PLACE.full: encode_portfolio(cached.company_portfolio())}
    _portfolio_link("What all three should run on", company)


def portfolio() -> None:
    """Draw a link to the portfolio of this session: at first, the three workloads of one company."""
    of_company = portfolio_state.portfolio() == cached.company_portfolio()
    label = "Several workloads? See a portfolio" if of_company else "Back to your portfolio"
    _portfolio_link(label, portfolio_state.PLACE.parameters())


def _portfolio_link(label: str, parameters: dict[str, str]) -> None:
    page = next(entry for entry in PAGES if entry.stem == portfolio_state.PAGE)
    st.page_link(page.file, label=label, icon=page.icon, query_params=parameters)


def _limits(part: AlwaysOn) -> str:
    return "; ".join(map(limit_text.short, part.limits))


def buttons(group: str) -> None:
    """Draw a button for each preset of a group, which opens it."""
    with st.container(horizontal=True):
        for preset in presets.PRESETS:
            if preset.group == group:
                st.button(preset.title, key=f"preset-{preset.key}", on_click=_open_preset, args=(preset.key,))


def _open_preset(key: str) -> None:
    state.put(cached.preset(key), fresh=True)


def _scenario_file() -> None:
    file = st.file_uploader(
        "Scenario: a TOML file", type=["toml"], max_upload_size=MOST_FILE_MB, key=f"scenario{state.epoch()}"
    )
    if file is not None:
        _use(file, _from_file)


def _use(file: UploadedFile, read: Callable[[bytes, str], Scenario]) -> None:
    """Make the scenario of a file the present one, or say what is wrong with the file and keep the scenario."""
    try:
        new = read(file.getvalue(), file.name)
    except HeadroomError as error:
        st.error(f"**{md(file.name)}** cannot be used; the scenario is unchanged.\n\n{lines(str(error))}")
        return
    state.change(new, fresh=True)


def _from_file(data: bytes, _name: str) -> Scenario:
    if len(data) > toml_file.MAX_CHARS:
        raise BadTrace(f"the file has {len(data):,} bytes; at most {toml_file.MAX_CHARS:,} are read.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadTrace(f"the file is not UTF-8 text (byte {error.start}).") from error
    return toml_file.read_scenario(text)
