"""Files that a button has made stay for two minutes.

Streamlit drops the file of a download at the second redraw after the click, and while work is under way the page is
drawn anew twice a second: a browser that asks a second later is told 404.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import streamlit as st
from streamlit.runtime import exists, get_instance
from streamlit.runtime.media_file_storage import MediaFileKind, MediaFileStorage

KEEP_S = 120.0


class PatientStorage(MediaFileStorage):
    """Hands everything on to another storage, deletions KEEP_S seconds late. May be used by many threads.

    now: gives the present second.
    """

    def __init__(self, storage: MediaFileStorage, now: Callable[[], float] = time.monotonic) -> None:
        self._storage = storage
        self._now = now
        self._due_s: dict[str, float] = {}
        self._lock = threading.Lock()

    def load_and_get_id(
        self, path_or_data: str | bytes, mimetype: str, kind: MediaFileKind, filename: str | None = None
    ) -> str:
        """Add a file and return its id; the same file again has the same id, and is wanted again."""
        with self._lock:
            file_id = self._storage.load_and_get_id(path_or_data, mimetype, kind, filename)
            self._due_s.pop(file_id, None)
            return file_id

    def get_url(self, file_id: str) -> str:
        """Return the address of a file."""
        return self._storage.get_url(file_id)

    def delete_file(self, file_id: str) -> None:
        """Delete a file KEEP_S seconds from now or later, when another one is given up."""
        with self._lock:
            now_s = self._now()
            self._due_s.setdefault(file_id, now_s + KEEP_S)
            for due in [kept for kept, due_s in self._due_s.items() if due_s <= now_s]:
                del self._due_s[due]
                self._storage.delete_file(due)


@st.cache_resource(show_spinner=False)
def keep_files() -> None:
    """Make the running server keep the files of its buttons; without a server, as in a test, there are none."""
    if exists():
        manager = get_instance().media_file_mgr
        manager._storage = PatientStorage(manager._storage)
