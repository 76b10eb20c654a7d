"""A process ends with the one that started it, also in the midst of work and when the other was killed at once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from headroom.work import parent
from headroom.work.process import environment

GONE_S = 10.0
CHILD = """
from headroom.work.parent import end_with_parent
end_with_parent()
import time
time.sleep(600)
"""
PARENT = f"""
import subprocess, sys, time
from headroom.work.process import environment
child = subprocess.Popen([sys.executable, "-c", {CHILD!r}], env=environment(), start_new_session=True)
print(child.pid, flush=True)
time.sleep(float(sys.argv[1]))
"""
OF_A_WORKER = """
import time
from headroom.work.process import Worker
worker = Worker()
worker.warm()
print(worker.pid, flush=True)
time.sleep(600)
"""


def runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.parametrize("lives_s", [0.0, 600.0], ids=["ended at once", "killed"])
def test_a_process_ends_with_its_parent(lives_s: float) -> None:
    program = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(lives_s)], env=environment(), stdout=subprocess.PIPE, text=True
    )
    with program:
        assert program.stdout is not None
        child = int(program.stdout.readline())
        if lives_s:
            time.sleep(0.5)
            program.kill()
        program.wait()
        deadline = time.monotonic() + GONE_S
        while runs(child):
            assert time.monotonic() < deadline
            time.sleep(0.05)


@pytest.mark.slow
def test_a_worker_ends_in_the_midst_of_its_work() -> None:
    """A worker waits for orders on standard input; while it works it would not notice that this is closed."""
    program = subprocess.Popen(
        [sys.executable, "-c", OF_A_WORKER], env=environment(), stdout=subprocess.PIPE, text=True
    )
    with program:
        assert program.stdout is not None
        pid = int(program.stdout.readline())
        os.kill(pid, signal.SIGSTOP)  # it can read nothing
        program.kill()
        program.wait()
        os.kill(pid, signal.SIGCONT)
        deadline = time.monotonic() + GONE_S
        while runs(pid):
            assert time.monotonic() < deadline
            time.sleep(0.05)


def test_processes_are_told_who_started_them() -> None:
    assert environment()[parent.VARIABLE] == str(os.getpid())
