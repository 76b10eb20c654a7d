"""The program in one sentence: a scenario and one of its deployments in a world give an evaluation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from headroom.advisor import intervals, single_run, verdict
from headroom.advisor.check import check_deployment, check_shared
from headroom.advisor.evaluation import Estimate, Evaluation
from headroom.advisor.monthly import MONTH_S, monthly_bill, own_prices
from headroom.advisor.tell import warn
from headroom.advisor.tell.words import percentile
from headroom.advisor.world import World
from pricing.bill import Bill, Line
from simulator import simulate as simulator
from simulator.engine.outcome import Outcome
from simulator.engine.replication import Case
from simulator.engine.replication_count import planned_replications
from simulator.errors import InvalidScenario
from simulator.model.limits import BrokenLimit
from simulator.patterns.registry import Deployment
from simulator.scenario import Scenario
from simulator.traffic.sources import make_source
from simulator.traffic.spiked import spiked

ALWAYS_SHOWN = (50.0, 95.0, 99.0)
"""Percentiles that stand wherever latencies do; the required one joins them."""

TAIL = (50.0, 90.0, 95.0, 99.0, 99.9, 99.99)
"""Percentiles that show how bad the tail is."""

TOO_FEW = "too few requests were answered"

Progress = Callable[[float], None]


def no_progress(_share: float) -> None:
    """Tell nobody."""


def evaluate(scenario: Scenario, deployment: Deployment, world: World, progress: Progress = no_progress) -> Evaluation:
    """Rule out, or simulate, bill and judge one deployment. `progress` is told the share that is done.

    Raises InvalidScenario with every problem of the scenario's shared part and of this deployment.
    """
    problems = check_shared(scenario, world) + check_deployment(deployment, _path(scenario, deployment), world)
    if problems:
        raise InvalidScenario(problems)
    case = make_case(scenario, world, progress)
    broken = simulator.limits(case, deployment)
    if broken:
        progress(1.0)
        return rule_out(scenario, deployment, broken)
    return judge(scenario, deployment, simulator.simulate(case, deployment), world)


def make_case(scenario: Scenario, world: World, progress: Progress = no_progress) -> Case:
    """The workload's side of the scenario, ready to run. Raises InvalidScenario where a name is not known."""
    source = make_source(scenario.workload.traffic, world.traces, scenario.simulation.starts_on)
    return Case(
        workload=scenario.workload,
        requirement=scenario.requirement,
        assumptions=scenario.assumptions,
        simulation=scenario.simulation,
        hardware=world.hardware,
        source=spiked(source, scenario.faults),
        faults=scenario.faults,
        progress=progress,
        ahead=world.ahead,
    )


def is_complete(scenario: Scenario, evaluation: Evaluation, world: World) -> bool:
    """Whether an evaluation that a search has made rests on all the replications that `evaluate` makes."""
    if evaluation.outcome is None:
        return bool(evaluation.ruled_out)
    requests = make_case(scenario, world).expected_requests()
    return evaluation.outcome.replications == planned_replications(requests, scenario.simulation.replications)


def rule_out(scenario: Scenario, deployment: Deployment, broken: tuple[BrokenLimit, ...]) -> Evaluation:
    """The evaluation of a deployment that hard limits forbid: nothing simulated, nothing billed."""
    draft = Evaluation(
        deployment=deployment,
        ruled_out=broken,
        outcome=None,
        bill=None,
        clauses=(),
        latency_s={},
        cost_usd_per_month=None,
        cost_usd_per_million=None,
        error_share=None,
        utilisation=None,
    )
    return replace(draft, clauses=verdict.clauses(scenario, draft))


def judge(scenario: Scenario, deployment: Deployment, outcome: Outcome, world: World) -> Evaluation:
    """Bill an outcome and hold it against the requirement."""
    book = own_prices(world.prices, scenario)
    bill, *sample_bills = [
        monthly_bill(usage, outcome.horizon_s, book, scenario, world.on)
        for usage in (outcome.usage, *(one.usage for one in outcome.samples))
    ]
    cost = intervals.estimate(_total(bill), [_total(one) for one in sample_bills])
    draft = Evaluation(
        deployment=deployment,
        ruled_out=(),
        outcome=outcome,
        bill=bill,
        clauses=(),
        latency_s=_latencies(outcome, scenario.requirement.latency_percentile),
        cost_usd_per_month=cost,
        cost_usd_per_million=_per_million(outcome, cost.value, [_total(one) for one in sample_bills]),
        error_share=intervals.estimate(outcome.error_share, [one.error_share for one in outcome.samples], most=1.0),
        utilisation=_utilisation(outcome),
        lines_usd=tuple(_line(line, sample_bills) for line in bill.lines),
    )
    if outcome.within is not None:
        ends = [
            monthly_bill(usage, outcome.horizon_s, book, scenario, world.on)
            for usage in single_run.usage_ends(outcome, outcome.within)
        ]
        draft = single_run.with_intervals(draft, outcome, (ends[0], ends[1]))
    judged = replace(draft, clauses=verdict.clauses(scenario, draft))
    return replace(judged, warnings=warn.warnings(scenario, judged, world))


def _path(scenario: Scenario, deployment: Deployment) -> str:
    known = deployment in scenario.deployments
    return f"deployments[{scenario.deployments.index(deployment)}]" if known else "deployment"


def _total(bill: Bill) -> float:
    return float(bill.total_usd)


def _latencies(outcome: Outcome, required: float) -> dict[str, Estimate]:
    """By percentile name; empty when nothing was answered."""
    found = {}
    for percent in sorted({*TAIL, required}):
        name = percentile(percent)
        value = outcome.latency.quantile(percent)
        if value is None:
            continue
        samples = [one.quantiles_s.get(name) for one in outcome.samples]
        found[name] = intervals.estimate(value, [sample for sample in samples if sample is not None])
        if percent not in (*ALWAYS_SHOWN, required) and outcome.completed * (1 - percent / 100) < 1:
            found[name] = replace(found[name], low=None, high=None, why=TOO_FEW)
    return found


def _line(line: Line, sample_bills: list[Bill]) -> Estimate | None:
    """The amount of a line over the replications; a bill has no line for what was not used."""
    if line.amount_usd is None:
        return None
    place = (line.usage, line.dimension)
    samples = [
        sum(float(one.amount_usd or 0) for one in bill.lines if (one.usage, one.dimension) == place)
        for bill in sample_bills
    ]
    return intervals.estimate(float(line.amount_usd), samples)


def _utilisation(outcome: Outcome) -> Estimate | None:
    if outcome.utilisation is None:
        return None
    samples = [one.utilisation for one in outcome.samples if one.utilisation is not None]
    return intervals.estimate(outcome.utilisation, samples, most=1.0)


def _per_million(outcome: Outcome, cost_usd: float, sample_costs_usd: list[float]) -> Estimate | None:
    """USD per million answered requests; None when nothing was answered. Months scale cost and answers alike."""
    if not outcome.completed:
        return None
    per_month = MONTH_S / outcome.horizon_s / 1e6
    samples = [
        usd / (one.completed * per_month)
        for usd, one in zip(sample_costs_usd, outcome.samples, strict=True)
        if one.completed
    ]
    return intervals.estimate(cost_usd / (outcome.completed / outcome.replications * per_month), samples)
