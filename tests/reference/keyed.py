"""The slow twin of simulator/kernels/keyed.py: whole numbers of Python, one request at a time."""

from __future__ import annotations

import math
import struct

LAST = 2**64 - 1
STEP = 0x9E3779B97F4A7C15


def mixed(z: int) -> int:
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 & LAST
    z = (z ^ z >> 27) * 0x94D049BB133111EB & LAST
    return z ^ z >> 31


def number(arrival_s: float, before: int, key: int, which: int) -> float:
    """The number in [0, 1) that is `which` of a request; before: neighbours ahead of it that arrived with it."""
    bits = struct.unpack("<Q", struct.pack("<d", arrival_s))[0]
    state = mixed(mixed((bits + STEP * (before + 1)) & LAST) ^ key)
    return (mixed((state + STEP * which) & LAST) >> 11) / 2**53


def neighbours(arrival_s: list[float]) -> list[int]:
    before: list[int] = []
    for i, at in enumerate(arrival_s):
        before.append(before[-1] + 1 if i and at == arrival_s[i - 1] else 0)
    return before


def uniform(arrival_s: list[float], key: int) -> list[float]:
    return [number(at, k, key, 3) for at, k in zip(arrival_s, neighbours(arrival_s), strict=True)]


def lognormal(arrival_s: list[float], key: int, mu: float, sigma: float) -> list[float]:
    times = []
    for at, k in zip(arrival_s, neighbours(arrival_s), strict=True):
        radius = math.sqrt(-2 * math.log(number(at, k, key, 1) + 2**-53))
        times.append(math.exp(mu + sigma * radius * math.cos(2 * math.pi * number(at, k, key, 2))))
    return times
