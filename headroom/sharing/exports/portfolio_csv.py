"""The answer of a portfolio as CSV for a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from headroom.advisor.answer import Uncertain
from headroom.advisor.portfolio.totals import Choice, PortfolioPlan
from headroom.advisor.tell import limit_text
from headroom.sharing.exports.cells import Cell, cell
from headroom.sharing.exports.export import Export
from simulator.patterns.registry import ALWAYS_ON

_COLUMNS = (
    "mapping", "workload", "region", "pattern", "deployment", "result", "meets_requirement", "decided", "broken",
    "cost_usd_per_month", "cost_usd_per_month_low", "cost_usd_per_month_high", "cost_has_gaps",
    "cost_has_estimated_prices", "latency_percentile",
    "latency_s", "latency_s_low", "latency_s_high", "latency_limit_s", "error_share", "why",
)  # fmt: skip


def portfolio_csv(plan: PortfolioPlan) -> str:
    """Return a portfolio plan as CSV: a row for each workload in each mapping, with empty cells where no number is
    known.
    """
    file = io.StringIO(newline="")
    writer = csv.DictWriter(file, _COLUMNS, restval="", lineterminator="\r\n")
    writer.writeheader()
    for row in _rows(plan):
        writer.writerow({name: cell(value) for name, value in row.items()})
    return file.getvalue()


def _rows(plan: PortfolioPlan) -> Iterator[dict[str, Cell]]:
    mixes = [("best", plan.best)] + ([("own", plan.fixed)] if plan.fixed is not None else [])
    for mapping, mix in mixes:
        for choice in mix.choices:
            yield {"mapping": mapping, **_row(choice)}
    for member, part in zip(plan.portfolio.workloads, plan.always_on.total.parts, strict=True):
        limits = map(limit_text.short, part.limits)
        yield {
            "mapping": "always-on",
            "workload": part.workload,
            "region": member.scenario.region,
            "pattern": ALWAYS_ON.key,
            "deployment": f"{part.instances} x {part.instance_type}",
            "result": "priced, not simulated",
            "broken": "; ".join(limits),
            "cost_usd_per_month": part.cost_usd_per_month,
            "why": part.note,
        }


def _row(choice: Choice) -> dict[str, Cell]:
    deployment, cost = choice.deployment, choice.cost_usd_per_month
    broken = [f"{clause.title}: {clause.value}, limit {clause.limit}" for clause in choice.clauses if not clause.met]
    broken += map(limit_text.short, choice.ruled_out)
    figures = (cost, choice.latency_s, choice.error_share)
    preview = any(figure is not None and figure.provenance == "estimated" for figure in figures)
    return {
        "workload": choice.workload,
        "region": choice.region,
        "pattern": None if deployment is None else deployment.pattern,
        "deployment": None if deployment is None else deployment.name,
        "result": "preview" if preview else "simulated" if deployment is not None else "nothing found",
        "meets_requirement": choice.meets,
        "decided": choice.decided,
        "broken": "; ".join(broken),
        **_estimate("cost_usd_per_month", cost),
        "cost_has_gaps": choice.at_least,
        "cost_has_estimated_prices": choice.price_estimated,
        "latency_percentile": choice.latency_name,
        **_estimate("latency_s", choice.latency_s),
        "latency_limit_s": choice.latency_limit_s or None,
        "error_share": None if choice.error_share is None else choice.error_share.value,
        "why": choice.why,
    }


def _estimate(name: str, estimate: Uncertain | None) -> dict[str, Cell]:
    if estimate is None:
        return {}
    return {name: estimate.value, f"{name}_low": estimate.low, f"{name}_high": estimate.high}


PORTFOLIO_CSV = Export(
    key="csv",
    title="Portfolio (CSV)",
    kind=PortfolioPlan,
    file_name="portfolio.csv",
    media_type="text/csv",
    write=lambda plan, _: portfolio_csv(plan).encode(),
)
