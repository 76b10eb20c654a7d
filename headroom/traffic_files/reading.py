"""A traffic file as read: its trace, the days and the clock it stands in, and in one line what was understood."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime

import numpy as np

from headroom.advisor.tell import words
from headroom.traffic_files.questions import Question
from headroom.traffic_files.series import Series
from headroom.traffic_files.times import Moments
from simulator.scenario import Scenario
from simulator.traffic.kinds import DAY_S, Counts, Timestamps

_BINS = ((DAY_S, "day"), (3600.0, "hour"), (60.0, "minute"), (1.0, "second"))
_MINUTE_S = 60.0


@dataclass(frozen=True, kw_only=True)
class TrafficReading:
    """The traffic of a file. first_day: the day of the calendar on which it begins, in ISO form; "" without dates.

    zone: the time zone of its clock; "" when nothing says so. sentence: what was understood, in one line. notes: what
    else was done to the file, each once.
    """

    traffic: Counts | Timestamps
    first_day: str
    zone: str
    format: str
    sentence: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Understood:
    """What comes of a file: its traffic, a question that has to be answered first, or why it cannot be used."""

    reading: TrafficReading | None = None
    question: Question | None = None
    problem: str = ""


def reading_of(series: Series, moments: Moments, form: str, notes: tuple[str, ...]) -> TrafficReading:
    """Return a series with the words for it."""
    day = datetime.fromtimestamp(series.first_s, UTC).date().isoformat() if moments.dated else ""
    every = tuple(dict.fromkeys((*notes, *moments.notes, *series.notes)))
    sentence = sentence_of(series.traffic, day, series.missing)
    return TrafficReading(
        traffic=series.traffic,
        first_day=day,
        zone=moments.zone if moments.dated else "",
        format=form,
        sentence="; ".join((sentence, *every)),
        notes=every,
    )


def sentence_of(traffic: Counts | Timestamps, first_day: str = "", missing: int = 0) -> str:
    """Return a trace in one line: "2 days, 1-minute bins, 6.8 million requests, peak 32 /s Monday 12:04; 3 missing
    minutes filled with zero".
    """
    if isinstance(traffic, Counts):
        length_s, bin_s, counts = len(traffic.requests) * traffic.bin_s, traffic.bin_s, np.array(traffic.requests)
        kind = f"{_unit(bin_s)} bins"
    else:
        times = np.array(traffic.t_s)
        length_s, bin_s, kind = float(np.floor(times[-1])) + 1.0, _MINUTE_S, "arrival times"
        counts = np.bincount((times / bin_s).astype(np.int64))
        bin_s = min(bin_s, length_s)
    peak = int(np.argmax(counts))
    at = _clock(traffic.starts_at_s + peak * (traffic.bin_s if isinstance(traffic, Counts) else _MINUTE_S), first_day)
    text = (
        f"{_length(length_s)}, {kind}, {words.count(float(counts.sum()))} requests,"
        f" peak {words.per_second(float(counts[peak]) / bin_s)} {at}"
    )
    return f"{text}; {_missing(missing, bin_s)} filled with zero" if missing else text


def applied(scenario: Scenario, reading: TrafficReading) -> Scenario:
    """Return the scenario with this traffic, its first weekday and its clock."""
    simulation = scenario.simulation
    if reading.first_day:
        weekday = date.fromisoformat(reading.first_day).weekday()
        simulation = simulation.model_copy(update={"starts_on": weekday})
    if reading.zone:
        simulation = simulation.model_copy(update={"timezone": reading.zone})
    workload = scenario.workload.model_copy(update={"traffic": reading.traffic})
    return scenario.model_copy(update={"workload": workload, "simulation": simulation})


def _unit(bin_s: float) -> str:
    for length_s, name in _BINS:
        if bin_s >= length_s and (bin_s / length_s).is_integer():
            return f"{bin_s / length_s:.0f}-{name}"
    return words.seconds(bin_s)


def _length(length_s: float) -> str:
    for unit_s, name in _BINS:
        if length_s >= 2 * unit_s or (length_s >= unit_s and (length_s / unit_s).is_integer()):
            number = round(length_s / unit_s, 1)
            return f"{number:,.4g} {name}{'' if number == 1 else 's'}"
    return words.seconds(length_s)


def _missing(number: int, bin_s: float) -> str:
    name = next((name for length_s, name in _BINS if length_s == bin_s), "bin")
    return f"{number:,} missing {name}{'' if number == 1 else 's'}"


def _clock(t_s: float, first_day: str) -> str:
    """The weekday and time of day at t_s after midnight of the first day; without dates the number of the day."""
    day, second = divmod(int(t_s), int(DAY_S))
    clock = f"{second // 3600:02d}:{second % 3600 // 60:02d}"
    if first_day:
        name = date.fromordinal(date.fromisoformat(first_day).toordinal() + day).strftime("%A")
        return f"{name} {clock}"
    return f"at {clock} of day {day + 1}" if day else f"at {clock}"
