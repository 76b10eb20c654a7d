"""What the advisor says of one deployment, and of all of a scenario, however it came to know it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pricing.bill import Bill
from simulator.engine.outcome import Outcome
from simulator.estimate.figures import Estimate
from simulator.model.limits import BrokenLimit, Whose
from simulator.patterns.registry import COMPUTE, Deployment
from simulator.scenario import Scenario

ClauseKey = Literal["latency", "errors", "deadline", "budget", "deferred", "availability", "limit"]
"""What a clause is about, in the order of a verdict but for "limit", which stands first."""

Provenance = Literal["estimated", "simulated once", "replicated"]
"""How figures came about: by formulas in place of a run, by one replication, or by several."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Uncertain:
    """A number with how sure it is: a 95 % interval over n replications or from parts of a single one, or the error of
    an estimate, in which no replication stands (n is 0).

    low and high are None where there is no honest interval, and `why` may say why.
    """

    value: float
    low: float | None
    high: float | None
    n: int
    why: str = ""

    @property
    def provenance(self) -> Provenance:
        """How the number came about."""
        return "replicated" if self.n > 1 else "simulated once" if self.n else "estimated"


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


CauseKey = Literal[
    "no wake policy",
    "from zero",
    "no endpoint",
    "schedule",
    "retry storm",
    "time limit",
    "queue full",
    "throttled",
    "cold starts",
    "few workers",
    "late scaling",
    "slow start",
    "idle instances",
    "low target",
    "other charges",
]
"""What may stand behind a figure: the settings, the clients, or the prices."""

Explained = Literal["latency", "errors", "cost"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """Why a figure of one deployment is what it is. explains: which figures; sentence: the cause in words that can
    stand in a sentence, without a capital and a full stop.
    """

    key: CauseKey
    explains: tuple[Explained, ...]
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One deployment judged.

    ruled_out is not empty: limits forbid it, so that it has no figures and no provenance. estimate: what formulas
    say, in an answer that is estimated; outcome: what was simulated, in one that is not. latency_s: percentile name
    ("p50", "p90", "p95", "p99", "p99.9", "p99.99", and the required one; fewer in an estimate) -> seconds. lines_usd:
    for each line of the bill its amount, None for a gap; empty in an estimate. causes: of what is broken, and of what
    costs more than it need; only of what was simulated (`headroom.advisor.tell.causes`). faults_usd: what the faults
    within the horizon add to the month, once; below 0 where less is used; None where no fault touches the deployment.
    """

    deployment: Deployment
    ruled_out: tuple[BrokenLimit, ...]
    provenance: Provenance | None = None
    estimate: Estimate | None = None
    outcome: Outcome | None = None
    bill: Bill | None = None
    clauses: tuple[Clause, ...] = ()
    latency_s: dict[str, Uncertain]
    cost_usd_per_month: Uncertain | None = None
    cost_usd_per_million: Uncertain | None = None
    error_share: Uncertain | None = None
    utilisation: Uncertain | None = None
    warnings: tuple[str, ...] = ()
    causes: tuple[Cause, ...] = ()
    lines_usd: tuple[Uncertain | None, ...] = ()
    faults_usd: float | None = None

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

    @property
    def price_estimated(self) -> bool:
        """Whether any price of the bill is an estimate, because none is known."""
        return self.bill is not None and bool(self.bill.estimates)

    @property
    def unranked(self) -> bool:
        """Whether it meets every clause and cannot be ranked, because the price of its compute is missing."""
        return self.unpriced and not self.ruled_out and all(clause.met for clause in self.clauses)

    @property
    def estimated(self) -> bool:
        """Whether its figures are those of formulas, which a run may correct."""
        return self.provenance == "estimated"

    @property
    def simulated(self) -> bool:
        """Whether its figures are those of runs."""
        return self.outcome is not None

    @property
    def sure(self) -> bool:
        """Whether its figures can be relied on: simulated, ruled out, or estimated within 15 % for latency and 2 % for
        cost.
        """
        return self.estimate is None or self.estimate.sure


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """All deployments of a scenario judged, in the scenario's order.

    best: index of the cheapest that meets the requirement, or of the fastest where the search wants that
    (`headroom.advisor.order`); None when none does. sentence: the verdict in one plain sentence with its reason;
    reasons: one sentence per deployment saying why it won or lost.
    """

    scenario: Scenario
    best: int | None
    sentence: str
    reasons: tuple[str, ...]
    evaluations: tuple[Answer, ...]
