"""What an answer rests on, a simulated outcome or an estimate, read in the same words by whoever judges it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from headroom.advisor import intervals, single_run
from headroom.advisor.answer import Answer, Provenance, Uncertain
from headroom.advisor.monthly import MONTH_S
from pricing.bill import Bill, BillLine
from simulator.engine.aggregate import percentile_name
from simulator.engine.outcome import Outcome
from simulator.estimate.figures import Estimate, Figure
from simulator.model.usage import Usage
from simulator.patterns.registry import Deployment
from simulator.traffic.kinds import Jobs

ALWAYS_SHOWN = (50.0, 95.0, 99.0)
"""Percentiles that stand wherever latencies do; the required one joins them."""

TAIL = (50.0, 90.0, 95.0, 99.0, 99.9, 99.99)
"""Percentiles that show how bad the tail is."""

TOO_FEW = "too few requests were answered"

Billed = Callable[[Iterable[Usage], float], Bill]


class Evidence(Protocol):
    """Figures of one deployment, from a simulation or from formulas, before they are judged."""

    @property
    def provenance(self) -> Provenance:
        """How the figures came about."""
        ...

    @property
    def offered(self) -> float:
        """Number of requests offered within the horizon."""
        ...

    @property
    def unfinished(self) -> str:
        """Words for a data set that did not finish."""
        ...

    def slowest_data_set_s(self, traffic: Jobs) -> float | None:
        """Seconds from ready to finished of the slowest data set; None when one did not finish."""
        ...

    def figures(self, deployment: Deployment, required: float, billed: Billed) -> Answer:
        """The answer with its bill and figures, not judged yet. required: the percentile that the requirement wants."""
        ...


@dataclass(frozen=True, slots=True)
class Simulated:
    """The outcome of one replication or of several."""

    outcome: Outcome

    @property
    def provenance(self) -> Provenance:
        """How the figures came about."""
        return "replicated" if self.outcome.replications > 1 else "simulated once"

    @property
    def offered(self) -> float:
        """Number of requests offered within the horizon, summed over all replications."""
        return self.outcome.offered

    @property
    def unfinished(self) -> str:
        """Words for a data set that did not finish."""
        unfinished = sum(sample.longest_job_s is None for sample in self.outcome.samples)
        if unfinished in (0, len(self.outcome.samples)):
            return "not finished"
        return f"not finished in {unfinished} of {len(self.outcome.samples)} replications"

    def slowest_data_set_s(self, traffic: Jobs) -> float | None:
        """Seconds from ready to finished of the slowest data set; None when one did not finish.

        An endpoint that keeps no account of data sets gets them sent over submit_over_s, and has finished one when the
        last record is answered: no later than that time plus the slowest answer of all.
        """
        if self.outcome.jobs:
            return self.outcome.longest_job_s
        slowest_s = self.outcome.latency.quantile(100)
        if slowest_s is None or self.outcome.fates["unfinished"]:
            return None
        return traffic.submit_over_s + slowest_s

    def figures(self, deployment: Deployment, required: float, billed: Billed) -> Answer:
        """The answer with its bill, and figures with their intervals over the replications or within the one."""
        outcome = self.outcome
        bill, *sample_bills = [
            billed(usage, outcome.horizon_s) for usage in (outcome.usage, *(sample.usage for sample in outcome.samples))
        ]
        costs_usd = [_total(sample_bill) for sample_bill in sample_bills]
        cost = intervals.estimate(_total(bill), costs_usd)
        answer = Answer(
            deployment=deployment,
            ruled_out=(),
            provenance=self.provenance,
            outcome=outcome,
            bill=bill,
            latency_s=_latencies(outcome, required),
            cost_usd_per_month=cost,
            cost_usd_per_million=_per_million(outcome, cost.value, costs_usd),
            error_share=intervals.estimate(
                outcome.error_share, [sample.error_share for sample in outcome.samples], most=1.0
            ),
            utilisation=_utilisation(outcome),
            lines_usd=tuple(_line(line, sample_bills) for line in bill.lines),
            faults_usd=_faults_usd(bill, outcome.usage, billed, outcome.horizon_s),
        )
        if outcome.within is None:
            return answer
        low, high = (billed(usage, outcome.horizon_s) for usage in single_run.usage_ends(outcome, outcome.within))
        return single_run.with_intervals(answer, outcome, (low, high))


@dataclass(frozen=True, slots=True)
class Estimated:
    """The estimate that formulas give in place of a run."""

    estimate: Estimate

    @property
    def provenance(self) -> Provenance:
        """How the figures came about."""
        return "estimated"

    @property
    def offered(self) -> float:
        """Number of requests offered within the horizon of one replication."""
        return self.estimate.offered

    @property
    def unfinished(self) -> str:
        """Words for a data set that does not finish."""
        return "not finished"

    def slowest_data_set_s(self, traffic: Jobs) -> float | None:
        """From ready to finished; of an endpoint, a data set is sent over its time and its last record is answered with
        the slowest.
        """
        if self.estimate.longest_job_s is not None:
            return self.estimate.longest_job_s.value
        latencies_s = [figure.value for figure in self.estimate.latency_s.values()]
        return traffic.submit_over_s + max(latencies_s) if latencies_s else None

    def figures(self, deployment: Deployment, required: float, billed: Billed) -> Answer:
        """The answer with its bill, and figures whose intervals are the errors of the estimate."""
        estimate = self.estimate
        bill = billed(estimate.usage, estimate.horizon_s)
        return Answer(
            deployment=deployment,
            ruled_out=(),
            provenance=self.provenance,
            estimate=estimate,
            bill=bill,
            latency_s={name: _with_error(figure) for name, figure in estimate.latency_s.items()},
            cost_usd_per_month=_with_error(Figure(value=_total(bill), error=estimate.usage_error)),
            faults_usd=_faults_usd(bill, estimate.usage, billed, estimate.horizon_s),
            error_share=_with_error(estimate.error_share, maximum=1.0),
            utilisation=None if estimate.utilisation is None else _with_error(estimate.utilisation, maximum=1.0),
        )


def _with_error(figure: Figure, maximum: float = math.inf) -> Uncertain:
    low, high = figure.value * (1 - figure.error), figure.value * (1 + figure.error)
    return Uncertain(value=figure.value, low=max(0.0, low), high=min(maximum, high), n=0)


def _faults_usd(bill: Bill, usage: Sequence[Usage], billed: Billed, horizon_s: float) -> float | None:
    """What of a bill is for what happens once; None where nothing does."""
    usual = [line for line in usage if line.per != "once"]
    return None if len(usual) == len(usage) else _total(bill) - _total(billed(usual, horizon_s))


def _total(bill: Bill) -> float:
    return float(bill.total_usd)


def _latencies(outcome: Outcome, required: float) -> dict[str, Uncertain]:
    """Latencies by percentile name; empty when nothing was answered."""
    latencies: dict[str, Uncertain] = {}
    if not outcome.latency.total:
        return latencies
    for percent in sorted({*TAIL, required}):
        name = percentile_name(percent)
        latencies[name] = intervals.percentile(outcome.latency, percent, outcome.samples)
        if percent not in (*ALWAYS_SHOWN, required) and outcome.completed * (1 - percent / 100) < 1:
            latencies[name] = replace(latencies[name], low=None, high=None, why=TOO_FEW)
    return latencies


def _line(line: BillLine, sample_bills: Sequence[Bill]) -> Uncertain | None:
    """The amount of a line over the replications; a bill has no line for what was not used."""
    if line.amount_usd is None:
        return None
    place = (line.usage, line.dimension)
    samples = [
        sum(float(line.amount_usd or 0) for line in bill.lines if (line.usage, line.dimension) == place)
        for bill in sample_bills
    ]
    return intervals.estimate(float(line.amount_usd), samples)


def _utilisation(outcome: Outcome) -> Uncertain | None:
    if outcome.utilisation is None:
        return None
    samples = [sample.utilisation for sample in outcome.samples if sample.utilisation is not None]
    return intervals.estimate(outcome.utilisation, samples, most=1.0)


def _per_million(outcome: Outcome, cost_usd: float, sample_costs_usd: Sequence[float]) -> Uncertain | None:
    """USD per million answered requests; None when nothing was answered. Months scale cost and answers alike."""
    if not outcome.completed:
        return None
    per_month = MONTH_S / outcome.horizon_s / 1e6
    samples = [
        usd / (sample.completed * per_month)
        for usd, sample in zip(sample_costs_usd, outcome.samples, strict=True)
        if sample.completed
    ]
    return intervals.estimate(cost_usd / (outcome.completed / outcome.replications * per_month), samples)
