"""What a serverless endpoint is ruled out by, what it costs, and what its gauges and fates add up to."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from simulator.engine.driver import serve
from simulator.engine.gate import Gate
from simulator.engine.gauges import GAUGES
from simulator.kernels import NEED_SPARE
from simulator.kernels import serverless_state as parts
from simulator.kernels.fates import COMPLETED, FATES, THROTTLED, TIMED_OUT, UNFINISHED
from simulator.model.assumptions import Assumptions
from simulator.model.requirement import Requirement
from simulator.model.usage import KEYS
from simulator.model.workload import Client, ServiceTime, Workload
from simulator.patterns.registry import BY_KEY
from simulator.patterns.serverless.cold_start import cold_start
from simulator.patterns.serverless.deployment import ServerlessDeployment
from simulator.patterns.serverless.limits import limits
from simulator.patterns.serverless.pattern import SERVERLESS
from simulator.patterns.serverless.run import _Server, run
from simulator.simulate import simulate
from simulator.traffic.kinds import Bursts, Step, Steps, Timestamps
from simulator.traffic.sources import Source
from tests.engine import make_case
from tests.simulator.patterns.serverless_cases import MEMORY_MB, starts, workload


def fates(result):
    return dict(zip(FATES, result.sums.fates.sum(axis=0).tolist(), strict=True))


def usage(result):
    return {line.key: line.quantity for line in result.usage}


def at(*seconds, **more):
    """Requests at just these times, 0.5 s of work each."""
    more = {"service_time": ServiceTime(distribution="deterministic", mean_ms=500.0)} | more
    return workload(traffic=Timestamps(t_s=seconds, repeat=False), **more)


def same(one, other):
    assert one.usage == other.usage
    assert one.utilisation == other.utilisation
    for left, right in zip(one.sums, other.sums, strict=True):
        np.testing.assert_array_equal(left, right)
    for name, gauge in one.gauges.items():
        np.testing.assert_array_equal(gauge.integral, other.gauges[name].integral)
        np.testing.assert_array_equal(gauge.peak, other.gauges[name].peak)


# What rules it out.


@pytest.mark.parametrize(
    ("more", "what", "row"),
    [
        ({"request_mb": 4.5}, "payload in", "1.1"),
        ({"max_request_mb": 4.5}, "payload in", "1.1"),
        ({"response_mb": 4.5}, "payload out", "1.1"),
        ({"service_time": ServiceTime(mean_ms=61_000.0)}, "time per request", "1.3"),
        ({"image_mb": 5369.0}, "container image, unpacked", "3.12"),
        ({"image_unpacked_mb": 10_738.0}, "container image, unpacked", "3.12"),
        ({"model_mb": 3000.0, "installed_mb": 2121.0}, "disk", "1.12"),
        ({"memory_mb": MEMORY_MB + 1.0}, "memory", "1.5"),
        ({"model_load_s": 181.0}, "cold start", "3.5"),
    ],
)
def test_each_limit_rules_it_out_alone(more, what, row):
    broken = limits(make_case(workload(0.001, **more)), ServerlessDeployment(memory_size_in_mb=MEMORY_MB))
    assert [(limit.what, limit.row) for limit in broken] == [(what, row)]


@pytest.mark.parametrize(("needs", "what"), [("needs_gpu", "GPU"), ("needs_vpc", "VPC")])
def test_a_feature_that_it_lacks_rules_it_out(needs, what):
    broken = limits(make_case(workload(), requirement=Requirement(**{needs: True})), ServerlessDeployment())
    assert [limit.what for limit in broken] == [what]


def test_what_is_at_the_limits_is_allowed():
    work = workload(
        0.001, request_mb=4.0, response_mb=4.0, image_mb=9000.0, image_unpacked_mb=10_737.0, memory_mb=float(MEMORY_MB)
    )
    assert limits(make_case(work), ServerlessDeployment(memory_size_in_mb=MEMORY_MB)) == ()


def test_more_in_work_at_the_peak_than_any_endpoint_allows_rules_it_out():
    traffic = Steps(steps=(Step(at_s=0, rate_per_s=10), Step(at_s=600, rate_per_s=2500), Step(at_s=900, rate_per_s=0)))
    (broken,) = limits(make_case(workload(traffic=traffic)), ServerlessDeployment(max_concurrency=10))
    assert (broken.what, broken.row) == ("concurrency", "1.6")
    assert (broken.given, broken.allowed, broken.at_s) == ("250 requests in work at the peak", "at most 200", 600.0)
    assert limits(make_case(workload(2000.0)), ServerlessDeployment(max_concurrency=10)) == ()


def test_less_memory_means_slower_work_and_so_more_in_work():
    assert [
        limit.what for limit in limits(make_case(workload(1500.0)), ServerlessDeployment(memory_size_in_mb=1024))
    ] == ["concurrency"]
    assert limits(make_case(workload(1500.0)), ServerlessDeployment(memory_size_in_mb=2048)) == ()


def test_provisioned_concurrency_must_fit():
    with pytest.raises(ValidationError, match="provisioned_concurrency <= max_concurrency"):
        ServerlessDeployment(max_concurrency=2, provisioned_concurrency=3)


# The cold start.


def test_the_parts_of_a_cold_start_add_up():
    work = Workload(image_mb=500.0, model_mb=50.0, model_load_s=3.0)
    start = cold_start(work, Assumptions(), 2048)
    assert (start.container_s, start.image_s, start.model_s, start.load_s) == (3.0, 2.0, 0.5, 3.0)
    assert start.median_s == 8.5
    assert "8.5 s" in str(start)


def test_less_than_one_vcpu_loads_slower_and_more_loads_no_faster():
    loads = [cold_start(Workload(model_load_s=3.0), Assumptions(), memory).load_s for memory in (1024, 2048, 6144)]
    assert loads == pytest.approx([3.0 * 1769 / 1024, 3.0, 3.0])


def test_cold_starts_have_their_median_and_spread():
    sizes, assumptions = starts(2.0, sigma=0.5)
    server = _Server(make_case(workload(**sizes), assumptions=assumptions), ServerlessDeployment())
    server.need(NEED_SPARE)
    logs = np.log(server.state.draws[parts.START_S])
    # Of 4,096 normal values the mean is within 3.3 standard errors with 99.9 %; so is the standard deviation.
    assert np.mean(logs) == pytest.approx(math.log(2.0), abs=3.3 * 0.5 / 64)
    assert np.std(logs) == pytest.approx(0.5, abs=3.3 * 0.5 / 64 / math.sqrt(2))


# Requests by hand: what is used, measured and billed.


def test_a_short_story_by_hand():
    sizes, assumptions = starts(2.0, serverless_keep_warm_s=300.0)
    work = at(100.0, 100.5, 200.0, 3000.0, **sizes, request_mb=1.024, response_mb=0.512, internet_egress_share=0.5)
    result = run(make_case(work, assumptions=assumptions), ServerlessDeployment(max_concurrency=1))
    # 100.0 cold, 100.5 finds it in flight, 200.0 warm, 3000.0 cold again after 300 s.
    assert fates(result) == dict.fromkeys(FATES, 0) | {"completed": 3, "throttled": 1}
    assert result.sums.cold.sum() == 2
    assert usage(result) == pytest.approx(
        {
            "serverless_duration_s": 1.5,
            "serverless_data_in_gb": 0.003,
            "serverless_data_out_gb": 0.0015,
            "internet_out_gb": 0.00075,
        }
    )
    # One environment from 100.0 to 500.5 (idle from 200.5), one from 3000.0 to 3302.5.
    environments = result.gauges["environments"]
    assert environments.integral.sum() == pytest.approx(400.5 + 302.5)
    assert environments.integral[:9].tolist() == pytest.approx([0, 20, 60, 60, 60, 60, 60, 60, 20.5])
    assert environments.peak[[0, 1, 8, 9]].tolist() == [0, 1, 1, 0]
    assert result.gauges["in_flight"].integral.sum() == pytest.approx(2.5 + 0.5 + 2.5)
    assert result.gauges["slots"].peak.tolist() == [1.0] * 60
    assert result.utilisation == pytest.approx(1.5 / 703)
    assert result.attempts.sum() == 4
    assert result.notes == (
        "Half of the cold starts take more than 2.0 s: container 2.0 s, image 0.0 s, model from S3 0.0 s, load 0.0 s.",
        "How long environments are kept is an assumption: an environment is gone after 300 s idle.",
    )


def test_by_default_the_three_rules_end_environments():
    """Idle for 640 s ends all: 200.5 + 640. Of two at once after that the spare one is kept for 1,300 s idle, while
    calls each 600 s keep the other, until 640 s after the last at 5400.5.
    """
    sizes, assumptions = starts(2.0)
    work = at(100.0, 200.0, 3000.0, 3000.0, 3600.0, 4200.0, 4800.0, 5400.0, **sizes)
    case = make_case(work, assumptions=assumptions, warmup_s=0.0, duration_s=10_800.0)
    result = run(case, ServerlessDeployment())
    assert result.sums.cold.sum() == 1 + 2
    lives_s = 840.5 - 100.0, 4302.5 - 3000.0, 6040.5 - 3000.0
    assert result.gauges["environments"].integral.sum() == pytest.approx(sum(lives_s))


def test_a_cold_start_is_billed_when_that_is_assumed():
    sizes, assumptions = starts(2.0, serverless_bill_cold_start=True)
    result = run(make_case(at(100.0, 200.0, **sizes), assumptions=assumptions), ServerlessDeployment())
    assert usage(result)["serverless_duration_s"] == pytest.approx(2.5 + 0.5)


def test_provisioned_environments_are_billed_while_they_wait_and_apart():
    sizes, assumptions = starts(2.0, serverless_keep_warm_s=300.0)
    deployment = ServerlessDeployment(memory_size_in_mb=3072, max_concurrency=4, provisioned_concurrency=2)
    result = run(make_case(at(100.0, 100.0, 100.0, **sizes), assumptions=assumptions), deployment)
    billed = {line.key: (line.dimension, line.quantity) for line in result.usage if line.dimension}
    assert billed == {
        "serverless_duration_s": ("3072", pytest.approx(0.5)),
        "serverless_pc_usage_s": ("3072", 7200.0),
        "serverless_pc_duration_s": ("3072", pytest.approx(1.0)),
    }
    assert result.sums.cold.sum() == 1
    assert result.gauges["environments"].integral.sum() == pytest.approx(7200 + 302.5)
    assert result.gauges["environments"].peak.max() == 3


def test_a_start_that_fails_its_health_check_times_out_and_costs_nothing():
    sizes, assumptions = starts(180.0, sigma=2.0)
    times = tuple(np.arange(20) * 170.0)
    result = run(make_case(at(*times, **sizes), assumptions=assumptions), ServerlessDeployment(max_concurrency=20))
    failed = int(result.sums.fates[:, TIMED_OUT].sum())
    assert 0 < failed < 20
    assert usage(result)["serverless_duration_s"] == pytest.approx(0.5 * (20 - failed))
    assert usage(result)["serverless_data_in_gb"] == pytest.approx((20 - failed) * 0.01 / 1024)


def test_work_beyond_60_s_times_out_and_is_billed_60_s():
    sizes, assumptions = starts(2.0)
    slow = ServiceTime(distribution="deterministic", mean_ms=75_000.0)
    result = run(
        make_case(at(100.0, 200.0, service_time=slow, **sizes), assumptions=assumptions), ServerlessDeployment()
    )
    assert fates(result)["timed_out"] == 2
    assert usage(result)["serverless_duration_s"] == pytest.approx(120.0)


def test_an_endpoint_that_nobody_calls_uses_nothing():
    result = run(make_case(at(1e6)), ServerlessDeployment())
    assert set(usage(result).values()) == {0.0}
    assert result.utilisation is None


def test_the_last_requests_are_finished_after_the_horizon():
    sizes, assumptions = starts(2.0)
    result = run(make_case(at(3599.9, **sizes), assumptions=assumptions), ServerlessDeployment())
    assert fates(result)["completed"] == 1
    assert usage(result)["serverless_duration_s"] == pytest.approx(0.5)
    assert result.gauges["environments"].integral.sum() == pytest.approx(0.1)


@pytest.mark.parametrize(("mode", "attempts"), [("none", 1), ("legacy", 5), ("standard", 3)])
def test_a_throttled_request_is_tried_as_often_as_its_client_tries(mode, attempts):
    sizes, assumptions = starts(0.0)
    blocker = ServiceTime(distribution="deterministic", mean_ms=59_000.0)
    work = at(10.0, 11.0, service_time=blocker, client=Client(retry_mode=mode), **sizes)
    result = run(make_case(work, assumptions=assumptions), ServerlessDeployment(max_concurrency=1))
    assert fates(result) == dict.fromkeys(FATES, 0) | {"completed": 1, "throttled": 1}
    assert result.sums.made[0] == 1 + attempts
    assert usage(result)["serverless_data_in_gb"] == pytest.approx(0.01 / 1024)


# Properties of whole runs.


@st.composite
def runs(draw):
    sizes, assumptions = starts(
        draw(st.sampled_from([0.0, 1.0, 60.0])), draw(st.sampled_from([0.0, 1.0])), serverless_keep_warm_s=30.0
    )
    work = workload(
        mean_ms=draw(st.sampled_from([20.0, 2000.0, 40_000.0])),
        distribution=draw(st.sampled_from(["lognormal", "exponential", "deterministic"])),
        client=Client(retry_mode=draw(st.sampled_from(["none", "legacy", "standard"])), processes=1),
        traffic=Bursts(on_rate_per_s=draw(st.sampled_from([1.0, 20.0]))),
        **sizes,
    )
    most = draw(st.integers(1, 30))
    deployment = ServerlessDeployment(max_concurrency=most, provisioned_concurrency=draw(st.integers(0, most)))
    horizon_s = draw(st.sampled_from([3600.0, 3650.5]))
    warmup_s = draw(st.sampled_from([0.0, 90.0, 1234.5]))
    seed = draw(st.integers(0, 999))
    return make_case(work, assumptions=assumptions, duration_s=horizon_s, warmup_s=warmup_s, seed=seed), deployment


@given(runs())
@settings(max_examples=25)
def test_a_run_adds_up(made):
    given_case, deployment = made
    result = run(given_case, deployment)
    np.testing.assert_array_equal(result.sums.fates.sum(axis=1), result.offered)
    assert result.sums.fates[:, UNFINISHED].sum() == 0
    billed_s = sum(line.quantity for line in result.usage if line.key.endswith("duration_s"))
    completed, timed_out = result.sums.fates[:, [COMPLETED, TIMED_OUT]].sum(axis=0)
    executed_s = float(result.sums.executed[1])
    assert executed_s - 1e-6 <= billed_s <= executed_s + 0.001 * (completed + timed_out)
    integral = {name: gauge.integral for name, gauge in result.gauges.items()}
    tolerance = 1e-6
    assert np.all(result.sums.work <= integral["in_flight"] + tolerance)
    assert np.all(integral["in_flight"] <= integral["environments"] + tolerance)
    assert np.all(integral["environments"] <= integral["slots"] + tolerance)
    assert result.gauges["in_flight"].peak.max() <= deployment.max_concurrency
    assert result.utilisation is None or 0 <= result.utilisation <= 1 + 1e-9


@given(runs())
@settings(max_examples=10)
def test_the_same_seed_gives_the_same_bits(made):
    same(run(*made), run(*made))


@dataclass(frozen=True)
class Cut:
    """The same arrivals in chunks of at most so many."""

    source: Source
    most: int

    def times(self, rng, start_s, end_s):
        for t in self.source.times(rng, start_s, end_s):
            yield from (t[k : k + self.most] for k in range(0, t.size, self.most))


@pytest.mark.parametrize("most", [1000, 77])
def test_how_the_requests_are_cut_into_chunks_changes_nothing(most):
    sizes, assumptions = starts(1.0, 0.5)
    work = workload(20.0, client=Client(retry_mode="legacy"), **sizes)
    whole, deployment = make_case(work, assumptions=assumptions), ServerlessDeployment(max_concurrency=3)
    cut: Any = Cut(whole.source, most)  # a run asks a source for nothing but times
    same(run(whole, deployment), run(replace(whole, source=cut), deployment))


@given(st.integers(1, 20), st.integers(0, 99), st.sampled_from(["lognormal", "exponential", "deterministic"]))
@settings(max_examples=15)
def test_more_concurrency_never_throttles_more(most, seed, distribution):
    """Of the same draws, without retries and when starting takes no time: each request stays just as long in both."""
    sizes, assumptions = starts(0.0)
    given_case = make_case(workload(60.0, distribution=distribution, **sizes), assumptions=assumptions, seed=seed)
    few, more = (
        run(given_case, ServerlessDeployment(max_concurrency=c)).sums.fates[:, THROTTLED].sum()
        for c in (most, most + 1)
    )
    assert more <= few


@given(st.floats(1, 600), st.floats(1, 600), st.integers(0, 99))
@settings(max_examples=15)
def test_keeping_environments_longer_never_makes_more_cold_starts(one, other, seed):
    sizes, _ = starts(0.0)
    work, (short_s, long_s) = workload(0.2, mean_ms=5000.0, **sizes), sorted((one, other))
    cold = [
        run(
            make_case(work, assumptions=starts(0.0, serverless_keep_warm_s=keep_s)[1], seed=seed),
            ServerlessDeployment(),
        ).sums.cold.sum()
        for keep_s in (short_s, long_s)
    ]
    assert cold[1] <= cold[0]


def test_kept_for_ever_each_environment_starts_once():
    sizes, assumptions = starts(1.0, serverless_keep_warm_s=7200.0)
    given_case = make_case(
        workload(2.0, mean_ms=1000.0, **sizes), assumptions=assumptions, duration_s=6000.0, warmup_s=0.0
    )
    result = run(given_case, ServerlessDeployment(max_concurrency=50))
    assert result.sums.cold.sum() == result.gauges["environments"].peak.max()


def test_memory_does_not_grow_with_requests():
    def held(duration_s):
        given_case = make_case(workload(90.0, client=Client(retry_mode="legacy")), duration_s=duration_s)
        server = _Server(given_case, ServerlessDeployment(max_concurrency=10))
        serve(given_case, server, 3600.0, Gate(server.tally, 1.0))
        return sum(array.nbytes for array in (*server.state, *server.log)), server.result().offered.sum()

    (few_bytes, few), (many_bytes, many) = held(3600.0), held(36_000.0)
    assert many > 9 * few
    assert many_bytes == few_bytes


# Its place in the house.


def test_it_is_among_the_patterns_and_speaks_the_common_words():
    assert BY_KEY["serverless"] is SERVERLESS
    deployment = ServerlessDeployment(provisioned_concurrency=1)
    outcome = simulate(case=make_case(workload(5.0), duration_s=3600.0), deployment=deployment)
    assert set(outcome.series.means) <= GAUGES.keys()
    assert {line.key for line in outcome.usage} <= set(KEYS)
    assert outcome.offered == sum(outcome.fates.values())
