"""How long one request takes on other hardware than the reference, and how many a machine works on at once.

A worker with v vCPU needs f(v) = (1 - p) / min(1, v) + p / v of the time of a worker with one vCPU: the serial part
cannot use more than one core, the parallel part p uses them all (Amdahl 1967, doi:10.1145/1465482.1465560, extended
to v < 1). Clock speeds and generations of CPU are not modelled.

On GPUs the part of the work that is done there takes time in proportion to 1 / memory bandwidth as far as it waits for
memory, and to 1 / dense FP16 throughput as far as it computes: the two sides of the roofline (Williams, Waterman and
Patterson 2009, doi:10.1145/1498765.1498785; facts rows 6.8, 6.46 to 6.55). Where a time was measured, it is taken.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from simulator.model.accelerators import copies, spread_over
from simulator.model.assumptions import Assumptions
from simulator.model.hardware import InstanceType
from simulator.model.workload import MeasuredTime, ServiceTime, Slowdown, Workload

FloatArray = NDArray[np.float64]


def workers(workload: Workload, instance: InstanceType, needs_gpu: bool) -> int:
    """Requests one instance works on at once (facts row 2.53)."""
    if workload.container_workers:
        return workload.container_workers
    return max(1, copies(workload, instance) if needs_gpu else instance.vcpu)


def cpu_factor(vcpu_per_worker: float, parallel_fraction: float) -> float:
    """Time on a worker with that many vCPU over the time on a worker with one."""
    return (1 - parallel_fraction) / min(1.0, vcpu_per_worker) + parallel_fraction / vcpu_per_worker


def measured(service: ServiceTime, instance_type: str) -> list[MeasuredTime]:
    """Times that were measured on this instance type, fewest requests in work first."""
    rows = [row for row in service.measured if row.instance_type == instance_type]
    return sorted(rows, key=lambda row: row.concurrency)


def instance_factor(
    workload: Workload, assumptions: Assumptions, reference: InstanceType, instance: InstanceType, needs_gpu: bool
) -> float:
    """Service time of a request alone on `instance` over that on `reference`."""
    times = measured(workload.service_time, instance.name)
    if times:
        return times[0].mean_ms / workload.service_time.mean_ms
    if needs_gpu and instance.gpu_count and reference.gpu_count:
        share = assumptions.gpu_memory_bound_share
        bandwidth, throughput = gpu_ratios(workload, assumptions, reference, instance)
        return (1 - workload.gpu_fraction) + workload.gpu_fraction * (share * bandwidth + (1 - share) * throughput)
    here, there = workers(workload, instance, needs_gpu), workers(workload, reference, needs_gpu)
    return _relative(instance.vcpu / here, reference.vcpu / there, workload.parallel_fraction)


def is_scaled_between_gpus(
    workload: Workload, reference: InstanceType | None, instance: InstanceType | None, needs_gpu: bool
) -> bool:
    """Whether the service time on `instance` is worked out from that on another type with GPUs."""
    return bool(
        instance
        and reference
        and needs_gpu
        and instance.gpu_count
        and reference.gpu_count
        and instance.name != reference.name
        and not measured(workload.service_time, instance.name)
    )


def gpu_ratios(
    workload: Workload, assumptions: Assumptions, reference: InstanceType, instance: InstanceType
) -> tuple[float, float]:
    """Time of the part on the GPU over that on the reference's: if it waits for memory only, if it computes only."""
    share = [_gpu_share(workload, assumptions, kind) for kind in (reference, instance)]
    bandwidth = reference.gpu_bandwidth_gb_s * share[0] / (instance.gpu_bandwidth_gb_s * share[1])
    throughput = reference.gpu_fp16_tflops * share[0] / (instance.gpu_fp16_tflops * share[1])
    return bandwidth, throughput


def has_own_slowdowns(service: ServiceTime) -> bool:
    """Whether any instance type has a slowdown of its own: several measured times."""
    return len({row.instance_type for row in service.measured}) < len(service.measured)


def slowdown_table(workload: Workload, instance_type: str) -> tuple[Slowdown, ...]:
    """Service time by requests in work on this type: that of its own measurements where there are several, else the
    workload's.
    """
    times = measured(workload.service_time, instance_type)
    if len(times) < 2:
        return workload.slowdown
    return tuple(Slowdown(concurrency=row.concurrency, factor=row.mean_ms / times[0].mean_ms) for row in times)


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


def _gpu_share(workload: Workload, assumptions: Assumptions, instance: InstanceType) -> float:
    """GPUs of this type that one worker has for itself, a copy that is spread over several counting for less."""
    spread = min(spread_over(workload, instance), instance.gpu_count)
    power = spread * (assumptions.spread_efficiency if spread > 1 else 1.0)
    return power * min(1.0, instance.gpu_count // spread / workers(workload, instance, needs_gpu=True))
