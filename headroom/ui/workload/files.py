"""Where a scenario comes from: a preset, a scenario file, or a trace of one's own."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from headroom.errors import BadTrace
from headroom.sharing import presets, toml_file
from headroom.ui.shell import cached, state
from headroom.ui.widgets.plain_text import lines, md
from headroom.ui.workload import traffic_upload
from simulator.errors import HeadroomError
from simulator.scenario import Scenario

MOST_FILE_MB = -(-toml_file.MAX_CHARS // 2**20)
"""Of a scenario or portfolio file, for the uploader, which counts in whole MB."""


def buttons(group: str) -> None:
    """Draw a button for each preset of a group, which opens it."""
    with st.container(horizontal=True):
        for preset in presets.PRESETS:
            if preset.group == group:
                st.button(preset.title, key=f"preset-{preset.key}", on_click=_open_preset, args=(preset.key,))


def uploads() -> None:
    """Draw the uploads of a trace and of a whole scenario."""
    traffic_upload.show()
    _scenario_file()


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
