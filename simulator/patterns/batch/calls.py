"""How records are packed into calls of the container, and how many calls a container has at once."""

from __future__ import annotations

import math

from simulator.patterns.batch.deployment import BatchDeployment

MAX_CALL_MB = 100.0  # facts rows 1.1, 5.5; also of all calls of a container at once, row 5.6


def records_per_call(deployment: BatchDeployment, request_mb: float, records_per_object: int) -> int:
    """Records of a full mini-batch (facts row 5.4)."""
    if deployment.split_type == "None":
        return records_per_object
    if deployment.batch_strategy == "SingleRecord":
        return 1
    if request_mb == 0:
        return records_per_object
    # The tolerance keeps a payload of exactly n records at n in spite of rounding.
    return min(records_per_object, max(1, math.floor(deployment.max_payload_in_mb / request_mb + 1e-9)))


def slots_per_instance(deployment: BatchDeployment, at_once: int) -> int:
    """Calls of a container at once: beyond what its engine works on at once they only wait inside it, and all hold 100
    MB (row 5.6).
    """
    allowed = int(MAX_CALL_MB) // deployment.max_payload_in_mb
    return min(deployment.max_concurrent_transforms or allowed, at_once)
