"""Cold starts of environments that are reused last in, first out, and end by the rules of simulator/model/keep_warm.py.

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
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from simulator.estimate.load import STEP_S
from simulator.model.keep_warm import KeepWarm

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
    """Requests that can be in flight, how many of them on provisioned environments, and how the others are kept and
    start.
    """

    most: int
    provisioned: int
    kept: KeepWarm
    setup_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Spread:
    """inverse: [m], the row of at_least of each minute; at_least: [g, places + 1], as in `_chances` from the end,
    summed. accepted: [m], share that finds a place; cold_chance: [m, places], chance that a request takes just this
    place and starts cold. highest: as in `Flight`.
    """

    inverse: Ints
    at_least: Floats
    accepted: Floats
    cold_chance: Floats
    highest: Floats


def flight(in_flight: Floats, hold_s: Floats, allowed: Places) -> Flight:
    """Spread of requests in flight and cold starts in each of m minutes.

    in_flight: offered load in Erlang, float64[m]; hold_s: mean holding time in seconds, float64[m].
    """
    max_in_flight = float(in_flight.max(initial=0.0))
    # Beyond this nothing is ever in flight.
    places = min(allowed.most, math.ceil(max_in_flight + 8 * math.sqrt(max_in_flight) + 12))
    provisioned = min(allowed.provisioned, places)
    spread = _spread(in_flight.tobytes(), hold_s.tobytes(), places, allowed.kept)
    cold = spread.cold_chance[:, provisioned:].sum(axis=1) / np.maximum(spread.accepted, 1e-12)
    together = 2 + 3 * cold * in_flight / hold_s * allowed.setup_s
    spare = np.clip(np.floor(allowed.most - together), 0, places).astype(np.int64)
    return Flight(
        blocked=np.maximum(1 - spread.accepted, 0.0) if places == allowed.most else np.zeros(in_flight.size),
        cold=cold,
        highest=spread.highest,
        crowded=spread.at_least[spread.inverse, spare] * (allowed.most - together <= places),
    )


@lru_cache(maxsize=6)
def _spread(in_flight: bytes, hold_s: bytes, places: int, kept: KeepWarm) -> _Spread:
    """What neither the quota nor provisioned environments change, of loads and holding times, float64[m] each as bytes:
    a search asks for many of them one after the other, and this is nearly all the work.
    """
    loads, holds = np.frombuffer(in_flight), np.frombuffer(hold_s)
    level = np.rint(_FINE * np.log(np.maximum(loads, 1e-6))).astype(np.int64)
    long = np.rint(8 * np.log(holds)).astype(np.int64)
    _, first, inverse = np.unique(level * 10_000 + long, return_index=True, return_inverse=True)
    load, hold = loads[first], holds[first]
    chances = _chances(load, places)
    scale, rate = _below(load, hold, places)
    arriving = chances[inverse, :places]
    arrivals = (load / hold)[inverse, None] * arriving
    gone = _gone(rate, np.minimum(scale, 1.0), inverse, arrivals[:, 0], kept)
    highest = np.argmax(rate * STEP_S < 0.7, axis=1)
    highest[np.all(rate * STEP_S >= 0.7, axis=1)] = places
    return _Spread(
        inverse=inverse,
        at_least=np.cumsum(chances[:, ::-1], axis=1)[:, ::-1],
        accepted=arriving.sum(axis=1),
        cold_chance=arriving * (_mortal(gone, arrivals, rate[inverse], kept) if kept.is_mortal else gone),
        highest=highest[inverse].astype(np.float64),
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


def _gone(rate: Floats, scale: Floats, inverse: Ints, from_empty: Floats, kept: KeepWarm) -> Floats:
    """[m, places]: chance that an arrival finds its environment gone, were lives without end. from_empty: [m], arrivals
    per second that find nothing in flight.
    """
    below = _over(rate[inverse], kept.spare_s)
    cold = scale[inverse] * np.exp(-below)
    if math.isinf(kept.idle_s):
        return cold
    empty = np.exp(-_over(rate[inverse, :1], kept.idle_s))
    anew = _over(from_empty[:, None] * empty, kept.spare_s)
    either = np.maximum(below + anew, 1e-12)
    cold = scale[inverse] * (np.exp(-either) - anew / either * np.expm1(-either))
    cold[:, :1] = scale[inverse, :1] * empty
    return cold


def _mortal(gone: Floats, arrivals: Floats, below: Floats, kept: KeepWarm) -> Floats:
    """The same when environments also end after lives drawn evenly between two times: a renewal. In use until a last
    gap begins, or until the life ends, an environment is replaced after that gap, or when it is needed next.

    arrivals: [m, places], per second that need just this environment; below: rates of the tails of gaps between them.
    """
    least_s, most_s = kept.life_s
    needed, starts = np.maximum(arrivals, 1e-12), np.maximum(gone * arrivals, 1e-12)
    gap_s = kept.spare_s + 1 / np.maximum(below, 1e-12)
    gap_s[:, 0] += min(kept.idle_s - kept.spare_s, 0.0)
    used_s = np.maximum(1 / starts - gap_s, 1 / needed)
    decay = np.exp(-least_s / used_s)
    if most_s > least_s:
        decay *= -np.expm1(-(most_s - least_s) / used_s) * used_s / (most_s - least_s)
    lasts_s = (1 - decay) * np.maximum(1 / starts, used_s) + decay / needed
    mortal: Floats = np.minimum(1 / (lasts_s * needed), 1.0)
    return np.maximum(mortal, gone)


def _over(rate: Floats, last_s: float) -> Floats:
    """[m, k]: the integral of rates per second, [m, k] by the minute, over so long before the middle of each minute.

    Before the first minute nothing is warm: as if the time had been as long as needed with no arrivals.
    """
    minutes = len(rate)
    total = np.concatenate((np.zeros((1, rate.shape[1])), np.cumsum(rate * STEP_S, axis=0)))
    middle: Floats = np.arange(minutes, dtype=np.float64) + 0.5
    since: Floats = np.maximum(middle - last_s / STEP_S, 0.0)
    return _between(total, middle) - _between(total, since)


def _between(total: Floats, position: Floats) -> Floats:
    """Rows between whole rows."""
    low = position.astype(np.int64)
    part = (position - low)[:, None]
    interpolated: Floats = total[low] * (1 - part) + total[np.minimum(low + 1, len(total) - 1)] * part
    return interpolated
