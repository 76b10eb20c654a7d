"""What Headroom must say of real situations: the cause by its name, and the figure that goes with it."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from headroom.advisor.answer import Answer, CauseKey, Comparison
from headroom.advisor.compare import compare
from headroom.advisor.tell import recoveries
from headroom.sharing.library import load_world
from tests.cases.reading import read_case

MINUTE_S, HOUR_S = 60.0, 3600.0


@cache
def compared(case: str) -> Comparison:
    return compare(read_case(f"words/{case}"), load_world())


def told(case: str, name: str) -> tuple[Answer, str]:
    """The answer and the reason of the deployment that has this name."""
    comparison = compared(case)
    [place] = [place for place, answer in enumerate(comparison.evaluations) if answer.deployment.name == name]
    return comparison.evaluations[place], comparison.reasons[place]


def keys(answer: Answer) -> list[CauseKey]:
    return [cause.key for cause in answer.causes]


def in_service(answer: Answer) -> tuple[np.ndarray, float]:
    """Instances in service by bin, and the length of a bin, seconds."""
    assert answer.outcome is not None
    return answer.outcome.series.means["instances_in_service"], answer.outcome.series.bin_s


def test_a_target_far_below_what_an_instance_can_do_is_named() -> None:
    answer, reason = told("01-rt-scaling-delay", "As asked: 1500/min, cooldown 10/100")
    assert keys(answer) == ["low target"]
    assert "Its target, 1,500 requests a minute and instance, is 6.25 % of the 24,000 that an instance can" in reason
    assert keys(told("01-rt-scaling-delay", "Concurrency, 10 s metric")[0]) == []


def test_scaling_out_takes_6_to_10_minutes_and_scaling_in_is_decided_16_to_17_after_the_end() -> None:
    for name in ("As asked: 1500/min, cooldown 10/100", "Default cooldowns 300/300"):
        count, bin_s = in_service(told("01-rt-scaling-delay", name)[0])
        first_s = bin_s * int(np.argmax(count > 1.01)) - HOUR_S
        assert 5 * MINUTE_S <= first_s <= 10 * MINUTE_S
        last_s = bin_s * (1 + int(np.flatnonzero(count > 1.01)[-1])) - 2 * HOUR_S
        assert 15 * MINUTE_S <= last_s <= 18 * MINUTE_S


def test_a_missing_wake_policy_is_named() -> None:
    answer, reason = told("02-async-stuck-at-zero", "Target tracking only, target 1")
    assert keys(answer) == ["no wake policy"]
    assert "It has no wake policy: at zero instances" in reason
    assert "more than 1 waits (TargetValue); a step policy on HasBacklogWithoutCapacity would start it" in reason
    assert told("02-async-stuck-at-zero", "With wake policy")[0].meets


def test_the_limit_of_aws_that_ends_long_calls_is_named() -> None:
    answer, reason = told("03-serverless-video-60s", "Serverless 6 GB, max 10")
    assert "AWS's limit for InvokeEndpoint ends a request after 60 s (facts row 1.3)" in reason
    assert "need longer without any waiting." in reason
    assert answer.error_share is not None
    assert answer.error_share.value == pytest.approx(0.08, abs=0.03)
    waiting, _ = told("03-serverless-video-60s", "Async to zero")
    assert waiting.error_share is not None
    assert (waiting.error_share.value, keys(waiting)) == (0.0, ["from zero"])


def test_instances_without_an_object_are_named() -> None:
    alone, alone_reason = told("08-batch-one-instance-works", "1 object, 1 instance")
    idle, idle_reason = told("08-batch-one-instance-works", "1 object, 4 instances")
    assert "1 object: 3 of 4 instances have nothing to do and are paid" in idle_reason
    assert "have nothing to do" not in alone_reason
    assert (
        "2 objects: 2 of 4 instances have nothing" in told("08-batch-one-instance-works", "2 objects, 4 instances")[1]
    )
    assert keys(told("08-batch-one-instance-works", "40 objects, 4 instances")[0]) == []
    assert alone.cost_usd_per_month is not None
    assert idle.cost_usd_per_month is not None
    assert idle.cost_usd_per_month.value == pytest.approx(4 * alone.cost_usd_per_month.value, rel=0.01)
    assert alone.outcome is not None
    assert idle.outcome is not None
    assert idle.outcome.longest_job_s == pytest.approx(alone.outcome.longest_job_s, rel=0.01)


def test_one_worker_is_named_where_calls_wait_for_it() -> None:
    answer, reason = told("10-serial-container-45s", "1 x m4.xlarge")
    assert answer.error_share is not None
    assert answer.error_share.value == pytest.approx(0.75)
    assert keys(answer) == ["time limit", "few workers"]
    assert "ends a request after 60 s (a quota of the account, facts row 1.3), of which most was waiting." in reason
    assert "An instance works on 1 request at a time (Workers in the container), and the others wait." in reason
    assert told("10-serial-container-45s", "4 x m4.xlarge, least outstanding")[0].meets


def test_a_retry_storm_is_told_by_its_attempts() -> None:
    answer, reason = told("11-retry-storm-lambda", "2 fixed, retries")
    assert answer.outcome is not None
    seconds = answer.outcome.horizon_s * answer.outcome.replications
    assert answer.outcome.offered / seconds == pytest.approx(3.5, rel=0.05)
    assert answer.outcome.attempts / seconds > 7
    assert keys(answer) == ["retry storm", "queue full"]
    assert "A retry storm: 3.5" in reason
    assert "requests a second are offered, and clients make 7." in reason
    assert "not answered within the read timeout of 30 s is sent again while the container works on" in reason
    assert "without repeats its instances would be 8" in reason
    assert "retry storm" not in keys(told("11-retry-storm-lambda", "Async 2 fixed")[0])


def test_what_was_down_before_the_spike_did_not_stay_within_its_limits() -> None:
    answer, _ = told("11-retry-storm-lambda", "2 fixed, retries")
    assert answer.outcome is not None
    [sentence] = recoveries.sentences(answer.outcome, read_case("words/11-retry-storm-lambda").faults)
    assert sentence.startswith("Traffic spike at 01:00: was already beyond its limits before it, and did not get worse")


def test_instances_that_are_slow_at_first_are_named_where_scaling_adds_them() -> None:
    """40 s of a half to a quarter of 60 requests a second, for each of three new instances."""
    answer, reason = told("14-not-ready-at-scale-out", "1 to 4 on 1500 a minute")
    assert answer.error_share is not None
    assert 0.002 < answer.error_share.value < 0.01
    assert keys(answer) == ["late scaling", "slow start", "queue full"]
    assert "A new instance is 1,000 times as slow in its first 40 s (assumed: Warm-up hazard)." in reason


def test_a_closed_loop_is_measured_as_it_was() -> None:
    """128 callers without a pause: 26.0 requests a second, 4.73 s each, measured."""
    answer, _ = told("17-llm-closed-loop", "1 x g7e.2xlarge")
    assert answer.outcome is not None
    rate = answer.outcome.completed / answer.outcome.horizon_s / answer.outcome.replications
    assert rate == pytest.approx(26.0, rel=0.10)
    assert sum(answer.outcome.parts_s.values()) == pytest.approx(4.73, rel=0.15)


def test_the_setting_that_ends_long_requests_is_named() -> None:
    answer, reason = told("24-async-timeout-900", "Default time-out (900 s)")
    assert answer.error_share is not None
    assert answer.error_share.value == pytest.approx(0.17, abs=0.02)
    assert keys(answer) == ["time limit"]
    assert "InvocationTimeoutSeconds ends a request after 900 s (its own setting, facts row 4.5), and 16" in reason
    longer, _ = told("24-async-timeout-900", "Time-out 3600 s")
    assert (longer.meets, keys(longer)) == (True, [])


def test_calls_while_there_is_no_endpoint_are_told_why_they_fail() -> None:
    answer, reason = told("../limits/26-gpu-off-at-night", "Off from 19:00 to 07:30")
    assert keys(answer) == ["no endpoint"]
    assert "Its schedule takes it to no instance: calls fail until it is created again" in reason


def test_instances_that_come_after_a_spike_are_named() -> None:
    """The load is five times as high from 01:30 on, and one instance takes minutes to start."""
    answer, reason = told("../spike-scaled", "lor")
    assert keys(answer) == ["late scaling", "queue full"]
    assert "At 01:33, when it was worst, only 2 instances were in service, where scaling came to 12 later." in reason


def test_between_two_humps_an_interval_is_never_below_the_median() -> None:
    latency_s = told("step-between-two-humps", "1 to 6")[0].latency_s
    p50, p95 = latency_s["p50"], latency_s["p95"]
    assert p95.low is not None
    assert p95.high is not None
    assert p50.value < p95.low < p95.value < p95.high
    assert p95.low == pytest.approx(0.28, abs=0.05)
    assert p95.high > 4
