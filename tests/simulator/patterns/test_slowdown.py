"""A container that slows down under concurrency does so on every pattern."""

from __future__ import annotations

import pytest

from simulator.model.assumptions import Assumptions
from simulator.model.workload import Client, ServiceTime, Slowdown, Workload
from simulator.patterns.asynchronous.deployment import AsynchronousDeployment
from simulator.patterns.batch.deployment import BatchDeployment
from simulator.patterns.realtime.deployment import RealtimeDeployment
from simulator.patterns.serverless.deployment import ServerlessDeployment
from simulator.traffic.kinds import Jobs, Timestamps
from tests.engine import make_case, replicate

PLAIN = Assumptions(overhead_ms=0, provisioning_sigma=0, minibatch_overhead_ms=0, serverless_cold_sigma=0)
TABLE = (Slowdown(concurrency=2, factor=1.5), Slowdown(concurrency=4, factor=3.5))


def work(traffic, slowdown=TABLE):
    return Workload(
        traffic=traffic,
        service_time=ServiceTime(distribution="deterministic", mean_ms=1000),
        client=Client(retry_mode="none"),
        container_workers=4,
        slowdown=slowdown,
        request_mb=0,
        response_mb=0,
        model_load_s=0,
    )


def service_s(result):
    """Mean time in service of those that were answered."""
    return result.sums.parts[3] / result.sums.fates[:, 0].sum()


@pytest.mark.parametrize(
    "deployment", [RealtimeDeployment(), AsynchronousDeployment(scaling=None)], ids=lambda one: one.pattern
)
@pytest.mark.parametrize(
    ("t_s", "mean_s"),
    [
        ((100.0, 200.0), 1.0),
        ((100.0, 100.5), (1 + 1.5) / 2),
        ((100.0, 100.1, 100.2, 100.3), (1 + 1.5 + 2.5 + 3.5) / 4),  # three at once lie on the line between two and four
        ((100.0, 100.5, 101.5), (1 + 1.5 + 1.5) / 3),  # the first is gone when the third begins
    ],
)
def test_endpoints_serve_slower_the_more_an_instance_works_on(deployment, t_s, mean_s):
    case = make_case(work(Timestamps(t_s=t_s, repeat=False)), warmup_s=0, assumptions=PLAIN)
    (result,) = replicate(case, deployment, 1)
    assert service_s(result) == pytest.approx(mean_s)


@pytest.mark.parametrize(
    ("calls_at_once", "expected_s"),
    [
        (1, 40.0),
        # The first of two calls begins alone; from then on one always begins beside another: 1.5 s each. Forty calls on
        # two slots, of which one is half a second ahead.
        (2, 1.0 + 19 * 1.5 + 0.5),
    ],
)
def test_calls_of_a_transform_job_do_too(calls_at_once, expected_s):
    case = make_case(work(Jobs(records=40, at_s=100)), warmup_s=0, assumptions=PLAIN)
    deployment = BatchDeployment(
        input_objects=1, batch_strategy="SingleRecord", max_concurrent_transforms=calls_at_once, max_payload_in_mb=1
    )
    ((job,),) = (result.jobs for result in replicate(case, deployment, 1))
    assert job.finished_s == pytest.approx(job.began_s + expected_s)


def test_saturated_instances_lose_as_much_on_every_pattern():
    """A thousand records at once: four workers need 3.5 s for what one does in 1 s, but for the very first calls."""
    takes_s = {}
    for deployment, traffic in (
        (RealtimeDeployment(job_queue_size=10_000), Timestamps(t_s=(100.0,) * 1000, repeat=False)),
        (AsynchronousDeployment(scaling=None), Timestamps(t_s=(100.0,) * 1000, repeat=False)),
        (BatchDeployment(input_objects=1, batch_strategy="SingleRecord"), Jobs(records=1000, at_s=100)),
    ):
        case = make_case(work(traffic), warmup_s=0, assumptions=PLAIN)
        (result,) = replicate(case, deployment, 1)
        takes_s[deployment.pattern] = result.sums.work.sum() / 1000
    assert takes_s["asynchronous"] == pytest.approx(3.5, rel=0.01)
    # Of a job the work counts until the last answer, which is uploaded at once here.
    assert takes_s["batch"] == pytest.approx(takes_s["asynchronous"])
    # Whoever waits for more than 60 s has timed out, and is worked on all the same.
    assert takes_s["realtime"] == pytest.approx(takes_s["asynchronous"])


def test_a_serverless_environment_works_on_one_request_and_has_its_line_of_the_table():
    """An environment of 2 GB is as fast as the reference, which has one vCPU for each of four workers."""
    traffic = Timestamps(t_s=(100.0, 100.1, 100.2), repeat=False)
    alone = (Slowdown(concurrency=1, factor=1.2), *TABLE)
    for table, expected_s in ((TABLE, 1.0), (alone, 1.2)):
        case = make_case(work(traffic, table), warmup_s=0, assumptions=PLAIN)
        (result,) = replicate(case, ServerlessDeployment(memory_size_in_mb=2048), 1)
        assert service_s(result) == pytest.approx(expected_s)
