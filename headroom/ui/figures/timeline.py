"""What happened when, for one deployment: panels over one shared clock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import plotly.graph_objects as go

from headroom.advisor import intervals
from headroom.advisor.tell import words
from headroom.ui.figures.look import (
    DASHES,
    MOST_POINTS,
    REFERENCE,
    Drawing,
    FloatArray,
    Look,
    axis,
    panel,
    reference,
    thinned,
    time_axis,
)
from simulator.engine.gauges import CountName, GaugeName
from simulator.engine.outcome import FATE_WORDS, Outcome, SpreadOf
from simulator.kernels.fates import FATES

HEAT_COLUMNS = 200
REFUSALS = tuple(fate for fate in FATES if fate != "completed")
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
DAY_S = 86_400

COMES_AGAIN = 1e-3
"""Share of retries from which on the load with them is drawn."""

FEW_POINTS = 5
"""So few known points are marked too: a line needs neighbours, and a data set may fill a single bin."""


class Lines(NamedTuple):
    """The lines of a panel by name, half of their 95 % intervals where known, and the names of lines drawn in steps."""

    values: Mapping[str, FloatArray]
    sure: Mapping[str, FloatArray] = {}
    stepped: Sequence[str] = ()


class TimeAxis:
    """The time axis that all panels share: seconds of the horizon, labelled with weekday and local clock."""

    def __init__(self, bin_s: float, starts_on: int, bins: int) -> None:
        self.starts_on = starts_on
        self.horizon_s = bin_s * bins
        size = -(-bins // MOST_POINTS)
        self.t_s: FloatArray = np.arange(0, bins, size, dtype=np.float64) * bin_s
        self.seconds_a_point: FloatArray = np.minimum(self.t_s + size * bin_s, self.horizon_s) - self.t_s

    def tick(self, t_s: float) -> str:
        """Return the label of a time in seconds: the weekday at midnight, else the clock; numbered beyond a week."""
        day, second_of_day = divmod(round(t_s), DAY_S)
        if second_of_day:
            return f"{second_of_day // 3600:02d}:{second_of_day % 3600 // 60:02d}"
        name = DAYS[(self.starts_on + day) % 7]
        return f"{name} {day + 1}" if self.horizon_s > 7 * DAY_S else name

    def labels(self) -> list[str]:
        """The label of each point, for hovering and tables."""
        return [self.moment(float(t)) for t in self.t_s]

    def axis(self) -> dict[str, object]:
        """Return the plotly axis, with the same range and ticks on every panel."""
        step_s = self.horizon_s / 8
        steps = [600, 1800, 3600, 2 * 3600, 4 * 3600, 6 * 3600, 12 * 3600, DAY_S, 2 * DAY_S, 4 * DAY_S, 7 * DAY_S]
        step = next((s for s in steps if s >= step_s), steps[-1])
        ticks = np.arange(0, self.horizon_s + 1, step)
        return axis(
            "Local time",
            range=[0, self.horizon_s],
            tickvals=ticks,
            ticktext=[self.tick(float(t)) for t in ticks],
            tickangle=0,
        )

    def moment(self, t_s: float) -> str:
        """Return weekday and clock of a time in seconds, with the number of the day beyond a week."""
        day, second_of_day = divmod(round(t_s), DAY_S)
        clock = f"{DAYS[(self.starts_on + day) % 7]} {second_of_day // 3600:02d}:{second_of_day % 3600 // 60:02d}"
        return f"day {day + 1}, {clock}" if self.horizon_s > 7 * DAY_S else clock


def clock_of(outcome: Outcome, starts_on: int) -> TimeAxis:
    """Return the time axis of an outcome's series. starts_on: the weekday of the first day, 0 for Monday."""
    return TimeAxis(outcome.series.bin_s, starts_on, len(outcome.series.counts["offered"]))


def demand(outcome: Outcome, clock: TimeAxis, look: Look) -> Drawing:
    """Draw requests offered and answered, per second; with retries, where there are some."""
    counts = outcome.series.counts
    retried = counts["attempts"].sum() > counts["offered"].sum() * (1 + COMES_AGAIN)
    names: dict[str, CountName] = {"offered": "offered", "answered": "completed"}
    if retried:
        names["with retries"] = "attempts"
    rates = {name: _rate(outcome, key, clock) for name, key in names.items()}
    sure = {name: half / clock.seconds_a_point for name, half in halves(outcome, "counts", names).items()}
    peak = int(np.argmax(rates["offered"]))
    alt = (
        f"Offered: at most {words.per_second(float(rates['offered'][peak]))}, at {clock.labels()[peak]};"
        f" on average {words.per_second(float(np.mean(rates['offered'])))}."
    )
    if retried:
        storm = int(np.argmax(rates["with retries"]))
        most = words.per_second(float(rates["with retries"][storm]))
        alt += f" With retries: at most {most}, at {clock.labels()[storm]}."
    return _lines("How much work arrives?", "Requests (1/s)", Lines(rates, sure), clock, look, alt)


def capacity(outcome: Outcome, clock: TimeAxis, look: Look) -> Drawing:
    """Draw the requests in work against those that could be in work."""
    means = outcome.series.means
    lines = _present_series({"in work, mean": (means, "busy"), "capacity": (means, "slots")})
    alt = _capacity_alt(lines)
    sure = halves(outcome, "means", {"in work, mean": "busy", "capacity": "slots"})
    return _lines(
        "Does capacity keep up with demand?",
        "Requests at once",
        Lines(lines, sure, ("capacity",)),
        clock,
        look,
        alt,
    )


def fleet(outcome: Outcome, clock: TimeAxis, look: Look) -> Drawing:
    """Draw the instances in service and billed, or the environments."""
    means, peaks = outcome.series.means, outcome.series.peaks
    title = "Environments" if "environments" in means else "Instances"
    averages: dict[str, GaugeName] = {
        "environments, mean": "environments",
        "provisioned": "provisioned_in_service",
        "in service": "instances_in_service",
        "billed": "instances_billed",
    }
    gauges: dict[str, tuple[Mapping[GaugeName, FloatArray], GaugeName]] = {
        "environments, mean": (means, "environments"),
        "environments, most": (peaks, "environments"),
    }
    lines = _present_series(gauges | {name: (means, gauge) for name, gauge in averages.items()})
    parts = [
        f"{name} {words.count(float(np.min(v)))} to {words.count(float(np.max(v)))}, {_average(v)} on average"
        for name, v in lines.items()
    ]
    of_runs = f", as means of {outcome.replications} runs" if outcome.replications > 1 else ""
    alt = f"{title}{of_runs}: {'; '.join(parts)}."
    fleet_lines = Lines(lines, halves(outcome, "means", averages), tuple(lines))
    return _lines(f"How many {title.lower()} are there?", title, fleet_lines, clock, look, alt)


def backlog(outcome: Outcome, clock: TimeAxis, look: Look) -> Drawing:
    """Draw the requests that wait."""
    lines = _present_series({"mean": (outcome.series.means, "queued"), "most": (outcome.series.peaks, "queued")})
    most = lines.get("most", np.zeros(1))
    peak = int(np.argmax(most))
    if not most[peak] > 0:
        return _lines(
            "How long is the queue?", "Requests waiting", Lines({}), clock, look, "No request waits in a queue."
        )
    alt = f"At most {words.count(float(most[peak]))} requests wait, at {clock.labels()[peak]}."
    sure = halves(outcome, "means", {"mean": "queued"})
    return _lines("How long is the queue?", "Requests waiting", Lines(lines, sure), clock, look, alt)


def trouble(outcome: Outcome, clock: TimeAxis, look: Look) -> Drawing:
    """Draw cold starts and requests that end without an answer, per point of the time axis."""
    counts = outcome.series.counts
    titles: dict[str, CountName] = {"cold starts": "cold_starts"}
    titles |= {FATE_WORDS[fate]: fate for fate in REFUSALS}
    titles = {title: name for title, name in titles.items() if name in counts and counts[name].sum() > 0}
    lines = {title: thinned(counts[name], "sum") for title, name in titles.items()}
    runs = outcome.replications
    parts = [f"{words.count(round(float(values.sum()) * runs))} {name}" for name, values in lines.items()]
    where = f"In the horizons of all {runs} runs" if runs > 1 else "Over the horizon"
    alt = f"{where}: {words.joined(parts)}." if parts else "No cold start and no request without an answer."
    bin_words = words.seconds(float(clock.seconds_a_point[0]))
    return _lines(
        "When do cold starts and refusals happen?",
        f"Number in {bin_words}",
        Lines(lines, halves(outcome, "counts", titles), tuple(lines)),
        clock,
        look,
        alt,
    )


def latency(outcome: Outcome, clock: TimeAxis, look: Look, limit_s: float = 0.0) -> Drawing:
    """Draw percentiles of latency, in seconds, by the time at which the request arrived."""
    lines = {name: thinned(values, "max") for name, values in outcome.series.latency_s.items()}
    finite = np.concatenate([values[np.isfinite(values)] for values in lines.values()] or [np.empty(0)])
    if not finite.size:
        return _lines("When is it slow?", "Latency", Lines({}), clock, look, "No request was answered.")
    worst = lines["p99"]
    peak = int(np.nanargmax(worst))
    alt = (
        f"p99 is worst at {clock.labels()[peak]}: {words.seconds(float(worst[peak]))};"
        f" its median over time is {words.seconds(float(np.nanmedian(worst)))}."
    )
    sure = halves(outcome, "latency_s", {name: name for name in lines})
    drawing = _lines("When is it slow?", "Latency", Lines(lines, sure), clock, look, alt)
    latencies_s = [float(finite.min()), float(finite.max()), *([limit_s] if limit_s else [])]
    drawing.figure.update_layout(yaxis=time_axis("Latency", min(latencies_s), max(latencies_s)))
    if limit_s:
        reference(drawing.figure, limit_s, f"limit {words.seconds(limit_s)}", along="y", log=True)
    return drawing


def heat_map(outcome: Outcome, clock: TimeAxis, look: Look) -> Drawing:
    """Draw how many requests took how long, and when: half-octaves of latency over the horizon, counts as colour."""
    series = outcome.series
    rows = np.flatnonzero(series.heat.sum(axis=1) > 0)
    if not rows.size:
        return _lines(
            "How is latency spread over the day?", "Latency", Lines({}), clock, look, "No request was answered."
        )
    rows_drawn = slice(rows[0], rows[-1] + 1)
    counts, t_s = _columns(series.heat[rows_drawn], series.bin_s)
    edges_s = series.heat_edges_s[rows[0] : rows[-1] + 2]
    middles_s = np.sqrt(edges_s[:-1] * edges_s[1:])
    logarithms = np.log10(np.where(counts > 0, counts, np.nan))
    most = int(np.nanmax(logarithms)) if np.isfinite(logarithms).any() else 0
    figure = panel(look, 360)
    figure.add_trace(
        go.Heatmap(
            z=logarithms.astype(np.float32),
            x=t_s,
            y=np.log10(edges_s),
            customdata=counts,
            colorscale="Cividis",
            colorbar={
                "title": {"text": "Requests, by colour"}, "tickvals": list(range(most + 1)), "tickangle": 0,
                "orientation": "h", "x": 0, "xanchor": "left", "y": 1.02, "yanchor": "bottom", "thickness": 12,
                "outlinewidth": 0,
                "ticktext": [words.count(10.0**e) for e in range(most + 1)],
            },
            hovertemplate="%{customdata:,.0f} requests<extra></extra>",
        )
    )  # fmt: skip
    scale = time_axis("Latency", float(edges_s[0]), float(edges_s[-1]))
    ticks = np.log10(np.array(scale["tickvals"]))
    figure.update_layout(
        xaxis=clock.axis(),
        yaxis=axis(
            "Latency",
            range=[float(np.log10(edges_s[0])), float(np.log10(edges_s[-1]))],
            tickvals=ticks,
            ticktext=scale["ticktext"],
        ),
    )
    heaviest = int(np.argmax(counts.sum(axis=1)))
    alt = (
        f"Latency over time: from {words.seconds(float(edges_s[0]))} to {words.seconds(float(edges_s[-1]))};"
        f" most requests take about {words.seconds(float(middles_s[heaviest]))}."
    )
    table = {
        "Latency from (s)": [float(f"{e:.4g}") for e in edges_s[:-1]],
        "to (s)": [float(f"{e:.4g}") for e in edges_s[1:]],
        "Requests": [round(float(total), 1) for total in series.heat[rows_drawn].sum(axis=1)],
    }
    return Drawing(question="How is latency spread over time?", figure=figure, alt=alt, table=table)


def _present_series(gauges: Mapping[str, tuple[Mapping[GaugeName, FloatArray], GaugeName]]) -> dict[str, FloatArray]:
    """Return the series of those gauges that the pattern has."""
    return {
        name: thinned(values[gauge], "max" if name.endswith("most") else "mean")
        for name, (values, gauge) in gauges.items()
        if gauge in values
    }


def _average(values: FloatArray) -> str:
    return f"{float(np.mean(values)):,.3g}"


def _capacity_alt(lines: Mapping[str, FloatArray]) -> str:
    if "in work, mean" not in lines:
        return "Nothing is known of the requests in work."
    busiest = lines.get("in work, most", lines["in work, mean"])
    text = f"Requests in work, averaged over each point: at most {float(np.max(busiest)):,.3g}"
    if "capacity" not in lines:
        return f"{text}."
    full = float(np.mean(lines["in work, mean"] > 0.9 * lines["capacity"]))
    return (
        f"{text}, of {float(np.max(lines['capacity'])):,.3g} possible;"
        f" on average above 90 % of capacity for {words.share(full)} of the time."
    )


def _columns(heat: FloatArray, bin_s: float) -> tuple[FloatArray, FloatArray]:
    """Return a heat map of at most HEAT_COLUMNS columns, adding neighbours, and the edges of the columns in seconds."""
    size = -(-heat.shape[1] // HEAT_COLUMNS)
    starts = np.arange(0, heat.shape[1], size)
    edges = np.append(starts, heat.shape[1]) * bin_s
    return np.add.reduceat(heat, starts, axis=1), edges


def _rate(outcome: Outcome, name: CountName, clock: TimeAxis) -> FloatArray:
    rate: FloatArray = thinned(outcome.series.counts[name], "sum") / clock.seconds_a_point
    return rate


def halves(outcome: Outcome, group: SpreadOf, names: Mapping[str, str]) -> dict[str, FloatArray]:
    """Return half the 95 % interval over replications at each point, by the name of the line.

    Lines without intervals are left out: those of a single run, and those whose points are several bins.
    """
    spread = outcome.series.spread.get(group, {})
    if outcome.replications < 2 or len(outcome.series.counts["offered"]) > MOST_POINTS:
        return {}
    return {name: intervals.reach(outcome.replications) * spread[key] for name, key in names.items() if key in spread}


def _lines(
    question: str,
    title: str,
    lines: Lines,
    clock: TimeAxis,
    look: Look,
    alt: str,
) -> Drawing:
    figure = panel(look, 280)
    labels = clock.labels()
    for place, (name, values) in enumerate(lines.values.items()):
        colour = REFERENCE if name == "capacity" else look.colours[place % len(look.colours)]
        half = lines.sure.get(name)
        few = np.isfinite(values).sum() <= FEW_POINTS
        if half is not None and not few:
            figure.add_trace(_band(clock, values, half, colour, stepped=name in lines.stepped))
        figure.add_trace(
            go.Scatter(
                x=clock.t_s,
                y=values,
                mode="lines+markers" if few else "lines",
                error_y={"type": "data", "array": half} if few and half is not None else None,
                name=name,
                line={
                    "color": colour,
                    "dash": DASHES[place % len(DASHES)],
                    "width": 2,
                    "shape": "hv" if name in lines.stepped else "linear",
                },
                customdata=labels if half is None else _with_ends(labels, values, half),
                hovertemplate=f"%{{customdata}}<br>{name}: %{{y:.4~g}}<extra></extra>",
            )
        )
    figure.update_layout(xaxis=clock.axis(), yaxis=axis(title, rangemode="tozero"), showlegend=True)
    table: dict[str, Sequence[Any]] = {
        "Local time": labels,
    }
    for name, values in lines.values.items():
        table[name] = [float(f"{v:.4g}") for v in values]
        if name in lines.sure:
            table[f"{name}, 95 % ±"] = [float(f"{v:.2g}") for v in lines.sure[name]]
    return Drawing(question=question, figure=figure, alt=alt, table=table)


def _band(clock: TimeAxis, values: FloatArray, half: FloatArray, colour: str, *, stepped: bool) -> go.Scatter:
    """Return the interval around a line as an area, with gaps where points are not known."""
    x: list[float] = []
    y: list[float] = []
    finite = np.isfinite(values) & np.isfinite(half)
    for run in np.split(np.arange(values.size), np.flatnonzero(np.diff(finite.astype(np.int8))) + 1):
        if not finite[run[0]]:
            continue
        t_s, low, high = clock.t_s[run], np.maximum(values[run] - half[run], 0.0), values[run] + half[run]
        if stepped:
            t_s = np.append(np.repeat(t_s, 2)[1:], t_s[-1] + clock.seconds_a_point[run[-1]])
            low, high = np.repeat(low, 2), np.repeat(high, 2)
        x += [*t_s, *t_s[::-1], np.nan]
        y += [*high, *low[::-1], np.nan]
    red, green, blue = (int(colour[start : start + 2], 16) for start in (1, 3, 5))
    return go.Scatter(
        x=np.array(x[:-1]),
        y=np.array(y[:-1]),
        mode="lines",
        line={"width": 0},
        fill="toself",
        fillcolor=f"rgba({red},{green},{blue},0.22)",
        hoverinfo="skip",
        showlegend=False,
    )


def _with_ends(labels: Sequence[str], values: FloatArray, half: FloatArray) -> list[str]:
    """Return the labels, with the ends of the interval where there is one."""
    return [
        f"{label}<br>95 % interval {max(value - half_width, 0.0):,.4g} to {value + half_width:,.4g}"
        if np.isfinite(value) and np.isfinite(half_width)
        else label
        for label, value, half_width in zip(labels, values, half, strict=True)
    ]
