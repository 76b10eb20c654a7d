"""The figures of a comparison: the tail of the latency, and the bill by kind of charge."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from headroom.advisor import intervals
from headroom.advisor.answer import Answer, Comparison, Uncertain
from headroom.advisor.evidence import TAIL as PERCENTS
from headroom.advisor.tell import words
from headroom.ui.figures.look import (
    Drawing,
    FloatArray,
    Look,
    Mark,
    axis,
    blank,
    marks,
    reference,
    time_axis,
)
from pricing.bill import BillLine
from simulator.patterns.registry import PATTERNS

POINTS = 160
GROUPS: dict[str, tuple[str, ...]] = {
    **{
        group: tuple(key for pattern in PATTERNS for key in pattern.billing.compute.get(group, ()))
        for pattern in PATTERNS
        for group in pattern.billing.compute
    },
    "Data processed": tuple(key for pattern in PATTERNS for key in pattern.billing.data),
    "Internet": ("internet_out_gb",),
    "Volumes, S3, SNS, alarms": (),
}
_GROUP_OF = {key: group for group, keys in GROUPS.items() for key in keys}


def latency_distribution(comparison: Comparison, look: Look) -> Drawing:
    """Draw which share of requests is answered within which time, stretched towards the tail."""
    requirement = comparison.scenario.requirement
    figure = blank(look, 380)
    tail_texts: list[str] = []
    tails: dict[str, list[float | str]] = {"Deployment": []}
    for percent in PERCENTS:
        tails[f"{words.percentile(percent)} (s)"] = []
        tails[_sure(percent)] = []
    latencies_s: list[float] = [requirement.latency_limit_s] if requirement.latency_limit_s else []
    for mark, evaluation in _marked(comparison, look):
        if evaluation.outcome is None:
            continue
        total = evaluation.outcome.latency.total
        if not total:
            continue
        depth = np.linspace(0.02, min(4.0, float(np.log10(total)) if total > 1 else 0.3), POINTS)
        latency_s = evaluation.outcome.latency.curve(100 * (1 - 10**-depth))
        figure.add_trace(_curve(mark, latency_s, depth))
        figure.add_trace(_percentiles(mark, evaluation, float(depth[-1])))
        latencies_s += [float(latency_s[0]), float(latency_s[-1])]
        ends = [f"{name} {words.estimate(evaluation.latency_s[name], words.seconds)}" for name in ("p50", "p99")]
        tail_texts.append(f"{evaluation.deployment.name} {', '.join(ends)}")
        tails["Deployment"].append(evaluation.deployment.name)
        for percent in PERCENTS:
            name = words.percentile(percent)
            tails[f"{name} (s)"].append(float(f"{evaluation.outcome.latency.quantile(percent):.4g}"))
            tails[_sure(percent)].append(_interval(evaluation.latency_s[name]))
    if requirement.latency_limit_s:
        limit = requirement.latency_limit_s
        reference(figure, limit, f" limit {words.seconds(limit)}", along="x", log=True)
    figure.update_layout(
        xaxis=time_axis("Latency of answered requests", min(latencies_s, default=0.1), max(latencies_s, default=1.0)),
        yaxis=axis(
            "Share answered by then (%)",
            tickvals=[float(np.log10(1 / (1 - p / 100))) for p in PERCENTS],
            ticktext=[f"{p:g}" for p in PERCENTS],
            range=[0, 4.05],
        ),
    )
    return Drawing(question="How bad is the tail?", figure=figure, alt=_tail_alt(tail_texts), table=tails)


def stacked_bill(comparison: Comparison, look: Look) -> Drawing:
    """Draw what a month costs by kind of charge, the cheapest deployment on top."""
    simulated = [evaluation for evaluation in comparison.evaluations if evaluation.bill is not None]
    ordered = sorted(simulated, key=_total, reverse=True)
    names = [mark.name for mark in marks([evaluation.deployment for evaluation in ordered], look)]
    labels = [f"{name}{' ' * place}" for place, name in enumerate(names)]  # two of one name stay two bars
    figure = blank(look, 130 + 46 * max(len(ordered), 1))
    table: dict[str, list[float | str]] = {"Deployment": [evaluation.deployment.name for evaluation in ordered]}
    for place, group in enumerate(GROUPS):
        amounts = [_amount(evaluation, group) for evaluation in ordered]
        if any(amounts):
            figure.add_trace(_bars(group, labels, ordered, look.fill(place)))
            table[f"{group} (USD)"] = [round(amount, 2) for amount in amounts]
            sure = [_group_estimate(evaluation, group) for evaluation in ordered]
            table[f"95 % interval of {_lower(group)} (USD)"] = [_interval(estimate) for estimate in sure]
    table["Total (USD)"] = [round(_total(evaluation), 2) for evaluation in ordered]
    table["95 % interval of the total (USD)"] = [
        _interval(evaluation.cost_usd_per_month) if evaluation.cost_usd_per_month is not None else ""
        for evaluation in ordered
    ]
    totals = np.array([_total(evaluation) for evaluation in ordered])
    figure.add_trace(
        go.Scatter(
            x=totals, y=labels, mode="text", text=[f" {words.dollars(t)}" for t in totals], textposition="middle right",
            hoverinfo="skip", showlegend=False, cliponaxis=False, textfont={"color": look.ink},
        )
    )  # fmt: skip
    figure.update_layout(
        barmode="stack",
        xaxis=axis(
            "Cost a month (USD)", tickprefix="$", tickformat="~s", range=[0, 1.22 * float(totals.max(initial=1e-9))]
        ),
        yaxis=axis("", type="category"),
    )
    parts = [
        f"{_name_of(evaluation)} {words.estimate(evaluation.cost_usd_per_month, words.dollars)}"
        for evaluation in reversed(ordered)
    ]
    alt = (
        f"Cost a month by kind of charge: {'; '.join(parts)}."
        if parts
        else "Hard limits rule every deployment out, so there is no bill."
    )
    return Drawing(question="What is the money for?", figure=figure, alt=alt, table=table)


def _marked(comparison: Comparison, look: Look) -> list[tuple[Mark, Answer]]:
    deployments = [evaluation.deployment for evaluation in comparison.evaluations]
    pairs = zip(marks(deployments, look), comparison.evaluations, strict=True)
    return [
        (mark._replace(name=f"{mark.name} (preview)") if evaluation.estimated else mark, evaluation)
        for mark, evaluation in pairs
    ]


def _name_of(evaluation: Answer) -> str:
    return f"{evaluation.deployment.name}{'' if evaluation.outcome else ' (preview)'}"


def _interval(estimate: Uncertain) -> str:
    """Return the ends of an interval in four digits, or the reason why there is none."""
    if estimate.low is None or estimate.high is None:
        return words.interval(estimate, words.seconds)
    return f"{float(f'{estimate.low:.4g}'):,} to {float(f'{estimate.high:.4g}'):,}"


def _sure(percent: float) -> str:
    """Return the title of the column with the interval of a percentile."""
    return f"95 % interval of {words.percentile(percent)} (s)"


def _curve(mark: Mark, latency_s: FloatArray, depth: FloatArray) -> go.Scatter:
    return go.Scatter(
        x=latency_s,
        y=depth,
        mode="lines",
        name=mark.name,
        line={"color": mark.colour, "dash": mark.dash, "width": 2.5},
        customdata=100 * (1 - 10**-depth),
        hovertemplate=f"<b>{mark.name}</b><br>%{{customdata:.4~g}} % within %{{x:.3~s}}s<extra></extra>",
    )


def _percentiles(mark: Mark, evaluation: Answer, deepest: float) -> go.Scatter:
    """Return the trace of the percentiles on a curve with their intervals."""
    depths = [float(np.log10(1 / (1 - percent / 100))) for percent in PERCENTS]
    named_depths = [
        (depth, words.percentile(percent))
        for depth, percent in zip(depths, PERCENTS, strict=True)
        if depth <= deepest + 1e-9
    ]
    estimates = [evaluation.latency_s[name] for _, name in named_depths]
    known_intervals = [
        (estimate.low, estimate.high) if estimate.low is not None and estimate.high is not None else None
        for estimate in estimates
    ]
    ends = [pair or (estimate.value, estimate.value) for pair, estimate in zip(known_intervals, estimates, strict=True)]
    values = np.array([estimate.value for estimate in estimates])
    return go.Scatter(
        x=values,
        y=np.array([depth for depth, _ in named_depths]),
        error_x={
            "type": "data", "symmetric": False, "thickness": 1.5, "width": 5, "color": mark.colour,
            "array": np.array([high for _, high in ends]) - values,
            "arrayminus": values - np.array([low for low, _ in ends]),
        },
        mode="markers",
        marker={"color": mark.colour, "symbol": mark.symbol, "size": 6},
        showlegend=False,
        name=mark.name,
        customdata=[
            f"{name} {words.seconds(estimate.value)}<br>{words.interval(estimate, words.seconds)}"
            for (_, name), estimate in zip(named_depths, estimates, strict=True)
        ],
        hovertemplate=f"<b>{mark.name}</b><br>%{{customdata}}<extra></extra>",
    )  # fmt: skip


def _bars(group: str, labels: Sequence[str], ordered: Sequence[Answer], fill: tuple[str, str]) -> go.Bar:
    colour, hatch = fill
    return go.Bar(
        x=np.array([_amount(evaluation, group) for evaluation in ordered]),
        customdata=[words.interval(_group_estimate(evaluation, group), words.dollars) for evaluation in ordered],
        y=list(labels),
        name=group,
        orientation="h",
        marker={"color": colour, "pattern": {"shape": hatch, "solidity": 0.25}},
        hovertemplate=f"%{{y}}<br>{group}: $%{{x:,.2f}}<br>%{{customdata}}<extra></extra>",
    )


def _group(line: BillLine) -> str:
    return _GROUP_OF.get(line.usage, "Volumes, S3, SNS, alarms")


def _amount(evaluation: Answer, group: str) -> float:
    lines = evaluation.bill.lines if evaluation.bill is not None else ()
    return float(sum(line.amount_usd for line in lines if line.amount_usd is not None and _group(line) == group))


def _group_estimate(evaluation: Answer, group: str) -> Uncertain:
    """Return the cost of a kind of charge with its interval, in USD a month.

    The interval of several lines reaches from the sum of their low ends to that of their high ends; a preview has the
    error of its whole cost.
    """
    amount, cost = _amount(evaluation, group), evaluation.cost_usd_per_month
    lines = evaluation.bill.lines if evaluation.bill is not None else ()
    if evaluation.estimated and cost is not None and cost.value:
        low, high = (amount * ((end or 0.0) / cost.value) for end in (cost.low, cost.high))
        return Uncertain(value=amount, low=low, high=high, n=0)
    estimates = [
        estimate
        for line, estimate in zip(lines, evaluation.lines_usd, strict=False)
        if estimate is not None and _group(line) == group
    ]
    return intervals.together(estimates) if estimates else Uncertain(value=0.0, low=0.0, high=0.0, n=1)


def _lower(group: str) -> str:
    """Return a kind of charge as it is written within a sentence; names keep their capitals."""
    return group if group[:2].isupper() or group.startswith("S3") else group[0].lower() + group[1:]


def _total(evaluation: Answer) -> float:
    return float(evaluation.bill.total_usd) if evaluation.bill is not None else 0.0


def _tail_alt(tails: Sequence[str]) -> str:
    if not tails:
        return "No deployment answered a request, so there is no curve to draw."
    return f"Latency of answered requests: {'; '.join(tails)}. All runs pooled."
