"""Draws of the time from asking for instances until they serve: start, fetching image and model, loading the model.

All instances of one scale-out share most of the spread: it was measured between endpoints (facts row 2.30), and those
of one scale-out are of one type and fetch the same things at the same time.
"""

from __future__ import annotations

import math

import numpy as np

from simulator.engine.replication import Case, Stream
from simulator.model.hardware import InstanceType
from simulator.model.startup import median_s


class ScaleOuts:
    """Draws the times until the instances of one scale-out are in service, model loaded.

    The first start of an endpoint that begins without instances fetches its image; later ones find it cached on types
    with accelerators (facts row 2.37), unless `image_is_cached` says otherwise. A capacity shortage holds all instances
    of a scale-out up (facts row 2.42).
    """

    def __init__(self, case: Case, kind: InstanceType, initial: int) -> None:
        self._case, self._kind = case, kind
        self._rng, self._shortage = case.rng(Stream.PROVISIONING), case.rng(Stream.SHORTAGE)
        self._fetched_before = initial > 0
        sigma, within = case.assumptions.provisioning_sigma, case.assumptions.provisioning_within_share
        self._shared_sigma, self._own_sigma = sigma * math.sqrt(1 - within**2), sigma * within

    def __call__(self, count: int) -> list[float]:
        """Seconds from asking for `count` instances together until each is in service."""
        assumptions = self._case.assumptions
        cached = assumptions.image_is_cached and self._kind.accelerators > 0 and self._fetched_before
        self._fetched_before = True
        shared_s = median_s(self._case.workload, assumptions, self._kind, cached=cached)
        shared_s *= float(self._rng.lognormal(0.0, self._shared_sigma))
        later_s = self._case.workload.model_load_s
        if self._shortage.random() < assumptions.shortage_probability:
            later_s += assumptions.shortage_s
        own = np.exp(self._own_sigma * self._rng.standard_normal(count))
        return [shared_s * float(factor) + later_s for factor in own]
