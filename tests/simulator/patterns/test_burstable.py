"""Burstable types: credits counted by hand, and no scaling."""

from __future__ import annotations

import pytest

from simulator.model.limits import BrokenLimit
from simulator.model.workload import Batching, ServiceTime, Workload
from simulator.patterns.asynchronous.deployment import AsynchronousDeployment
from simulator.patterns.asynchronous.limits import limits as asynchronous_limits
from simulator.patterns.burstable import KEPT_MINUTES
from simulator.patterns.realtime.deployment import InvocationsTracking, RealtimeDeployment
from simulator.patterns.realtime.limits import limits, worth_knowing
from simulator.traffic.kinds import Constant, Step, Steps, Traffic
from tests.engine import HARDWARE, make_case

T2 = RealtimeDeployment(instance_type="ml.t2.medium", initial_instance_count=1)
BASELINE = 0.4


def broken(deployment: RealtimeDeployment, traffic: Traffic, *, hours: float = 24, **work: object) -> list[BrokenLimit]:
    """One second of one vCPU for each request, so that the rate is the vCPU in use."""
    values = {"service_time": ServiceTime(mean_ms=1000), "reference_instance_type": "ml.t2.medium"} | work
    case = make_case(Workload(traffic=traffic, **values), duration_s=hours * 3600, warmup_s=0)
    return list(limits(case, deployment))


def constant(rate_per_s: float) -> Constant:
    return Constant(rate_per_s=rate_per_s)


def test_the_credits_of_all_types_that_endpoints_accept_are_known():
    names = {name for name in HARDWARE if name.startswith(("ml.t2.", "ml.t3.")) and HARDWARE[name].hosting}
    assert names == {name for name, kind in HARDWARE.items() if kind.baseline_vcpu}
    assert KEPT_MINUTES * HARDWARE["ml.t2.medium"].baseline_vcpu == pytest.approx(576)
    assert KEPT_MINUTES * HARDWARE["ml.t2.large"].baseline_vcpu == pytest.approx(864)


def test_more_than_the_baseline_on_average_is_ruled_out_and_less_is_not():
    assert broken(T2, constant(0.39)) == []
    (limit,) = broken(T2, constant(0.41))
    assert (limit.what, limit.whose, limit.row, limit.at_s) == ("CPU credits", "aws", "1.42", None)
    assert limit.given == "0.41 vCPU on average"
    assert limit.allowed.startswith("0.4 vCPU of ml.t2.medium")


def test_instances_share_the_load():
    assert broken(T2.model_copy(update={"initial_instance_count": 2}), constant(0.79)) == []
    (limit,) = broken(T2.model_copy(update={"initial_instance_count": 2}), constant(0.81))
    assert limit.allowed.startswith("0.8 vCPU of 2 x ml.t2.medium")


def test_a_peak_uses_up_the_credits_of_a_day():
    """576 credits, of which 1.4 - 0.4 go in each minute from 10:00 on: empty after 576 minutes, at 19:36."""
    peak = Steps(steps=(Step(at_s=0, rate_per_s=0), Step(at_s=36_000, rate_per_s=1.4), Step(at_s=72_000, rate_per_s=0)))
    (limit,) = broken(T2, peak, hours=48)
    assert limit.at_s == pytest.approx(36_000 + 576 * 60, abs=61)
    assert limit.given.startswith("1.4 vCPU at the peak")
    shorter = Steps(
        steps=(Step(at_s=0, rate_per_s=0), Step(at_s=36_000, rate_per_s=1.4), Step(at_s=70_000, rate_per_s=0))
    )
    assert broken(T2, shorter, hours=48) == []


def test_no_more_is_used_than_there_are_vcpus():
    """10 requests a second for half an hour: 2 vCPU at most, 48 credits."""
    spike = Steps(steps=(Step(at_s=0, rate_per_s=0), Step(at_s=36_000, rate_per_s=10), Step(at_s=37_800, rate_per_s=0)))
    assert broken(T2, spike) == []


def test_what_a_batch_does_once_takes_no_credits_for_each_request():
    assert broken(T2, constant(0.7), batching=Batching(fixed_share=0.5)) == []


def test_it_cannot_be_scaled():
    scaled = T2.model_copy(update={"scaling": InvocationsTracking()})
    (limit,) = broken(scaled, constant(0.01))
    assert (limit.what, limit.whose, limit.row) == ("scaling of a burstable type", "aws", "1.41")
    case = make_case(Workload(traffic=constant(0.01)))
    found = asynchronous_limits(case, AsynchronousDeployment(instance_type="ml.t2.medium"))
    assert [limit.row for limit in found] == ["1.41"]


def test_where_it_may_run_its_credits_are_worth_knowing():
    case = make_case(Workload(traffic=constant(0.01)))
    assert any("0.4 of its 2 vCPU last" in text for text in worth_knowing(case, T2))
    assert not any("burstable" in text for text in worth_knowing(case, RealtimeDeployment()))
