from __future__ import annotations

import json
from pathlib import Path

import pytest

from headroom.advisor.portfolio.totals import PortfolioPlan
from headroom.advisor.tell import words
from headroom.cli.main import main
from headroom.codec import from_json

SCENARIO = """
schema = 1
[workload]
name = "{name}"
request_mb = 0.001
[workload.traffic]
kind = "constant"
rate_per_s = 0.5
[workload.service_time]
mean_ms = 50
[requirement]
latency_limit_s = {limit_s}
min_zones = 1
[search]
patterns = ["realtime"]
families = ["ml.m5"]
max_instances = 2
[simulation]
duration_s = 3600
warmup_s = 600
replications = 2
[[deployments]]
pattern = "realtime"
name = "Two"
initial_instance_count = 2
"""
PORTFOLIO = """
schema = 1
name = "Both"
[[workloads]]
file = "one.toml"
fixed = "Two"
[quotas]
endpoint_instances = 1
[[savings_plans]]
discount_percent = 30
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "one.toml").write_text(SCENARIO.format(name="One", limit_s=1), encoding="utf-8")
    (tmp_path / "other.toml").write_text(SCENARIO.format(name="Other", limit_s=1), encoding="utf-8")
    (tmp_path / "strict.toml").write_text(SCENARIO.format(name="Strict", limit_s=0.001), encoding="utf-8")
    (tmp_path / "portfolio.toml").write_text(PORTFOLIO, encoding="utf-8")
    return tmp_path


@pytest.mark.slow
def test_scenario_files_and_a_portfolio_file_make_one_answer(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder.parent)  # names in a portfolio file count from that file, not from here
    files = [str(folder / "portfolio.toml"), str(folder / "other.toml")]
    assert main(["portfolio", *files]) == 0
    out, err = capsys.readouterr()
    assert all(line.startswith("simulating: ") for line in err.splitlines()), "nothing else, where it takes long"
    assert all(len(line) <= 100 for line in out.splitlines())
    assert out.startswith("Both: 2 workloads, oldest price of ")
    for part in ("Your own mapping", "How sure: 95 % intervals", "Shared", "Savings plan, USD", "Worth knowing"):
        assert part in out
    said = " ".join(out.split())
    assert "Together they need more than is allowed: instances across all endpoints in us-east-1." in said
    assert "Ask AWS for more instances (L-7A3DF611): 2 are needed at once, 1 are allowed." in said


@pytest.mark.slow
def test_json_has_the_same_numbers_as_the_text(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = [str(folder / "portfolio.toml"), str(folder / "other.toml")]
    assert main(["portfolio", "--json", "--seed", "4", *files]) == 0
    values = json.loads(capsys.readouterr().out)
    assert values["made_with"]["engine"]
    found = from_json(PortfolioPlan, {key: value for key, value in values.items() if key != "made_with"})
    assert {member.scenario.simulation.seed for member in found.portfolio.workloads} == {4}
    assert main(["portfolio", "--seed", "4", *files]) == 0
    assert words.dollars(found.best.total.cost_usd_per_month.value) in capsys.readouterr().out


def test_a_requirement_that_nothing_meets_gives_3(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["portfolio", str(folder / "strict.toml")]) == 3
    assert "its requirement is not met by anything found" in " ".join(capsys.readouterr().out.split())


def test_all_problems_of_all_files_are_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "bad.toml").write_text("schema = 1\nfoo = 2", encoding="utf-8")
    (folder / "portfolio.toml").write_text(PORTFOLIO.replace("one.toml", "none.toml"), encoding="utf-8")
    assert main(["portfolio", str(folder / "bad.toml"), str(folder / "portfolio.toml")]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "bad.toml: foo: given an unknown key" in err
    assert "none.toml: given No such file or directory" in err
    assert main(["portfolio", str(folder / "one.toml"), str(folder / "one.toml")]) == 2
    assert "workloads[1].scenario.workload.name: given 'One'; allowed: a name of its own" in capsys.readouterr().err
