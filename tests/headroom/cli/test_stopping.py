"""Ctrl-C ends every command within two seconds with 130 and no traceback, and nothing is left behind by a program that
was killed; work that takes long is announced.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from headroom.cli.main import main
from headroom.work.process import environment

PATIENCE_S = 60.0
PROMPT_S = 2.0
GONE_S = 10.0
HUGE = """
schema = 1
[workload.traffic]
kind = "constant"
rate_per_s = {rate}
[workload.service_time]
mean_ms = 1
[simulation]
duration_s = {horizon_s}
[[deployments]]
pattern = "serverless"
max_concurrency = 200
"""


@pytest.fixture
def huge(tmp_path: Path) -> str:
    """A scenario that takes minutes."""
    path = tmp_path / "huge.toml"
    path.write_text(HUGE.format(rate=20_000, horizon_s=86_400), encoding="utf-8")
    return str(path)


@contextmanager
def started(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    """A command of the program in a group of processes of its own, as a shell starts it."""
    program = subprocess.Popen(
        [sys.executable, "-m", "headroom", *arguments],
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    with program:
        yield program
        program.kill()


def until(found: Callable[[], bool], patience_s: float = PATIENCE_S) -> None:
    deadline = time.monotonic() + patience_s
    while not found():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def stopped(program: subprocess.Popen[str]) -> str:
    """What the program says at Ctrl-C, which it obeys at once."""
    began_s = time.monotonic()
    os.killpg(program.pid, signal.SIGINT)
    _, text = program.communicate(timeout=PATIENCE_S)
    assert time.monotonic() - began_s < PROMPT_S
    assert program.returncode == 130
    return text


def descendants(pid: int) -> set[int]:
    """The processes that this one has started, and those that they have started."""
    rows = subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True).stdout.splitlines()
    pairs = [(int(child), int(parent)) for child, parent in map(str.split, rows)]
    found = {pid}
    while more := {child for child, parent in pairs if parent in found} - found:
        found |= more
    return found - {pid}


def runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.parametrize("library", ["_pydantic_core", "_multiarray_umath", "llvmlite"])
def test_ctrl_c_while_the_program_is_imported(library: str) -> None:
    with started("compare", "dashboard") as program:
        maps = Path(f"/proc/{program.pid}/maps")
        until(lambda: library in maps.read_text(encoding="utf-8"))
        assert stopped(program) == "\nStopped.\n"


@pytest.mark.parametrize(
    "command",
    ["compare", *(pytest.param(command, marks=pytest.mark.slow) for command in ("simulate", "plan", "portfolio"))],
)
def test_ctrl_c_while_a_command_works(command: str, huge: str) -> None:
    options = ["--pattern", "serverless"] if command == "simulate" else []
    with started(command, huge, "--yes", *options) as program:
        assert program.stderr is not None
        assert program.stderr.readline().startswith("This takes about ")
        until(lambda: command in ("compare", "simulate") or bool(descendants(program.pid)))
        workers = descendants(program.pid)
        assert stopped(program).endswith("\nStopped.\n")
        until(lambda: not any(map(runs, workers)), GONE_S)


def test_ctrl_c_while_standard_input_is_awaited() -> None:
    with started("validate", "-") as program:
        time.sleep(0.5)
        assert stopped(program) == "\nStopped.\n"


def test_ctrl_c_while_a_price_list_is_awaited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # A server that accepts and says nothing.
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setenv("HEADROOM_PRICE_LIST_HOST", f"http://127.0.0.1:{silent.getsockname()[1]}")
        monkeypatch.setenv("HEADROOM_PRICES", str(tmp_path / "prices.csv"))
        with started("prices", "refresh") as program, silent.accept()[0]:
            assert stopped(program) == "\nStopped.\n"


def test_a_program_that_ignores_ctrl_c_as_with_nohup_goes_on(huge: str) -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with started("compare", huge, "--yes") as program:
            assert program.stderr is not None
            program.stderr.readline()
            os.killpg(program.pid, signal.SIGINT)
            time.sleep(0.5)
            assert program.poll() is None
    finally:
        signal.signal(signal.SIGINT, before)


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM], ids=lambda how: how.name)
def test_a_plan_that_is_killed_leaves_no_process_behind(how: signal.Signals, huge: str) -> None:
    with started("plan", huge, "--yes") as program:
        until(lambda: bool(descendants(program.pid)))
        workers = descendants(program.pid)
        program.send_signal(how)
        until(lambda: not any(map(runs, workers)), GONE_S)


def test_what_would_take_more_than_an_hour_is_not_begun(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "absurd.toml"
    path.write_text(HUGE.format(rate=100_000, horizon_s=2_678_400), encoding="utf-8")
    for command, *options in (["compare"], ["simulate", "--pattern", "serverless"], ["plan"], ["portfolio"]):
        assert main([command, str(path), *options]) == 2
        told = capsys.readouterr()
        assert told.out == ""
        assert "allowed: at most 60 min without --yes" in told.err
