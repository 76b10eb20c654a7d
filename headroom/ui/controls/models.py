"""Starting points for the service time of common kinds of models. They are typical sizes to overwrite, no measurements:
what counts is the time of one's own container.
"""

from __future__ import annotations

from dataclasses import dataclass

from simulator.scenario import Scenario


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A kind of model, the mean time of one request on an instance type, and what it needs."""

    title: str
    instance_type: str
    gpu: bool
    mean_ms: float
    memory_mb: float
    model_mb: float
    image_mb: float
    request_mb: float


MODELS: tuple[Model, ...] = (
    Model(title="Tabular model, CPU", instance_type="ml.m5.large", gpu=False, mean_ms=15, memory_mb=500,
          model_mb=20, image_mb=400, request_mb=0.005),
    Model(title="Image classifier, CPU", instance_type="ml.m5.xlarge", gpu=False, mean_ms=120, memory_mb=1_500,
          model_mb=100, image_mb=1_500, request_mb=0.3),
    Model(title="Image classifier, GPU", instance_type="ml.g4dn.xlarge", gpu=True, mean_ms=12, memory_mb=3_000,
          model_mb=100, image_mb=4_000, request_mb=0.3),
    Model(title="Text encoder, CPU", instance_type="ml.m5.xlarge", gpu=False, mean_ms=150, memory_mb=2_000,
          model_mb=450, image_mb=1_500, request_mb=0.005),
    Model(title="Text encoder, GPU", instance_type="ml.g4dn.xlarge", gpu=True, mean_ms=12, memory_mb=3_000,
          model_mb=450, image_mb=4_000, request_mb=0.005),
    Model(title="Speech to text, GPU", instance_type="ml.g5.xlarge", gpu=True, mean_ms=1_500, memory_mb=8_000,
          model_mb=3_000, image_mb=5_000, request_mb=1.0),
)  # fmt: skip


def with_model(scenario: Scenario, model: Model) -> Scenario:
    """The scenario with a model of this kind; times that were measured for another model are forgotten."""
    workload = scenario.workload
    service_time = workload.service_time.model_copy(update={"mean_ms": float(model.mean_ms), "measured": ()})
    changes = {
        "service_time": service_time,
        "reference_instance_type": model.instance_type,
        "memory_mb": float(model.memory_mb),
        "model_mb": float(model.model_mb),
        "image_mb": float(model.image_mb),
        "request_mb": model.request_mb,
        "max_request_mb": 0.0,
    }
    requirement = scenario.requirement.model_copy(update={"needs_gpu": model.gpu})
    return scenario.model_copy(update={"workload": workload.model_copy(update=changes), "requirement": requirement})
