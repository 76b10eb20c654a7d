"""Cold starts of environments that are reused last in, first out, and kept warm for a fixed time after their last use.

With such reuse the environment number j works whenever j or more requests are in flight. So a request that raises the
number in flight from j - 1 to j starts cold when fewer than j were in flight for the whole keep-warm time before. In
flight is a birth and death process (arrivals over a minute at a steady rate, holding times taken as exponential); the
time that it stays below a level has a tail of one exponential, matched to its first two moments, which follow from
those of the level below (first passage upwards: Karlin and Taylor, A First Course in Stochastic Processes, 1975,
section 4.7).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulator.estimate.load import STEP_S

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_FINE = 40
_HUGE = 1e60


@dataclass(frozen=True, slots=True, kw_only=True)
class Flight:
    """Requests in flight in each minute, at most so many. blocked: [m], share that finds all places taken; cold: [m],
    share of the others that starts cold; highest: [m], places that are about the most in use at once in the minute;
    crowded: [m], chance that there are no places left for the cold starts that come together.
    """

    blocked: Floats
    cold: Floats
    highest: Floats
    crowded: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Requests that can be in flight, how many of them on provisioned environments, and times of the others."""

    most: int
    provisioned: int
    keep_s: float
    setup_s: float


def flight(in_flight: Floats, hold_s: Floats, allowed: Places) -> Flight:
    """Spread of requests in flight and cold starts in each of m minutes.

    in_flight: offered load in Erlang, float64[m]; hold_s: mean holding time in seconds, float64[m].
    """
    max_in_flight = float(in_flight.max(initial=0.0))
    # Beyond this nothing is ever in flight.
    places = min(allowed.most, math.ceil(max_in_flight + 8 * math.sqrt(max_in_flight) + 12))
    provisioned = min(allowed.provisioned, places)
    level = np.rint(_FINE * np.log(np.maximum(in_flight, 1e-6))).astype(np.int64)
    long = np.rint(8 * np.log(hold_s)).astype(np.int64)
    _, first, inverse = np.unique(level * 10_000 + long, return_index=True, return_inverse=True)
    load, hold = in_flight[first], hold_s[first]
    chances = _chances(load, places)
    scale, rate = _below(load, hold, places)
    quiet = _quiet(rate, inverse, allowed.keep_s)
    arriving = chances[inverse, :places]
    accepted = arriving.sum(axis=1)
    quiet_chance = arriving * np.minimum(scale, 1.0)[inverse] * np.exp(-quiet)
    cold = quiet_chance[:, provisioned:].sum(axis=1) / np.maximum(accepted, 1e-12)
    together = 2 + 3 * cold * in_flight / hold_s * allowed.setup_s
    spare = np.clip(np.floor(allowed.most - together), 0, places).astype(np.int64)
    above_spare = np.cumsum(chances[:, ::-1], axis=1)[:, ::-1][inverse, spare] * (allowed.most - together <= places)
    highest = np.argmax(rate * STEP_S < 0.7, axis=1)
    highest[np.all(rate * STEP_S >= 0.7, axis=1)] = places
    return Flight(
        blocked=np.maximum(1 - accepted, 0.0) if places == allowed.most else np.zeros(accepted.size),
        cold=cold,
        highest=highest[inverse].astype(np.float64),
        crowded=above_spare,
    )


def _chances(load: Floats, places: int) -> Floats:
    """Chance of 0, 1, ..., `places` in flight: [g, places + 1], Erlang's loss formula."""
    steps = np.log(np.maximum(load, 1e-12))[:, None] - np.log(np.arange(1, places + 1))
    logs = np.concatenate((np.zeros((load.size, 1)), np.cumsum(steps, axis=1)), axis=1)
    weights = np.exp(logs - logs.max(axis=1, keepdims=True))
    shares: Floats = weights / weights.sum(axis=1, keepdims=True)
    return shares


def _below(load: Floats, hold_s: Floats, places: int) -> tuple[Floats, Floats]:
    """Tail of the time from j in flight until j + 1: about scale x exp(-rate x time); [g, places] each."""
    arrive, leave = load / hold_s, 1 / hold_s
    mean, square = 1 / arrive, 2 / arrive**2
    scales, rates = [2 * mean**2 / square], [2 * mean / square]
    for j in range(1, places):
        total = arrive + j * leave
        down = j * leave / total
        above = (1 + j * leave * mean) / arrive
        square = (
            (2 / total**2 + 2 / total * down * (mean + above) + down * (square + 2 * mean * above)) * total / arrive
        )
        mean, square = np.minimum(above, _HUGE), np.minimum(square, _HUGE**2)
        scales.append(2 * mean**2 / square)
        rates.append(2 * mean / square)
    return np.stack(scales, axis=1), np.stack(rates, axis=1)


def _quiet(rate: Floats, inverse: Ints, keep_s: float) -> Floats:
    """[m, places]: rate x time that a level was not reached, over the keep-warm time before the middle of the minute.

    Before the first minute nothing is warm: as if the time had been as long as needed with no arrivals.
    """
    minutes = inverse.size
    total = np.concatenate((np.zeros((1, rate.shape[1])), np.cumsum(rate[inverse] * STEP_S, axis=0)))
    middle: Floats = np.arange(minutes, dtype=np.float64) + 0.5
    since: Floats = np.maximum(middle - keep_s / STEP_S, 0.0)
    return _between(total, middle) - _between(total, since)


def _between(total: Floats, position: Floats) -> Floats:
    """Rows between whole rows."""
    low = position.astype(np.int64)
    part = (position - low)[:, None]
    interpolated: Floats = total[low] * (1 - part) + total[np.minimum(low + 1, len(total) - 1)] * part
    return interpolated
