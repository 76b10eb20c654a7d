"""Service times on other machines, by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from simulator.model.assumptions import Assumptions
from simulator.model.service import (
    cpu_factor,
    demand_cv,
    demands,
    instance_factor,
    serverless_factor,
    slowdown_table,
    workers,
)
from simulator.model.workload import MeasuredTime, ServiceTime, Slowdown, Workload
from tests.engine import HARDWARE

M5_XLARGE, M5_4XLARGE, C5_XLARGE = (HARDWARE[name] for name in ("ml.m5.xlarge", "ml.m5.4xlarge", "ml.c5.xlarge"))


def test_workers_are_vcpus_unless_given_and_gpus_when_needed():
    assert workers(Workload(), M5_4XLARGE, needs_gpu=False) == 16
    assert workers(Workload(container_workers=3), M5_4XLARGE, needs_gpu=False) == 3
    assert workers(Workload(), HARDWARE["ml.g5.12xlarge"], needs_gpu=True) == 4


def test_one_worker_per_vcpu_is_equally_fast_on_every_size():
    assert instance_factor(Workload(), Assumptions(), M5_XLARGE, M5_4XLARGE, needs_gpu=False) == 1.0


def test_parallel_work_is_faster_where_a_worker_has_more_vcpu():
    """Half parallel, two workers: 2 vCPU each on the reference, 8 on the larger: (0.5 + 0.5/8) / (0.5 + 0.5/2)."""
    workload = Workload(container_workers=2, parallel_fraction=0.5)
    assert instance_factor(workload, Assumptions(), M5_XLARGE, M5_4XLARGE, needs_gpu=False) == pytest.approx(
        0.5625 / 0.75
    )


def test_less_than_one_vcpu_slows_everything_down():
    assert cpu_factor(0.5, 0.0) == 2.0
    assert cpu_factor(0.5, 1.0) == 2.0
    assert cpu_factor(4.0, 1.0) == 0.25


def test_serverless_speed_grows_with_memory_up_to_one_vcpu_for_serial_work():
    """1,024 MB are 0.58 vCPU at 1,769 MB each; from 2,048 MB on a serial request runs at full speed."""
    factors = [serverless_factor(Workload(), M5_XLARGE, memory, Assumptions()) for memory in (1024, 2048, 6144)]
    assert factors == [pytest.approx(1769 / 1024), 1.0, 1.0]


@pytest.mark.parametrize(("bound_by_memory", "ratio"), [(1.0, 600 / 300), (0.0, 70 / 121), (0.5, 1 + 35 / 121)])
def test_gpu_time_scales_with_bandwidth_as_far_as_it_waits_and_with_throughput_as_far_as_it_computes(
    bound_by_memory, ratio
):
    """An L4 has half the bandwidth of an A10G and 1.73 times its throughput (facts rows 6.47, 6.48)."""
    assumptions = Assumptions(gpu_memory_bound_share=bound_by_memory)
    assert factor("ml.g5.xlarge", "ml.g6.xlarge", assumptions=assumptions) == pytest.approx(ratio)


def test_gpus_are_not_equal_unless_the_work_is_elsewhere():
    assert factor("ml.g5.xlarge", "ml.g4dn.xlarge") == pytest.approx(600 / 320)
    assert factor("ml.g5.xlarge", "ml.g4dn.xlarge", gpu_fraction=0.5) == pytest.approx(0.5 + 300 / 320)
    assert factor("ml.g5.xlarge", "ml.g4dn.xlarge", gpu_fraction=0.0) == 1.0


def test_a_worker_has_one_gpu_and_more_only_where_its_copy_is_spread():
    """Four GPUs at 70 % of their speed make 2.8."""
    assert factor("ml.g5.xlarge", "ml.g5.12xlarge", container_workers=1) == 1.0
    assert factor("ml.g5.xlarge", "ml.g5.12xlarge") == 1.0
    spread = factor("ml.g5.xlarge", "ml.g5.12xlarge", container_workers=1, tensor_parallel_degree=4)
    assert spread == pytest.approx(1 / 2.8)
    assert factor("ml.g5.2xlarge", "ml.g5.12xlarge", container_workers=64) == pytest.approx(1 / 2.8)


def test_a_measured_time_is_taken_as_it_is():
    measured = (MeasuredTime(instance_type="ml.g6.xlarge", mean_ms=120),)
    assert factor("ml.g5.xlarge", "ml.g6.xlarge", service_time=ServiceTime(mean_ms=100, measured=measured)) == 1.2
    on_cpu = ServiceTime(mean_ms=100, measured=(MeasuredTime(instance_type="ml.m5.4xlarge", mean_ms=30),))
    found = instance_factor(Workload(service_time=on_cpu), Assumptions(), M5_XLARGE, M5_4XLARGE, needs_gpu=False)
    assert found == pytest.approx(0.3)


def test_several_measured_times_of_a_type_are_its_own_slowdown():
    shared = (Slowdown(concurrency=8, factor=3),)
    measured = tuple(
        MeasuredTime(instance_type="ml.g6.xlarge", mean_ms=ms, concurrency=n) for n, ms in ((64, 300), (1, 100))
    )
    workload = Workload(slowdown=shared, service_time=ServiceTime(measured=measured))
    assert slowdown_table(workload, "ml.g5.xlarge") == shared
    own = slowdown_table(workload, "ml.g6.xlarge")
    assert [(row.concurrency, row.factor) for row in own] == [(1, 1.0), (64, 3.0)]


def test_a_measured_time_stands_once():
    row = MeasuredTime(instance_type="ml.g6.xlarge", mean_ms=1)
    with pytest.raises(ValueError, match="one line for each instance type"):
        ServiceTime(measured=(row, row))


def factor(reference: str, name: str, *, assumptions: Assumptions | None = None, **work: Any) -> float:
    asked = assumptions or Assumptions(spread_efficiency=0.7)
    return instance_factor(Workload(**work), asked, HARDWARE[reference], HARDWARE[name], needs_gpu=True)


@pytest.mark.parametrize("distribution", ["lognormal", "gamma", "exponential", "deterministic"])
def test_demands_keep_the_mean_and_the_variation(distribution):
    service = ServiceTime(distribution=distribution, mean_ms=200, cv=0.7)
    drawn = demands(np.random.default_rng(1), service, 400_000)
    assert drawn.mean() == pytest.approx(0.2, rel=0.01)
    assert drawn.std() / drawn.mean() == pytest.approx(demand_cv(service), rel=0.02, abs=1e-9)
