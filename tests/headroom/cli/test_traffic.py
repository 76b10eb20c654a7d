"""`headroom traffic`: what it says, what it asks, what it writes."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from headroom.cli.exit_codes import FINE, WRONG_INPUT
from headroom.cli.main import main
from headroom.sharing.toml_file import read_scenario
from headroom.traffic_files.questions import KEYS
from simulator.traffic.kinds import Counts

ROOT = Path(__file__).parents[3]
FILES = "tests/headroom/traffic_files/files"
PAGE = (ROOT / "docs" / "traffic-files.md").read_text(encoding="utf-8")


@pytest.fixture(autouse=True)
def at_the_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)


def test_the_page_shows_what_it_says_and_asks(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["traffic", f"{FILES}/logs-insights.csv"]) == FINE
    assert capsys.readouterr().out in PAGE
    assert main(["traffic", f"{FILES}/excel-us.csv"]) == WRONG_INPUT
    assert capsys.readouterr().err in PAGE


def test_every_answer_is_an_option_and_stands_on_the_page(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["traffic", "--help"]) == FINE
    text = capsys.readouterr().out
    for key in KEYS:
        option = f"--{key.replace('_', '-')}"
        assert option in text
        assert f"`{option}`" in PAGE


def test_an_answer_is_taken(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["traffic", f"{FILES}/excel-us.csv", "--dates", "month-first"]) == FINE
    assert "Sunday 00:04" in capsys.readouterr().out


def test_a_scenario_and_a_trace_are_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    scenario, trace = tmp_path / "mine.toml", tmp_path / "mine.csv"
    for out in (scenario, trace):
        assert main(["traffic", f"{FILES}/cloudwatch-getmetricdata.json", "--out", str(out)]) == FINE
    written = read_scenario(scenario.read_text())
    assert written.workload.traffic == Counts(bin_s=60, requests=(12, 14))
    assert written.simulation.starts_on == 6
    capsys.readouterr()
    assert main(["traffic", str(trace)]) == FINE
    assert "2 minutes, 1-minute bins, 26 requests" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nope.csv"], "nope.csv: given No such file or directory"),
        ([f"{FILES}/README.md"], "README.md: "),
        ([f"{FILES}/excel-de.csv", "--column", "x"], "column: given 'x'; allowed: 'Anfragen'"),
        ([f"{FILES}/excel-de.csv", "--out", "/nowhere/x.csv"], "--out: given"),
    ],
)
def test_what_cannot_be_done_is_said(words: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["traffic", *words]) == WRONG_INPUT
    assert said in capsys.readouterr().err


def test_control_characters_of_a_file_reach_no_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "a.csv"
    file.write_text("t_s,requests\x1b[31m\n0,5\n60,7\n")
    assert main(["traffic", shlex.quote(str(file))]) == FINE
    assert not re.search(r"[\x00-\x09\x0b-\x1f]", capsys.readouterr().out)
