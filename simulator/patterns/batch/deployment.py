"""What can be configured of transform jobs."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import model_validator

from simulator.engine.stages import Call
from simulator.fields import choice, quantity
from simulator.patterns.base import BaseDeployment
from simulator.traffic.kinds import DAY_S, Name

CALL: Call = "none"
"""A job reads its input from S3; nobody calls it."""


class BatchDeployment(BaseDeployment):
    """One configuration of transform jobs on a schedule."""

    pattern: Literal["batch"] = "batch"
    name: Name = choice("Batch transform", "Name", "A name for this configuration.")
    instance_type: Name = choice("ml.m5.xlarge", "InstanceType", "Type of the instances.")
    instance_count: int = quantity(1, "InstanceCount", "Instances of a job.", ge=1, le=100, row="1.16")
    input_objects: int = quantity(
        100,
        "Input objects",
        "S3 objects the input of a job is split into; an object is worked on by one instance.",
        ge=1,
        le=100_000,
        row="5.3",
    )
    split_type: Literal["None", "Line"] = choice(
        "Line", "SplitType", "None sends an object as a whole, Line sends its records.", row="5.4"
    )
    batch_strategy: Literal["MultiRecord", "SingleRecord"] = choice(
        "MultiRecord", "BatchStrategy", "MultiRecord packs records up to MaxPayloadInMB into a call.", row="5.4"
    )
    max_payload_in_mb: int = quantity(
        6, "MaxPayloadInMB", "Largest call of the container.", unit="MB", ge=1, le=100, row="5.5"
    )
    max_concurrent_transforms: int = quantity(
        0,
        "MaxConcurrentTransforms",
        "Calls of a container at once; 0 means as many as it has workers and 100 MB allow.",
        ge=0,
        le=512,
        row="5.6",
    )
    object_size_cv: float = quantity(
        0.0,
        "Variation of object sizes",
        "Standard deviation over mean of the records in an object, log-normal; 0 for objects of equal size.",
        ge=0,
        le=5,
        row="5.3",
    )
    failing_call_share: float = quantity(
        0.0, "Calls that fail", "Chance that a call of the container fails and is tried again.", ge=0, le=0.9, row="5.9"
    )
    invocations_max_retries: int = quantity(
        3,
        "InvocationsMaxRetries",
        "How often a call that failed or was cut off is tried again; after the last try its object gives no answers.",
        ge=0,
        le=3,
        row="5.9",
    )
    invocations_timeout_s: float = quantity(
        600.0,
        "InvocationsTimeoutInSeconds",
        "A call of the container that takes longer is cut off and tried again.",
        unit="s",
        ge=1,
        le=3600,
        row="5.9",
    )
    schedule_offset_s: float = quantity(
        0.0,
        "First job at",
        "Seconds after midnight of the first job; not used when the traffic is data sets, which start their own jobs.",
        unit="s",
        ge=0,
        le=DAY_S,
    )
    schedule_every_s: float = quantity(
        DAY_S,
        "A job every",
        "Time from one job to the next; a job takes what has arrived until it starts.",
        unit="s",
        ge=900,
        le=7 * DAY_S,
    )

    @model_validator(mode="after")
    def _payload_fits(self) -> Self:
        if self.max_concurrent_transforms * self.max_payload_in_mb > 100:
            raise ValueError("needs max_concurrent_transforms x max_payload_in_mb <= 100 MB")
        return self
