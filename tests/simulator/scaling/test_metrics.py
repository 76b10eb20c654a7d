"""A metric of scaling is one entry of a table: it is read, acted on and billed, and formulas say that they lack it."""

from __future__ import annotations

from typing import get_args

import pytest

from simulator.estimate.unmodelled import unmodelled
from simulator.model.assumptions import Assumptions
from simulator.model.workload import Client, ServiceTime, Workload
from simulator.patterns.asynchronous.deployment import AsynchronousDeployment, BacklogStepOut
from simulator.patterns.realtime.deployment import RealtimeDeployment, RealtimeStepOut
from simulator.patterns.registry import Deployment
from simulator.scaling.metrics import (
    HIGH_RESOLUTION_S,
    METRICS,
    PERIOD_S,
    BacklogMetric,
    EnvironmentMetric,
    Metric,
    Reading,
    RealtimeMetric,
)
from simulator.simulate import simulate
from simulator.traffic.kinds import Timestamps
from tests.engine import make_case

EXACT = Assumptions(
    overhead_ms=0,
    provisioning_sigma=0,
    alarm_delay_min_s=90,
    alarm_delay_max_s=90,
    high_resolution_delay_min_s=15,
    high_resolution_delay_max_s=15,
)
BUSY = Workload(
    traffic=Timestamps(t_s=tuple([100.0] * 8), repeat=False),
    service_time=ServiceTime(distribution="deterministic", mean_ms=50_000.0),
    client=Client(retry_mode="none"),
    model_load_s=0.0,
    reference_instance_type="ml.m5.large",
    container_workers=4,
)
FULL = "ShareOfWorkers"


def full(period_s: float) -> Metric:
    """The share of four workers that are at work at the end of the period, which no endpoint tells yet."""
    return Metric(
        title="Share of workers at work",
        unit="share",
        period_s=period_s,
        row="2.2",
        read=lambda now: now.busy / (4 * now.in_service) if now.in_service else None,
    )


def on_it(deployment: Deployment, step: RealtimeStepOut | BacklogStepOut) -> Deployment:
    return deployment.model_copy(update={"step_scale_out": step.model_copy(update={"metric": FULL, "threshold": 0.9})})


REALTIME = RealtimeDeployment(instance_type="ml.m5.large", max_capacity=3)
ASYNCHRONOUS = AsynchronousDeployment(
    instance_type="ml.m5.large", initial_instance_count=1, min_capacity=1, max_capacity=3, scaling=None
)


@pytest.mark.parametrize(
    ("deployment", "period_s", "decided_s"),
    [
        # At work from 100 s on: seen at 120 s and 130 s, or at 120 s and 180 s, and the delay.
        (on_it(REALTIME, RealtimeStepOut(evaluation_periods=2)), HIGH_RESOLUTION_S, 120.0 + 15.0),
        (on_it(REALTIME, RealtimeStepOut(evaluation_periods=2)), PERIOD_S, 180.0 + 90.0),
        (on_it(ASYNCHRONOUS, BacklogStepOut(evaluation_periods=2)), PERIOD_S, 180.0 + 90.0),
    ],
)
def test_a_new_metric_is_one_entry(
    monkeypatch: pytest.MonkeyPatch, deployment: Deployment, period_s: float, decided_s: float
) -> None:
    metric = full(period_s)
    monkeypatch.setitem(METRICS, FULL, metric)
    case = make_case(BUSY, duration_s=3600.0, assumptions=EXACT)
    outcome = simulate(case, deployment)
    billed = outcome.series.means["instances_billed"]
    minute = int(decided_s // 60)
    assert billed[:minute].tolist() == [1.0] * minute
    assert billed[minute] == pytest.approx(1 + (60 * (minute + 1) - decided_s) / 60)
    alarms = {line.key: line.quantity for line in outcome.usage if line.per == "month" and line.quantity}
    of_seconds = "high_resolution_" if period_s == HIGH_RESOLUTION_S else ""
    assert alarms == {f"cloudwatch_{of_seconds}alarm_months": 1.0}
    said = unmodelled(case, deployment)
    assert (metric.title in said) is (deployment.pattern == "realtime")
    assert said


def test_formulas_foretell_what_they_are_led_by() -> None:
    case = make_case(BUSY, assumptions=EXACT)
    for name in get_args(RealtimeMetric):
        assert METRICS[name].foretold
        step = RealtimeStepOut.model_validate({"metric": name})
        assert unmodelled(case, REALTIME.model_copy(update={"step_scale_out": step})) == []


def test_every_metric_that_a_policy_may_name_is_declared() -> None:
    names = {*get_args(RealtimeMetric), *get_args(BacklogMetric), *get_args(EnvironmentMetric)}
    assert names == set(METRICS)
    assert {metric.period_s for metric in METRICS.values()} == {PERIOD_S, HIGH_RESOLUTION_S}


@pytest.mark.parametrize("name", sorted(METRICS))
def test_without_anything_in_service_only_totals_have_a_value(name: str) -> None:
    value = METRICS[name].read(Reading(in_service=0, desired=0, queued=3))
    assert value == {"ApproximateBacklogSize": 3.0, "HasBacklogWithoutCapacity": 1.0}.get(name)


def test_what_is_read() -> None:
    now = Reading(
        in_service=2, desired=2, per_instance=30.0, most_at_once=7.0, busy=4, queued=6, worked_s=30.0, there_s=120.0
    )
    assert {name: metric.read(now) for name, metric in METRICS.items()} == {
        "InvocationsPerInstance": 30.0,
        "ConcurrentRequestsPerModel": 7.0,
        "ApproximateBacklogSizePerInstance": 5.0,
        "ApproximateBacklogSize": 10.0,
        "HasBacklogWithoutCapacity": 0.0,
        "ProvisionedConcurrencyUtilization": 0.25,
    }
