"""Scheduled actions that follow a daily profile: enough instances for each part of the day, ahead of the load.

Only for traffic that is described as recurring (a daily profile, data sets at a time of day): a trace says what came,
not what will come. An action is made a quarter of an hour before its load, which is longer than most instances take to
come (facts row 2.30).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from simulator.engine.replication import Case
from simulator.patterns.sizing import Load
from simulator.scaling.policies import MAX_ACTIONS, ScheduledAction
from simulator.traffic.kinds import DAY_S, Jobs, Profile

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SLOT_S = 900.0
SLOTS = int(DAY_S / SLOT_S)
_ON_WEEKENDS = 6


def recurs(case: Case) -> bool:
    """Whether the same load comes at the same time of every day, or of every day of the week."""
    traffic = case.workload.traffic
    return isinstance(traffic, Profile) or (isinstance(traffic, Jobs) and traffic.every_days == 1)


def by_slot(case: Case, load: Load, *, peaks: bool) -> list[Floats]:
    """Rates by quarter of an hour of the day, the largest of all such days: of all days, or of weekdays and weekends.

    peaks: of the busiest minute of each quarter, not of its mean.
    """
    whole = int(load.rate_per_s.size // 15) * 15
    quarters = load.rate_per_s[:whole].reshape(-1, 15)
    rates = quarters.max(axis=1) if peaks else quarters.mean(axis=1)
    day = np.arange(rates.size) // SLOTS
    slot = np.arange(rates.size) % SLOTS
    weekend = (day + case.simulation.starts_on) % 7 >= 5
    traffic = case.workload.traffic
    apart = isinstance(traffic, Profile) and traffic.weekend_factor != 1 and weekend.any() and not weekend.all()
    groups = [~weekend, weekend] if apart else [np.ones(rates.size, dtype=bool)]
    found = []
    for group in groups:
        highest = np.zeros(SLOTS)
        np.maximum.at(highest, slot[group], rates[group])
        found.append(highest)
    return found


def actions(
    case: Case, slots: Sequence[Floats], per_instance_per_s: float, least: int, most: int
) -> tuple[ScheduledAction, ...]:
    """Actions that keep so many instances that each has at most this rate."""
    timezone = case.simulation.timezone
    names = ["MON-FRI", "SAT,SUN"] if len(slots) > 1 else ["*"]
    allowed = [MAX_ACTIONS - _ON_WEEKENDS, _ON_WEEKENDS] if len(slots) > 1 else [MAX_ACTIONS]
    found = []
    for rates, weekdays, number in zip(slots, names, allowed, strict=True):
        ahead = np.maximum(rates, np.roll(rates, -1))
        needed = np.clip(np.ceil(ahead / per_instance_per_s - 1e-9), least, most).astype(np.int64)
        for slot, count in _segments(needed, number):
            minute = int(slot * SLOT_S // 60)
            when = f"cron({minute % 60} {minute // 60} {'* * ?' if weekdays == '*' else f'? * {weekdays}'} *)"
            found.append(ScheduledAction(schedule=when, timezone=timezone, min_capacity=count, max_capacity=count))
    return tuple(found)


def _segments(needed: Ints, most: int) -> list[tuple[int, int]]:
    """Where each stretch of the day begins and its count, at most so many; neighbours that differ least are joined."""
    starts = [0, *(np.flatnonzero(np.diff(needed)) + 1).tolist()]
    counts = [int(needed[at]) for at in starts]
    lengths = np.diff([*starts, needed.size]).tolist()
    while len(starts) > most:
        added = [
            abs(counts[k + 1] - counts[k]) * (lengths[k] if counts[k] < counts[k + 1] else lengths[k + 1])
            for k in range(len(starts) - 1)
        ]
        at = int(np.argmin(added))
        counts[at] = max(counts[at], counts[at + 1])
        lengths[at] += lengths[at + 1]
        del starts[at + 1], counts[at + 1], lengths[at + 1]
    # The day begins with an action even when the evening left the same count: weekdays and weekends follow each other.
    return list(zip(starts, counts, strict=True))
