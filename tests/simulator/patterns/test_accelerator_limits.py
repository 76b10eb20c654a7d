"""Accelerator memory as a limit: whose copy of the model has to fit where, by hand."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.model.accelerators import copies, spread_over
from simulator.model.limits import BrokenLimit
from simulator.model.requirement import Requirement
from simulator.model.service import workers
from simulator.model.workload import Workload
from simulator.patterns.accelerator_limits import accelerators
from tests.engine import HARDWARE, make_case

GIB = 1024
LLM: dict[str, Any] = {"container_workers": 16, "memory_mb": 8000, "model_mb": 26_000}


def broken(name: str, *, needs_gpu: bool = True, batch: bool = False, **work: float) -> list[BrokenLimit]:
    case = make_case(Workload(**work), requirement=Requirement(needs_gpu=needs_gpu))
    return list(accelerators(case, HARDWARE[name], batch=batch))


@pytest.mark.parametrize(
    ("name", "gib", "fits"),
    [
        ("ml.g4dn.2xlarge", 16, True),
        ("ml.g4dn.2xlarge", 16.5, False),
        ("ml.g5.2xlarge", 22, True),
        ("ml.g5.2xlarge", 23, False),
        ("ml.g5.12xlarge", 23, False),
        ("ml.g6e.2xlarge", 44, True),
    ],
)
def test_a_copy_has_to_fit_one_accelerator(name, gib, fits):
    assert [limit.what for limit in broken(name, gpu_memory_mb=gib * GIB)] == ([] if fits else ["GPU memory"])


def test_the_limit_names_what_is_needed_what_is_there_and_what_would_do():
    (limit,) = broken("ml.g5.2xlarge", gpu_memory_mb=30 * GIB)
    assert limit.whose == "setting"
    assert limit.row == "6.45"
    assert limit.given == "30 GB for one copy of the model"
    assert limit.allowed == (
        "22.4 GB on one NVIDIA A10G of ml.g5.2xlarge; enough on ml.g7.2xlarge, ml.g6e.xlarge, ml.p5.4xlarge"
    )


def test_more_than_any_type_has_is_no_fault_of_the_type():
    (limit,) = broken("ml.g5.2xlarge", gpu_memory_mb=300 * GIB)
    assert limit.whose == "aws"
    assert limit.allowed == "22.4 GB on one NVIDIA A10G of ml.g5.2xlarge"


def test_without_its_own_figure_memory_and_model_are_held_against_the_gpu():
    (limit,) = broken("ml.g5.8xlarge", memory_mb=30 * GIB)
    assert limit.given == "30 GB for one copy of the model, its memory_mb, as gpu_memory_mb is not given"
    (limit,) = broken("ml.g5.8xlarge", memory_mb=1000, model_mb=26_000)
    assert limit.given == "25.39 GB for one copy of the model, its model_mb, as gpu_memory_mb is not given"
    assert broken("ml.g5.8xlarge", memory_mb=30 * GIB, gpu_memory_mb=8 * GIB) == []


def test_a_model_that_needs_no_gpu_is_held_against_the_host_alone():
    assert broken("ml.g5.8xlarge", needs_gpu=False, memory_mb=3 * GIB) == []


def test_workers_that_are_more_than_the_gpus_share_one_copy_on_all_of_them():
    """26 GB of weights: too much for one L4, however much memory the host has; not for four A10G together."""
    assert broken("ml.g5.12xlarge", **LLM) == []
    assert [limit.what for limit in broken("ml.g6.8xlarge", **LLM)] == ["GPU memory"]
    assert spread_over(Workload(**LLM), HARDWARE["ml.g5.12xlarge"]) == 4


def test_a_copy_spread_over_several_accelerators_has_their_memory_and_makes_one_worker():
    spread: dict[str, Any] = {"gpu_memory_mb": 30 * GIB, "memory_mb": 1000, "tensor_parallel_degree": 2}
    assert broken("ml.g5.12xlarge", **spread) == []
    assert copies(Workload(**spread), HARDWARE["ml.g5.12xlarge"]) == 2
    assert workers(Workload(**spread), HARDWARE["ml.g5.12xlarge"], needs_gpu=True) == 2
    (limit,) = broken("ml.g5.2xlarge", **spread)
    assert (limit.what, limit.allowed, limit.whose) == ("accelerators", "1 on ml.g5.2xlarge", "setting")


def test_the_limit_says_over_how_many_the_model_could_be_spread():
    (limit,) = broken("ml.g5.12xlarge", gpu_memory_mb=60 * GIB)
    assert limit.allowed.endswith(
        "or here on 4, with tensor_parallel_degree = 4, if the container can spread the model"
    )


def test_neuron_chips_are_no_gpus_and_their_memory_counts_where_none_is_needed():
    (limit,) = broken("ml.inf2.xlarge")
    assert limit.given == "ml.inf2.xlarge has 1 AWS Neuron chip, no GPU"
    assert limit.allowed == "an instance type with a GPU: the model only runs on one"
    (limit,) = broken("ml.inf2.xlarge", needs_gpu=False, gpu_memory_mb=33 * GIB)
    assert (limit.what, limit.allowed.partition(" of ")[0]) == ("accelerator memory", "32 GB on one AWS Neuron chip")


def test_types_that_are_named_are_accepted_there():
    """ml.g7 is for endpoints only."""
    (limit,) = broken("ml.g5.2xlarge", batch=True, gpu_memory_mb=30 * GIB)
    assert "ml.g7." not in limit.allowed
    assert "ml.g6e.xlarge" in limit.allowed


def test_every_accelerator_has_memory_and_every_gpu_its_speed():
    """The total of ml.trn2.48xlarge is 1.5 TB (AWS Neuron documentation)."""
    kinds = [kind for kind in HARDWARE.values() if kind.accelerators]
    assert len(kinds) > 60
    assert all(kind.accelerator_memory_mb >= 8 * GIB for kind in kinds)
    assert all(kind.gpu_bandwidth_gb_s >= 300 and kind.gpu_fp16_tflops >= 65 for kind in kinds if kind.gpu_count)
    trn2 = HARDWARE["ml.trn2.48xlarge"]
    assert trn2.neuron_devices * trn2.neuron_memory_mb == 1536 * GIB
