"""The fast answer as a whole: keys of the exact run, its figures where it is sure, and the words where it is not."""

from __future__ import annotations

import numpy as np
import pytest

from headroom.advisor.prepared import prepare
from headroom.sharing.library import load_world
from headroom.sharing.presets import PRESETS, load_preset
from simulator.estimate.answer import fast, reckon
from simulator.model.assumptions import Assumptions
from simulator.model.workload import Client, ServiceTime, Workload
from simulator.patterns.asynchronous.deployment import AsynchronousDeployment
from simulator.patterns.batch.deployment import BatchDeployment
from simulator.patterns.realtime.deployment import (
    InvocationsTracking,
    RealtimeDeployment,
    RealtimeStepIn,
    RealtimeStepOut,
)
from simulator.patterns.registry import BY_KEY
from simulator.patterns.serverless.deployment import ServerlessDeployment
from simulator.scaling.policies import ConcurrencyTracking
from simulator.simulate import limits, simulate
from simulator.traffic.kinds import Bursts, Constant, Counts, Jobs, Profile, Steps, Timestamps
from tests.engine import make_case
from tests.simulator.estimate.random_scenarios import scenario

DEPLOYMENTS = (
    RealtimeDeployment(),
    RealtimeDeployment(scaling=InvocationsTracking(target_value=200)),
    RealtimeDeployment(concurrency_scaling=ConcurrencyTracking(target_value=3)),
    RealtimeDeployment(
        step_scale_out=RealtimeStepOut(threshold=100),
        step_scale_in=RealtimeStepIn(threshold=1, metric="ConcurrentRequestsPerModel"),
    ),
    ServerlessDeployment(),
    ServerlessDeployment(provisioned_concurrency=2),
    AsynchronousDeployment(),
    AsynchronousDeployment(scaling=None, notify=False),
    BatchDeployment(schedule_every_s=3600),
)
TRAFFICS = (
    Constant(rate_per_s=2),
    Constant(rate_per_s=0),
    Profile(peak_rate_per_s=3, shape=(0, 1, 2)),
    Steps(),
    Bursts(on_rate_per_s=5, off_rate_per_s=0, mean_on_s=30, mean_off_s=300),
    Jobs(records=5000, at_s=600, submit_over_s=1800),
    Counts(bin_s=10, requests=(3, 0, 20)),
    Timestamps(t_s=(1.0, 1.0, 500.0)),
)


def a_case(traffic=TRAFFICS[0], **more):
    return make_case(Workload(traffic=traffic, service_time=ServiceTime(mean_ms=200), **more), duration_s=7200)


@pytest.mark.parametrize("ask", [fast, reckon])
@pytest.mark.parametrize("traffic", TRAFFICS, ids=lambda traffic: traffic.kind)
def test_every_pattern_answers_every_traffic_with_the_keys_of_the_exact_run(ask, traffic):
    case = a_case(traffic)
    for deployment in DEPLOYMENTS:
        result = BY_KEY[deployment.pattern].run(case, deployment)
        quick = ask(case, deployment)
        assert [(u.key, u.dimension, u.per) for u in quick.usage] == [(u.key, u.dimension, u.per) for u in result.usage]
        assert all(np.isfinite(u.quantity) and u.quantity >= 0 for u in quick.usage)
        assert quick.offered == pytest.approx(float(result.offered.sum()), rel=0.5, abs=50)
        assert set(quick.latency_s) in ({"p50", "p95", "p99"}, set())
        assert 0 <= quick.error_share.value <= 1
        assert quick.sure <= quick.stable
        assert bool(quick.reasons) != quick.sure
        over = quick.over_time
        assert over.rate_per_s.shape == over.slots.shape == over.capacity.shape


def test_the_same_question_has_the_same_answer():
    case = a_case()
    for deployment in DEPLOYMENTS:
        one, other = reckon(case, deployment), reckon(case, deployment)
        assert (one.latency_s, one.usage, one.reasons) == (other.latency_s, other.usage, other.reasons)


def test_an_overload_is_named_with_its_time():
    case = a_case(Steps.model_validate({"steps": [{"at_s": 0, "rate_per_s": 1}, {"at_s": 3600, "rate_per_s": 40}]}))
    for deployment in (RealtimeDeployment(), ServerlessDeployment(max_concurrency=4)):
        quick = reckon(case, deployment)
        assert not quick.stable
        assert not quick.sure
        assert "in work at 01:00, 4 slots" in quick.reasons[0]


def test_an_overload_is_named_where_the_exact_run_is_used_too():
    case = a_case(Steps.model_validate({"steps": [{"at_s": 0, "rate_per_s": 1}, {"at_s": 3600, "rate_per_s": 40}]}))
    quick = fast(case, ServerlessDeployment(max_concurrency=4))
    assert quick.method == "counted"
    assert not quick.stable
    assert "end without an answer, most at 01:" in quick.reasons[0]


def test_what_formulas_leave_out_is_said():
    case = make_case(Workload(traffic=Constant(rate_per_s=2)), assumptions=Assumptions(instances_per_endpoint_quota=50))
    quick = reckon(case, RealtimeDeployment(initial_instance_count=4))
    assert not quick.sure
    assert "leaves out Quota of instances per endpoint" in quick.reasons[-1]


def test_a_policy_that_only_adds_has_one_alarm_as_in_the_exact_run():
    case = a_case()
    deployment = RealtimeDeployment(scaling=InvocationsTracking(target_value=200, disable_scale_in=True))
    assert reckon(case, deployment).usage[-1] == BY_KEY["realtime"].run(case, deployment).usage[-1]


@pytest.mark.parametrize("mode", ["standard", "adaptive"])
def test_clients_that_limit_their_rate_are_left_out(mode):
    case = make_case(Workload(traffic=Constant(rate_per_s=2), client=Client(retry_mode=mode)))
    told = any("Retry mode adaptive" in reason for reason in reckon(case, ServerlessDeployment()).reasons)
    assert told == (mode == "adaptive")


def test_throttled_requests_that_come_again_wait_longer():
    def p99(mode):
        case = a_case(Constant(rate_per_s=12), client=Client(retry_mode=mode))
        return reckon(case, ServerlessDeployment(max_concurrency=6)).latency_s["p99"].value

    assert p99("legacy") > 1.5 * p99("none")


def within(quick, outcome, case):
    """Within 15 % for latency and 2 % for what is paid for."""
    names = {"p99", f"p{case.requirement.latency_percentile:g}"}
    exact = {name: outcome.latency.quantile(float(name[1:])) for name in names}
    close = all(abs(quick.latency_s[name].value / exact[name] - 1) <= 0.15 for name in names)
    paid, wanted = quick.usage[0].quantity, outcome.usage[0].quantity
    return close and abs(paid / wanted - 1) <= 0.02


WORLD = load_world()


def compared(numbers, ask):
    sure, good = 0, 0
    for number in numbers:
        one = scenario(number)
        case, deployment = prepare(one, WORLD).case, one.deployments[0]
        if limits(case, deployment):
            continue
        quick = ask(case, deployment)
        if quick.sure:
            sure += 1
            good += within(quick, simulate(case, deployment), case)
    return sure, good


def test_a_few_small_random_scenarios_are_as_good_as_they_say():
    sure, good = compared((6, 9, 13, 30, 43, 47, 50, 59), reckon)
    assert sure >= 5
    assert good == sure


@pytest.mark.slow
@pytest.mark.parametrize("ask", [fast, reckon])
def test_random_scenarios_are_as_good_as_they_say(ask):
    sure, good = compared(range(30), ask)
    assert sure >= 15
    assert good >= 0.95 * sure


@pytest.mark.parametrize("key", [preset.key for preset in PRESETS])
def test_every_preset_has_an_answer(key):
    one = load_preset(key)
    case = prepare(one, WORLD).case
    for deployment in one.deployments:
        if not limits(case, deployment):
            quick = fast(case, deployment)
            assert quick.latency_s
            assert quick.offered > 0
