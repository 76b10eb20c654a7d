"""Random numbers that belong to a request: functions of a key and of the bits of its arrival time.

They come out the same in whatever order requests are asked for, so a request keeps its numbers in every deployment
(common random numbers) without anybody remembering them. The bits are mixed by SplitMix64 (Steele, Lea, Flood, "Fast
splittable pseudorandom number generators", OOPSLA 2014), twice, once for the key; a standard normal number is made of
two by Box and Muller (Annals of Mathematical Statistics 29(2), 1958). Requests next to each other that arrived at the
same moment get numbers of their own, in their order.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simulator.kernels import Floats, compiled

Bits = NDArray[np.uint64]

STEP = np.uint64(0x9E3779B97F4A7C15)
FIRST, SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
THIRD = np.uint64(0xDAA66D2C7DDF743F)  # three times STEP: not the numbers of `lognormal`
UNIT = 2.0**-53


def _mix(z: np.uint64) -> np.uint64:
    """The finishing steps of SplitMix64: every bit of the result depends on every bit of z."""
    z = np.uint64((z ^ (z >> np.uint64(30))) * FIRST)
    z = np.uint64((z ^ (z >> np.uint64(27))) * SECOND)
    return np.uint64(z ^ (z >> np.uint64(31)))


def _states(arrival_s: Floats, key: np.uint64, states: Bits) -> None:
    """uint64[n], one state for each request."""
    bits = arrival_s.view(np.uint64)
    same = np.uint64(0)
    for i in range(bits.size):
        same = same + np.uint64(1) if i > 0 and bits[i] == bits[i - 1] else np.uint64(0)
        states[i] = mix(mix(bits[i] + STEP * (same + np.uint64(1))) ^ key)


def _uniform(arrival_s: Floats, key: np.uint64, out: Floats) -> None:
    """float64[n] into out: uniform in [0, 1)."""
    states = np.empty(arrival_s.size, dtype=np.uint64)
    draw(arrival_s, key, states)
    for i in range(states.size):
        out[i] = float(mix(states[i] + THIRD) >> np.uint64(11)) * UNIT


def _lognormal(arrival_s: Floats, key: np.uint64, mu: float, sigma: float, out: Floats) -> None:
    """float64[n] into out: the exponential of mu + sigma x, x standard normal."""
    states = np.empty(arrival_s.size, dtype=np.uint64)
    draw(arrival_s, key, states)
    for i in range(states.size):
        # In (0, 1], so that its logarithm is finite.
        radius = (float(mix(states[i] + STEP) >> np.uint64(11)) + 1.0) * UNIT
        angle = float(mix(states[i] + STEP + STEP) >> np.uint64(11)) * UNIT
        out[i] = np.exp(mu + sigma * np.sqrt(-2.0 * np.log(radius)) * np.cos(2.0 * np.pi * angle))


mix = compiled(_mix)
draw = compiled(_states)
uniform = compiled(_uniform)
lognormal = compiled(_lognormal)
