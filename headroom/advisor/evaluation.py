"""What the advisor says of one deployment, and of all of a scenario. Values that turn into JSON and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from pydantic import TypeAdapter

from pricing.bill import Bill
from simulator.engine import outcome as outcomes
from simulator.engine.outcome import Outcome
from simulator.engine.replication import BrokenLimit
from simulator.patterns.registry import Deployment
from simulator.scenario import Scenario

COMPUTE = frozenset(
    {
        "hosting_instance_s",
        "async_instance_s",
        "batch_instance_s",
        "serverless_duration_s",
        "serverless_pc_usage_s",
        "serverless_pc_duration_s",
    }
)
"""Usage that decides what a deployment costs; a gap in the rest (payload, S3, alarms) does not stop a comparison."""

_DEPLOYMENT: TypeAdapter[Deployment] = TypeAdapter(Deployment)


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A number with its 95 % interval over n replications; n 1: from parts of the one run. low and high are None where
    there is no honest interval, and `why` may say why. n 0: of a preview.
    """

    value: float
    low: float | None
    high: float | None
    n: int
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """One clause of a requirement held against a result.

    key: "latency", "errors", "deadline", "budget", "deferred" or "limit". limit and value are words with units,
    ready to read.
    margin: value over limit as numbers (below 1 is met) where both are numbers, else None.
    """

    key: str
    title: str
    limit: str
    value: str
    met: bool
    margin: float | None
    row: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """One deployment judged. ruled_out is not empty: a hard limit of AWS forbids it and it was not simulated.

    latency_s: percentile name ("p50", "p90", "p95", "p99", "p99.9", "p99.99", and the required one) -> estimate in
    seconds. lines_usd: for each line of the bill its amount, None for a gap.
    """

    deployment: Deployment
    ruled_out: tuple[BrokenLimit, ...]
    outcome: Outcome | None
    bill: Bill | None
    clauses: tuple[Clause, ...]
    latency_s: dict[str, Estimate]
    cost_usd_per_month: Estimate | None
    cost_usd_per_million: Estimate | None
    error_share: Estimate | None
    utilisation: Estimate | None
    warnings: tuple[str, ...] = ()
    lines_usd: tuple[Estimate | None, ...] = ()

    @property
    def meets(self) -> bool:
        """Whether every clause is met and all compute has a price."""
        return not self.ruled_out and all(clause.met for clause in self.clauses) and not self.unpriced

    @property
    def unpriced(self) -> bool:
        """Whether the price of the compute itself is missing, so that the cost cannot be compared."""
        return self.bill is not None and any(line.usage in COMPUTE for line in self.bill.gaps)

    @property
    def at_least(self) -> bool:
        """Whether any price is missing, so that the cost is a lower bound."""
        return self.bill is not None and not self.bill.complete


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """All deployments of a scenario judged, in the scenario's order.

    best: index of the cheapest that meets the requirement, or of the fastest where the search wants that; None when
    none does. sentence: the verdict in one plain sentence with its reason; reasons: one sentence per deployment saying
    why it won or lost.
    """

    scenario: Scenario
    evaluations: tuple[Evaluation, ...]
    best: int | None
    sentence: str
    reasons: tuple[str, ...]


def deployment_from_json(data: Any) -> Deployment:
    """A deployment from plain JSON values, as its model_dump gives them."""
    return _DEPLOYMENT.validate_python(data)


def evaluation_to_json(evaluation: Evaluation) -> dict[str, Any]:
    """Plain JSON values."""
    return {
        "deployment": evaluation.deployment.model_dump(mode="json"),
        "ruled_out": [asdict(limit) for limit in evaluation.ruled_out],
        "outcome": None if evaluation.outcome is None else outcomes.to_json(evaluation.outcome),
        "bill": None if evaluation.bill is None else evaluation.bill.to_dict(),
        "clauses": [asdict(clause) for clause in evaluation.clauses],
        "latency_s": {name: asdict(estimate) for name, estimate in evaluation.latency_s.items()},
        **{name: _maybe(getattr(evaluation, name)) for name in _ESTIMATES},
        "warnings": list(evaluation.warnings),
        "lines_usd": [_maybe(line) for line in evaluation.lines_usd],
        "meets": evaluation.meets,
    }


def evaluation_from_json(data: Mapping[str, Any]) -> Evaluation:
    """The inverse of evaluation_to_json."""
    return Evaluation(
        deployment=deployment_from_json(data["deployment"]),
        ruled_out=tuple(BrokenLimit(**limit) for limit in data["ruled_out"]),
        outcome=None if data["outcome"] is None else outcomes.from_json(data["outcome"]),
        bill=None if data["bill"] is None else Bill.from_dict(data["bill"]),
        clauses=tuple(Clause(**clause) for clause in data["clauses"]),
        latency_s={name: Estimate(**estimate) for name, estimate in data["latency_s"].items()},
        **{name: None if data[name] is None else Estimate(**data[name]) for name in _ESTIMATES},
        warnings=tuple(data["warnings"]),
        lines_usd=tuple(None if line is None else Estimate(**line) for line in data.get("lines_usd", ())),
    )


def comparison_to_json(comparison: Comparison) -> dict[str, Any]:
    """Plain JSON values; the scenario with its aliases, as a file holds it."""
    return {
        "scenario": comparison.scenario.model_dump(mode="json", by_alias=True),
        "best": comparison.best,
        "sentence": comparison.sentence,
        "reasons": list(comparison.reasons),
        "evaluations": [evaluation_to_json(evaluation) for evaluation in comparison.evaluations],
    }


def comparison_from_json(data: Mapping[str, Any]) -> Comparison:
    """The inverse of comparison_to_json."""
    return Comparison(
        scenario=Scenario.model_validate(data["scenario"]),
        best=data["best"],
        sentence=data["sentence"],
        reasons=tuple(data["reasons"]),
        evaluations=tuple(evaluation_from_json(evaluation) for evaluation in data["evaluations"]),
    )


_ESTIMATES = ("cost_usd_per_month", "cost_usd_per_million", "error_share", "utilisation")


def _maybe(estimate: Estimate | None) -> dict[str, Any] | None:
    return None if estimate is None else asdict(estimate)
