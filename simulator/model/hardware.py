"""Instance types as the simulator sees them: vCPU, memory, accelerators, where they may be used.

The data file is packaged beside this module (`data/instances.csv`, origin in `data/README.md`) and is read by
`sharing`.
"""

from __future__ import annotations

import csv
import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from io import StringIO

from simulator.errors import InvalidScenario, Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class InstanceType:
    """One ml.* instance type.

    gpu_memory_mb, gpu_bandwidth_gb_s (of that memory), gpu_fp16_tflops (dense): of one GPU, facts rows 6.46 to 6.55.
    baseline_vcpu: what a burstable type has without CPU credits, 0 for all others (facts row 1.42). neuron_memory_mb:
    of one Inferentia or Trainium chip. local_disk_gb: its own NVMe disks, 0 where it has none.
    """

    name: str
    vcpu: int
    baseline_vcpu: float
    memory_mb: float
    gpu_count: int
    gpu_model: str
    gpu_memory_mb: float
    gpu_bandwidth_gb_s: float
    gpu_fp16_tflops: float
    neuron_devices: int
    neuron_memory_mb: float
    hosting: bool
    batch_transform: bool
    local_disk_gb: float = 0.0

    @property
    def accelerators(self) -> int:
        """GPUs, or Inferentia or Trainium chips."""
        return self.gpu_count or self.neuron_devices

    @property
    def accelerator_memory_mb(self) -> float:
        """Memory of one accelerator, MB; 0 where there is none."""
        return self.gpu_memory_mb or self.neuron_memory_mb

    @property
    def accelerator_model(self) -> str:
        """What its accelerators are called; empty where there is none."""
        return self.gpu_model or ("AWS Neuron chip" if self.neuron_devices else "")


Hardware = Mapping[str, InstanceType]


def parse(text: str) -> dict[str, InstanceType]:
    """Read data/instances.csv: one row per instance type; memory in GiB becomes MB (1 GiB = 1,024 MB as AWS counts)."""
    return {
        row["instance"]: InstanceType(
            name=row["instance"],
            vcpu=int(row["vcpu"]),
            baseline_vcpu=float(row["baseline_vcpu"] or 0),
            memory_mb=float(row["memory_gib"]) * 1024,
            gpu_count=int(row["gpu_count"]),
            gpu_model=row["gpu_model"],
            gpu_memory_mb=float(row["gpu_memory_gib"] or 0) * 1024,
            gpu_bandwidth_gb_s=float(row["gpu_bandwidth_gb_s"] or 0),
            gpu_fp16_tflops=float(row["gpu_fp16_tflops"] or 0),
            neuron_devices=int(row["neuron_devices"]),
            neuron_memory_mb=float(row["neuron_memory_gib"] or 0) * 1024,
            hosting=row["hosting"] == "yes",
            batch_transform=row["batch_transform"] == "yes",
            local_disk_gb=float(row["local_disk_gb"] or 0),
        )
        for row in csv.DictReader(StringIO(text))
    }


def family_of(name: str) -> str:
    """The family of an instance type: "ml.m5" of "ml.m5.xlarge"."""
    return name.rpartition(".")[0]


def is_arm64(name: str) -> bool:
    """Whether a type has AWS Graviton processors: a "g" behind the generation, as in ml.c6g or ml.g5g (not ml.g5)."""
    return re.match(r"ml\.[a-z]+\d+g", name) is not None


def find(hardware: Hardware, name: str, where: str) -> InstanceType:
    """The instance type called `name`; raises InvalidScenario naming the nearest known types."""
    if name in hardware:
        return hardware[name]
    near = difflib.get_close_matches(name, hardware, n=3)
    allowed = f"one of {len(hardware)} known types" + (f", for instance {', '.join(near)}" if near else "")
    raise InvalidScenario([Problem(where, repr(name), allowed)])
