"""Buttons that download a value as a file: one for each format of the registry of exports."""

from __future__ import annotations

from functools import partial
from typing import Any

import streamlit as st

from headroom.sharing.exports.registry import exports_of
from headroom.ui.shell import cached, kept_files


def offer(*values: Any, key: str = "") -> None:
    """Draw a download button for each format of these values; a file is made when its button is pressed.

    key: tells apart the places where the same file is offered.
    """
    kept_files.keep_files()
    with st.container(horizontal=True):
        for value in values:
            for export in (export for export in exports_of(type(value)) if export.applies(value)):
                st.download_button(
                    export.title,
                    partial(export.write, value, cached.world()),
                    export.file_name,
                    export.media_type,
                    on_click="ignore",
                    icon=":material/download:",
                    key=f"download-{export.file_name}-{key}",
                )
