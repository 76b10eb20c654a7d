"""`--as`, `--json` and `--out`: the same formats as on the page, to standard output or into a file."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from headroom.advisor.answer import Comparison
from headroom.cli.main import main
from headroom.sharing.exports import registry
from headroom.sharing.exports.export import Export
from headroom.sharing.toml_file import read_scenario
from tests.headroom.sharing.portfolios import portfolio_in

SCENARIO = """
schema = 1
[workload]
name = "Small"
[workload.traffic]
kind = "constant"
rate_per_s = 2
[requirement]
min_zones = 1
[simulation]
duration_s = 3600
warmup_s = 600
replications = 2
[[deployments]]
pattern = "realtime"
name = "=One"
"""
NAMES = Export(
    key="names",
    title="Names",
    kind=Comparison,
    file_name="names.bin",
    media_type="application/octet-stream",
    write=lambda comparison, _: b"\xff" + comparison.evaluations[0].deployment.name.encode(),
)


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "scenario.toml"
    path.write_text(SCENARIO, encoding="utf-8")
    return str(path)


def test_a_comparison_can_be_had_as_csv(file: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", file, "--as", "csv"]) == 0
    (row,) = csv.DictReader(io.StringIO(capsys.readouterr().out))
    assert (row["deployment"], row["cheapest_that_meets"]) == ("'=One", "yes")


def test_json_is_the_short_form(file: str, capsys: pytest.CaptureFixture[str]) -> None:
    main(["simulate", file, "--deployment", "=One", "--as", "json"])
    long = capsys.readouterr().out
    main(["simulate", file, "--deployment", "=One", "--json"])
    assert capsys.readouterr().out == long
    assert json.loads(long)["deployment"]["name"] == "=One"


def test_text_is_what_is_printed_without_an_option(file: str, capsys: pytest.CaptureFixture[str]) -> None:
    main(["compare", file, "--as", "text"])
    asked = capsys.readouterr().out
    main(["compare", file])
    assert capsys.readouterr().out == asked


def test_a_file_has_what_would_have_been_printed(
    file: str, tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    main(["compare", file, "--as", "csv"])
    printed = capsysbinary.readouterr().out
    out = tmp_path / "comparison.csv"
    assert main(["compare", file, "--as", "csv", "--out", str(out)]) == 0
    assert capsysbinary.readouterr().out == b""
    assert out.read_bytes() == printed


def test_a_checked_scenario_is_written_whole(file: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate", file, "--as", "toml"]) == 0
    assert read_scenario(capsys.readouterr().out) == read_scenario(SCENARIO)


def test_a_portfolio_is_gathered_into_one_file_without_planning_it(
    file: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["portfolio", file, "--as", "toml"]) == 0
    (member,) = portfolio_in(capsys.readouterr().out).workloads
    assert member.scenario == read_scenario(SCENARIO)


@pytest.mark.parametrize("arguments", [["--as", "toml"], ["--as", "csv", "--json"], ["--as"]])
def test_a_format_that_a_command_has_not_is_exit_code_2(
    file: str, arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["compare", file, *arguments]) == 2
    assert "--as" in capsys.readouterr().err


def test_a_place_that_cannot_be_written_is_told_before_the_work(
    file: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for out in (tmp_path, tmp_path / "missing" / "comparison.csv"):
        assert main(["compare", file, "--out", str(out)]) == 2
        read = capsys.readouterr()
        assert "--out" in read.err
        assert read.out == ""


def test_a_format_that_is_registered_is_offered(
    file: str, monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[Any]
) -> None:
    monkeypatch.setattr(registry, "EXPORTS", (*registry.EXPORTS, NAMES))
    assert main(["compare", file, "--as", "names"]) == 0
    assert capsysbinary.readouterr().out == b"\xff=One"
    assert main(["compare", "--help"]) == 0
    assert b"csv, json, text, bill-csv, names" in b" ".join(capsysbinary.readouterr().out.split())
