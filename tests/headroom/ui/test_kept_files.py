"""A file that a button has made can be fetched for two minutes, whatever the page does meanwhile."""

from __future__ import annotations

import pytest
from streamlit.runtime.media_file_manager import MediaFileManager
from streamlit.runtime.media_file_storage import MediaFileKind, MediaFileStorageError
from streamlit.runtime.memory_media_file_storage import MemoryMediaFileStorage

from headroom.ui.shell.kept_files import KEEP_S, PatientStorage


class Clock:
    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def memory() -> MemoryMediaFileStorage:
    return MemoryMediaFileStorage("/media")


def made(manager: MediaFileManager, text: str) -> str:
    """The name of the file that a click makes."""
    placeholder = manager.add_deferred(lambda: text, "text/csv", "1.0", "a.csv")
    return manager.execute_deferred(placeholder).rpartition("/")[2]


def redraw(manager: MediaFileManager, times: int) -> None:
    for _ in range(times):
        manager.clear_session_refs()
        manager.remove_orphaned_files()


def test_streamlit_alone_forgets_a_file_at_the_second_redraw(memory):
    manager = MediaFileManager(storage=memory)
    name = made(manager, "1")
    redraw(manager, 2)
    with pytest.raises(MediaFileStorageError):
        memory.get_file(name)


def test_a_file_outlives_redraws_for_two_minutes_and_no_longer(memory, clock):
    manager = MediaFileManager(storage=PatientStorage(memory, clock))
    name = made(manager, "1")
    redraw(manager, 50)
    clock.now_s = KEEP_S - 1
    assert memory.get_file(name).content == b"1"
    clock.now_s = KEEP_S + 1
    made(manager, "2")
    redraw(manager, 2)
    with pytest.raises(MediaFileStorageError):
        memory.get_file(name)


def test_a_file_that_is_made_again_starts_anew(memory, clock):
    storage = PatientStorage(memory, clock)
    first = storage.load_and_get_id(b"1", "text/csv", MediaFileKind.DOWNLOADABLE, "a.csv")
    storage.delete_file(first)
    clock.now_s = KEEP_S - 1
    assert storage.load_and_get_id(b"1", "text/csv", MediaFileKind.DOWNLOADABLE, "a.csv") == first
    clock.now_s = KEEP_S + 1
    storage.delete_file("other")
    assert memory.get_file(f"{first}.csv").content == b"1"
    assert storage.get_url(first) == f"/media/{first}.csv"
