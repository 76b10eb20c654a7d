"""How a program of the benchmark measures itself and reports: one line of JSON on standard output.

Standard library only: this file runs in the environment of every peer.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable, Sequence
from importlib.metadata import version
from typing import Any, TypeVar

T = TypeVar("T")

BATCHES = 20


class Clock:
    """Sums up CPU and wall-clock seconds of the calls it is given. CPU seconds count all threads of this process."""

    def __init__(self) -> None:
        self.cpu_s = 0.0
        self.wall_s = 0.0

    def time(self, work: Callable[[], T]) -> T:
        """Do the work and take its time."""
        cpu_s, wall_s = time.process_time(), time.perf_counter()
        done = work()
        self.cpu_s += time.process_time() - cpu_s
        self.wall_s += time.perf_counter() - wall_s
        return done


def means(values: Sequence[float], batches: int = BATCHES) -> list[float]:
    """Means of so many consecutive batches of equal size; a remainder at the end is left out."""
    size = len(values) // batches
    return [sum(values[k * size : (k + 1) * size]) / size for k in range(batches)]


def report(package: str, requests: int, clock: Clock, answers: dict[str, list[float]], **more: Any) -> None:
    """Print what was measured. package: whose version is told, "" for none. answers: name -> means of batches or
    replications.
    """
    measured = {
        "version": version(package) if package else "",
        "python": ".".join(map(str, sys.version_info[:3])),
        "requests": requests,
        "cpu_s": clock.cpu_s,
        "wall_s": clock.wall_s,
        "memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "answers": answers,
    }
    print(json.dumps(measured | more))
