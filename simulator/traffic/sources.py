"""From a description of traffic to a source of arrivals."""

from __future__ import annotations

import difflib
from typing import overload

import numpy as np

from simulator.errors import InvalidScenario, Problem
from simulator.traffic.arrivals import CHUNK, Source
from simulator.traffic.binned import binned_source, bins_of
from simulator.traffic.bursts import BurstSource
from simulator.traffic.curve import RateCurve, level_curve, rate_curve
from simulator.traffic.jobs import JobSource
from simulator.traffic.kinds import (
    DAY_S,
    Bursts,
    Constant,
    Counts,
    Jobs,
    NamedTrace,
    Profile,
    Steps,
    Timestamps,
    Traffic,
)
from simulator.traffic.renewal import RenewalSource
from simulator.traffic.replay import ReplaySource
from simulator.traffic.trace import FloatArray, Trace, TraceLibrary

__all__ = ["CHUNK", "Source", "find_trace", "make_source"]

_SATURDAY = 5
_Series = NamedTrace | Counts | Timestamps


def make_source(traffic: Traffic, traces: TraceLibrary, starts_on: int = 0) -> Source:
    """The source of this traffic. starts_on: weekday of time 0, Monday = 0.

    Arrival times with a scale other than 1 become counts per second, which are scaled and spread inside the second.
    Raises InvalidScenario where a named trace does not exist or a window lies outside its trace.
    """
    match traffic:
        case Constant():
            rate = np.array([traffic.rate_per_s])
            return RenewalSource(level_curve(np.array([0.0, 1.0]), rate, repeats=False), traffic.interarrival_cv)
        case Profile():
            return RenewalSource(_week(traffic, starts_on), traffic.interarrival_cv)
        case Steps():
            return RenewalSource(_steps(traffic), traffic.interarrival_cv)
        case Bursts():
            return BurstSource(traffic)
        case Jobs():
            return JobSource(_paces(traffic), traffic)
        case _:
            return _series(traffic, traces)


@overload
def span_s(traffic: NamedTrace | Counts | Timestamps, traces: TraceLibrary) -> float: ...
@overload
def span_s(traffic: Traffic, traces: TraceLibrary) -> float | None: ...
def span_s(traffic: Traffic, traces: TraceLibrary) -> float | None:
    """How long the trace, or the window into it, is, in seconds; None where traffic follows no trace. Raises
    InvalidScenario as `make_source` does.
    """
    match traffic:
        case NamedTrace():
            trace = find_trace(traces, traffic.trace)
            length_s = len(trace.values) * trace.bin_s if trace.bin_s > 0 else _timed_length_s(trace.values)
        case Counts():
            length_s = len(traffic.requests) * traffic.bin_s
        case Timestamps():
            length_s = _timed_length_s(np.array(traffic.t_s[-1:]))
        case _:
            return None
    begin, end = _window(traffic, length_s)
    return end - begin


def find_trace(traces: TraceLibrary, name: str) -> Trace:
    """The trace of this name. Raises InvalidScenario, with the nearest known name, if there is none."""
    if name in traces:
        return traces[name]
    near = difflib.get_close_matches(name, traces, n=1, cutoff=0.4)
    todo = f"Did you mean {near[0]}?" if near else ""
    raise InvalidScenario([Problem("workload.traffic.trace", repr(name), ", ".join(sorted(traces)), todo)])


def _week(traffic: Profile, starts_on: int) -> RateCurve:
    """Seven days from time 0 on, straight lines between the points; a weekend day is the same day times the factor."""
    shape = np.array(traffic.shape, dtype=np.float64)
    shape *= traffic.peak_rate_per_s / shape.max()
    weekdays = (np.arange(7) + starts_on) % 7
    factors = np.where(weekdays >= _SATURDAY, traffic.weekend_factor, 1.0)
    edges = np.linspace(0.0, 7 * DAY_S, 7 * len(shape) + 1)
    left, right = np.outer(factors, shape).ravel(), np.outer(factors, np.roll(shape, -1)).ravel()
    return rate_curve(edges, left, right, repeats=True)


def _steps(traffic: Steps) -> RateCurve:
    """Level of the step times the factors of all spikes that hold. The first level also holds before its time."""
    spikes = traffic.spikes
    ends = [spike.at_s + spike.duration_s for spike in spikes]
    edges = np.unique([0.0, *(step.at_s for step in traffic.steps), *(spike.at_s for spike in spikes), *ends])
    edges = np.concatenate((edges[:1] - 1.0, edges, edges[-1:] + 1.0))
    begins = edges[:-1]
    at = np.array([step.at_s for step in traffic.steps])
    level = np.array([step.rate_per_s for step in traffic.steps])
    rates = level[np.maximum(np.searchsorted(at, begins, side="right") - 1, 0)]
    for spike, end in zip(spikes, ends, strict=True):
        rates = np.where((begins >= spike.at_s) & (begins < end), rates * spike.factor, rates)
    return level_curve(edges, rates, repeats=False)


def _paces(traffic: Jobs) -> RateCurve:
    """The pace while a data set is sent, then nothing until the next is ready."""
    pace = traffic.records / traffic.submit_over_s
    length_s = traffic.every_days * DAY_S
    if traffic.submit_over_s >= length_s:
        return level_curve(np.array([0.0, length_s]), np.array([pace]), repeats=True)
    edges = traffic.at_s + np.array([0.0, traffic.submit_over_s, length_s])
    return level_curve(edges, np.array([pace, 0.0]), repeats=True)


def _series(traffic: _Series, traces: TraceLibrary) -> Source:
    match traffic:
        case NamedTrace():
            trace = find_trace(traces, traffic.trace)
            if trace.bin_s > 0:
                return _counted(traffic, trace.bin_s, trace.values)
            return _timed(traffic, trace.values)
        case Counts():
            return _counted(traffic, traffic.bin_s, np.array(traffic.requests, dtype=np.float64))
        case Timestamps():
            return _timed(traffic, np.array(traffic.t_s, dtype=np.float64))


def _counted(traffic: _Series, bin_s: float, counts: FloatArray) -> Source:
    busy = np.flatnonzero(counts)
    window = _window(traffic, len(counts) * bin_s)
    scaled = np.asarray(counts[busy] * traffic.scale, dtype=np.float64)
    bins = bins_of(busy, bin_s, scaled, window, repeat=traffic.repeat, origin_s=traffic.starts_at_s)
    return binned_source(bins, traffic.interarrival_cv)


def _timed(traffic: _Series, t_s: FloatArray) -> Source:
    window = _window(traffic, _timed_length_s(t_s))
    inside = t_s[(t_s >= window[0]) & (t_s < window[1])] - window[0]
    seconds, counts = np.unique(inside.astype(np.int64), return_counts=True)
    span = (0.0, window[1] - window[0])
    scaled = np.asarray(counts * traffic.scale, dtype=np.float64)
    bins = bins_of(seconds, 1.0, scaled, span, repeat=traffic.repeat, origin_s=traffic.starts_at_s)
    if traffic.scale != 1.0:
        return binned_source(bins, traffic.interarrival_cv)
    return ReplaySource(binned_source(bins, 1.0).rates, inside, bins)


def _timed_length_s(t_s: FloatArray) -> float:
    """A trace of times ends with the second of its last arrival."""
    return float(np.floor(t_s[-1])) + 1.0


def _window(traffic: _Series, length_s: float) -> tuple[float, float]:
    """Begin and end of the window in a trace of this length."""
    begin = traffic.window_start_s
    if begin >= length_s:
        allowed, todo = f"below {length_s:g} s, the length of the trace", "Let the window begin earlier."
        raise InvalidScenario([Problem("workload.traffic.window_start_s", f"{begin:g} s", allowed, todo)])
    end = begin + traffic.window_s if traffic.window_s > 0 else length_s
    if end > length_s * (1 + 1e-12):
        allowed = f"at most {length_s - begin:g} s, what is left of the trace; 0 takes all of that"
        problem = Problem("workload.traffic.window_s", f"{traffic.window_s:g} s", allowed, "Shorten the window.")
        raise InvalidScenario([problem])
    return begin, min(end, length_s)
