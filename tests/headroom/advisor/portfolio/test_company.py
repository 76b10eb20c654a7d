"""The company of the presets, with hours that can be added up by hand, at prices of us-east-1 and 730 h a month."""

from __future__ import annotations

import numpy as np
import pytest

from headroom.advisor.answer import Answer
from headroom.advisor.baseline import always_on
from headroom.advisor.portfolio.conclude import MemberAnswer, conclude
from headroom.advisor.portfolio.description import InstanceQuota, Member, Quotas, SavingsPlan
from headroom.advisor.portfolio.shared import SharedLimit
from headroom.advisor.portfolio.totals import PortfolioPlan
from headroom.sharing.library import load_world
from headroom.sharing.presets import load_company
from simulator.model.usage import Usage, UsageName
from simulator.patterns.registry import BY_KEY
from simulator.scenario import Scenario
from tests.headroom.advisor.outcomes import judged, outcome
from tests.headroom.advisor.portfolio.made import planned, with_gauge

WORLD = load_world()
C5, M5 = 0.816, 0.461  # USD an hour: ml.c5.4xlarge, ml.m5.2xlarge
HOURS = 730


def ran(scenario: Scenario, at: int, key: UsageName, instances: list[float]) -> Answer:
    """The deployment at this place of the scenario, with so many instances in each hour."""
    deployment, horizon_s = scenario.deployments[at], scenario.simulation.duration_s
    instance_type = BY_KEY[deployment.pattern].account.instance_type(deployment)
    usage = Usage(key=key, dimension=instance_type, quantity=3600 * float(np.sum(instances)))
    usages = ((usage,), (usage,))
    made = outcome(pattern=deployment.pattern, latency_s=(0.05,), usages=usages, horizon_s=horizon_s)
    return judged(scenario, deployment, with_gauge(made, "instances_billed", instances), WORLD)


@pytest.fixture(scope="module")
def company() -> PortfolioPlan:
    """23 instances for cards, 2 from 01:00 to 03:00 for the night, 2 for documents all week; prices at 30 % off."""
    portfolio = load_company()
    fraud, nightly, documents = (member.scenario for member in portfolio.workloads)
    evaluations = (
        (fraud, ran(fraud, 1, "hosting_instance_s", [23.0] * 24)),
        (nightly, ran(nightly, 0, "batch_instance_s", [0.0, 2.0, 2.0, *[0.0] * 21])),
        (documents, ran(documents, 1, "async_instance_s", [2.0] * 168)),
    )
    answers = [
        MemberAnswer(plan=planned(scenario, one), fixed=None, always_on=always_on(scenario, WORLD))
        for scenario, one in evaluations
    ]
    quotas = Quotas(endpoint_instances=24, instance_types=(InstanceQuota(instance_type="ml.c5.4xlarge", most=26),))
    offers = (SavingsPlan(name="1 year", discount_percent=30),)
    members = tuple(Member(scenario=scenario) for scenario, _ in evaluations)
    asked = portfolio.model_copy(update={"workloads": members, "quotas": quotas, "savings_plans": offers})
    return conclude(asked, answers)


def limit(company: PortfolioPlan, what: str) -> SharedLimit:
    return next(one for one in company.best.limits if one.what == what)


def test_the_sum(company: PortfolioPlan) -> None:
    costs = [one.cost_usd_per_month.value for one in company.best.choices if one.cost_usd_per_month]
    assert costs == pytest.approx([23 * C5 * HOURS, 2 * C5 * HOURS * 2 / 24, 2 * M5 * HOURS])
    assert company.best.total.cost_usd_per_month.value == pytest.approx(13_700.64 + 99.28 + 673.06)
    assert company.best.total.meets == 3


def test_always_on(company: PortfolioPlan) -> None:
    total = company.always_on.total
    assert [part.instances for part in total.parts] == [24, 2, 4]
    machines = sum(part.machines_usd for part in total.parts)
    assert machines == pytest.approx((24 * C5 + 2 * C5 + 4 * M5) * HOURS)
    # The night: two volumes of 30 GB, and 50 million customers a day of 0.0011 MB each.
    volumes_usd, payload_usd = 2 * 30 * 0.14, 50e6 * HOURS / 24 * 0.0011 / 1024 * 0.016
    assert total.parts[1].cost_usd_per_month == pytest.approx(2 * C5 * HOURS + volumes_usd + payload_usd)
    assert [bool(part.limits) for part in total.parts] == [False, False, True]
    assert "would cost $17,546: $3,073 are saved, 17.5 %." in company.sentence
    assert "Hard limits of AWS forbid it for Insurance documents." in company.sentence


def test_shared_limits(company: PortfolioPlan) -> None:
    endpoints = limit(company, "instances across all endpoints")
    assert (endpoints.used, endpoints.allowed, endpoints.state) == (25, 24, "broken")
    assert dict(endpoints.by) == {"Card-fraud scoring": 23, "Insurance documents": 2}
    # Cards and the night use the same type at the same time, but endpoints and jobs have quotas of their own.
    assert (
        limit(company, "ml.c5.4xlarge for endpoints").used,
        limit(company, "ml.c5.4xlarge for endpoints").state,
    ) == (
        23,
        "kept",
    )
    jobs = limit(company, "ml.c5.4xlarge for transform jobs")
    assert (jobs.used, jobs.used_at, jobs.state) == (2, "Mon 01:00", "unknown")


def test_savings(company: PortfolioPlan) -> None:
    [offer] = company.best.savings
    steady = 23 * C5 + 2 * M5  # the night runs in 2 of 24 hours: far from the 70 % from which it would pay
    assert offer.commitment_usd_per_hour == pytest.approx(steady * 0.7)
    assert offer.saving_usd_per_month == pytest.approx(steady * 0.3 * HOURS)
    assert offer.rest_usd_per_month == pytest.approx(99.28)
    [usual] = company.always_on.savings
    assert usual.saving_usd_per_month == pytest.approx(16_833.80 * 0.3)


def test_one_week_for_all(company: PortfolioPlan) -> None:
    assert company.axis.length_s == 7 * 86_400
    assert [note.partition(":")[0] for note in company.notes] == ["Card-fraud scoring", "Nightly customer scoring"]
