"""Results as files: a comparison as CSV for a spreadsheet and as JSON for programs."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from typing import Any

from headroom.advisor.evaluation import Comparison, Estimate, Evaluation
from headroom.advisor.search.types import Plan
from headroom.advisor.tell import limit_text
from headroom.advisor.world import World
from headroom.codec import to_json
from headroom.sharing.canonical import document
from simulator.kernels.fates import FATES
from simulator.simulate import ENGINE_VERSION

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_PERCENTILES = ("p50", "p90", "p95", "p99", "p99.9", "p99.99")

Cell = str | float | int | bool | None
Column = tuple[str, Callable[[Evaluation], Cell]]


def comparison_csv(comparison: Comparison) -> str:
    """One row per deployment, units in the column names, an empty cell where there is no number."""
    required = f"p{comparison.scenario.requirement.latency_percentile:g}"
    columns = _columns(required)
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([*(name for name, _ in columns), "cheapest_that_meets", "reason"])
    for index, evaluation in enumerate(comparison.evaluations):
        cells = [*(take(evaluation) for _, take in columns), index == comparison.best, comparison.reasons[index]]
        writer.writerow([_cell(cell) for cell in cells])
    return out.getvalue()


def comparison_json(comparison: Comparison, world: World) -> dict[str, Any]:
    """Everything that the comparison says, series over time included, and what it was made with, as JSON values."""
    return {
        "made_with": made_with(world),
        **to_json(comparison),
        "scenario": document(comparison.scenario),
    }


def plan_json(plan: Plan, world: World) -> dict[str, Any]:
    """Everything that a plan says, and what it was made with, as JSON values."""
    return {"made_with": made_with(world), **to_json(plan), "comparison": comparison_json(plan.comparison, world)}


def made_with(world: World) -> dict[str, str]:
    """What a result depends on beside the scenario."""
    return {"engine": ENGINE_VERSION, "prices": world.prices.version, "prices_as_of": world.on.isoformat()}


def to_text(values: dict[str, Any]) -> str:
    """JSON text with one key a line where it helps reading; NaN and infinity are refused."""
    return json.dumps(values, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def safe_text(text: str) -> str:
    """Text that a spreadsheet shows instead of running it as a formula: a quote goes before the first character."""
    return "'" + text if text.startswith(_FORMULA_STARTS) else text


def _cell(value: Cell) -> str | float | int:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None:
        return ""
    return safe_text(value) if isinstance(value, str) else value


def _columns(required: str) -> list[Column]:
    percentiles = sorted({*_PERCENTILES, required}, key=lambda name: float(name[1:]))
    return [
        ("deployment", lambda one: one.deployment.name),
        ("pattern", lambda one: one.deployment.pattern),
        ("meets_requirement", lambda one: one.meets),
        ("ruled_out_by", lambda one: "; ".join(limit_text.short(limit, ": ") for limit in one.ruled_out)),
        (
            "broken_clauses",
            lambda one: "; ".join(f"{c.title}: {c.value}, limit {c.limit}" for c in one.clauses if not c.met),
        ),
        *_estimates("cost_usd_per_month", lambda one: one.cost_usd_per_month),
        ("cost_has_gaps", lambda one: one.at_least),
        *_estimates("cost_usd_per_million_answered", lambda one: one.cost_usd_per_million),
        *(column for name in percentiles for column in _estimates(f"latency_{name}_s", _latency(name))),
        *_estimates("error_share", lambda one: one.error_share),
        *_estimates("utilisation", lambda one: one.utilisation),
        ("replications", lambda one: None if one.outcome is None else one.outcome.replications),
        ("offered_requests", lambda one: None if one.outcome is None else one.outcome.offered),
        *((f"{fate}_requests", _fate(fate)) for fate in FATES),
        ("cold_starts", lambda one: None if one.outcome is None else one.outcome.cold_starts),
        ("longest_job_s", lambda one: None if one.outcome is None else one.outcome.longest_job_s),
    ]


def _latency(name: str) -> Callable[[Evaluation], Estimate | None]:
    return lambda one: one.latency_s.get(name)


def _fate(fate: str) -> Callable[[Evaluation], Cell]:
    return lambda one: None if one.outcome is None else one.outcome.fates[fate]


def _estimates(name: str, take: Callable[[Evaluation], Estimate | None]) -> list[Column]:
    """Three columns: the number, and the ends of its 95 % interval."""

    def part(which: str) -> Callable[[Evaluation], Cell]:
        return lambda one: None if (found := take(one)) is None else getattr(found, which)

    return [(name, part("value")), (f"{name}_low", part("low")), (f"{name}_high", part("high"))]
