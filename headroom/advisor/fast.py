"""The fast answer of a deployment, billed and judged: a preview of its evaluation (docs/fast-answer.md)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from headroom.advisor import verdict
from headroom.advisor.evaluate import make_case, rule_out
from headroom.advisor.evaluation import COMPUTE, Clause, Estimate, Evaluation, deployment_from_json
from headroom.advisor.monthly import monthly_bill, own_prices
from headroom.advisor.tell import words
from headroom.advisor.world import World
from pricing.bill import Bill
from simulator import simulate as simulator
from simulator.engine.replication import BrokenLimit
from simulator.estimate.answer import fast
from simulator.estimate.figures import Figure, OverTime, Quick
from simulator.model.usage import Usage
from simulator.patterns.registry import Deployment
from simulator.scenario import Scenario
from simulator.traffic.kinds import Jobs


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What the evaluation of a deployment will probably say.

    quick and bill are None when a hard limit rules the deployment out. cost_usd_per_month: with its relative error.
    clauses: as in an evaluation, but held against the fast answer. sure: whether the figures are within 15 % for
    latency and 2 % for cost; reasons: why not, in words.
    """

    deployment: Deployment
    ruled_out: tuple[BrokenLimit, ...]
    quick: Quick | None
    bill: Bill | None
    cost_usd_per_month: Figure | None
    clauses: tuple[Clause, ...]
    sure: bool
    reasons: tuple[str, ...]

    @property
    def meets(self) -> bool:
        """Whether every clause is met and all compute has a price."""
        gaps = self.bill.gaps if self.bill else ()
        return (
            not self.ruled_out
            and all(clause.met for clause in self.clauses)
            and not any(line.usage in COMPUTE for line in gaps)
        )


def preview(scenario: Scenario, deployment: Deployment, world: World) -> Preview:
    """Rule out, or answer fast, bill and judge one deployment. The scenario has been checked (`check`).

    Raises InvalidScenario where a name is not known.
    """
    case = make_case(scenario, world)
    broken = simulator.limits(case, deployment)
    if broken:
        return forbidden(scenario, deployment, broken)
    return judge(scenario, deployment, fast(case, deployment), world)


def forbidden(scenario: Scenario, deployment: Deployment, broken: tuple[BrokenLimit, ...]) -> Preview:
    """The preview of a deployment that hard limits rule out."""
    return Preview(
        deployment=deployment,
        ruled_out=broken,
        quick=None,
        bill=None,
        cost_usd_per_month=None,
        clauses=rule_out(scenario, deployment, broken).clauses,
        sure=True,
        reasons=(),
    )


def judge(scenario: Scenario, deployment: Deployment, quick: Quick, world: World) -> Preview:
    """Bill a fast answer and hold it against the requirement."""
    book = own_prices(world.prices, scenario)
    bill = monthly_bill(quick.usage, quick.horizon_s, book, scenario, world.on)
    cost = Figure(value=float(bill.total_usd), error=quick.usage_error)
    return Preview(
        deployment=deployment,
        ruled_out=(),
        quick=quick,
        bill=bill,
        cost_usd_per_month=cost,
        clauses=_clauses(scenario, deployment, quick, bill),
        sure=quick.sure,
        reasons=quick.reasons,
    )


def _clauses(scenario: Scenario, deployment: Deployment, quick: Quick, bill: Bill) -> tuple[Clause, ...]:
    """Those that need no outcome are the verdict's own; latency and deadline are held against the fast answer."""
    draft = Evaluation(
        deployment=deployment,
        ruled_out=(),
        outcome=None,
        bill=bill,
        clauses=(),
        latency_s={},
        cost_usd_per_month=_alone(float(bill.total_usd)),
        cost_usd_per_million=None,
        error_share=_alone(quick.error_share.value),
        utilisation=None,
    )
    rest = verdict.clauses(scenario, draft)
    return (*_latency(scenario, quick), *rest[:1], *_deadline(scenario, quick), *rest[1:])


def _alone(value: float) -> Estimate:
    return Estimate(value=value, low=None, high=None, n=1)


def _latency(scenario: Scenario, quick: Quick) -> Iterator[Clause]:
    requirement = scenario.requirement
    limit_s, name = requirement.latency_limit_s, words.percentile(requirement.latency_percentile)
    if not limit_s:
        return
    title, figure = f"{name} latency", quick.latency_s.get(name)
    if figure is not None:
        yield verdict.compared("latency", title, figure.value, limit_s, words.seconds)
        return
    value = "nothing answered" if quick.offered else "no requests"
    limit = f"at most {words.seconds(limit_s)}"
    yield Clause(key="latency", title=title, limit=limit, value=value, met=not quick.offered, margin=None)


def _deadline(scenario: Scenario, quick: Quick) -> Iterator[Clause]:
    """Of an endpoint: a data set is sent over its time, and its last record is answered with the slowest."""
    limit_s, traffic = scenario.requirement.deadline_s, scenario.workload.traffic
    if not limit_s or not isinstance(traffic, Jobs) or not quick.offered:
        return
    slowest_s = quick.longest_job_s.value if quick.longest_job_s else None
    if slowest_s is None and quick.latency_s:
        slowest_s = traffic.submit_over_s + max(figure.value for figure in quick.latency_s.values())
    if slowest_s is not None:
        yield verdict.compared("deadline", "Slowest data set", slowest_s, limit_s, words.seconds)
        return
    limit = f"at most {words.seconds(limit_s)}"
    yield Clause(key="deadline", title="Slowest data set", limit=limit, value="not finished", met=False, margin=None)


def preview_to_json(preview: Preview) -> dict[str, Any]:
    """Plain JSON values."""
    return {
        "deployment": preview.deployment.model_dump(mode="json"),
        "ruled_out": [asdict(limit) for limit in preview.ruled_out],
        "quick": None if preview.quick is None else _quick_to_json(preview.quick),
        "bill": None if preview.bill is None else preview.bill.to_dict(),
        "cost_usd_per_month": _figure_to_json(preview.cost_usd_per_month),
        "clauses": [asdict(clause) for clause in preview.clauses],
        "sure": preview.sure,
        "reasons": list(preview.reasons),
    }


def preview_from_json(data: Mapping[str, Any]) -> Preview:
    """The inverse of preview_to_json."""
    return Preview(
        deployment=deployment_from_json(data["deployment"]),
        ruled_out=tuple(BrokenLimit(**limit) for limit in data["ruled_out"]),
        quick=None if data["quick"] is None else _quick_from_json(data["quick"]),
        bill=None if data["bill"] is None else Bill.from_dict(data["bill"]),
        cost_usd_per_month=_figure_from_json(data["cost_usd_per_month"]),
        clauses=tuple(Clause(**clause) for clause in data["clauses"]),
        sure=data["sure"],
        reasons=tuple(data["reasons"]),
    )


_FIGURES = ("error_share", "utilisation", "longest_job_s")
_ARRAYS = ("rate_per_s", "slots", "capacity")


def _quick_to_json(quick: Quick) -> dict[str, Any]:
    plain = ("pattern", "method", "horizon_s", "offered", "usage_error", "stable", "sure")
    return {
        **{name: getattr(quick, name) for name in plain},
        **{name: _figure_to_json(getattr(quick, name)) for name in _FIGURES},
        "latency_s": {name: asdict(figure) for name, figure in quick.latency_s.items()},
        "over_time": {
            "step_s": quick.over_time.step_s,
            **{name: getattr(quick.over_time, name).tolist() for name in _ARRAYS},
        },
        "usage": [asdict(line) for line in quick.usage],
        "reasons": list(quick.reasons),
    }


def _quick_from_json(data: Mapping[str, Any]) -> Quick:
    over_time = data["over_time"]
    return Quick(
        **{
            **data,
            **{name: _figure_from_json(data[name]) for name in _FIGURES},
            "latency_s": {name: Figure(**figure) for name, figure in data["latency_s"].items()},
            "over_time": OverTime(
                step_s=over_time["step_s"], **{name: np.array(over_time[name], dtype=np.float64) for name in _ARRAYS}
            ),
            "usage": tuple(Usage(**line) for line in data["usage"]),
            "reasons": tuple(data["reasons"]),
        }
    )


def _figure_to_json(figure: Figure | None) -> dict[str, float] | None:
    return None if figure is None else asdict(figure)


def _figure_from_json(data: Mapping[str, float] | None) -> Figure | None:
    return None if data is None else Figure(**data)
