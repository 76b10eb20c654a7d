"""GPUs as a language model's copy sees them: the datasheet's rates, and the link between the GPUs of an instance.

Memory, its bandwidth and the dense FP16 throughput are those of the instance type (`simulator/model/hardware.py`);
`data/llm/accelerators.csv` adds what only this engine needs.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from io import StringIO

from simulator.errors import InvalidScenario, Problem
from simulator.model.hardware import InstanceType

_GIB = 2.0**30


@dataclass(frozen=True, slots=True, kw_only=True)
class GpuSheet:
    """A row of data/llm/accelerators.csv. family: GPUs whose fitted shares are common. Rates are 0 where the GPU has no
    such arithmetic.
    """

    gpu_model: str
    family: str
    fp8_flops: float
    fp4_flops: float
    link_bytes_per_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Accelerator:
    """One GPU of an instance type: bytes, bytes per second and dense floating point operations per second."""

    sheet: GpuSheet
    memory_bytes: float
    bandwidth: float
    flops: float

    @property
    def large(self) -> bool:
        """Whether vLLM takes its larger defaults on this GPU: 70 GiB or more, and no A100."""
        return self.memory_bytes >= 70 * _GIB and self.sheet.family != "ampere"


def parse_accelerators(text: str) -> dict[str, GpuSheet]:
    """Read data/llm/accelerators.csv by the name of the GPU in data/instances.csv."""
    return {
        row["gpu_model"]: GpuSheet(
            gpu_model=row["gpu_model"],
            family=row["family"],
            fp8_flops=float(row["fp8_tflops"] or 0) * 1e12,
            fp4_flops=float(row["fp4_tflops"] or 0) * 1e12,
            link_bytes_per_s=float(row["link_gb_s"]) * 1e9,
        )
        for row in csv.DictReader(StringIO(text))
    }


def accelerator_of(instance: InstanceType, sheets: Mapping[str, GpuSheet], where: str) -> Accelerator:
    """The GPU of an instance type. Raises InvalidScenario where it has none, or one that nobody has measured or
    described for language models.
    """
    sheet = sheets.get(instance.gpu_model)
    if sheet is None:
        has = f"{instance.name}, which has {instance.accelerator_model or 'no accelerator'}"
        allowed = f"a type with one of {', '.join(name.removeprefix('NVIDIA ') for name in sheets)}"
        raise InvalidScenario([Problem(where, has, allowed, "Headroom has no figures for language models elsewhere.")])
    return Accelerator(
        sheet=sheet,
        memory_bytes=instance.gpu_memory_mb / 1024 * _GIB,
        bandwidth=instance.gpu_bandwidth_gb_s * 1e9,
        flops=instance.gpu_fp16_tflops * 1e12,
    )
