"""GPUs and Neuron chips: how many one copy of the model is spread over, and what memory it needs on them."""

from __future__ import annotations

from simulator.model.hardware import InstanceType
from simulator.model.workload import Workload


def spread_over(workload: Workload, instance: InstanceType) -> int:
    """Accelerators that one copy of the model is spread over on this type (facts row 6.11).

    Where it is not given, a container with more workers than there are accelerators is taken for a server whose
    requests share one copy on all of them; any other has a copy on each.
    """
    if workload.tensor_parallel_degree:
        return workload.tensor_parallel_degree
    return max(1, instance.accelerators) if workload.container_workers > instance.accelerators else 1


def copies(workload: Workload, instance: InstanceType) -> int:
    """Copies of the model that an instance has room for."""
    return instance.accelerators // spread_over(workload, instance)


def needed_mb(workload: Workload, needs_gpu: bool) -> float:
    """Accelerator memory of one copy of the model; 0 where nothing says that it has to be on an accelerator.

    A model that needs a GPU, and says nothing of its memory there, needs what one worker needs in memory, and room
    for its weights.
    """
    if workload.gpu_memory_mb or not needs_gpu:
        return workload.gpu_memory_mb
    return max(workload.memory_mb, workload.model_mb)


def holds(instance: InstanceType, spread: int, memory_mb: float) -> bool:
    """Whether this type has so many accelerators, and so much memory on them together (facts row 6.45)."""
    return spread <= instance.accelerators and memory_mb <= spread * instance.accelerator_memory_mb
