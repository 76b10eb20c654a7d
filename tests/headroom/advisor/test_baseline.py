from __future__ import annotations

from typing import Any

import pytest

from headroom.advisor.baseline import AlwaysOn, always_on, together
from simulator.errors import InvalidScenario
from simulator.model.assumptions import Assumptions
from simulator.model.requirement import Requirement
from simulator.model.workload import ServiceTime, Workload
from simulator.patterns.realtime.deployment import RealtimeDeployment
from simulator.patterns.serverless.deployment import ServerlessDeployment
from simulator.scenario import Scenario
from simulator.traffic.kinds import Constant, Counts, NamedTrace, Traffic
from tests.headroom.advisor.outcomes import world

VOLUME_USD = 30 * 0.14
"""Of one instance a month."""

# 100 requests a second in the busiest minute, 1 in all others.
BUSY_MINUTE = Counts(bin_s=60, requests=(60, 60, 6000, 60), interarrival_cv=0.1)


def scenario(
    traffic: Traffic = BUSY_MINUTE, mean_ms: float = 280, payload_mb: float = 0.01, zones: Any = 1
) -> Scenario:
    work = ServiceTime(distribution="deterministic", mean_ms=mean_ms)
    workload = Workload(traffic=traffic, service_time=work, request_mb=payload_mb)
    return Scenario(workload=workload, requirement=Requirement(min_zones=zones))


def test_sized_by_hand_for_the_busiest_minute() -> None:
    found = always_on(scenario(), world())
    assert found.peak_per_s == pytest.approx(100, rel=0.02)
    # 100 /s x 0.28 s / (4 workers x 0.7) = 10 instances, 10 x 0.23 x 730 USD.
    assert found.instances in (10, 11)
    assert found.machines_usd == pytest.approx(found.instances * 167.90)
    # 25.75 /s on average: 0.01 MB in and 0.001 MB out of each.
    payload_usd = 25.75 * 730 * 3600 * 0.011 / 1024 * 0.016
    assert found.cost_usd_per_month == pytest.approx(found.instances * (167.90 + VOLUME_USD) + payload_usd)
    assert (found.workers, found.utilisation, found.limits) == (4, 0.7, ())


def test_at_least_one_instance() -> None:
    assert always_on(scenario(Constant(rate_per_s=0)), world()).instances == 1


def test_the_other_zones_can_do_the_work_when_one_is_lost() -> None:
    # 7 instances are busy in the busiest minute: 14 in two zones leave 7, 11 in three leave 7.
    in_two, in_three = (always_on(scenario(mean_ms=279, zones=zones), world()).instances for zones in (2, 3))
    assert (in_two, in_three) in ((14, 11), (16, 12))
    # At 35 % utilisation there is room enough anyway.
    relaxed = scenario(zones=2).model_copy(update={"assumptions": Assumptions(always_on_utilisation=0.35)})
    assert always_on(relaxed, world()).instances == pytest.approx(20, abs=1)
    assert always_on(scenario(Constant(rate_per_s=0), zones=2), world()).instances == 2


def test_a_lower_utilisation_needs_more_instances() -> None:
    relaxed = scenario().model_copy(update={"assumptions": Assumptions(always_on_utilisation=0.35)})
    assert always_on(relaxed, world()).instances == pytest.approx(20, abs=1)


def test_the_type_is_that_of_the_first_real_time_deployment() -> None:
    chosen = scenario().model_copy(
        update={"deployments": (ServerlessDeployment(), RealtimeDeployment(instance_type="ml.g4dn.xlarge"))}
    )
    found = always_on(chosen, world())
    assert found.instance_type == "ml.g4dn.xlarge"
    assert found.cost_usd_per_month is None
    assert "No price for Real-time instances (ml.g4dn.xlarge)" in found.gap
    without = scenario().model_copy(update={"deployments": (ServerlessDeployment(),)})
    assert always_on(without, world()).instance_type == "ml.m5.xlarge"


def test_it_says_which_hard_limits_it_would_break() -> None:
    found = always_on(scenario(mean_ms=90_000, payload_mb=80), world())
    assert {broken.row for broken in found.limits} == {"1.1", "1.3"}


def test_the_totals_of_several_workloads() -> None:
    parts = [always_on(scenario(), world()), always_on(scenario(payload_mb=80), world())]
    found = together(parts)
    assert found.instances == parts[0].instances + parts[1].instances
    assert found.cost_usd_per_month == pytest.approx(sum(part.cost_usd_per_month or 0 for part in parts))
    assert (found.complete, found.forbidden) == (True, 1)
    assert found.parts[1].limits[0].given == "80 MB"


def test_a_total_without_a_price_is_not_complete() -> None:
    part: AlwaysOn = always_on(scenario(), world(("hosting_instance_s",)))
    assert (together([part]).complete, together([part]).cost_usd_per_month) == (False, 0)
    assert together([]).complete


def test_without_a_price_beside_that_of_the_instances_it_is_a_lower_bound() -> None:
    part = always_on(scenario(), world(("endpoint_volume_gb_month",)))
    assert part.cost_usd_per_month is not None
    assert "Volumes of endpoints" in part.gap
    assert not together([part]).complete


def test_unknown_names_are_refused() -> None:
    with pytest.raises(InvalidScenario, match=r"workload\.traffic\.trace"):
        always_on(scenario(NamedTrace(trace="unknown")), world())
    other = scenario().model_copy(update={"deployments": (RealtimeDeployment(instance_type="ml.none"),)})
    with pytest.raises(InvalidScenario, match=r"deployments\[0\]\.instance_type"):
        always_on(other, world())
