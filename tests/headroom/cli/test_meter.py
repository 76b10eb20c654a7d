"""What a command says while it works, with a terminal and without one."""

from __future__ import annotations

import errno
import io
import time

from headroom.cli.meter import Meter


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Full(io.StringIO):
    def write(self, _: str) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")


def test_a_terminal_shows_a_bar_that_is_wiped_out_and_keeps_what_is_noted() -> None:
    terminal = Terminal()
    with Meter(terminal) as meter:
        meter.tell(0.25)
        meter.note("First recommendation.")
        meter.tell(0.25)
    text = terminal.getvalue()
    assert text.count("\r  simulating █████                 25 %") == 2
    before, after = text.split("First recommendation.\n")
    wiped = "\r" + " " * 64 + "\r"
    assert before.endswith(wiped)
    assert after.endswith(wiped)
    assert all(len(shown) <= 64 for shown in text.split("\r"))


def test_without_a_terminal_there_is_a_line_now_and_then_also_while_nothing_is_told() -> None:
    log = io.StringIO()
    with Meter(log, every_s=0.05) as meter:
        time.sleep(0.12)
        meter.tell(0.5)
        time.sleep(0.12)
    lines = log.getvalue().splitlines()
    assert lines[0] == "simulating: 0 %"
    assert lines[-1] == "simulating: 50 %"


def test_short_work_says_nothing_in_a_log() -> None:
    log = io.StringIO()
    with Meter(log) as meter:
        for share in (0.0, 0.5, 1.0):
            meter.tell(share)
    assert log.getvalue() == ""


def test_a_log_that_is_full_does_not_end_the_work() -> None:
    done = []
    with Meter(Full(), every_s=0.01) as meter:
        meter.note("First recommendation.")
        time.sleep(0.05)
        done.append("the work")
    assert done
