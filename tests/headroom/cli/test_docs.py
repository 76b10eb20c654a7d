from __future__ import annotations

import io
import re
import shlex
import sys
from pathlib import Path

import pytest

from headroom.cli.exit_codes import FINE, NONE_MEETS, NOT_DONE, NOT_WRITTEN, STOPPED, WRONG_INPUT
from headroom.cli.main import main

ROOT = Path(__file__).parents[3]
BLOCKS = re.findall(r"```sh\n(.*?)```", (ROOT / "docs" / "command-line.md").read_text(encoding="utf-8"), re.DOTALL)
COMMANDS = [line for block in BLOCKS for line in block.splitlines()]


def test_there_are_commands_for_everything() -> None:
    """`deploy` is shown without being run here: it needs an account, and is drilled against one on loopback."""
    assert {command.split()[1] for command in COMMANDS} == {
        "check",
        "compare",
        "diff",
        "export",
        "plan",
        "portfolio",
        "replica",
        "simulate",
        "traffic",
        "validate",
    }


@pytest.mark.slow
@pytest.mark.parametrize("command", [command for command in COMMANDS if not command.startswith("headroom deploy ")])
def test_a_documented_command_runs(
    command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)
    program, *words = shlex.split(command)
    if "<" in words:
        words, source = words[: words.index("<")], words[-1]
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(Path(source).read_bytes())))
    assert program == "headroom"
    assert main(words) in (0, 3)
    lines = capsys.readouterr().err.splitlines()
    assert [
        line for line in lines if not line.startswith(("simulating: ", "First recommendation: ", "This takes about "))
    ] == []


def test_the_exit_codes_are_those_of_the_program() -> None:
    text = (ROOT / "docs" / "command-line.md").read_text(encoding="utf-8")
    codes = [int(code) for code in re.findall(r"^\| (\d+) \|", text, re.MULTILINE)]
    assert codes == [FINE, WRONG_INPUT, NONE_MEETS, NOT_WRITTEN, NOT_DONE, STOPPED]
