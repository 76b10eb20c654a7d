"""The figures of a portfolio: what the mappings cost, what is shared over the common clock, and the commitment.

A workload has a colour, a hatch and a place of its own; titles say the finding.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go

from headroom.advisor.monthly import MONTH_H
from headroom.advisor.portfolio.commitment import Curve
from headroom.advisor.portfolio.common_clock import HOUR_S, Axis
from headroom.advisor.portfolio.demand import Demand
from headroom.advisor.portfolio.savings import Savings
from headroom.advisor.portfolio.shared import SharedLimit
from headroom.advisor.portfolio.totals import PortfolioPlan
from headroom.advisor.tell import words
from headroom.ui.figures.look import HATCHES, Drawing, FloatArray, Look, axis, blank, plain, reference, thinned
from headroom.ui.figures.timeline import TimeAxis

BEST, OWN, USUAL = "Each on its best", "Your own mapping", "Always-on real-time"
MOST_NAMED = 6
REST = "the others"


def costs(plan: PortfolioPlan, preview: bool, look: Look) -> Drawing:
    """Draw what a month costs under each mapping, in USD by workload."""
    mixes = {BEST: plan.best, OWN: plan.fixed}
    rows: dict[str, list[float]] = {
        USUAL: [part.cost_usd_per_month or 0.0 for part in plan.always_on.total.parts],
        **{
            name: [
                0.0 if choice.cost_usd_per_month is None else choice.cost_usd_per_month.value for choice in mix.choices
            ]
            for name, mix in reversed(mixes.items())
            if mix is not None
        },
    }
    names = [choice.workload for choice in plan.best.choices]
    groups = _groups(rows, names)
    figure = blank(look, 150 + 52 * len(rows))
    for place, (name, amounts) in enumerate(groups.items()):
        figure.add_trace(
            go.Bar(
                x=np.array(amounts), y=list(rows), name=plain(name), orientation="h",
                marker={"color": look.colours[place], "pattern": {"shape": HATCHES[place], "solidity": 0.25}},
                hovertemplate=f"%{{y}}<br>{plain(name)}: $%{{x:,.2f}} a month<extra></extra>",
            )
        )  # fmt: skip
    totals = {name: sum(amounts) for name, amounts in rows.items()}
    figure.add_trace(
        go.Scatter(
            x=np.array(list(totals.values())), y=list(totals), mode="text", textposition="middle right",
            text=[f" {words.dollars(value)}" for value in totals.values()], textfont={"color": look.ink},
            hoverinfo="skip", showlegend=False, cliponaxis=False,
        )
    )  # fmt: skip
    most = max(totals.values(), default=0.0) or 1e-9
    figure.update_layout(
        barmode="stack",
        xaxis=axis("Cost a month (USD)", tickprefix="$", tickformat="~s", range=[0, 1.22 * most]),
        yaxis=axis("", type="category"),
    )
    texts = "; ".join(f"{name} {words.dollars(value)}" for name, value in reversed(totals.items()))
    parts = "; ".join(
        f"{name} {words.dollars(best)} instead of {words.dollars(usual)}"
        for name, best, usual in zip(names, rows[BEST], rows[USUAL], strict=True)
    )
    return Drawing(
        question=_cheaper(totals[BEST], totals[USUAL], preview),
        figure=figure,
        alt=f"Cost a month: {texts}. By workload, on its best instead of always-on: {parts}.",
        table={
            "Workload": [*names, "Together"],
            **{
                f"{name} (USD a month)": [round(value, 2) for value in (*amounts, sum(amounts))]
                for name, amounts in reversed(rows.items())
            },
        },
    )


def shared(limit: SharedLimit, demands: Sequence[Demand], axis_: Axis, look: Look) -> Drawing:
    """Draw how much of a shared limit each workload uses, over the common clock."""
    clock = TimeAxis(axis_.step_s, 0, axis_.cells)
    figure = blank(look, 340)
    labels = clock.labels()
    unit = "Requests in flight" if limit.key == "serverless_concurrency" else "In use at once"
    series = _largest_and_rest([(demand.workload, thinned(np.array(demand.peaks), "max")) for demand in demands])
    for place, (name, values) in enumerate(series):
        figure.add_trace(
            go.Scatter(
                x=clock.t_s, y=values, name=plain(name), stackgroup="all", mode="lines", customdata=labels,
                line={"color": look.colours[place], "width": 1.5, "shape": "hv"},
                fillpattern={"shape": HATCHES[place], "fgcolor": look.colours[place], "solidity": 0.3},
                hovertemplate=f"%{{customdata}}<br>{plain(name)}: %{{y:,.4~g}}<extra></extra>",
            )
        )  # fmt: skip
    if limit.allowed is not None:
        reference(figure, limit.allowed, f"allowed {limit.allowed:,}", along="y")
    if limit.configured != limit.allowed:
        reference(figure, limit.configured, f"configured {limit.configured:,.0f}", along="y", at_end=False)
    ticks = {**clock.axis(), "title": {"text": "UTC", "standoff": 8}}
    most = max(limit.used, limit.configured, limit.allowed or 0.0, 1.0)
    figure.update_layout(xaxis=ticks, yaxis=axis(unit, range=[0, 1.12 * most]))
    users = "; ".join(f"{name} {words.count(value)}" for name, value in limit.by if value)
    quota = "the limit is not known" if limit.allowed is None else f"{limit.allowed:,} are allowed"
    return Drawing(
        question=_fullest(limit),
        figure=figure,
        alt=(
            f"Over the common clock, {limit.what} in {limit.region}: at most {words.count(limit.used)} at"
            f" once, at {limit.used_at} UTC ({users or 'nothing'}); {words.count(limit.configured)} are configured,"
            f" {quota}."
        ),
        table={"UTC": labels, **{name: [round(float(v), 2) for v in values] for name, values in series}},
    )


def hours(savings: Savings, curve: Curve, look: Look) -> Drawing:
    """Draw the discounted cost of every hour, in USD, and the commitment."""
    usd = curve.ends[-1]
    usd_drawn, on_demand = thinned(usd), thinned(curve.usd.sum(axis=0))
    clock = TimeAxis(HOUR_S, 0, len(usd))
    commitment = savings.commitment_usd_per_hour
    figure = blank(look, 320)
    labels = clock.labels()
    for name, values, fill, place in (
        ("covered by the commitment", np.minimum(usd_drawn, commitment), "tozeroy", 0),
        ("beyond it, on demand", usd_drawn, "tonexty", 1),
    ):
        figure.add_trace(
            go.Scatter(
                x=clock.t_s, y=values, name=name, mode="lines", fill=fill, customdata=labels,
                line={"color": look.colours[place], "width": 1.5, "shape": "hv"},
                fillpattern={"shape": HATCHES[place + 1], "fgcolor": look.colours[place], "solidity": 0.25},
                hovertemplate=f"%{{customdata}}<br>{name}: $%{{y:,.4~g}}/h<extra></extra>",
            )
        )  # fmt: skip
    if commitment:
        reference(figure, commitment, f"commitment {words.dollars(commitment)} an hour", along="y")
    ticks = {**clock.axis(), "title": {"text": "UTC", "standoff": 8}}
    most = max(float(usd.max(initial=0.0)), commitment, 1e-9)
    figure.update_layout(
        xaxis=ticks, yaxis=axis("Usage at the plan's rates (USD/h)", tickprefix="$", range=[0, 1.15 * most])
    )
    full = int(np.sum(usd >= commitment * (1 - 1e-4)))
    lead = f"Commit to {words.dollars(commitment)} an hour" if commitment else "Commit to nothing"
    ends = f"between {words.dollars(float(usd.min()))} and {words.dollars(float(usd.max()))} an hour"
    return Drawing(
        question=f"{lead}: {full} of {len(usd)} hours use all of it"
        if commitment
        else f"{lead}: the usage comes in too few hours",
        figure=figure,
        alt=f"Usage that the plan covers, at its rates, is {ends}. {_usage_text(savings, full, len(usd))}",
        table={
            "UTC": labels,
            "At the plan's rates (USD/h)": [round(float(v), 4) for v in usd_drawn],
            "On demand (USD/h)": [round(float(v), 4) for v in on_demand],
            "Covered (USD/h)": [round(float(v), 4) for v in np.minimum(usd_drawn, commitment)],
        },
    )


def commitments(savings: Savings, look: Look) -> Drawing:
    """Draw what the covered usage costs a month, in USD, for every commitment."""
    usd = np.array([point.usd_per_hour for point in savings.curve])
    cost = np.array([point.cost_usd_per_month for point in savings.curve])
    committed, least = savings.commitment_usd_per_hour, savings.cost_usd_per_month
    figure = blank(look, 320)
    figure.add_trace(
        go.Scatter(
            x=usd, y=cost, mode="lines", name="with a commitment", line={"color": look.colours[0], "width": 2.5},
            hovertemplate="$%{x:,.4~g} an hour<br>$%{y:,.2f} a month<extra></extra>", showlegend=False,
        )
    )  # fmt: skip
    figure.add_trace(
        go.Scatter(
            x=np.array([committed]), y=np.array([least]), mode="markers+text", showlegend=False, cliponaxis=False,
            marker={"color": look.colours[1], "symbol": "diamond", "size": 14},
            text=[f"{words.dollars(least)} at {words.dollars(committed)}/h"], textposition="top right",
            hovertemplate="best: $%{x:,.4~g} an hour<br>$%{y:,.2f} a month<extra></extra>",
        )
    )  # fmt: skip
    reference(figure, savings.eligible_usd_per_month, "without a plan", along="y")
    most = max(float(cost.max(initial=0.0)), savings.eligible_usd_per_month)
    figure.update_layout(
        xaxis=axis("Commitment (USD an hour)", tickprefix="$", rangemode="tozero"),
        yaxis=axis("Covered usage, a month (USD)", tickprefix="$", tickformat="~s", range=[0, 1.12 * most]),
    )
    even = _break_even(usd, cost, savings)
    saved = words.dollars(savings.saving_usd_per_month)
    return Drawing(
        question=f"The best commitment saves {saved} a month" if committed else "No commitment saves anything",
        figure=figure,
        alt=(
            f"Cost of the covered usage against the commitment: {words.dollars(savings.eligible_usd_per_month)} a month"
            f" without one, least at {words.dollars(committed)} an hour with {words.dollars(least)}.{even}"
        ),
        table={
            "Commitment (USD/h)": [round(float(v), 5) for v in usd],
            "Commitment a month (USD)": [round(float(v) * MONTH_H, 2) for v in usd],
            "Cost a month (USD)": [round(float(v), 2) for v in cost],
        },
    )


def _groups(rows: Mapping[str, Sequence[float]], names: Sequence[str]) -> dict[str, list[float]]:
    """Return the amounts by workload; the smallest are added up where there are more workloads than colours."""
    amounts = {name: [values[index] for values in rows.values()] for index, name in enumerate(names)}
    large = sorted(amounts, key=lambda name: max(amounts[name]), reverse=True)[: MOST_NAMED - 1]
    if len(names) <= MOST_NAMED:
        return amounts
    rest = [name for name in names if name not in large]
    rest_values = [sum(column) for column in zip(*(amounts[name] for name in rest), strict=True)]
    return {**{name: amounts[name] for name in names if name in large}, REST: rest_values}


def _largest_and_rest(series: Sequence[tuple[str, FloatArray]]) -> list[tuple[str, FloatArray]]:
    """Return one series per workload; the smallest are added up where there are more workloads than colours."""
    if len(series) <= MOST_NAMED:
        return list(series)
    large = {name for name, _ in sorted(series, key=lambda item: -float(item[1].max()))[: MOST_NAMED - 1]}
    rest: FloatArray = np.sum([values for name, values in series if name not in large], axis=0)
    return [*((name, values) for name, values in series if name in large), (REST, rest)]


def _cheaper(best: float, usual: float, preview: bool) -> str:
    lead = "By the preview, each" if preview else "Each"
    if best >= usual:
        return f"{lead} on its best costs {words.dollars(best)} a month; always-on {words.dollars(usual)}"
    saved = f"{words.dollars(usual - best)} a month less than always-on"
    return f"{lead} on its best costs {saved} ({words.share((usual - best) / usual)})"


def _fullest(limit: SharedLimit) -> str:
    most = f"At most {words.count(limit.used)} in use at once, {limit.used_at} UTC"
    if limit.allowed is None:
        return f"{most}: is your quota as large?"
    if not limit.allowed:
        return f"{most}: none are allowed"
    return f"{most}: {words.share(limit.used / limit.allowed, 2)} of what is allowed"


def _break_even(usd: FloatArray, cost: FloatArray, savings: Savings) -> str:
    """Return a sentence on the commitment, in USD an hour, beyond which the plan costs more than no plan; else ""."""
    dearer = usd[(usd > savings.commitment_usd_per_hour) & (cost > savings.eligible_usd_per_month)]
    return f" Beyond about {words.dollars(float(dearer[0]))} an hour it costs more than none." if dearer.size else ""


def _usage_text(savings: Savings, full: int, hours: int) -> str:
    """Return what becomes of the commitment, as a sentence."""
    commitment = savings.commitment_usd_per_hour
    if not commitment:
        return "No commitment is used in enough hours to pay for the others."
    wasted = words.dollars(round(savings.wasted_usd_per_month, 2))
    return (
        f"The commitment of {words.dollars(commitment)} an hour is used in full in {full} of {hours} hours;"
        f" {wasted} a month of it are not used."
    )
