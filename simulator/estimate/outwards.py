"""From what an endpoint takes to what its client sees: the stages of requests, as distributions of times."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from simulator.engine.replication import Case
from simulator.engine.stages import Call, stages_of
from simulator.estimate import time_distribution
from simulator.model.usage import Usage

Floats = NDArray[np.float64]


def outwards(case: Case, latency: Floats, call: Call = "held", extra_s: float = 0.0) -> tuple[Floats, float]:
    """The distribution of the latency as the client sees it, from that of the endpoint, and the mass of what is
    answered too late for a stage outside. Masses over the buckets of the histogram, as in time_distribution; extra_s:
    what the endpoint adds to all of it, seconds.
    """
    waiting_s, late = extra_s, 0.0
    for applied in reversed(stages_of(case, call)):
        law, limit_s = applied.terms.law, applied.terms.limit_s
        if applied.stage.place == "inside":
            continue
        waiting_s += law.least_s
        if law.varies:
            sigma2 = math.log1p(law.cv**2)
            varying = time_distribution.lognormal(law.mean_s * math.exp(-sigma2 / 2), math.sqrt(sigma2))
            latency = time_distribution.add(latency, varying)
        if limit_s < math.inf:
            latency, waiting_s = time_distribution.shift(latency, waiting_s), 0.0
            in_time = time_distribution.up_to(latency, limit_s)
            late += float(latency.sum() - in_time.sum())
            latency = in_time
    return time_distribution.shift(latency, waiting_s), late


def usage_of_calls(case: Case, call: Call, requests: float) -> tuple[Usage, ...]:
    """What the calls of the stages consume, one by each request."""
    lines = (line for applied in stages_of(case, call) for line in applied.terms.usage)
    return tuple(replace(line, quantity=line.quantity * requests) for line in lines)
