"""What the fast answer says of one deployment: the figures of an outcome, each with its error, and whether to trust it.

An error is relative: 0.05 means that the exact run is expected within 5 % of the value, in 19 cases of 20.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from simulator.model.usage import Usage

Floats = NDArray[np.float64]

SURE_LATENCY = 0.15
SURE_USAGE = 0.02
REFUSED = 0.02
"""From this error share on, the capacity does not keep up, whatever the load is on average."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A value and its relative error."""

    value: float
    error: float


@dataclass(frozen=True, slots=True, kw_only=True)
class OverTime:
    """Means over equal steps of the horizon, float64[m]: requests per second that arrive, requests that can be in work
    at once (0 where nothing is in service), and instances or environments that are paid for or kept.
    """

    step_s: float
    rate_per_s: Floats
    slots: Floats
    capacity: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """The fast answer. latency_s: percentile name ("p50", "p95", "p99" and the required one) -> seconds as the client
    sees them, empty when nothing is answered. offered: requests of one replication. usage: the keys of the exact run;
    usage_error: relative error of the compute in it.

    method: "counted" when so few requests come that some replications were run, "reckoned" when they were not.
    stable: the capacity keeps up, or what it does not keep up with is too little to matter. sure: stable, and the
    errors are within 15 % for latency and 2 % for usage. reasons: why not, in words.
    """

    pattern: str
    method: Literal["counted", "reckoned"]
    horizon_s: float
    offered: float
    latency_s: dict[str, Figure]
    error_share: Figure
    utilisation: Figure | None
    longest_job_s: Figure | None
    over_time: OverTime
    usage: tuple[Usage, ...]
    usage_error: float
    stable: bool
    sure: bool
    reasons: tuple[str, ...] = ()
