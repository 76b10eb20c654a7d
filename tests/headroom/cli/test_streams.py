"""Standard streams that are closed or full end in a message and an exit code, never in a traceback."""

from __future__ import annotations

import subprocess
import sys

import pytest

from headroom.work.process import environment

VALIDATE = "validate dashboard"


def shell(command: str) -> subprocess.CompletedProcess[str]:
    """Run a command of the program in a shell, with its redirections."""
    return subprocess.run(
        f'"{sys.executable}" -m headroom {command}',
        shell=True,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("command", "code", "told"),
    [
        (f"{VALIDATE} > /dev/full", 4, "headroom: standard output: No space left on device.\n"),
        (f"{VALIDATE} >&-", 4, "headroom: standard output: it is closed.\n"),
        (f"{VALIDATE} --as toml > /dev/full", 4, "headroom: standard output: No space left on device.\n"),
        (f"{VALIDATE} --as toml --out /dev/full", 4, "headroom: /dev/full: No space left on device.\n"),
        (f"{VALIDATE} 2>/dev/full", 0, ""),
        ("validate nothing >&- 2>&-", 2, ""),
        ("validate - <&- >&- 2>&-", 2, ""),
    ],
)
def test_a_stream_that_cannot_be_used(command: str, code: int, told: str) -> None:
    ended = shell(command)
    assert (ended.returncode, ended.stderr) == (code, told)


def test_closed_standard_input_is_told() -> None:
    ended = shell("validate - <&-")
    assert ended.returncode == 2
    assert "-: given it is closed; allowed: a file that can be read" in ended.stderr
