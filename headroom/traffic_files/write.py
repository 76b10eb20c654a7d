"""A trace as a CSV file that Headroom reads back as the same trace."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import chain

from headroom.traffic_files.reading import TrafficReading
from simulator.traffic.kinds import Counts


def write_trace(reading: TrafficReading) -> str:
    """Return the trace as CSV: dates where the file had some, else seconds after midnight of the first day."""
    counted = isinstance(reading.traffic, Counts)
    head = f"{'time' if reading.first_day else 't_s'}{',requests' if counted else ''}"
    return "\n".join(chain([head], _rows(reading), [""]))


def _rows(reading: TrafficReading) -> Iterator[str]:
    traffic = reading.traffic
    if isinstance(traffic, Counts):
        for number, requests in enumerate(traffic.requests):
            yield f"{_time(reading, traffic.starts_at_s + number * traffic.bin_s)},{requests}"
    else:
        yield from (_time(reading, traffic.starts_at_s + t_s) for t_s in traffic.t_s)


def _time(reading: TrafficReading, t_s: float) -> str:
    if not reading.first_day:
        return repr(round(t_s, 6)) if t_s != int(t_s) else str(int(t_s))
    midnight = datetime.combine(date.fromisoformat(reading.first_day), datetime.min.time())
    return (midnight + timedelta(seconds=round(t_s, 6))).isoformat() + ("Z" if reading.zone == "UTC" else "")
