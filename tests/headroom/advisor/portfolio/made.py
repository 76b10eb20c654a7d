"""Small real pieces of a portfolio, made by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from headroom.advisor.answer import Answer, Comparison
from headroom.advisor.baseline import AlwaysOn
from headroom.advisor.compare import conclude
from headroom.advisor.evaluate import rule_out
from headroom.advisor.portfolio.conclude import MemberAnswer
from headroom.advisor.portfolio.demand import Demand
from headroom.advisor.search.types import Plan
from simulator.engine.gauges import GaugeName
from simulator.engine.outcome import Outcome
from simulator.model.limits import BrokenLimit
from simulator.model.requirement import Requirement
from simulator.model.simulation import Simulation
from simulator.model.workload import Workload
from simulator.patterns.protocol import Quota
from simulator.patterns.realtime.deployment import RealtimeDeployment
from simulator.patterns.registry import BY_KEY, Deployment
from simulator.scenario import Scenario
from tests.headroom.advisor.outcomes import DAY_S, instances, judged, outcome, world

EASY = Requirement(latency_limit_s=0.5, max_error_share=0.01, min_zones=1)
PAYLOAD = (BrokenLimit(what="payload in", given="80 MB", allowed="at most 25 MB", whose="aws", row="1.1"),)


def scenario(name: str, days: float = 1, requirement: Requirement = EASY, region: str = "us-east-1") -> Scenario:
    return Scenario(
        region=region,
        workload=Workload(name=name),
        requirement=requirement,
        simulation=Simulation(duration_s=days * DAY_S),
        deployments=(RealtimeDeployment(),),
    )


def with_gauge(made: Outcome, gauge: GaugeName, means: Sequence[float], peaks: Sequence[float] = ()) -> Outcome:
    """The outcome with one gauge in hourly bins."""
    series = replace(
        made.series,
        means={**made.series.means, gauge: np.array(means, dtype=np.float64)},
        peaks={**made.series.peaks, gauge: np.array(peaks or means, dtype=np.float64)},
    )
    return replace(made, series=series)


def by_hour(
    asked: Scenario, hourly: Sequence[float], counts: Sequence[float] = (), deployment: Deployment | None = None
) -> Answer:
    """So many ml.m5.xlarge in each hour of the horizon; `counts`: their mean in each replication."""
    deployment = deployment or asked.deployments[0]
    horizon_s = asked.simulation.duration_s
    key = BY_KEY[deployment.pattern].billing.machines or "hosting_instance_s"
    counts = counts or (float(np.mean(hourly)),) * 2
    usages = tuple(instances(count, key, horizon_s) for count in counts)
    made = outcome(pattern=deployment.pattern, usages=usages, horizon_s=horizon_s)
    return judged(asked, deployment, with_gauge(made, "instances_billed", hourly), world())


def ruled_out(asked: Scenario) -> Answer:
    return rule_out(asked, asked.deployments[0], PAYLOAD)


def planned(asked: Scenario, *evaluations: Answer) -> Plan:
    found = asked.model_copy(update={"deployments": tuple(one.deployment for one in evaluations)})
    comparison: Comparison = conclude(found, evaluations)
    return Plan(comparison=comparison, points=(), efficient=(), ties=(), decided=True, screened=9, simulated=4)


def usual(asked: Scenario, count: int, limits: tuple[BrokenLimit, ...] = ()) -> AlwaysOn:
    """So many ml.m5.xlarge, always on: 167.90 USD a month each."""
    return AlwaysOn(
        workload=asked.workload.name,
        instance_type="ml.m5.xlarge",
        instances=count,
        peak_per_s=1.0,
        service_s=0.1,
        workers=4,
        utilisation=0.7,
        cost_usd_per_month=count * 167.90,
        machines_usd=count * 167.90,
        price_estimated=False,
        gap="",
        limits=limits,
        note="",
    )


def answered(asked: Scenario, *evaluations: Answer, fixed: Answer | None = None, count: int = 5) -> MemberAnswer:
    return MemberAnswer(plan=planned(asked, *evaluations), fixed=fixed, always_on=usual(asked, count))


def taken(
    workload: str,
    peaks: Sequence[float],
    kind: Quota = "endpoint",
    instance_type: str = "ml.m5.xlarge",
    configured: int = 0,
    region: str = "us-east-1",
) -> Demand:
    """A demand with these peaks, cell by cell."""
    return Demand(
        workload=workload,
        region=region,
        kind=kind,
        instance_type="" if kind == "serverless" else instance_type,
        configured=configured or int(max(peaks)),
        peaks=tuple(map(float, peaks)),
        costs=(),
    )
