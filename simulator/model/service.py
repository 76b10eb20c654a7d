"""How long one request takes on other hardware than the reference, and how many a machine works on at once.

A worker with v vCPU needs f(v) = (1 - p) / min(1, v) + p / v of the time of a worker with one vCPU: the serial part
cannot use more than one core, the parallel part p uses them all (Amdahl 1967, doi:10.1145/1465482.1465560, extended
to v < 1). On GPUs the parallel part scales with dense FP16 throughput instead (facts section 6.1); clock speeds and
generations of CPU are not modelled.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from simulator.model.accelerators import copies
from simulator.model.assumptions import Assumptions
from simulator.model.hardware import InstanceType
from simulator.model.workload import ServiceTime, Workload

FloatArray = NDArray[np.float64]

# Dense FP16 TFLOPS of one GPU, facts section 6.1; a model that is not listed counts as the reference GPU.
GPU_TFLOPS: Mapping[str, float] = {
    "NVIDIA T4": 65,
    "NVIDIA A10G": 70,
    "NVIDIA L4": 121,
    "NVIDIA L40S": 366,
    "NVIDIA A100": 312,
    "NVIDIA H100": 989,
    "NVIDIA H200": 989,
}


def workers(workload: Workload, instance: InstanceType, needs_gpu: bool) -> int:
    """Requests one instance works on at once (facts row 2.53)."""
    if workload.container_workers:
        return workload.container_workers
    return max(1, copies(workload, instance) if needs_gpu else instance.vcpu)


def cpu_factor(vcpu_per_worker: float, parallel_fraction: float) -> float:
    """Time on a worker with that many vCPU over the time on a worker with one."""
    return (1 - parallel_fraction) / min(1.0, vcpu_per_worker) + parallel_fraction / vcpu_per_worker


def instance_factor(workload: Workload, reference: InstanceType, instance: InstanceType, needs_gpu: bool) -> float:
    """Service time on `instance` over that on `reference`."""
    here, there = workers(workload, instance, needs_gpu), workers(workload, reference, needs_gpu)
    if needs_gpu and instance.gpu_count and reference.gpu_count:
        return (1 - workload.parallel_fraction) + workload.parallel_fraction * (_gpu(reference) / there) / (
            _gpu(instance) / here
        )
    return _relative(instance.vcpu / here, reference.vcpu / there, workload.parallel_fraction)


def serverless_vcpu(memory_size_in_mb: int, assumptions: Assumptions) -> float:
    """vCPU of a serverless environment (facts row 3.8)."""
    return memory_size_in_mb / assumptions.serverless_mb_per_vcpu


def serverless_factor(
    workload: Workload, reference: InstanceType, memory_size_in_mb: int, assumptions: Assumptions
) -> float:
    """Service time in a serverless environment, which has one worker (facts row 3.2), over that on `reference`."""
    there = reference.vcpu / workers(workload, reference, needs_gpu=False)
    return _relative(serverless_vcpu(memory_size_in_mb, assumptions), there, workload.parallel_fraction)


def demands(rng: np.random.Generator, service: ServiceTime, n: int) -> FloatArray:
    """Service times on the reference instance, float64[n], seconds."""
    mean_s = service.mean_ms / 1000
    if service.distribution == "deterministic":
        return np.full(n, mean_s)
    if service.distribution == "exponential":
        return rng.standard_exponential(n) * mean_s
    if service.distribution == "gamma":
        shape = service.cv**-2
        return rng.standard_gamma(shape, n) * (mean_s / shape)
    sigma2 = math.log1p(service.cv**2)
    drawn = rng.standard_normal(n)
    drawn *= math.sqrt(sigma2)
    drawn += math.log(mean_s) - sigma2 / 2
    np.exp(drawn, out=drawn)
    return drawn


def demand_cv(service: ServiceTime) -> float:
    """Coefficient of variation of the service time."""
    return {"deterministic": 0.0, "exponential": 1.0}.get(service.distribution, service.cv)


def _relative(vcpu_per_worker: float, reference_vcpu_per_worker: float, parallel_fraction: float) -> float:
    return cpu_factor(vcpu_per_worker, parallel_fraction) / cpu_factor(reference_vcpu_per_worker, parallel_fraction)


def _gpu(instance: InstanceType) -> float:
    return GPU_TFLOPS.get(instance.gpu_model, 65) * instance.gpu_count
