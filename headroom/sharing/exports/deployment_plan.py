"""plan.json: all that is known of a deployment before it is made, for reviews, policies and pipelines.

Canonical: the same scenario, placement, prices and version of Headroom give the same bytes.
"""

from __future__ import annotations

from typing import Any

from headroom.advisor.answer import Answer, Uncertain
from headroom.advisor.world import World
from headroom.deploy import names
from headroom.deploy.costs import Costs, costs_of
from headroom.deploy.exports.unsaid import GAPS, unsaid
from headroom.deploy.form import NamedResource
from headroom.sharing.canonical import document, normal
from headroom.sharing.exports.export import PlacedDeployment
from headroom.sharing.exports.json_files import made_with
from pricing.bill import BillLine
from simulator.patterns.registry import BY_KEY

SCHEMA = 1
PERCENTILES = ("p50", "p90", "p95", "p99")


def deployment_plan(placed: PlacedDeployment, world: World) -> dict[str, Any]:
    """The plan as JSON values."""
    form, answer = placed.form, placed.answer
    pattern = BY_KEY[answer.deployment.pattern]
    plan = {
        "schema": SCHEMA,
        "made_with": made_with(world),
        "hash": form.hash,
        "name": form.name,
        "region": form.region,
        "account": form.given.get("account", ""),
        "pattern": pattern.key,
        "deployment": answer.deployment.model_dump(mode="json"),
        "tags": dict(form.tags),
        "resources": [_resource(entry) for entry in form.resources],
        "open": list(form.open),
        "cost": _cost(answer, costs_of(form, world.prices, world.on)),
        "predicted": _predicted(placed),
        "notes": [*form.notes, *answer.warnings],
        "unsaid": {format_: list(unsaid(form, format_)) for format_ in GAPS},
        "scenario": document(placed.scenario),
    }
    values: dict[str, Any] = normal(plan)
    return values


def _resource(entry: NamedResource) -> dict[str, Any]:
    return {
        "id": entry.logical_id,
        "kind": entry.resource.kind,
        "name": entry.name,
        "call": f"{entry.kind.service}:{entry.kind.create}",
        "parameters": names.canonical(entry.parameters),
        "needs": sorted(entry.needs),
        "billed": entry.kind.billed,
    }


def _cost(answer: Answer, costs: Costs) -> dict[str, Any]:
    """Expected for the scenario's traffic, and the ceiling of what is billed by the hour, with their prices."""
    return {
        "usd_per_month": _uncertain(answer.cost_usd_per_month),
        "lower_bound": answer.at_least or bool(costs.unpriced),
        "lines": [_line(line) for line in answer.bill.lines] if answer.bill else [],
        "by_the_hour": [
            {
                "what": line.what,
                "count": line.count,
                "most": line.most,
                "usd_per_hour": line.usd_per_hour,
                "source": line.source,
                "while_running": line.while_running,
            }
            for line in costs.lines
        ],
        "usd_per_hour_at_the_start": costs.usd_per_hour,
        "usd_per_month_at_worst": costs.most_usd_per_month,
        "quotas": [{"quota": need.quota, "now": need.now, "most": need.most} for need in costs.quotas],
    }


def _line(line: BillLine) -> dict[str, Any]:
    return {
        "for": line.title,
        "dimension": line.dimension,
        "quantity": float(line.quantity),
        "unit": line.unit,
        "usd_per_rate_unit": None if line.rate is None else float(line.rate.usd),
        "rate_unit": line.rate_unit,
        "usd_per_month": None if line.amount_usd is None else float(line.amount_usd),
        "price_read_on": None if line.from_date is None else line.from_date.isoformat(),
        "source": None if line.rate is None else line.rate.source,
        "evidence": line.evidence,
    }


def _predicted(placed: PlacedDeployment) -> dict[str, Any]:
    answer, required = placed.answer, f"p{placed.scenario.requirement.latency_percentile:g}"
    wanted = dict.fromkeys((*PERCENTILES, required))
    return {
        "meets": answer.meets,
        "latency_s": {name: _uncertain(answer.latency_s.get(name)) for name in wanted},
        "error_share": _uncertain(answer.error_share),
        "utilisation": _uncertain(answer.utilisation),
        "clauses": [
            {"key": clause.key, "title": clause.title, "limit": clause.limit, "value": clause.value, "met": clause.met}
            for clause in answer.clauses
        ],
    }


def _uncertain(figure: Uncertain | None) -> dict[str, Any] | None:
    if figure is None:
        return None
    return {"value": figure.value, "low": figure.low, "high": figure.high, "n": figure.n}
