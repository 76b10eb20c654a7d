"""The fast answer of a deployment, billed and judged: a preview of its evaluation (docs/fast-answer.md)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from headroom.advisor import verdict
from headroom.advisor.evaluate import make_case, rule_out
from headroom.advisor.evaluation import Clause, Estimate, Evaluation
from headroom.advisor.monthly import monthly_bill, own_prices
from headroom.advisor.tell import words
from headroom.advisor.world import World
from pricing.bill import Bill
from simulator import simulate as simulator
from simulator.estimate.answer import fast
from simulator.estimate.figures import Figure, Quick
from simulator.model.limits import BrokenLimit
from simulator.patterns.registry import COMPUTE, Deployment
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
