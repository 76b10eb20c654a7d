"""How long an instance takes to start: the median, and what a large image or model adds to it.

The medians hold for an image and a model of the sizes below. What is larger adds the time to fetch it (facts rows 2.30,
2.33, 2.36 to 2.38).
"""

from __future__ import annotations

from simulator.model.assumptions import Assumptions
from simulator.model.hardware import InstanceType
from simulator.model.workload import Workload

INCLUDED_IMAGE_MB = 500.0
INCLUDED_MODEL_MB = 50.0
CONTENDED = 0.45
"""Rate of the model while the image is fetched too, over that alone: 95 of 210 MB/s (facts row 2.38)."""


def fetch_s(image_mb: float, model_mb: float, assumptions: Assumptions) -> float:
    """Seconds until image and model are there, fetched side by side; image_mb is 0 where the image is cached."""
    image_s = image_mb / assumptions.instance_image_mb_per_s
    meanwhile_mb = CONTENDED * assumptions.instance_model_mb_per_s * image_s
    return image_s + max(0.0, model_mb - meanwhile_mb) / assumptions.instance_model_mb_per_s


def more_to_fetch_s(workload: Workload, assumptions: Assumptions, *, cached: bool) -> float:
    """Seconds that this image and model take beyond what the medians of provisioning hold; at least 0."""
    fetched_s = fetch_s(0.0 if cached else workload.image_mb, workload.model_mb, assumptions)
    return max(0.0, fetched_s - fetch_s(INCLUDED_IMAGE_MB, INCLUDED_MODEL_MB, assumptions))


def median_s(workload: Workload, assumptions: Assumptions, kind: InstanceType, *, cached: bool) -> float:
    """Median time until an instance of this type is in service, before its model is loaded."""
    start_s = assumptions.provisioning_gpu_median_s if kind.accelerators else assumptions.provisioning_cpu_median_s
    return start_s + more_to_fetch_s(workload, assumptions, cached=cached)
