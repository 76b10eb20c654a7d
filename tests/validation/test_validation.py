"""The report of the validation: made from its data, of this engine, its bars held; and a short form of it run anew."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from simulator.model.assumptions import Assumptions
from simulator.simulate import ENGINE_VERSION
from simulator.theory import erlang_b, warm_pool
from validation import lambda_logs, page, provisioning, sensitivity, theory
from validation.figures import Axis, Mark, figure

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
FOUND = json.loads((DOCS / "validation.json").read_text(encoding="utf-8"))
ROWS = page.fact_rows(page.texts()[0])
AGAIN = "run `make validate`"


def test_the_page_and_its_figures_are_made_from_the_last_run():
    for name, text in page.files(FOUND, *page.texts()).items():
        assert (DOCS / name).read_text(encoding="utf-8") == text, f"docs/{name}: {AGAIN}"


def test_the_last_run_was_of_this_engine():
    assert FOUND["engine"] == ENGINE_VERSION, AGAIN


# --- the last run ------------------------------------------------------------------------------------------------


def test_theory_is_inside_as_often_as_it_should_be():
    inside, n, tail = page.coverage(FOUND["theory"]["rows"])
    assert n > 90
    assert tail > 0.001, f"{inside} of {n}"
    # Nothing is far outside: five half-widths of a 95 % interval are beyond ten standard errors.
    assert all(abs(row["simulated"] - row["predicted"]) < 2.5 * row["half"] for row in FOUND["theory"]["rows"])


def test_bounds_and_laws_hold():
    assert all(bound["within"] for bound in FOUND["theory"]["bounds"])
    laws = FOUND["theory"]["laws"]
    assert laws["little_deviation"] < 1e-3
    assert laws["scale_deviation"] < 1e-9
    assert laws["more_workers_grew"] == 0


def test_other_simulators_agree():
    rows = FOUND["peers"]["rows"]
    assert sum(row["agrees"] for row in rows) >= 0.85 * len(rows)
    assert {row["peer"] for row in rows} == {"SimPy", "SimFaaS 0.2.2"}


def test_the_bars_of_the_measurements_are_met():
    rates, replays = FOUND["lambda"]["rates"], FOUND["lambda"]["replays"]["mean_absolute"]
    assert rates["all"]["cold_three"] <= page.BARS["cold"]
    assert rates["all"]["instances_three"] <= page.BARS["instances"]
    assert rates["without_logs"]["cold_three"] <= page.BARS["cold"]
    assert replays["three_held_out"] <= page.BARS["replay"]


def test_the_defaults_of_provisioning_lie_in_the_measured_intervals():
    for row in FOUND["provisioning"]["classes"]:
        assert row["median_95"][0] <= row["default_median_s"] <= row["median_95"][1]
        assert row["sigma_95"][0] <= row["default_sigma"] <= row["sigma_95"][1]
        assert row["ks_default"] < row["ks_95"]


# --- a short form, run anew --------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_point_of_each_model_again():
    """The same seeds give the row of the report; a new engine that still fits theory asks for a new report."""
    reported = {(row["model"], row["case"], row["what"]): row for row in FOUND["theory"]["rows"]}
    for row in theory.few():
        assert abs(row.simulated - row.predicted) < 2.5 * row.half, row
        assert row.simulated == pytest.approx(reported[row.model, row.case, row.what]["simulated"], rel=1e-5), AGAIN


def test_logs_replayed_again():
    measured = {row["log"]: row for row in FOUND["lambda"]["replays"]["rows"]}
    logs = lambda_logs.logs()
    assert [log.name for log in logs] == list(measured)
    for log in logs:
        row = measured[log.name]
        assert int(log.cold.sum()) == row["cold"]
        assert lambda_logs.error(log, lambda_logs.FIXED, 1) == pytest.approx(row["fixed_600"], abs=1e-6), AGAIN
        assert lambda_logs.error(log, lambda_logs.THREE, 16) == pytest.approx(row["three_fitted"], abs=1e-6), AGAIN


def test_the_three_rules_used_are_those_fitted():
    rule = FOUND["lambda"]["replays"]["three_rule"]
    assert lambda_logs.Rule(rule["keep_s"], rule["quiet_s"], rule["life_from_s"]) == lambda_logs.THREE


@pytest.mark.slow
def test_one_rate_predicted_again():
    measured = next(row for row in lambda_logs.experiments() if row[""] == "experiment_10")
    row = next(row for row in FOUND["lambda"]["rates"]["rows"] if row["rate_per_s"] == pytest.approx(0.0501, rel=0.01))
    cold, kept = lambda_logs.predict(measured, {}, 20)
    assert cold == pytest.approx(row["cold_three"], rel=1e-5), AGAIN
    assert kept == pytest.approx(row["instances_three"], rel=1e-5), AGAIN


@pytest.mark.parametrize("row", FOUND["provisioning"]["classes"], ids=lambda row: row["class"])
def test_provisioning_fitted_again(row):
    median_s, sigma = provisioning.fit(provisioning.ticks(row["class"]))
    assert median_s == pytest.approx(row["median_s"], rel=1e-5)
    assert sigma == pytest.approx(row["sigma"], rel=1e-5)


def test_an_assumption_moved_again():
    row = next(
        row
        for row in FOUND["sensitivity"]["rows"]
        if (row["deployment"], row["assumption"]) == ("Serverless, max 50", "serverless_idle_s")
    )
    scenario = sensitivity.scenario_of(row["preset"])
    deployment = next(d for d in scenario.deployments if d.name == row["deployment"])
    cost, p99_s = sensitivity.measure(scenario, deployment, {"serverless_idle_s": row["high"]})
    assert cost == pytest.approx(row["cost_high"], rel=1e-5), AGAIN
    assert p99_s == pytest.approx(row["p99_high_s"], rel=1e-5), AGAIN


# --- what is covered ---------------------------------------------------------------------------------------------


def test_every_assumption_is_moved_or_has_a_reason():
    moved = {span.field for span in sensitivity.RANGES}
    assert moved.isdisjoint(sensitivity.LEFT_OUT)
    assert moved | set(sensitivity.LEFT_OUT) == set(Assumptions.model_fields)
    assert {row["assumption"] for row in FOUND["sensitivity"]["rows"]} == moved


def test_every_fact_row_of_the_patterns_appears_once():
    facts = re.findall(r"^\| (\d+\.\d+) \|", (DOCS / "facts.md").read_text(encoding="utf-8"), re.MULTILINE)
    wanted = [row for row in facts if row.partition(".")[0] in "123458"]
    assert sorted(ROWS) == sorted(wanted)
    assert sum(page.texts()[0].count(f'"{row}" =') for row in wanted) == len(wanted)
    assert {state for state, _ in ROWS.values()} == set(page.STATES)


def cited():
    """Rows that the simulator's code cites, as an argument or in words."""
    for path in sorted((ROOT / "simulator").rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        found = re.findall(r'row="(\d+\.\d+)"', text)
        for group in re.findall(r"\brows? (\d+\.\d+(?:(?:,| and| to) \d+\.\d+)*)", text):
            found += re.findall(r"\d+\.\d+", group)
        yield from ((str(path.relative_to(ROOT)), row) for row in found if row in ROWS)


def test_what_the_code_cites_is_not_left_out():
    wrong = sorted({(row, path) for path, row in cited() if ROWS[row][0] == "left out"})
    assert not wrong, f"validation/rows.toml says that these are left out: {wrong}"


# --- parts -------------------------------------------------------------------------------------------------------


def test_a_warm_pool_has_its_limits():
    """Nothing kept: cold unless the same moment frees one. Kept for ever: never cold, and never fewer than in work."""
    assert warm_pool(0.5, 1e-9)[0] == pytest.approx(1.0, abs=1e-6)
    assert warm_pool(3.0, 1e-9)[1] == pytest.approx(3.0, abs=1e-6)
    assert warm_pool(3.0, 1e6)[0] < 1e-4
    # One service time of a load near nothing: cold unless a call has ended within it.
    load = 1e-4
    assert 1 - warm_pool(load, 1.0)[0] == pytest.approx(load, rel=0.01)
    assert erlang_b(1, load) == pytest.approx(load, rel=0.01)


def test_a_figure_is_small_and_says_what_it_shows():
    axis = Axis(title="x < y", low=1.0, high=100.0, marks=[1, 10, 100], log=True)
    text = figure(
        "A title", axis, axis, [Mark(name="dots", points=[(1.0, 10.0)]), Mark(name="l", points=[(1, 1)], line=True)]
    )
    assert "<title>A title</title>" in text
    assert "x &lt; y" in text
    assert text.count("<circle") == 1
    assert axis.share(10.0) == pytest.approx(0.5)
    assert axis.share(1e9) == 1.0
    assert all(path.stat().st_size < 60_000 for path in (DOCS / "images" / "validation").glob("*.svg"))
