"""How many replications of a run the requests allow."""

from __future__ import annotations

import numpy as np

REQUESTS_FOR_REPLICATIONS = 10_000_000
"""Replications are cut so that all together make about this many requests, but at least one is run."""


def planned_replications(expected_requests: float, wanted: int) -> int:
    """Replications that will be run when one makes expected_requests."""
    return int(np.clip(REQUESTS_FOR_REPLICATIONS / max(expected_requests, 1.0), 1, wanted))
