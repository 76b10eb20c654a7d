"""What the advisor says of one deployment, and of all of a scenario."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pricing.bill import Bill
from simulator.engine.outcome import Outcome
from simulator.model.limits import BrokenLimit, Whose
from simulator.patterns.registry import COMPUTE, Deployment
from simulator.scenario import Scenario

ClauseKey = Literal["latency", "errors", "deadline", "budget", "deferred", "limit"]
"""What a clause is about, in the order of a verdict but for "limit", which stands first."""


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

    limit and value are words with units, ready to read.
    margin: value over limit as numbers (below 1 is met) where both are numbers, else None. whose: of "limit", whose it
    is; None of what the user requires, and then not in JSON.
    """

    key: ClauseKey
    title: str
    limit: str
    value: str
    met: bool
    margin: float | None
    row: str = ""
    whose: Whose | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """One deployment judged. ruled_out is not empty: limits forbid it, and it was not simulated.

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
    best: int | None
    sentence: str
    reasons: tuple[str, ...]
    evaluations: tuple[Evaluation, ...]
