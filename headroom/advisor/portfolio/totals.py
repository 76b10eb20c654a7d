"""What a portfolio comes to: a row for each workload, totals, shared limits and savings."""

from __future__ import annotations

from dataclasses import dataclass

from headroom.advisor.answer import Clause, Uncertain
from headroom.advisor.baseline import AlwaysOnTotal
from headroom.advisor.portfolio.common_clock import Axis
from headroom.advisor.portfolio.demand import Demand
from headroom.advisor.portfolio.description import Portfolio
from headroom.advisor.portfolio.savings import Savings
from headroom.advisor.portfolio.shared import SharedLimit
from pricing.bill import BillLine
from simulator.model.limits import BrokenLimit
from simulator.patterns.registry import Deployment


@dataclass(frozen=True, slots=True, kw_only=True)
class Other:
    """Something else that the workload could run on, and why it does not."""

    deployment: Deployment
    meets: bool
    cost_usd_per_month: Uncertain | None
    latency_s: Uncertain | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One workload on one deployment: a row of the table. deployment: None when the search found none that AWS allows.

    cost_usd_per_month: None when a hard limit rules the deployment out or its compute has no price; at_least: a price
    beside the compute is missing; price_estimated: one is an estimate; oldest_price: the line of its bill whose price
    was read longest ago. latency: of the required percentile, whose name
    ("p99") is latency_name. why: one sentence. decided: the search is 95 % sure of it; True for what the user fixed.
    others: best first.
    """

    workload: str
    region: str
    deployment: Deployment | None
    meets: bool
    ruled_out: tuple[BrokenLimit, ...]
    clauses: tuple[Clause, ...]
    cost_usd_per_month: Uncertain | None
    at_least: bool
    price_estimated: bool = False
    oldest_price: BillLine | None = None
    latency_name: str
    latency_s: Uncertain | None
    latency_limit_s: float
    error_share: Uncertain | None
    why: str
    decided: bool
    others: tuple[Other, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Total:
    """The workloads together. cost: of those that have one, `missing` names the others; its interval adds up theirs.

    at_least: something is missing from it; price_estimated: a price in it is an estimate. without_interval: workloads
    simulated once, which count as exact in the interval. meets: workloads whose requirement is met.
    """

    cost_usd_per_month: Uncertain
    at_least: bool
    price_estimated: bool = False
    missing: tuple[str, ...]
    without_interval: tuple[str, ...]
    meets: int
    workloads: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Mix:
    """Every workload on a deployment. demands: what each takes over the common clock; savings: one for each offer."""

    choices: tuple[Choice, ...]
    total: Total
    demands: tuple[Demand, ...]
    limits: tuple[SharedLimit, ...]
    savings: tuple[Savings, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """Everything on always-on real-time endpoints; total.parts[i].limits: what forbids it for workload i."""

    total: AlwaysOnTotal
    demands: tuple[Demand, ...]
    limits: tuple[SharedLimit, ...]
    savings: tuple[Savings, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PortfolioPlan:
    """The whole answer. best: each workload on its best deployment; fixed: on those that the user fixed, the best where
    none was, None when nothing was fixed. sentence: the finding; notes: what is taken for granted.
    """

    portfolio: Portfolio
    axis: Axis
    best: Mix
    fixed: Mix | None
    always_on: Baseline
    sentence: str
    notes: tuple[str, ...]
