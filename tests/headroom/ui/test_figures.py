"""Figures as data: traces, axis titles with units, alternative text, escaping, and how many points they send."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from itertools import combinations

import numpy as np
import plotly.graph_objects as go
import pytest

from headroom.advisor.answer import Comparison
from headroom.advisor.compare import compare
from headroom.advisor.evaluate import evaluate
from headroom.advisor.prepared import prepare
from headroom.sharing.library import load_world
from headroom.sharing.presets import load_preset
from headroom.ui.figures import comparison as comparing
from headroom.ui.figures import labels, timeline
from headroom.ui.figures.latency_parts import latency_parts
from headroom.ui.figures.look import MOST_POINTS, Drawing, Look, marks, plain, reference, thinned, time_axis
from headroom.ui.figures.rate import rate
from simulator.engine import stages
from simulator.engine.gauges import CountName
from simulator.engine.outcome import FloatArray, Outcome
from simulator.engine.replication import Stream
from simulator.traffic.kinds import Jobs
from simulator.traffic.summary import preview
from tests.headroom.ui.small import scenario

LOOKS = (Look(dark=False), Look(dark=True))


@cache
def compared() -> Comparison:
    return compare(scenario("<b>Bold</b>"), load_world())


def outcome() -> Outcome:
    found = compared().evaluations[1].outcome
    assert found is not None
    return found


@cache
def drawings(look: Look) -> dict[str, Drawing]:
    clock = timeline.clock_of(outcome(), 2)
    case = prepare(scenario(), load_world()).case
    return {
        "tail": comparing.latency_distribution(compared(), look),
        "bill": comparing.stacked_bill(compared(), look),
        "parts": latency_parts(compared(), look),
        "demand": timeline.demand(outcome(), clock, look),
        "capacity": timeline.capacity(outcome(), clock, look),
        "fleet": timeline.fleet(outcome(), clock, look),
        "backlog": timeline.backlog(outcome(), clock, look),
        "trouble": timeline.trouble(outcome(), clock, look),
        "latency": timeline.latency(outcome(), clock, look, 1.0),
        "heat": timeline.heat_map(outcome(), clock, look),
        "rate": rate(preview(case.source, case.rng(Stream.PREVIEW), 3600.0), 0, look),
    }


NAMES = (
    "tail", "bill", "parts", "demand", "capacity", "fleet", "backlog", "trouble", "latency", "heat", "rate",
)  # fmt: skip


@pytest.fixture(params=[(name, look) for name in NAMES for look in LOOKS], ids=lambda p: f"{p[0]}-{p[1].dark}")
def named(request):
    name, look = request.param
    return name, drawings(look)[name]


def test_a_drawing_says_what_it_shows(named):
    _, drawing = named
    assert drawing.question.endswith("?")
    assert drawing.alt.endswith(".")
    assert len({len(column) for column in drawing.table.values()}) == 1


def test_axes_have_titles_and_the_background_is_the_page(named):
    name, drawing = named
    layout = drawing.figure.layout
    assert layout.xaxis.title.text
    assert layout.yaxis.title.text or name in ("bill", "parts")
    assert layout.paper_bgcolor == layout.plot_bgcolor == "rgba(0,0,0,0)"
    assert "yaxis2" not in layout.to_plotly_json(), "no second vertical axis"


def test_numbers_are_arrays_and_few(named):
    _, drawing = named
    for trace in drawing.figure.data:
        for values in (trace.x, getattr(trace, "z", None)):
            assert values is None or isinstance(values, np.ndarray)
        assert len(trace.x) <= MOST_POINTS + 1


def test_there_is_a_curve_and_a_bar_for_each_deployment():
    found = drawings(LOOKS[0])
    assert [trace.mode for trace in found["tail"].figure.data] == ["lines", "markers"] * 2
    assert list(found["bill"].table["Total (USD)"]) == sorted(found["bill"].table["Total (USD)"], reverse=True)
    assert found["tail"].figure.layout.yaxis.ticktext == ("50", "90", "95", "99", "99.9", "99.99")


def test_the_bill_adds_up_to_the_bills():
    table = drawings(LOOKS[0])["bill"].table
    parts = [
        column for name, column in table.items() if name.endswith("(USD)") and "otal" not in name and "95" not in name
    ]
    for at, total in enumerate(table["Total (USD)"]):
        assert sum(column[at] for column in parts) == pytest.approx(total, abs=0.03)


def test_deployments_differ_by_more_than_colour():
    deployments = [evaluation.deployment for evaluation in compared().evaluations]
    twice = marks([*deployments, *deployments], LOOKS[0])
    assert len({(mark.symbol, mark.dash) for mark in twice}) == 4
    assert twice[0].colour == twice[2].colour != twice[1].colour


def test_user_text_is_no_html():
    assert plain("<img src=x>") == "&lt;img src=x&gt;"
    assert len(plain("x" * 80)) == 40


def test_a_reference_line_on_a_log_axis_has_its_words_where_it_is():
    figure = go.Figure()
    reference(figure, 100.0, "limit", along="y", log=True)
    assert figure.layout.shapes[0].y0 == 100.0
    assert figure.layout.annotations[0].y == pytest.approx(2.0)


@pytest.mark.parametrize(("least", "most"), [(0.249, 0.5), (1e-4, 1e3), (0.0, 0.0), (1.0, 1.0), (0.09, 40.0)])
def test_a_time_axis_has_two_ticks_at_least(least, most):
    axis = time_axis("Latency", least, most)
    low, high = axis["range"]
    assert sum(low <= np.log10(tick) <= high for tick in axis["tickvals"]) >= 2


@pytest.mark.parametrize("how", ["mean", "sum", "max"])
def test_long_series_become_short_ones(how):
    values = np.arange(10_001, dtype=np.float64)
    short = thinned(values, how)
    assert len(short) <= MOST_POINTS
    expected = {"mean": values[:6].mean(), "sum": values[:6].sum(), "max": 5.0}[how]
    assert short[0] == expected


def test_the_clock_is_local_and_shared():
    clock = timeline.TimeAxis(600.0, 2, 144)
    assert clock.labels()[0] == "Wed 00:00"
    assert clock.labels()[-1] == "Wed 23:50"
    assert clock.axis()["range"] == [0, 86_400.0]
    assert timeline.TimeAxis(3600.0, 6, 24 * 9).labels()[-1] == "day 9, Mon 23:00"


def test_nothing_simulated_is_said_and_not_drawn():
    one = scenario()
    big = one.workload.model_copy(update={"request_mb": 500.0})
    none = compare(one.model_copy(update={"workload": big}), load_world())
    drawing = comparing.latency_distribution(none, LOOKS[0])
    assert not drawing.figure.data
    assert "No deployment answered" in drawing.alt


def test_an_hour_without_requests_is_drawn():
    quiet = scenario(rate_per_s=0.0)
    found = evaluate(quiet, quiet.deployments[0], load_world()).outcome
    assert found is not None
    clock = timeline.clock_of(found, 0)
    assert timeline.heat_map(found, clock, LOOKS[0]).alt == "No request was answered."
    assert timeline.latency(found, clock, LOOKS[0]).alt == "No request was answered."
    assert "at most 0 /s" in timeline.demand(found, clock, LOOKS[0]).alt


def test_names_of_points_stay_apart_on_a_phone():
    points = [(0.15, 0.9), (0.25, 0.15), (0.5, 0.15), (0.93, 0.16), (0.95, 0.14)]
    names = ["Batch hourly", "Serverless 2 GB", "Real-time, scaled", "Async, scaled", "Real-time, 2 fixed"]
    trouble, chosen = labels.places(points, names)
    boxes = [
        labels._label(x * labels.WIDTH_PX, y * labels.HEIGHT_PX, len(name), place)
        for (x, y), name, place in zip(points, names, chosen, strict=True)
    ]
    assert trouble == 0
    assert not any(one.meets(other) for one, other in combinations(boxes, 2))


def test_a_data_set_of_one_bin_is_seen_and_an_empty_queue_is_not_drawn():
    nightly = load_preset("nightly-profiles")
    small = Jobs(records=50_000, at_s=3600)
    asked = nightly.model_copy(update={"workload": nightly.workload.model_copy(update={"traffic": small})})
    found = evaluate(asked, asked.deployments[0], load_world()).outcome
    assert found is not None
    clock = timeline.clock_of(found, 0)
    assert all(trace.mode == "lines+markers" for trace in timeline.latency(found, clock, LOOKS[0]).figure.data)
    queue = timeline.backlog(found, clock, LOOKS[0])
    assert (len(queue.figure.data), queue.alt) == (0, "No request waits in a queue.")


@pytest.mark.parametrize(
    ("runs", "alt"),
    [(3, "In the horizons of all 3 runs: 5 throttled (429)."), (1, "Over the horizon: 5 throttled (429).")],
)
def test_requests_are_counted_in_whole_numbers(runs: int, alt: str):
    """A series holds the mean of the runs: 1.67 of three."""
    found = outcome()
    throttled = np.zeros_like(found.series.counts["offered"])
    throttled[0] = 5 / runs
    counts: dict[CountName, FloatArray] = {"offered": found.series.counts["offered"], "throttled": throttled}
    refused = replace(found, replications=runs, series=replace(found.series, counts=counts, spread={}))
    assert timeline.trouble(refused, timeline.clock_of(refused, 0), LOOKS[0]).alt == alt


def test_a_retry_storm_is_drawn_beside_the_offered_load():
    found = outcome()
    clock = timeline.clock_of(found, 0)
    counts = found.series.counts
    calm, wild = (
        replace(found, series=replace(found.series, counts={**counts, "attempts": counts["offered"] * factor}))
        for factor in (1.0, 3.0)
    )
    assert "retries" not in timeline.demand(calm, clock, LOOKS[0]).alt
    drawn = timeline.demand(wild, clock, LOOKS[0])
    assert "With retries: at most" in drawn.alt
    assert "with retries" in [trace.name for trace in drawn.figure.data]


def test_every_percentile_and_every_kind_of_charge_has_its_interval():
    found = drawings(LOOKS[0])
    tail, bill = found["tail"].table, found["bill"].table
    for percent in (50, 90, 95, 99, 99.9):
        low, high = (float(end.replace(",", "")) for end in tail[f"95 % interval of p{percent:g} (s)"][0].split(" to "))
        assert low <= tail[f"p{percent:g} (s)"][0] * 1.001
        assert high >= tail[f"p{percent:g} (s)"][0] * 0.999
    for name in [name for name in bill if name.startswith("95 %") and "total" not in name]:
        assert all(" to " in cell for cell in bill[name])
    bars = found["tail"].figure.data[1].error_x
    assert (np.array(bars.array) >= 0).all()
    assert (np.array(bars.arrayminus) >= 0).all()


def test_points_over_time_have_an_area_over_replications():
    found = drawings(LOOKS[0])
    demand, table = found["demand"].figure, found["demand"].table
    areas = [trace for trace in demand.data if trace.fill == "toself"]
    assert len(areas) == 2  # offered, answered
    assert all((trace.y[np.isfinite(trace.y)] >= 0).all() for trace in areas)
    assert max(table["offered, 95 % ±"]) > 0
    assert "95 % interval" in next(trace for trace in demand.data if trace.fill is None).customdata[0]
    assert any(name.startswith("p99, 95 %") for name in found["latency"].table)


def test_a_single_run_has_no_areas():
    outcome = compared().evaluations[0].outcome
    assert outcome is not None
    alone = replace(outcome, replications=1, series=replace(outcome.series, spread={}))
    drawing = timeline.demand(alone, timeline.clock_of(alone, 0), LOOKS[0])
    assert not [trace for trace in drawing.figure.data if trace.fill == "toself"]
    assert list(drawing.table) == ["Local time", "offered", "answered"]


def test_parts_of_a_latency_add_up_and_are_those_of_the_outcome():
    drawing = drawings(LOOKS[0])["parts"]
    shares = np.sum([trace.x for trace in drawing.figure.data], axis=0)
    np.testing.assert_allclose(shares, 100.0)
    titles = {part.title: part.key for part in stages.parts()}
    for trace in drawing.figure.data:
        key = titles[trace.name]
        expected = [
            100 * one.outcome.parts_s[key] / sum(one.outcome.parts_s.values())
            for one in reversed(compared().evaluations)
            if one.outcome and one.outcome.completed
        ]
        np.testing.assert_allclose(trace.x, expected)


def test_a_registered_stage_is_a_part_of_the_bars(monkeypatch):
    stage = replace(stages.STAGES[-1], key="lookup", title="Feature look-up")
    monkeypatch.setattr(stages, "STAGES", (*stages.STAGES, stage))
    one = compared()
    longer = [
        answer if answer.outcome is None
        else replace(answer, outcome=replace(answer.outcome, parts_s={**answer.outcome.parts_s, "lookup": 9.0}))
        for answer in one.evaluations
    ]  # fmt: skip
    drawing = latency_parts(replace(one, evaluations=tuple(longer)), LOOKS[0])
    assert drawing.figure.data[-1].name == "Feature look-up"
    assert set(drawing.table["Feature look-up (s)"]) == {9.0}
    assert "feature look-up, " in drawing.alt


def test_more_than_six_kinds_of_bars_can_be_told_apart() -> None:
    fills = [Look().fill(place) for place in range(18)]
    assert len(set(fills)) == len(fills)
    assert [colour for colour, _ in fills[:6]] == list(Look().colours)
