"""Fleets that get more than they can do for a while: the backlog of instances with queues, as a fluid.

A queue beyond its limit is not steady. It fills by what comes too much, from stretch to stretch, refuses what does not
fit, and is worked off when less comes: a burst of a minute that fits into the queues costs time, and no errors.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.estimate import time_distribution
from simulator.estimate.fleet_path import Path
from simulator.estimate.queueing import Fleet, Mixed
from simulator.kernels.buckets import BUCKETS

Floats = NDArray[np.float64]

_POINTS = 32
"""Arrivals of a stretch that stand for all of them."""


class Flow(NamedTuple):
    """One stretch. came, refused: requests; waits_s: of those that are accepted while the backlog rises or falls, from
    first to last; level: share of the accepted that come after that, when the queues are full or empty, and wait
    level_s.
    """

    came: float
    refused: float
    waits_s: tuple[float, float]
    level: float
    level_s: float


@dataclass(slots=True, kw_only=True, eq=False)
class Behind:
    """What arrivals of the horizon find in stretches with a backlog. inside: mask of the counted stretches, one path
    after the other; wait: requests by their waits; came, refused: requests.
    """

    inside: NDArray[np.bool_]
    wait: Floats
    came: float = 0.0
    refused: float = 0.0

    def joined(self, steady: Mixed, all_came: float) -> Mixed:
        """All arrivals: these and those of steady queues, of `all_came` together."""
        if not self.came:
            return steady
        share = min(1.0, self.came / all_came)
        return Mixed(
            wait=(1 - share) * steady.wait + self.wait / all_came,
            refused=(1 - share) * steady.refused + self.refused / all_came,
            waiting=(1 - share) * steady.waiting + share,
            near=(1 - share) * steady.near,
            full=(1 - share) * steady.full + share,
        )


def again_s(max_attempts: int, delay_cap_s: float) -> float:
    """How long a refused request goes on asking before it gives up, on the average of those that are refused while
    queues are full: half of the mean delays of all attempts (facts rows 8.1 to 8.3).
    """
    return sum(0.5 * min(2.0**attempt, delay_cap_s) for attempt in range(max_attempts - 1)) / 2


def behind(paths: Sequence[Path], fleet: Fleet, asking_s: float) -> Behind:
    """The stretches of these paths with a backlog, and what arrivals find there. asking_s: see `again_s`."""
    found = Behind(inside=np.zeros(sum(int(path.counted.sum()) for path in paths), dtype=bool), wait=np.zeros(BUCKETS))
    first = 0
    for path in paths:
        start = int(np.argmax(path.counted))
        for number, flow in _flows(path, fleet, asking_s):
            if number >= start:
                found.inside[first + number - start] = True
                _count(found, flow)
        first += path.in_service.size - start
    return found


def _flows(path: Path, fleet: Fleet, asking_s: float) -> Iterator[tuple[int, Flow]]:
    """The stretches of one path that begin with a backlog or build one up."""
    length_s, mean_s = path.length_s, fleet.mean_s / fleet.places
    done = path.in_service * length_s / mean_s
    over = np.flatnonzero((path.expected > done) & (path.in_service > 0))
    if not math.isfinite(fleet.room):
        return
    number, backlog = -1, 0.0
    for begins in over.tolist():
        if begins <= number:
            continue
        number = begins
        while number < path.in_service.size:
            instances = int(path.in_service[number])
            if (backlog <= 0 and path.expected[number] <= done[number]) or not instances:
                backlog = 0.0
                break
            came, could = float(path.expected[number]), float(done[number])
            room = instances * fleet.room + max(0.0, (came - could) / float(length_s[number])) * asking_s
            flow, backlog = _stretch((came, could), (backlog, room), mean_s / instances)
            yield number, flow
            number += 1


def _stretch(rates: tuple[float, float], held: tuple[float, float], each_s: float) -> tuple[Flow, float]:
    """What came and what could be done; the backlog at the start and its room; time for one request of the backlog."""
    (came, could), (backlog, room) = rates, held
    backlog = min(backlog, room)
    more = came - could
    after = min(max(0.0, backlog + more), room)
    refused = max(0.0, backlog + more - room)
    moving = 1.0 if more == 0 else min(1.0, (after - backlog) / more)  # share of the stretch until full or empty
    then = (1 - moving) * min(came, could)
    accepted = moving * came + then
    flow = Flow(
        came=came,
        refused=refused,
        waits_s=(backlog * each_s, after * each_s),
        level=then / accepted if accepted > 0 else 0.0,
        level_s=after * each_s,
    )
    return flow, after


def _count(found: Behind, flow: Flow) -> None:
    accepted = max(0.0, flow.came - flow.refused)
    low_s, high_s = flow.waits_s
    times_s = low_s + (np.arange(_POINTS) + 0.5) / _POINTS * (high_s - low_s)
    masses = np.full(_POINTS, (1 - flow.level) / _POINTS)
    found.wait += accepted * time_distribution.at(np.append(times_s, flow.level_s), np.append(masses, flow.level))
    found.came += flow.came
    found.refused += flow.refused
