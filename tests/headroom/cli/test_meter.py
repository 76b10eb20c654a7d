"""What a command says while it works, with a terminal and without one."""

from __future__ import annotations

import io
from collections.abc import Iterator

from headroom.cli.meter import LINE_EVERY_S, Meter


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_shows_a_bar_that_is_wiped_out_and_keeps_what_is_noted() -> None:
    terminal = Terminal()
    with Meter(terminal) as meter:
        meter.tell(0.25)
        meter.note("First recommendation.")
        meter.tell(0.25)
    text = terminal.getvalue()
    assert text.count("\r  simulating █████                 25 %") == 2
    before, after = text.split("First recommendation.\n")
    wiped = "\r" + " " * 40 + "\r"
    assert before.endswith(wiped)
    assert after.endswith(wiped)


def test_without_a_terminal_there_is_a_line_now_and_then() -> None:
    log, seconds = io.StringIO(), iter_of_halves()
    with Meter(log, lambda: next(seconds)) as meter:
        for percent in range(101):
            meter.tell(percent / 100)
    lines = log.getvalue().splitlines()
    assert 5 < len(lines) < 60
    assert all(line.startswith("simulating: ") for line in lines)
    assert len(set(lines)) == len(lines)


def test_short_work_says_nothing_in_a_log() -> None:
    log = io.StringIO()
    with Meter(log, lambda: LINE_EVERY_S / 2) as meter:
        for share in (0.0, 0.5, 1.0):
            meter.tell(share)
    assert log.getvalue() == ""


def iter_of_halves() -> Iterator[float]:
    now_s = 0.0
    while True:
        yield now_s
        now_s += 0.5
