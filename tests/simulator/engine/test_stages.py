"""Stages of requests on every pattern: times, time-outs, parts, words and bill lines come from the list of stages."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from simulator.engine import stages
from simulator.engine.accumulators import Tally, new_log
from simulator.engine.aggregate import pool
from simulator.engine.histogram import Histogram
from simulator.engine.replication import Stream
from simulator.engine.stages import Law, Stage, Terms, stages_of
from simulator.kernels.fates import COMPLETED, FAILED, FATES, THROTTLED, TIMED_OUT
from simulator.model.assumptions import Assumptions
from simulator.model.usage import Usage
from simulator.model.workload import Client, ServiceTime, Workload
from simulator.patterns.asynchronous.deployment import AsynchronousDeployment
from simulator.patterns.batch.deployment import BatchDeployment
from simulator.patterns.realtime.deployment import RealtimeDeployment
from simulator.patterns.serverless.deployment import ServerlessDeployment
from simulator.traffic.kinds import Constant
from tests.engine import make_case, replicate

DEPLOYMENTS = (
    RealtimeDeployment(),
    ServerlessDeployment(max_concurrency=20),
    AsynchronousDeployment(min_capacity=1),
    BatchDeployment(schedule_every_s=1200),
)
WAITED_FOR, LATER, CALLED = DEPLOYMENTS[:2], DEPLOYMENTS[2], DEPLOYMENTS[:3]


def case(rate_per_s=5.0, *, assumptions=None, **client):
    workload = Workload(
        traffic=Constant(rate_per_s=rate_per_s),
        client=Client(**{"retry_mode": "none", **client}),
        service_time=ServiceTime(distribution="exponential", mean_ms=200),
        internet_egress_share=0.5,
    )
    return make_case(workload, assumptions=assumptions or Assumptions())


def run(one, deployment):
    return replicate(one, deployment, 1)[0]


def named(deployment):
    return deployment.pattern


@pytest.mark.parametrize("deployment", CALLED, ids=named)
def test_a_fixed_network_shifts_every_latency_and_nothing_else(deployment):
    before, after = run(case(), deployment), run(case(network_ms=750.0), deployment)
    assert after.usage == before.usage
    np.testing.assert_array_equal(after.sums.fates, before.sums.fates)
    percents = np.array([1.0, 50.0, 99.0, 99.9])
    near_s, far_s = (Histogram(r.sums.histogram.sum(axis=0)).curve(percents) for r in (before, after))
    np.testing.assert_allclose(far_s, near_s + 0.75, rtol=0.0157)
    assert after.stages_s["network"] == pytest.approx(0.75)
    assert after.stages_s["overhead"] == pytest.approx(before.stages_s["overhead"])


def test_without_calls_there_is_no_network():
    before, after = run(case(), DEPLOYMENTS[3]), run(case(network_ms=750, gateway_timeout_s=0.1), DEPLOYMENTS[3])
    assert after.usage == before.usage
    np.testing.assert_array_equal(after.sums.histogram, before.sums.histogram)
    assert after.stages_s == {"network": 0.0, "front_door": 0.0, "overhead": 0.0}


@pytest.mark.parametrize("deployment", WAITED_FOR, ids=named)
def test_a_gateway_ends_waits_while_the_work_goes_on_and_is_billed(deployment):
    before, after = run(case(), deployment), run(case(gateway_timeout_s=0.5, network_ms=400), deployment)
    late = int(after.sums.fates[:, TIMED_OUT].sum() - before.sums.fates[:, TIMED_OUT].sum())
    assert late > 100
    np.testing.assert_array_equal(after.sums.fates.sum(axis=1), after.offered)
    np.testing.assert_array_equal(after.sums.work, before.sums.work)
    billed = [{line.key: line.quantity for line in result.usage} for result in (before, after)]
    # An answer that comes too late leaves the endpoint, but not the Region.
    answered = before.sums.fates[:, COMPLETED].sum()
    undelivered = billed[0].pop("internet_out_gb") - billed[1].pop("internet_out_gb")
    assert undelivered == pytest.approx(0.5 * 0.001 / 1024 * late)
    assert after.sums.fates[:, COMPLETED].sum() == answered - late
    assert billed[0] == billed[1]
    # The gateway counts from the far end of the network: 0.5 s and 0.4 s on the way.
    assert Histogram(after.sums.histogram.sum(axis=0)).quantile(100.0) == pytest.approx(0.9, rel=0.01)


def test_nobody_waits_at_a_gateway_for_an_answer_that_comes_later():
    before, after = run(case(), LATER), run(case(gateway_timeout_s=0.5), LATER)
    np.testing.assert_array_equal(after.sums.fates, before.sums.fates)


def test_a_gateway_waits_for_the_retries_behind_it():
    """Without one each attempt crosses the network; behind one the network is crossed once."""
    crowded = {"rate_per_s": 40.0, "retry_mode": "legacy", "network_ms": 300.0}
    small = ServerlessDeployment(max_concurrency=4)
    direct, behind = run(case(**crowded), small), run(case(**crowded, gateway_timeout_s=3600), small)
    np.testing.assert_array_equal(direct.sums.fates, behind.sums.fates)
    completed = direct.sums.fates[:, COMPLETED].sum()
    attempts = (np.arange(17) * direct.sums.attempts).sum() / completed
    assert attempts > 1.2
    assert direct.stages_s["network"] == pytest.approx(0.3 * attempts)
    assert behind.stages_s["network"] == pytest.approx(0.3)


def test_a_log_without_a_row_is_nothing():
    """An instance that is lost before the first answer has the log folded while it is empty."""
    tally = Tally(3600.0, stages_of(case(network_varying_ms=60)))
    tally.fold(new_log(), 0)
    assert tally.sums.fates.sum() == 0


def test_a_request_has_the_same_network_time_in_every_deployment():
    """Common random numbers: both answer all requests, in other orders, and the network takes the same in all."""
    slow = case(20.0, network_varying_ms=300, network_cv=1.5)
    network = [
        run(slow, deployment).stages_s["network"]
        for deployment in (
            RealtimeDeployment(initial_instance_count=4, job_queue_size=10_000),
            RealtimeDeployment(initial_instance_count=2, job_queue_size=10_000),
            ServerlessDeployment(max_concurrency=200),
        )
    ]
    assert network == pytest.approx([network[0]] * 3, rel=1e-12)
    assert run(replace(slow, replication=1), RealtimeDeployment()).stages_s["network"] != pytest.approx(network[0])


def lookup(place, **terms):
    return Stage(
        key="lookup",
        title="Feature look-up",
        words="looking up features",
        place=place,
        stream=999,
        terms=lambda _case: Terms(law=Law(fixed_s=0.02, mean_s=0.03, cv=1.0), **terms),
    )


def register(monkeypatch, stage):
    monkeypatch.setattr(stages, "STAGES", (*stages.STAGES, stage))


@pytest.mark.parametrize("deployment", CALLED, ids=named)
@pytest.mark.parametrize("place", ["before", "after"])
def test_a_registered_stage_is_in_parts_words_and_bill(monkeypatch, place, deployment):
    read = Usage(key="s3_get_requests", quantity=2.0)
    before = run(case(), deployment)
    register(monkeypatch, lookup(place, usage=(read,)))
    after = run(case(), deployment)
    outcome = pool(deployment.pattern, [after], 99.0)
    assert outcome.parts_s["lookup"] == pytest.approx(0.05, rel=0.05)
    assert [part.key for part in stages.parts()][-1] == "lookup"
    assert stages.words_of("lookup") == "looking up features"
    assert after.usage[:-1] == before.usage
    assert after.usage[-1] == replace(read, quantity=2.0 * before.offered.sum())
    total_s = sum(outcome.parts_s.values())
    assert total_s == pytest.approx(sum(pool(deployment.pattern, [before], 99.0).parts_s.values()) + 0.05, rel=0.02)


@pytest.mark.parametrize("deployment", DEPLOYMENTS, ids=named)
def test_a_stage_inside_holds_a_worker(monkeypatch, deployment):
    """A look-up of 50 ms on average in a service of 200 ms: a quarter more work, whatever the machine's speed."""
    read = Usage(key="s3_get_requests", quantity=1.0)
    before = run(case(), deployment)
    register(monkeypatch, lookup("inside", usage=(read,)))
    after = run(case(), deployment)
    requests = float(before.offered.sum())
    assert after.usage[-1] == replace(read, quantity=requests)
    if before.jobs:  # with jobs that end after the horizon
        lasts_s = [sum(job.finished_s - job.began_s for job in result.jobs) for result in (before, after)]
        assert lasts_s[1] / lasts_s[0] == pytest.approx(1.25, rel=0.05)
    else:
        assert float((after.sums.work - before.sums.work).sum()) == pytest.approx(0.05 * requests, rel=0.05)
        assert after.stages_s["lookup"] == pytest.approx(0.05, rel=0.05)
        model_s = [float(r.sums.parts[3] / r.sums.fates[:, COMPLETED].sum()) for r in (before, after)]
        assert model_s[1] == pytest.approx(model_s[0], rel=1e-6)


@pytest.mark.parametrize("deployment", CALLED, ids=named)
def test_calls_beyond_a_capacity_are_throttled_before_the_model(monkeypatch, deployment):
    read = Usage(key="s3_get_requests", quantity=1.0)
    register(monkeypatch, lookup("before", capacity_per_s=3.0, burst=10.0, usage=(read,)))
    result = run(case(), deployment)
    fates = result.sums.fates.sum(axis=0)
    np.testing.assert_array_equal(result.sums.fates.sum(axis=1), result.offered)
    assert fates[COMPLETED] == pytest.approx(3.0 * result.horizon_s, rel=0.01)
    assert fates[COMPLETED] + fates[THROTTLED] == result.offered.sum()
    assert result.usage[-1].quantity == fates[COMPLETED]


@pytest.mark.parametrize("deployment", CALLED, ids=named)
@pytest.mark.parametrize("place", ["before", "inside", "after"])
def test_calls_that_fail_end_their_requests(monkeypatch, place, deployment):
    """Before the model nothing else is done; later the work was done in vain."""
    free = run(case(), deployment)
    register(monkeypatch, lookup(place, failure_share=0.2, usage=(Usage(key="s3_get_requests", quantity=1.0),)))
    result = run(case(), deployment)
    np.testing.assert_array_equal(result.sums.fates.sum(axis=1), result.offered)
    share = result.sums.fates[:, FAILED].sum() / result.offered.sum()
    assert share == pytest.approx(0.2, abs=4 * np.sqrt(0.16 / result.offered.sum()))
    assert result.usage[-1].quantity == result.offered.sum()
    work = result.sums.work.sum() / free.sums.work.sum()
    assert work == pytest.approx({"before": 0.8, "inside": 1.25, "after": 1.0}[place], rel=0.03)


def test_a_capacity_is_for_stages_before_the_model(monkeypatch):
    register(monkeypatch, lookup("inside", capacity_per_s=3.0))
    with pytest.raises(ValueError, match="lookup"):
        stages_of(case())


def test_no_two_stages_share_a_key_or_a_stream():
    assert len({part.key for part in stages.parts()}) == len(stages.parts())
    assert len({stage.stream for stage in stages.STAGES} - {int(stream) for stream in Stream}) == len(stages.STAGES)


def test_stages_stand_from_the_client_inwards():
    everything = case(network_ms=1, gateway_timeout_s=29)
    assert [one.stage.key for one in stages_of(everything)] == ["network", "front_door", "overhead"]
    assert [one.stage.key for one in stages_of(case())] == ["overhead"]
    assert FATES[TIMED_OUT] == "timed_out"
