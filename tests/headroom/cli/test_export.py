"""`headroom export`: which deployment, which files, where to, and what is told when it cannot be done."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from headroom.cli.export import GROUPS
from headroom.cli.main import main
from headroom.sharing.exports.deployment_files import FILES
from tests.headroom.cli.test_cli import small

PLACEMENT = '\n[deploy]\nendpoint_name = "small"\n'


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "scenario.toml"
    path.write_text(small() + PLACEMENT, encoding="utf-8")
    return str(path)


def test_the_best_is_exported_as_all_its_files(file: str, tmp_path: Path) -> None:
    out = tmp_path / "a" / "b"
    assert main(["export", file, "--out", str(out)]) == 0
    assert {path.name for path in out.iterdir()} == {
        export.file_name for export in FILES if export.key != "policy-scheduler-role"
    }
    plan = json.loads((out / "plan.json").read_text(encoding="utf-8"))
    assert (plan["name"], plan["deployment"]["name"]) == ("small", "One")
    assert (out / "deploy.sh").stat().st_mode & 0o111
    report = (out / "report.html").read_text(encoding="utf-8")
    assert "Two, always on" in report


def test_one_file_goes_to_standard_output(file: str, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    assert main(["export", file, "--deployment", "One", "--as", "plan", "--set", "owner=platform"]) == 0
    out = capsysbinary.readouterr().out
    assert json.loads(out)["tags"]["headroom:owner"] == "platform"


def test_policies_come_together(file: str, tmp_path: Path) -> None:
    assert set(GROUPS) == {"policy"}
    assert main(["export", file, "--deployment", "One", "--as", "policy", "--out", str(tmp_path / "p")]) == 0
    names = {path.name for path in (tmp_path / "p").iterdir()}
    assert names == {"deployer-policy.json", "execution-role-policy.json", "trust-policy.json"}


def test_what_does_not_meet_is_exported_by_name_and_told(file: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", file, "--deployment", "Ruled out", "--as", "cloudformation"]) == 3
    captured = capsys.readouterr()
    assert "does not meet the requirement" in captured.err
    assert "AWS::SageMaker::Endpoint" in captured.out


def test_nothing_that_meets_is_told_and_nothing_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "hard.toml"
    path.write_text(small("latency_limit_s = 0.001"), encoding="utf-8")
    assert main(["export", str(path), "--out", str(tmp_path / "x")]) == 3
    assert "no deployment meets" in capsys.readouterr().err
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (["--as", "all"], "--out: given nothing"),
        (["--deployment", "Three", "--as", "plan"], "--deployment"),
        (["--set", "owner", "--as", "plan"], "KEY=VALUE"),
        (["--set", "account=7", "--as", "plan"], "deploy.account"),
        (["--placement", "/nowhere.toml", "--as", "plan"], "/nowhere.toml"),
        (["--deployment", "One", "--as", "plan", "--out", "/dev/null/x"], "--out"),
    ],
)
def test_what_is_wrong_is_told(file: str, capsys: pytest.CaptureFixture[str], more: list[str], told: str) -> None:
    assert main(["export", file, *more]) == 2
    assert told in capsys.readouterr().err
