"""What exact runs show of the fast answer corrects it for what scales in the same way, and only for that."""

from __future__ import annotations

import math

import pytest

from headroom.advisor.answer import Answer
from headroom.advisor.order import cost_usd, required_latency_s
from headroom.advisor.prepared import prepare
from headroom.advisor.search.learned import Learned
from headroom.advisor.search.runs import Runs
from headroom.advisor.search.surrogate import SurrogateMemo
from simulator.patterns.realtime.deployment import InvocationsTracking, RealtimeDeployment
from simulator.patterns.registry import Deployment
from simulator.scaling.policies import ConcurrencyTracking
from tests.headroom.advisor.search.small import DAILY, WORLD, scenario

WHAT = scenario(traffic=DAILY, simulation={"duration_s": 43_200.0, "replications": 2})
PREPARED = prepare(WHAT, WORLD)


def on_concurrency(target: float) -> Deployment:
    policy = ConcurrencyTracking(target_value=target)
    return RealtimeDeployment(instance_type="ml.c5.large", concurrency_scaling=policy, max_capacity=4)


def on_invocations(target: float) -> Deployment:
    policy = InvocationsTracking(target_value=target)
    return RealtimeDeployment(instance_type="ml.c5.large", scaling=policy, max_capacity=4)


@pytest.fixture(scope="module")
def fast() -> SurrogateMemo:
    return SurrogateMemo(PREPARED, replications=2, rough=False)


@pytest.fixture(scope="module")
def runs() -> Runs:
    return Runs(PREPARED, None, lambda _: None)


def exact(runs: Runs, deployment: Deployment) -> Answer:
    runs.run([deployment], 2)
    return runs.evaluation(deployment)


def test_what_was_simulated_is_corrected_to_its_run_within_a_hundredth(fast, runs):
    learned = Learned(PREPARED)
    deployment = on_concurrency(3.0)
    learned.see(fast.ask(deployment), exact(runs, deployment))
    corrected, run = learned.corrected(fast.ask(deployment)), exact(runs, deployment)
    assert cost_usd(corrected) == pytest.approx(cost_usd(run), rel=0.01)
    assert required_latency_s(WHAT, corrected) == pytest.approx(required_latency_s(WHAT, run), rel=0.02)


def test_another_target_moves_the_same_way_by_less(fast, runs):
    learned = Learned(PREPARED)
    seen, other = on_concurrency(2.0), on_concurrency(3.0)
    learned.see(fast.ask(seen), exact(runs, seen))
    ratio_seen = math.log(cost_usd(exact(runs, seen)) / cost_usd(fast.ask(seen)))
    ratio_other = math.log(cost_usd(learned.corrected(fast.ask(other))) / cost_usd(fast.ask(other)))
    assert 0 < ratio_other / ratio_seen < 1


def test_another_way_of_scaling_stays_as_the_fast_answer_has_it(fast, runs):
    learned = Learned(PREPARED)
    seen, other = on_concurrency(2.0), on_invocations(900.0)
    learned.see(fast.ask(seen), exact(runs, seen))
    assert learned.corrected(fast.ask(other)) is fast.ask(other)
    assert not learned.known(fast.ask(other))
    assert learned.known(fast.ask(seen))
