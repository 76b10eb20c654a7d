from __future__ import annotations

import csv
import io
import json

import pytest

from headroom.advisor.compare import conclude
from headroom.advisor.evaluate import judge, rule_out
from headroom.advisor.evaluation import Comparison, Evaluation
from headroom.codec import from_json
from headroom.sharing.results import comparison_csv, comparison_json, safe_text, to_text
from simulator.model.limits import BrokenLimit
from simulator.model.requirement import Requirement
from simulator.patterns.realtime.deployment import RealtimeDeployment
from simulator.patterns.serverless.deployment import ServerlessDeployment
from simulator.scenario import Scenario
from tests.headroom.advisor import outcomes

REQUIRED = Requirement(latency_percentile=99.5, latency_limit_s=1, max_error_share=0.5)


def compared(name: str = "Always on", requirement: Requirement = REQUIRED) -> Comparison:
    always, ruled_out = RealtimeDeployment(name=name), ServerlessDeployment()
    scenario = Scenario(requirement=requirement, deployments=(always, ruled_out))
    world = outcomes.world()
    outcome = outcomes.outcome(latency_s=[0.1] * 98 + [0.5], fates={"rejected": 2}, cold_starts=3)
    limit = BrokenLimit(what="payload in", given="80 MB", allowed="at most 4 MB", whose="aws", row="1.1")
    return conclude(scenario, [judge(scenario, always, outcome, world), rule_out(scenario, ruled_out, (limit,))])


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


def test_ordinary_text_stays_as_it_is() -> None:
    assert safe_text("Real-time, 2 x") == "Real-time, 2 x"
    assert safe_text("") == ""


def test_quotes_and_lines_in_a_name_stay_in_their_cell() -> None:
    assert rows(comparison_csv(compared('a "b", c\nd')))[0]["deployment"] == 'a "b", c\nd'


def test_json_says_everything_and_what_it_was_made_with() -> None:
    comparison = compared()
    values = json.loads(to_text(comparison_json(comparison, outcomes.world())))
    assert values["best"] == 0
    assert values["made_with"]["prices_as_of"] == "2026-10-04"
    assert values["sentence"] == comparison.sentence
    assert values["scenario"]["schema"] == 1
    again = from_json(Evaluation, values["evaluations"][0])
    assert again.cost_usd_per_month == comparison.evaluations[0].cost_usd_per_month
    assert again.bill == comparison.evaluations[0].bill


def test_json_of_before_there_were_lines_and_reasons_is_read() -> None:
    one = comparison_json(compared(), outcomes.world())["evaluations"][0]
    lines, latency = one.pop("lines_usd"), {name: dict(found) for name, found in one["latency_s"].items()}
    assert len(lines) == len(one["bill"]["lines"])
    for found in latency.values():
        found.pop("why")
    del one["outcome"]["within"], one["outcome"]["series"]["spread"]
    again = from_json(Evaluation, {**one, "latency_s": latency})
    assert again.lines_usd == ()
    assert again.latency_s["p99"] == compared().evaluations[0].latency_s["p99"]
    assert again.outcome is not None
    assert again.outcome.within is None


def test_every_percentile_of_the_tail_has_a_column_with_its_ends() -> None:
    head = rows(comparison_csv(compared()))[0]
    for name in ("p50", "p90", "p95", "p99", "p99.5", "p99.9", "p99.99"):
        assert {f"latency_{name}_s", f"latency_{name}_s_low", f"latency_{name}_s_high"} <= set(head)


def test_a_scenario_without_deployments_has_a_head_only() -> None:
    comparison = conclude(Scenario(deployments=()), [])
    assert rows(comparison_csv(comparison)) == []
