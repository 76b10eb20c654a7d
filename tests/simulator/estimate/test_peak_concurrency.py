"""The most requests within ten seconds: against the birth and death process itself, and against the engine."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from simulator.estimate import queueing, time_distribution
from simulator.estimate.peak_concurrency import Law, Peaks, integrable
from simulator.model.workload import ServiceTime, Workload
from simulator.patterns.realtime import run as engine
from simulator.patterns.realtime.deployment import RealtimeDeployment, RealtimeStepIn, RealtimeStepOut
from simulator.patterns.realtime.estimate import realtime
from simulator.patterns.realtime.scaler import RealtimeScaler
from simulator.scaling.metrics import HIGH_RESOLUTION_S
from simulator.scaling.policies import ConcurrencyTracking
from simulator.simulate import simulate
from simulator.traffic.kinds import Constant, Profile
from tests.engine import make_case

LEVELS = 9  # the eigenvectors of more are too nearly parallel
EXPONENTIAL = ServiceTime(distribution="exponential", mean_ms=500)


def law(places=2, room=20, lines="own", service=EXPONENTIAL):
    fleet = queueing.Fleet(lines=lines, places=places, room=room, mean_s=service.mean_ms / 1000, clumping=1.0)
    return Law(fleet=fleet, service=integrable(time_distribution.service(service, 1.0)))


def stays(rho, places, room, mean_s):
    """M/M/places: the chance to stay at 0, 1, ... for ten seconds, by the eigenvalues of its generator."""
    number = np.arange(places + room + 1)
    birth, death = rho * places / mean_s, np.minimum(number, places) / mean_s
    odds = np.cumprod(np.concatenate(([1.0], birth / death[1:])))
    chance = odds / odds.sum()
    found = []
    for m in range(LEVELS):
        rates = np.diag(np.full(m, birth), 1) + np.diag(death[1 : m + 1], -1)
        rates -= np.diag(birth + death[: m + 1])
        values, vectors = np.linalg.eig(rates)
        after = vectors @ np.diag(np.exp(10 * values)) @ np.linalg.inv(vectors)
        found.append(float((chance[: m + 1] @ after).sum().real))
    return np.array(found)


@pytest.mark.parametrize("rho", [0.1, 0.4, 0.7])
@pytest.mark.parametrize("serving", [1, 3])
def test_the_law_is_that_of_the_birth_and_death_process(rho, serving):
    one = law()
    level = round(one.fine * np.log(rho / (1 - rho)))
    rho = 1 / (1 + np.exp(-level / one.fine))
    exact = stays(rho, 2, 20, 0.5) ** serving
    assert one.reached(level, serving)[:LEVELS] == pytest.approx(exact, abs=0.01 if rho < 0.5 else 0.04)


def peaks_of_the_engine(monkeypatch, case, deployment):
    seen = []

    def observe(_self, _now_s, period_s, reading):
        if period_s == HIGH_RESOLUTION_S:
            seen.append(reading.most_at_once)

    monkeypatch.setattr(RealtimeScaler, "observe", observe)
    engine.run(case, deployment)
    return np.array(seen)


@pytest.mark.parametrize("distribution", ["deterministic", "lognormal", "exponential"])
@pytest.mark.parametrize(("strategy", "lines"), [("RANDOM", "own"), ("LEAST_OUTSTANDING_REQUESTS", "shortest")])
def test_the_metric_is_that_of_the_engine(monkeypatch, distribution, strategy, lines):
    service = ServiceTime(distribution=distribution, mean_ms=200, cv=0.5)
    workload = Workload(traffic=Constant(rate_per_s=20), service_time=service, container_workers=4)
    case = make_case(workload, duration_s=8 * 3600, warmup_s=0)
    deployment = RealtimeDeployment(
        initial_instance_count=3,
        min_capacity=3,
        concurrency_scaling=ConcurrencyTracking(target_value=1e6),
        routing_strategy=strategy,
    )
    seen = peaks_of_the_engine(monkeypatch, case, deployment)
    chance = np.random.default_rng(1).random(seen.size)
    peaks = Peaks(law=law(4, 100, lines, service), rate_per_s=np.full(seen.size, 20.0), chance=chance)
    drawn = np.array([peaks.most(period, 3) for period in range(seen.size)])
    assert drawn.mean() == pytest.approx(seen.mean(), rel=0.03)
    assert drawn.std() == pytest.approx(seen.std(), rel=0.15)
    assert drawn[3:].max() <= 104


def test_beyond_its_limit_a_queue_grows_until_it_is_full_and_is_worked_off():
    rate_per_s = np.concatenate((np.full(6, 5.0), np.zeros(20)))
    peaks = Peaks(law=law(), rate_per_s=rate_per_s, chance=np.full(26, 0.5))
    seen = [peaks.most(period, 1) for period in range(26)]
    # Two servers do 4 a second, so 10 more wait after each period, 20 at most; then 40 are done in each.
    assert seen[:4] == [12.0, 22.0, 22.0, 22.0]
    assert seen[6] == 22.0
    assert seen[7:] == [0.0] * 19


@pytest.mark.slow
@pytest.mark.parametrize("strategy", ["RANDOM", "LEAST_OUTSTANDING_REQUESTS"])
def test_the_bill_is_that_of_the_exact_run_within_the_error_that_is_stated(strategy):
    workload = Workload(
        traffic=Profile(peak_rate_per_s=40, shape=(1, 2, 5, 8, 4, 2)),
        service_time=ServiceTime(mean_ms=250),
        container_workers=4,
    )
    case = make_case(workload, duration_s=24 * 3600, warmup_s=3600)
    case = replace(case, simulation=case.simulation.model_copy(update={"replications": 3}))
    deployment = RealtimeDeployment(
        concurrency_scaling=ConcurrencyTracking(target_value=6),
        initial_instance_count=4,
        max_capacity=12,
        routing_strategy=strategy,
    )
    exact = simulate(case, deployment)
    quick = realtime(case, deployment, 3)
    assert [one.key for one in quick.usage] == [one.key for one in exact.usage]
    assert 0.01 < quick.usage_error < 0.15
    assert quick.usage[0].quantity == pytest.approx(exact.usage[0].quantity, rel=quick.usage_error)
    assert quick.usage[0].quantity > 1.5 * 25 * 3600


def test_steps_lead_the_fleet_as_in_the_exact_run():
    workload = Workload(traffic=Profile(peak_rate_per_s=8, shape=(1, 5, 8, 3)), service_time=ServiceTime(mean_ms=200))
    case = make_case(workload, duration_s=24 * 3600, warmup_s=3600)
    case = replace(case, simulation=case.simulation.model_copy(update={"replications": 1}))
    deployment = RealtimeDeployment(
        step_scale_out=RealtimeStepOut(threshold=160), step_scale_in=RealtimeStepIn(threshold=60), max_capacity=8
    )
    exact = simulate(case, deployment)
    quick = realtime(case, deployment, 1)
    assert quick.usage[0].quantity == pytest.approx(exact.usage[0].quantity, rel=0.005)
    assert quick.usage[-1] == exact.usage[-1]
