"""The shapes of a day that one choice gives, and how much comes: how these become traffic, and are read from it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from simulator.fields import Spec
from simulator.traffic.kinds import Bursts, Constant, Counts, Jobs, NamedTrace, Profile, Steps, Timestamps, Traffic

OWN = "own"
"""The choice that stands for traffic which is none of the shapes: a profile, steps or a file of the user's own."""

PAUSE_OVER_BURST = 50.0
"""How much less comes between bursts."""
OFFICE = (0, 0, 0, 0, 0, 0, 0.1, 0.3, 0.7, 1, 1, 0.95, 0.7, 0.9, 1, 1, 0.9, 0.6, 0.3, 0.1, 0, 0, 0, 0)
_MORNING = (0.3, 0.15, 0.08, 0.05, 0.05, 0.08, 0.15, 0.25, 0.35, 0.4, 0.4, 0.45)
EVENING = (*_MORNING, 0.5, 0.5, 0.5, 0.5, 0.55, 0.65, 0.8, 0.95, 1, 1, 0.85, 0.55)
WEEKDAY = 0.25
"""Weekdays over weekends, where the weekend is busy."""

SECONDS = {"s": 1.0, "min": 60.0, "h": 3600.0}


@dataclass(frozen=True, slots=True)
class Shape:
    """A shape of the day. make(rate): the traffic whose busiest rate, or whose number of records, is that."""

    title: str
    make: Callable[[float], Traffic]


SHAPES: Mapping[str, Shape] = {
    "flat": Shape("Flat, day and night", lambda rate: Constant(rate_per_s=rate)),
    "office": Shape("Office hours", lambda rate: Profile(peak_rate_per_s=rate, shape=OFFICE, weekend_factor=0.05)),
    "evening": Shape("Evening peak", lambda rate: Profile(peak_rate_per_s=rate, shape=EVENING)),
    "weekend": Shape(
        "Busy weekends",
        lambda rate: Profile(peak_rate_per_s=rate * WEEKDAY, shape=EVENING, weekend_factor=1 / WEEKDAY),
    ),
    "bursty": Shape(
        "Bursts of a minute", lambda rate: Bursts(on_rate_per_s=rate, off_rate_per_s=rate / PAUSE_OVER_BURST)
    ),
    "night": Shape("A job each night", lambda records: Jobs(records=max(1, round(records)))),
}

KIND_WORDS = {
    "constant": "Constant rate",
    "profile": "Daily profile",
    "steps": "Steps and spikes",
    "bursts": "On/off bursts",
    "jobs": "Scheduled data sets",
    "trace": "A real trace that comes with Headroom",
    "counts": "Your trace: counts per bin",
    "timestamps": "Your trace: arrival times",
}


@dataclass(frozen=True, slots=True)
class Amount:
    """How much comes. label: with the unit. value: in that unit. per_unit: what one of it is for `with_much`."""

    label: str
    value: float
    per_unit: float = 1.0


def shape_of(traffic: Traffic) -> str:
    """The key of the shape that a traffic has; OWN where it is none of them."""
    much = much_of(traffic)
    alike = [key for key, shape in SHAPES.items() if isinstance(traffic, type(shape.make(1.0)))]
    return next((key for key in alike if much and SHAPES[key].make(much) == traffic), OWN)


def much_of(traffic: Traffic) -> float:
    """The busiest rate a second; of data sets their records, of a recording how many times it is taken."""
    match traffic:
        case Constant():
            return traffic.rate_per_s
        case Profile():
            return traffic.peak_rate_per_s * max(1.0, traffic.weekend_factor)
        case Steps():
            return max(step.rate_per_s for step in traffic.steps)
        case Bursts():
            return traffic.on_rate_per_s
        case Jobs():
            return float(traffic.records)
        case NamedTrace() | Counts() | Timestamps():
            return traffic.scale


def with_much(traffic: Traffic, much: float) -> Traffic:
    """The same traffic with another amount, as `much_of` reads it."""
    times = much / much_of(traffic) if much_of(traffic) else 1.0
    match traffic:
        case Constant():
            return _changed(traffic, rate_per_s=much)
        case Profile():
            return _changed(traffic, peak_rate_per_s=much / max(1.0, traffic.weekend_factor))
        case Steps():
            steps = tuple(step.model_copy(update={"rate_per_s": step.rate_per_s * times}) for step in traffic.steps)
            return _changed(traffic, steps=steps)
        case Bursts():
            return _changed(traffic, on_rate_per_s=much, off_rate_per_s=traffic.off_rate_per_s * times)
        case Jobs():
            return _changed(traffic, records=max(1, round(much)))
        case NamedTrace() | Counts() | Timestamps():
            return _changed(traffic, scale=much)


def amount_of(traffic: Traffic) -> Amount:
    """How much comes, in a unit in which it is no tiny number."""
    much = much_of(traffic)
    match traffic:
        case Jobs():
            return Amount("Records", much)
        case NamedTrace() | Counts() | Timestamps():
            return Amount("× recorded", much)
        case _:
            unit = "s" if much >= 0.1 or not much else "min" if much * SECONDS["min"] >= 1 else "h"
            return Amount(f"Requests/{unit}", much * SECONDS[unit], 1 / SECONDS[unit])


def reshaped(traffic: Traffic, key: str) -> Traffic:
    """The traffic of another shape, with about as much: of a job, its records over four hours."""
    much = much_of(traffic)
    if isinstance(traffic, Jobs):
        much = traffic.records if key == "night" else max(0.01, float(f"{traffic.records / traffic.submit_over_s:.2g}"))
    elif isinstance(traffic, NamedTrace | Counts | Timestamps):
        much = 10.0
    if key == "night" and not isinstance(traffic, Jobs):
        much = max(1.0, float(f"{much * Jobs().submit_over_s:.2g}"))
    return SHAPES[key].make(much)


def _changed(traffic: Spec, **changes: object) -> Traffic:
    """The traffic with other fields, checked anew; raises ValidationError where they are not allowed."""
    return type(traffic).model_validate({**dict(traffic), **changes})  # type: ignore[return-value]
