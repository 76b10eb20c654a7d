"""The figures of Explore as data: the finding in the title, marks besides colour, and a table of every number."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from headroom.advisor.explore.break_even import BreakEven, Crossing, Curve, CurvePoint, End
from headroom.advisor.explore.heat_map import Axis, Cell, HeatMap
from headroom.advisor.explore.ranking_at import Entry
from headroom.advisor.explore.thresholds import Change, Threshold, Thresholds
from headroom.advisor.explore.tornado import Bar, Figures, Tornado
from headroom.advisor.search.types import Point
from headroom.advisor.tell import words
from headroom.ui.figures import explore_break_even, explore_change, explore_map, explore_tornado, plane
from headroom.ui.figures.look import Drawing, Look, cost_axis, share
from simulator.estimate.figures import Figure
from simulator.model.requirement import Requirement
from simulator.patterns.realtime.deployment import RealtimeDeployment
from simulator.patterns.serverless.deployment import ServerlessDeployment

LOOKS = (Look(dark=False), Look(dark=True))
FLEET, FUNCTIONS = RealtimeDeployment(name="<b>Fleet</b>"), ServerlessDeployment(name="Functions")


def point(deployment, cost_usd: float, latency_s: float | None, *, exact: bool = False, meets: bool = True) -> Point:
    return Point(
        deployment=deployment,
        cost_usd_per_month=Figure(value=cost_usd, error=0.01),
        latency_s=None if latency_s is None else Figure(value=latency_s, error=0.02),
        meets=meets,
        meets_rest=meets,
        exact=exact,
    )


EFFICIENT = plane.Efficient(
    points=(
        point(FUNCTIONS, 10.0, 0.4, exact=True),
        point(FUNCTIONS, 30.0, 0.5),
        point(FLEET, 200.0, 0.05),
        point(FLEET, 100.0, 30.0, meets=False),
        point(FLEET, 100.0, None, meets=False),
    ),
    efficient=(0, 2),
    best=plane.Spot(name="Functions", cost_usd=10.0, latency_s=0.4, pattern="serverless"),
    bests=(plane.Spot(name="Functions", cost_usd=10.0, latency_s=0.4, pattern="serverless"),),
    own=(plane.Spot(name="<b>Fleet</b>", cost_usd=200.0, latency_s=0.05),),
    screened=77,
    decided=True,
)


def at_volume(times: float, cost_usd: float | None, meets: bool = True) -> CurvePoint:
    return CurvePoint(
        times=times,
        requests_per_month=times * 1e6,
        cost_usd_per_month=cost_usd,
        latency_s=0.1,
        deployment=FLEET if cost_usd else None,
        meets=meets,
        why="" if meets else "too much",
    )


BREAK_EVEN = BreakEven(
    today_requests_per_month=1e6,
    curves=(
        Curve(
            pattern="realtime",
            points=(at_volume(0.1, 100.0), at_volume(1, 100.0), at_volume(5, 100.0), at_volume(20, 100.0, False)),
        ),
        Curve(
            pattern="serverless",
            points=(at_volume(0.1, 5.0), at_volume(1, 50.0), at_volume(5, 250.0), at_volume(20, 1000.0, False)),
        ),
        Curve(pattern="batch", points=(at_volume(0.1, None, False), at_volume(1, None, False))),
    ),
    crossings=(
        Crossing(
            below="serverless",
            above="realtime",
            times=2,
            low=1.99,
            high=2.01,
            requests_per_month=2e6,
            cost_usd_per_month=100,
            decides=True,
        ),
    ),
    ends=(
        End(
            pattern="realtime",
            side="above",
            serves=9,
            fails=9.1,
            requests_per_month=9e6,
            why="too much",
            decides=True,
            instead=None,
        ),
    ),
    sentence="The finding.",
)


def entry(pattern: str, cost_usd: float) -> Entry:
    return Entry(pattern=pattern, deployment=FLEET, cost_usd_per_month=cost_usd, latency_s=0.1, meets=True, why="")


def threshold(parameter: str, direction: str, looked_to: float, change: Change | None) -> Threshold:
    return Threshold(
        parameter=parameter,
        direction=direction,
        today=1.0,
        looked_to=looked_to,
        pattern=change,
        size=None,
        sentence="Said.",
    )


FUNCTIONS_WIN = entry("serverless", 50.0)
CHANGE = Change(keeps=1.99, changes=2.01, before=FUNCTIONS_WIN, after=entry("realtime", 100.0), why="dearer")
FAR = Change(keeps=0.02, changes=0.0199, before=FUNCTIONS_WIN, after=None, why="broken")
THRESHOLDS = Thresholds(
    winner=FUNCTIONS_WIN,
    found=(
        threshold("volume", "above", 100.0, CHANGE),
        threshold("volume", "below", 0.01, None),
        threshold("latency_limit", "below", 0.01, FAR),
    ),
)

CELL = Cell(pattern="serverless", deployment=FUNCTIONS, cost_usd_per_month=50.0, why="")
DEARER = replace(CELL, pattern="realtime", cost_usd_per_month=500.0)
NOTHING = Cell(pattern=None, deployment=None, cost_usd_per_month=None, why="too much")
TIMES = Axis(
    parameter="volume",
    title="Traffic volume",
    values=(0.5, 1.0, 2.0),
    labels=("0.5 times today's", "1 times today's", "2 times today's"),
    today=1,
)
WORK = Axis(parameter="service_time", title="Service time", values=(50.0, 100.0), labels=("50 ms", "100 ms"), today=0)
MAP = HeatMap(x=TIMES, y=WORK, cells=((CELL, CELL, DEARER), (CELL, DEARER, NOTHING)), sentence="Who wins.")


def bar(field: str, low_usd: float, high_usd: float, latency_s: float) -> Bar:
    ends = [
        Figures(cost_usd_per_month=cost, latency_s=late)
        for cost, late in ((low_usd, 0.1), (100.0, 0.1), (high_usd, latency_s))
    ]
    return Bar(
        field=field, title=f"Title of {field}", unit="s", value=2.0, low=1.0, high=3.0, because="row 1",
        at_low=ends[0], at_middle=ends[1], at_high=ends[2], method="unsure" if field == "b" else "fast",
    )  # fmt: skip


BARS = (bar("a", 90.0, 150.0, 0.1), bar("b", 100.0, 101.0, 0.3), bar("c", 100.0, 100.0, 0.1))
TORNADO = Tornado(
    deployment=FLEET, percentile="p99", by_cost=BARS, by_latency=(BARS[1], BARS[0], BARS[2]), sentence="Said."
)

ALL = {
    "efficient": lambda look: plane.draw(EFFICIENT, Requirement(latency_limit_s=1.0), look),
    "break-even": lambda look: explore_break_even.draw(BREAK_EVEN, "requests", look),
    "change": lambda look: explore_change.draw(THRESHOLDS, look),
    "map": lambda look: explore_map.draw(MAP, look),
    "tornado-cost": lambda look: explore_tornado.cost(TORNADO, look),
    "tornado-latency": lambda look: explore_tornado.latency(TORNADO, look),
}
TITLES = {
    "efficient": "p99 50 ms instead of 400 ms would cost $190.00 more a month",
    "break-even": "Cheapest: Serverless endpoint up to 2 million requests a month (0.761 /s), Real-time endpoint up to"
    " 9 million requests a month (3.42 /s), nothing that serves beyond",
    "change": "Nearest to today: Traffic volume above 2.01 times today's, where Real-time endpoint wins",
    "map": "Who wins",
    "tornado-cost": "Title of a, 1 s to 3 s, moves the cost most: $90.00 to $150.00",
    "tornado-latency": "Title of b, 1 s to 3 s, moves the p99 latency most: 100 ms to 300 ms",
}


@pytest.fixture(params=[(name, look) for name in ALL for look in LOOKS], ids=lambda p: f"{p[0]}-{p[1].dark}")
def named(request) -> tuple[str, Drawing]:
    name, look = request.param
    return name, ALL[name](look)


def test_the_title_is_the_finding_and_the_words_say_the_rest(named):
    name, drawing = named
    assert drawing.question == TITLES[name]
    assert drawing.alt.endswith(".")
    assert len({len(column) for column in drawing.table.values()}) == 1


def test_axes_have_titles_and_the_background_is_the_page(named):
    name, drawing = named
    layout = drawing.figure.layout
    assert layout.xaxis.title.text
    assert layout.yaxis.title.text or name in ("change", "tornado-cost", "tornado-latency")
    assert layout.paper_bgcolor == layout.plot_bgcolor == "rgba(0,0,0,0)"


def test_user_text_is_escaped(named):
    _, drawing = named
    assert "<b>Fleet" not in drawing.figure.to_json().replace("\\u003c", "<")


def test_every_candidate_that_answers_can_be_clicked_and_says_which_it_is():
    figure = ALL["efficient"](LOOKS[0]).figure
    numbered = [int(n) for trace in figure.data if trace.customdata is not None for n in trace.customdata]
    assert sorted(numbered) == [0, 1, 2, 3]
    x = {
        int(n): float(x)
        for t in figure.data
        if t.customdata is not None
        for n, x in zip(t.customdata, t.x, strict=True)
    }
    assert x == {at: EFFICIENT.points[at].cost_usd_per_month.value for at in range(4)}


def test_exact_screened_and_broken_candidates_differ_by_more_than_colour():
    traces = [trace for trace in ALL["efficient"](LOOKS[0]).figure.data if trace.customdata is not None]
    assert len({(trace.marker.symbol, trace.marker.size) for trace in traces}) == len(traces) == 4


def test_a_screen_is_marked_as_the_fast_answer_and_nothing_that_meets_is_said():
    draft = replace(EFFICIENT, decided=False)
    assert plane.draw(draft, Requirement(), LOOKS[0]).question.startswith("By the fast answer p99 50 ms instead")
    none = plane.draw(replace(EFFICIENT, best=None, bests=(), own=()), Requirement(), LOOKS[0])
    assert none.question == "None of 77 candidates meets the requirement"


def test_what_is_far_beyond_the_limit_is_drawn_at_one_height_and_told_as_it_is():
    drawing = plane.draw(EFFICIENT, Requirement(latency_limit_s=0.6), LOOKS[0])
    slow = next(trace for trace in drawing.figure.data if trace.customdata is not None and 3 in trace.customdata)
    assert list(slow.y) == [3.0]
    assert "p99 30 s" in slow.text[0]
    assert 30.0 in drawing.table["p99 (s)"]
    [note] = drawing.figure.layout.annotations
    assert note.text == "too slow: over 600 ms; at the top: 3,000 ms or more"


def test_the_zone_beyond_the_limit_is_shaded_and_steps_stay_out_of_it():
    slow = replace(EFFICIENT.points[1], meets=False)
    points = (EFFICIENT.points[0], slow, *EFFICIENT.points[2:])
    drawing = plane.draw(
        replace(EFFICIENT, points=points, efficient=(1, 0, 2)), Requirement(latency_limit_s=0.45), LOOKS[0]
    )
    [zone] = [shape for shape in drawing.figure.layout.shapes if shape.type == "rect"]
    assert zone.y0 == 0.45
    steps = next(trace for trace in drawing.figure.data if trace.name == "efficient set")
    assert list(steps.y) == [0.4, 0.05]


def test_the_ends_of_the_efficient_set_never_read_alike():
    near = (point(FUNCTIONS, 35.58, 0.2439), point(FUNCTIONS, 51.76, 0.2436))
    drawn = plane.draw(replace(EFFICIENT, points=near, efficient=(0, 1)), Requirement(), LOOKS[0])
    assert "from $35.58 at p99 243.9 ms to $51.76 at p99 243.6 ms." in drawn.alt
    one = plane.draw(replace(EFFICIENT, points=near[:1], efficient=(0,)), Requirement(), LOOKS[0])
    assert "One candidate, $35.58 at p99 244 ms, is both cheapest and fastest." in one.alt


def test_costs_far_apart_have_a_logarithmic_axis_with_round_amounts():
    wide = cost_axis([88.8, 16_560.0])
    assert wide["type"] == "log"
    assert wide["ticktext"] == ["$100", "$1,000", "$10,000"]
    assert share(88.8, wide) < 0.1
    assert share(16_560.0, wide) > 0.9
    for costs in ([20.0, 170.0], [0.0, 170.0], []):
        assert "type" not in cost_axis(costs)


def test_nothing_at_all_is_drawn_without_trouble():
    empty = replace(EFFICIENT, points=(), efficient=(), best=None, bests=(), own=())
    assert not plane.draw(empty, Requirement(), LOOKS[0]).figure.data
    bare = replace(BREAK_EVEN, curves=BREAK_EVEN.curves[2:], crossings=(), ends=())
    drawn = explore_break_even.draw(bare, "requests", LOOKS[0])
    assert not drawn.figure.data
    assert drawn.question == "Nothing serves at any volume that was looked at"
    alone = replace(BREAK_EVEN, curves=(replace(BREAK_EVEN.curves[0], points=BREAK_EVEN.curves[0].points[:3]),))
    drawn = explore_break_even.draw(alone, "requests", LOOKS[0])
    assert drawn.question == "Real-time endpoint is the cheapest at every volume that was looked at"
    still = replace(TORNADO, by_cost=BARS[2:], by_latency=BARS[2:])
    assert explore_tornado.cost(still, LOOKS[0]).question == "No assumption moves the cost"


def test_curves_have_dashes_and_symbols_of_their_own_and_gaps_where_they_do_not_serve():
    lines = [trace for trace in ALL["break-even"](LOOKS[0]).figure.data if "lines" in trace.mode]
    assert len({(trace.line.dash, trace.marker.symbol) for trace in lines}) == len(lines) == 2
    assert np.isnan(lines[1].y[3])
    opened = [trace for trace in ALL["break-even"](LOOKS[0]).figure.data if trace.marker.symbol == "diamond-open"]
    assert [list(trace.x) for trace in opened] == [[2e7]]


def test_crossings_and_ends_stand_with_their_values():
    traces = [trace for trace in ALL["break-even"](LOOKS[0]).figure.data if trace.text is not None]
    assert [text for trace in traces for text in trace.text] == ["Real-time", "Serverless", "2 million", "9 million"]


def test_the_title_goes_by_the_curves_where_an_end_contradicts_them():
    late = replace(BREAK_EVEN.ends[0], pattern="serverless", requests_per_month=4e6, instead="realtime")
    drawn = explore_break_even.draw(replace(BREAK_EVEN, ends=(late, *BREAK_EVEN.ends)), "requests", LOOKS[0])
    assert drawn.question == TITLES["break-even"]


def test_the_map_names_winners_by_letters_and_frames_today():
    figure = ALL["map"](LOOKS[0]).figure
    assert list(figure.data[1].text) == ["S", "S", "R", "S", "R", "–"]
    assert set(figure.data[1].textfont.color) == {"#FFFFFF", "#000000", LOOKS[0].ink}
    frame = next(shape for shape in figure.layout.shapes if shape.type == "rect")
    assert (round((frame.x0 + frame.x1) / 2), round((frame.y0 + frame.y1) / 2)) == (1, 0)
    assert sum(shape.type == "line" for shape in figure.layout.shapes) == 5
    assert figure.layout.xaxis.title.text == "Traffic volume (times today's)"
    assert figure.layout.xaxis.ticktext == ("0.5", "1", "2")


@pytest.mark.parametrize("dearest_usd", [0.004, 501.0, 4_321.0, 5e6])
def test_the_map_has_a_scale_for_any_cost(dearest_usd):
    dear = replace(DEARER, cost_usd_per_month=dearest_usd)
    drawn = explore_map.draw(replace(MAP, cells=((CELL, CELL, dear), (CELL, dear, NOTHING))), LOOKS[0])
    assert all(text.startswith("$") for text in drawn.figure.data[0].colorbar.ticktext)
    ends = {words.dollars(dearest_usd), words.dollars(CELL.cost_usd_per_month)}
    assert set(drawn.figure.data[0].colorbar.ticktext) <= ends


def test_nothing_serves_anywhere_on_the_map():
    drawn = explore_map.draw(replace(MAP, cells=((NOTHING,) * 3, (NOTHING,) * 3)), LOOKS[0])
    assert set(drawn.figure.data[1].text) == {"–"}


def test_low_and_high_bars_start_in_the_middle_and_differ_by_their_hatch():
    low, high = ALL["tornado-cost"](LOOKS[0]).figure.data
    assert low.marker.pattern.shape != high.marker.pattern.shape
    assert list(low.base + low.x) == [100.0, 90.0]
    assert list(high.base + high.x) == [101.0, 150.0]
    assert list(high.text) == ["$101.00", "$150.00"]
    assert list(low.text) == ["", "$90.00"]


def test_the_chart_of_changes_ends_in_what_wins_or_in_an_arrow():
    figure = ALL["change"](LOOKS[0]).figure
    texts = [text for trace in figure.data if trace.text is not None for text in trace.text]
    assert texts == ["Real-time 2.01", "", "nothing 19.9 ms"]
