"""Language models against measured rows: the report's bars, the product's data made from it, and the fit itself."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from io import StringIO
from pathlib import Path

import numpy as np
import pytest

from headroom.sharing.language_models import load_library
from simulator.llm.library import FILES
from validation import llm, llm_fit, llm_page
from validation.llm_data import BENCH, ENDPOINT, Predicted, predict, rows

ROOT = Path(__file__).resolve().parents[2]
FOUND = json.loads((ROOT / "docs" / "validation.json").read_text(encoding="utf-8"))["llm"]
LIBRARY = load_library()
AGAIN = "run `python -m validation llm`"


@pytest.fixture(scope="module")
def known():
    return [row for row in rows() if row.gpu not in llm.JUDGED]


def lines(name):
    text = (ROOT / "simulator" / "data" / "llm" / name).read_text(encoding="utf-8")
    return [list(row.values()) for row in csv.DictReader(StringIO(text))]


def test_the_products_numbers_are_those_of_the_report() -> None:
    fitted = {(name, of): value for name, of, value in FOUND["parameters"]}
    assert fitted.keys() == LIBRARY.parameters.keys()
    assert all(LIBRARY.parameters[key] == pytest.approx(value, rel=1e-4) for key, value in fitted.items())
    assert lines("measured.csv") == FOUND["measured"]
    for kind, figure, value in FOUND["figures"]:
        accuracy = LIBRARY.evidence.accuracy[kind, figure]
        assert (accuracy.median, accuracy.p90) == pytest.approx((value["median"], value["p90"]), abs=1e-4)
        assert (accuracy.bar, accuracy.rows) == (value["bar"], value["n"])
    assert {"parameters.csv", "accuracy.csv", "measured.csv"} < set(FILES)


def test_whole_deployments_left_out_keep_their_bars() -> None:
    figures = {(kind, figure): value for kind, figure, value in FOUND["figures"]}
    assert llm_page.held(FOUND["benchmarks"], llm_page.BARS["benchmarks"])
    assert llm_page.held(FOUND["endpoints"], llm_page.BARS["endpoints"])
    assert llm_page.held(figures["same", "ttft"], llm_page.BARS["ttft"])
    worst = llm_page.BARS["ttft of the worst model"]
    assert all(llm_page.held(value, worst) for value in FOUND["ttft_by_model"].values())
    assert figures["new GPU", "token"]["median"] <= figures["new GPU", "token"]["bar"]


def test_every_class_of_confidence_has_its_errors() -> None:
    kinds = {kind for kind, _ in LIBRARY.evidence.accuracy}
    assert kinds == {"same", "new GPU", "new dense model", "new model with experts", "new path", "calibrated"}
    assert not LIBRARY.evidence.accuracy["new path", "token"].shown


def test_rows_are_those_that_the_report_counts(known) -> None:
    assert {source: sum(row.source == source for row in known) for source in FOUND["rows"]} == FOUND["rows"]
    assert llm.measured(known) == FOUND["measured"]


def test_no_row_is_there_twice(known) -> None:
    for source in (BENCH, ENDPOINT):
        names = [row.name for row in known if row.source == source]
        assert len(set(names)) == len(names)
    times = [(row.token_s, row.ttft_s) for row in known if row.source == BENCH]
    assert len(set(times)) == len(times)


def test_a_curve_is_never_in_two_folds(known) -> None:
    fold = llm.folds(known)
    assert {llm.configuration(row) for row in known} == set(fold)
    assert set(fold.values()) == {str(k) for k in range(llm.FOLDS)}
    curves = llm.curves([llm.Judged(row, Predicted(1.0, 1.0, False)) for row in known])
    assert all(len({fold[llm.configuration(one.row)] for one in curve}) == 1 for curve in curves)


def test_known_rows_are_predicted_as_well_as_the_report_says(known) -> None:
    some = [row for row in known if row.source == ENDPOINT][::4]
    errors = llm.errors(one.token_error for one in llm.judge(some, LIBRARY.parameters))
    assert errors["median"] < 0.06


def test_a_fit_finds_the_numbers_that_rows_were_made_with(known) -> None:
    """Rows made by the law itself are fitted to nearly nothing, whatever the priors say."""
    priors = llm_fit.read_priors()
    some = [row for row in known if row.source == ENDPOINT and row.model.endswith("32B")]
    made = [replace(row, token_s=predict(row, LIBRARY.parameters).token_s) for row in some]
    few = replace(priors, sigma=np.full_like(priors.sigma, 10.0))
    keep = [k for k, key in enumerate(priors.keys) if key[0] in ("weight_bandwidth_share", "layer_s")]
    few = llm_fit.Priors(
        keys=tuple(priors.keys[k] for k in keep),
        centre=few.centre[keep],
        sigma=few.sigma[keep],
        held={key: value for key, value in LIBRARY.parameters.items() if key not in {priors.keys[k] for k in keep}},
    )
    table = few.table(llm_fit.fit_all(made, few).x)
    assert max(abs(one.token_error) for one in llm.judge(made, table)) < 0.01


def test_errors_by_hand() -> None:
    assert llm.errors([-0.1, 0.2, 0.3]) == pytest.approx({"n": 3, "median": 0.2, "p90": 0.28, "bias": 0.2})
