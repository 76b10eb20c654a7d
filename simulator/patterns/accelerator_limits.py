"""Whether an instance type has the accelerators that a copy of the model needs, and memory enough on them."""

from __future__ import annotations

from collections.abc import Iterator

from simulator.engine.replication import Case
from simulator.model.accelerators import holds, needed_mb, spread_over
from simulator.model.hardware import InstanceType
from simulator.model.limits import BrokenLimit
from simulator.model.service import workers

MB_PER_GB = 1024.0


def accelerators(case: Case, kind: InstanceType, *, batch: bool) -> Iterator[BrokenLimit]:
    """The GPU that the model needs, as many as one copy of it is spread over, and their memory."""
    needs_gpu, workload = case.requirement.needs_gpu, case.workload
    if needs_gpu and not kind.gpu_count:
        has = f"{kind.neuron_devices} {kind.accelerator_model}, no GPU" if kind.neuron_devices else "none"
        yield BrokenLimit(
            "GPU",
            f"{kind.name} has {has}",
            "an instance type with a GPU: the model only runs on one",
            "setting",
            "1.30",
        )
        return
    memory_mb, spread = needed_mb(workload, needs_gpu), spread_over(workload, kind)
    if not memory_mb or not kind.accelerators or holds(kind, spread, memory_mb):
        return
    if spread > kind.accelerators:
        given = f"{spread} for one copy of the model, its tensor_parallel_degree"
        yield BrokenLimit("accelerators", given, f"{kind.accelerators} on {kind.name}", "setting", "6.11")
        return
    yield _too_little_memory(case, kind, spread, memory_mb, batch=batch)


def _too_little_memory(case: Case, kind: InstanceType, spread: int, memory_mb: float, *, batch: bool) -> BrokenLimit:
    count = f"{spread} x" if spread > 1 else "one"
    allowed = f"{spread * kind.accelerator_memory_mb / MB_PER_GB:.4g} GB on {count} {kind.accelerator_model}"
    enough = _types_that_hold(case, memory_mb, batch=batch)
    allowed += f" of {kind.name}; enough on {', '.join(enough)}" if enough else f" of {kind.name}"
    more = next((n for n in (2, 4, 8, 16) if spread < n <= kind.accelerators and holds(kind, n, memory_mb)), 0)
    if more:
        allowed += f", or here on {more}, with tensor_parallel_degree = {more}, if the container can spread the model"
    return BrokenLimit(
        "GPU memory" if kind.gpu_count else "accelerator memory",
        f"{memory_mb / MB_PER_GB:.4g} GB for one copy of the model{_origin(case, memory_mb)}",
        allowed,
        "setting" if enough or more else "aws",
        "6.45",
    )


def _origin(case: Case, memory_mb: float) -> str:
    if case.workload.gpu_memory_mb:
        return ""
    field = "memory_mb" if memory_mb == case.workload.memory_mb else "model_mb"
    return f", its {field}, as gpu_memory_mb is not given"


def _types_that_hold(case: Case, memory_mb: float, *, batch: bool) -> list[str]:
    """The smallest instance type of up to three kinds of accelerator that hold one copy of the model, by memory."""
    needs_gpu, workload = case.requirement.needs_gpu, case.workload
    enough = [
        kind
        for kind in case.hardware.values()
        if (kind.batch_transform if batch else kind.hosting)
        and (kind.gpu_count or (kind.neuron_devices and not needs_gpu))
        and holds(kind, spread_over(workload, kind), memory_mb)
        and workload.memory_mb * workers(workload, kind, needs_gpu) <= kind.memory_mb
    ]
    enough.sort(key=lambda kind: (kind.accelerators * kind.accelerator_memory_mb, kind.memory_mb, kind.name))
    smallest: dict[str, str] = {}
    for kind in enough:
        smallest.setdefault(kind.accelerator_model, kind.name)
    return list(smallest.values())[:3]
