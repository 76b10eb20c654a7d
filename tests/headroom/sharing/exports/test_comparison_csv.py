from __future__ import annotations

import csv
import io
from dataclasses import replace

import pytest

from headroom.advisor.compare import conclude
from headroom.sharing.exports.comparison_csv import comparison_csv
from simulator.engine import stages
from simulator.model.requirement import Requirement
from simulator.scenario import Scenario
from tests.headroom.sharing.exports.samples import compared


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_there_is_a_row_for_each_deployment() -> None:
    always, ruled_out = rows(comparison_csv(compared()))
    assert always["deployment"] == "Always on"
    assert always["pattern"] == "realtime"
    assert always["meets_requirement"] == always["cheapest_that_meets"] == "yes"
    assert float(always["cost_usd_per_month"]) == pytest.approx(167.90)
    assert float(always["latency_p50_s"]) == pytest.approx(0.1, rel=0.02)
    assert float(always["latency_p99.5_s"]) == pytest.approx(0.5, rel=0.02)
    assert always["rejected_requests"] == "2"
    assert always["cold_starts"] == "3"
    assert ruled_out["ruled_out_by"] == "payload in: 80 MB, allowed at most 4 MB"
    assert ruled_out["meets_requirement"] == "no"
    assert ruled_out["cost_usd_per_month"] == ruled_out["latency_p50_s"] == ruled_out["completed_requests"] == ""


def test_broken_clauses_are_named() -> None:
    always = rows(comparison_csv(compared(requirement=Requirement(latency_limit_s=0.01))))[0]
    assert always["meets_requirement"] == "no"
    assert "p99" in always["broken_clauses"]


def test_every_number_has_its_unit_in_the_name_of_its_column() -> None:
    units = ("_s", "_usd_per_month", "_usd_per_million_answered", "_share", "_requests", "_low", "_high")
    words = {"utilisation", "replications", "cold_starts"}
    for name, cell in rows(comparison_csv(compared()))[0].items():
        if cell.replace(".", "").isdecimal():
            assert name in words or name.endswith(units), name


@pytest.mark.parametrize("name", ["=1+1", "+cmd", "-2", "@SUM(A1)", "\t=1", "\r=1"])
def test_a_name_is_never_a_formula(name: str) -> None:
    text = comparison_csv(compared(name))
    assert rows(text)[0]["deployment"] == "'" + name
    assert not any(cell.startswith(tuple("=+-@\t\r")) for row in rows(text) for cell in row.values())


def test_quotes_and_lines_in_a_name_stay_in_their_cell() -> None:
    assert rows(comparison_csv(compared('a "b", c\nd')))[0]["deployment"] == 'a "b", c\nd'


def test_every_percentile_of_the_tail_has_a_column_with_its_ends() -> None:
    head = rows(comparison_csv(compared()))[0]
    for name in ("p50", "p90", "p95", "p99", "p99.5", "p99.9", "p99.99"):
        assert {f"latency_{name}_s", f"latency_{name}_s_low", f"latency_{name}_s_high"} <= set(head)


def test_a_scenario_without_deployments_has_a_head_only() -> None:
    comparison = conclude(Scenario(deployments=()), [])
    assert rows(comparison_csv(comparison)) == []


def test_parts_of_the_mean_latency_are_those_of_the_list_of_stages(monkeypatch: pytest.MonkeyPatch) -> None:
    always, ruled_out = rows(comparison_csv(compared()))
    means = [name for name in always if name.startswith("mean_")]
    assert means == [f"mean_{part.key}_s" for part in stages.parts()]
    assert float(always["mean_service_s"]) > 0
    assert ruled_out["mean_service_s"] == always["mean_network_s"] == ""
    stage = replace(stages.STAGES[-1], key="lookup", title="Feature look-up")
    monkeypatch.setattr(stages, "STAGES", (*stages.STAGES, stage))
    assert "mean_lookup_s" in rows(comparison_csv(compared()))[0]
