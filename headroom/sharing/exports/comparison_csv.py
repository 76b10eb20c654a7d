"""A comparison as CSV for a spreadsheet: one row per deployment."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable

from headroom.advisor.answer import Answer, Comparison, Uncertain
from headroom.advisor.tell import limit_text
from headroom.sharing.exports.cells import Cell, cell
from headroom.sharing.exports.export import DefendedPlan, Export
from simulator.engine.stages import parts
from simulator.kernels.fates import FATES, Fate

_PERCENTILES = ("p50", "p90", "p95", "p99", "p99.9", "p99.99")

Column = tuple[str, Callable[[Answer], Cell]]


def comparison_csv(comparison: Comparison) -> str:
    """Return a comparison as CSV: a row per deployment, units in the column names, an empty cell where no number is
    known.
    """
    required = f"p{comparison.scenario.requirement.latency_percentile:g}"
    columns = _columns(required)
    file = io.StringIO(newline="")
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow([*(name for name, _ in columns), "cheapest_that_meets", "reason"])
    for index, evaluation in enumerate(comparison.evaluations):
        values = [*(take(evaluation) for _, take in columns), index == comparison.best, comparison.reasons[index]]
        writer.writerow([cell(value) for value in values])
    return file.getvalue()


def _columns(required: str) -> list[Column]:
    percentiles = sorted({*_PERCENTILES, required}, key=lambda name: float(name[1:]))
    return [
        ("deployment", lambda answer: answer.deployment.name),
        ("pattern", lambda answer: answer.deployment.pattern),
        ("meets_requirement", lambda answer: answer.meets),
        ("ruled_out_by", lambda answer: "; ".join(limit_text.short(limit, ": ") for limit in answer.ruled_out)),
        (
            "broken_clauses",
            lambda answer: "; ".join(f"{c.title}: {c.value}, limit {c.limit}" for c in answer.clauses if not c.met),
        ),
        *_estimates("cost_usd_per_month", lambda answer: answer.cost_usd_per_month),
        ("cost_has_gaps", lambda answer: answer.at_least),
        ("cost_has_estimated_prices", lambda answer: answer.price_estimated),
        *_estimates("cost_usd_per_million_answered", lambda answer: answer.cost_usd_per_million),
        *(column for name in percentiles for column in _estimates(f"latency_{name}_s", _latency(name))),
        *_estimates("error_share", lambda answer: answer.error_share),
        *_estimates("utilisation", lambda answer: answer.utilisation),
        ("replications", lambda answer: None if answer.outcome is None else answer.outcome.replications),
        ("offered_requests", lambda answer: None if answer.outcome is None else answer.outcome.offered),
        *((f"{fate}_requests", _fate(fate)) for fate in FATES),
        ("cold_starts", lambda answer: None if answer.outcome is None else answer.outcome.cold_starts),
        ("longest_job_s", lambda answer: None if answer.outcome is None else answer.outcome.longest_job_s),
        *((f"mean_{part.key}_s", _part(part.key)) for part in parts()),
    ]


def _latency(name: str) -> Callable[[Answer], Uncertain | None]:
    return lambda answer: answer.latency_s.get(name)


def _fate(fate: Fate) -> Callable[[Answer], Cell]:
    return lambda answer: None if answer.outcome is None else answer.outcome.fates[fate]


def _part(key: str) -> Callable[[Answer], Cell]:
    return lambda answer: None if answer.outcome is None else answer.outcome.parts_s.get(key)


def _estimates(name: str, take: Callable[[Answer], Uncertain | None]) -> list[Column]:
    """Return three columns: a number and the two ends of its 95 % interval."""

    def part(attribute: str) -> Callable[[Answer], Cell]:
        return lambda answer: None if (estimate := take(answer)) is None else getattr(estimate, attribute)

    return [(name, part("value")), (f"{name}_low", part("low")), (f"{name}_high", part("high"))]


COMPARISON_CSV = Export(
    key="csv",
    title="Comparison (CSV)",
    kind=Comparison,
    file_name="comparison.csv",
    media_type="text/csv",
    write=lambda comparison, _: comparison_csv(comparison).encode(),
)
PLAN_CSV = Export(
    key="csv",
    title="Plan (CSV)",
    kind=DefendedPlan,
    file_name="plan.csv",
    media_type="text/csv",
    write=lambda defended, _: comparison_csv(defended.plan.comparison).encode(),
)
