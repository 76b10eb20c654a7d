"""Processes that do calls for whoever has their socket: shared, replaced when they end, and gone with their program."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from headroom.work.process import command, environment
from headroom.work.remote_calls import ProcessesLost, RemoteCalls
from headroom.work.shared_processes import SharedProcesses

PATIENCE_S = 120.0


def until(found: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not found():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def runs(pid: int) -> bool:
    """Whether there is such a process that has not ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.fixture
def processes() -> Iterator[SharedProcesses]:
    started = SharedProcesses(1)
    yield started
    started.close()


@pytest.fixture
def calls(processes: SharedProcesses) -> Iterator[RemoteCalls]:
    made = RemoteCalls(processes.callers, 1)
    yield made
    processes.close()
    made.close()


def test_no_process_is_started_before_the_first_call(processes, calls):
    assert processes.pids() == ()
    assert calls.submit(os.getpid).result() in processes.pids()


def test_calls_are_answered_in_their_order_by_one_process(processes, calls):
    answers = [calls.submit(divmod, number, 3) for number in range(20)]
    assert [answer.result() for answer in answers] == [divmod(number, 3) for number in range(20)]
    assert len(processes.pids()) == 1


def test_what_a_call_raises_is_raised_and_says_where(calls):
    with pytest.raises(ZeroDivisionError) as raised:
        calls.submit(divmod, 1, 0).result()
    assert any("Traceback" in note for note in raised.value.__notes__)


def test_an_outcome_that_cannot_be_sent_is_an_error_and_the_process_goes_on(processes, calls):
    before = calls.submit(os.getpid).result()
    with pytest.raises(TypeError, match="cannot be pickled"):
        calls.submit(threading.Lock).result()
    assert calls.submit(os.getpid).result() == before


def test_what_a_call_prints_goes_to_standard_error_and_disturbs_nothing(calls):
    assert calls.submit(print, "hello").result() is None
    assert calls.submit(abs, -3).result() == 3


def test_a_call_that_ends_every_process_is_given_up_and_others_go_on(calls):
    with pytest.raises(ProcessesLost, match="ended 4 times"):
        calls.submit(os._exit, 1).result()
    assert calls.submit(abs, -3).result() == 3


def test_who_hangs_up_in_the_midst_of_a_call_frees_the_process_for_others(processes, calls):
    other = RemoteCalls(processes.callers, 1)
    before = other.submit(os.getpid).result()
    forever = other.submit(time.sleep, 600)
    until(forever.running)
    other.close()
    with pytest.raises(ProcessesLost):
        forever.result()
    assert calls.submit(abs, -3).result() == 3
    assert not runs(before)


def test_calls_of_one_do_not_wait_for_all_calls_of_another(processes, calls):
    other = RemoteCalls(processes.callers, 1)
    calls.submit(abs, 0).result()
    many = [calls.submit(time.sleep, 0.05) for _ in range(40)]
    assert other.submit(abs, -3).result() == 3
    assert sum(answer.done() for answer in many) < 10
    other.close()


def test_without_processes_a_call_is_an_error_and_waits_for_nothing(processes, calls):
    calls.submit(abs, 0).result()
    processes.close()
    with pytest.raises(ProcessesLost, match="have ended"):
        calls.submit(abs, 0).result()


def test_processes_that_cannot_begin_are_given_up(monkeypatch, calls):
    monkeypatch.setenv("PYTHONHASHSEED", "no number")
    with pytest.raises(ProcessesLost):
        calls.submit(abs, 0).result()


PROGRAM = """
import os, sys, time
from headroom.work.executors import local
with local(2) as executor:
    pids = {executor.submit(os.getpid).result() for _ in range(20)}
    sleeping = executor.submit(time.sleep, 600)
    print(*pids, flush=True)
    sleeping.result()
"""


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT], ids=lambda how: how.name)
def test_a_program_that_is_ended_leaves_no_process_behind(how):
    program = subprocess.Popen(
        [sys.executable, "-c", PROGRAM],
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )
    assert program.stdout is not None
    with program.stdout as said:
        pids = [int(pid) for pid in said.readline().split()]
    assert pids
    assert all(map(runs, pids))
    os.killpg(program.pid, how)
    assert program.wait(PATIENCE_S) != 0
    until(lambda: not any(map(runs, pids)))


def test_a_file_in_the_present_folder_does_not_take_the_place_of_a_module(tmp_path: Path) -> None:
    (tmp_path / "simulator").mkdir()
    (tmp_path / "simulator" / "__init__.py").write_text("raise SystemExit('the wrong one')")
    worker = subprocess.run(
        command("headroom.work.worker"),
        cwd=tmp_path,
        env=environment(),
        input="",
        capture_output=True,
        text=True,
        check=False,
    )
    assert worker.returncode == 0, worker.stderr
