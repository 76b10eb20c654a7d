"""Service times on other machines, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from simulator.model.assumptions import Assumptions
from simulator.model.service import cpu_factor, demand_cv, demands, instance_factor, serverless_factor, workers
from simulator.model.workload import ServiceTime, Workload
from tests.engine import HARDWARE

M5_XLARGE, M5_4XLARGE, C5_XLARGE = (HARDWARE[name] for name in ("ml.m5.xlarge", "ml.m5.4xlarge", "ml.c5.xlarge"))


def test_workers_are_vcpus_unless_given_and_gpus_when_needed():
    assert workers(Workload(), M5_4XLARGE, needs_gpu=False) == 16
    assert workers(Workload(container_workers=3), M5_4XLARGE, needs_gpu=False) == 3
    assert workers(Workload(), HARDWARE["ml.g5.12xlarge"], needs_gpu=True) == 4


def test_one_worker_per_vcpu_is_equally_fast_on_every_size():
    assert instance_factor(Workload(), M5_XLARGE, M5_4XLARGE, needs_gpu=False) == 1.0


def test_parallel_work_is_faster_where_a_worker_has_more_vcpu():
    """Half parallel, two workers: 2 vCPU each on the reference, 8 on the larger: (0.5 + 0.5/8) / (0.5 + 0.5/2)."""
    workload = Workload(container_workers=2, parallel_fraction=0.5)
    assert instance_factor(workload, M5_XLARGE, M5_4XLARGE, needs_gpu=False) == pytest.approx(0.5625 / 0.75)


def test_less_than_one_vcpu_slows_everything_down():
    assert cpu_factor(0.5, 0.0) == 2.0
    assert cpu_factor(0.5, 1.0) == 2.0
    assert cpu_factor(4.0, 1.0) == 0.25


def test_serverless_speed_grows_with_memory_up_to_one_vcpu_for_serial_work():
    """1,024 MB are 0.58 vCPU at 1,769 MB each; from 2,048 MB on a serial request runs at full speed."""
    factors = [serverless_factor(Workload(), M5_XLARGE, memory, Assumptions()) for memory in (1024, 2048, 6144)]
    assert factors == [pytest.approx(1769 / 1024), 1.0, 1.0]


def test_gpu_time_scales_with_dense_fp16_throughput():
    workload = Workload(parallel_fraction=1.0)
    factor = instance_factor(workload, HARDWARE["ml.g5.xlarge"], HARDWARE["ml.g6.xlarge"], needs_gpu=True)
    assert factor == pytest.approx(70 / 121)


@pytest.mark.parametrize("distribution", ["lognormal", "gamma", "exponential", "deterministic"])
def test_demands_keep_the_mean_and_the_variation(distribution):
    service = ServiceTime(distribution=distribution, mean_ms=200, cv=0.7)
    drawn = demands(np.random.default_rng(1), service, 400_000)
    assert drawn.mean() == pytest.approx(0.2, rel=0.01)
    assert drawn.std() / drawn.mean() == pytest.approx(demand_cv(service), rel=0.02, abs=1e-9)
