"""The same traffic in every format gives the same trace, on the same day, at the same time of day."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headroom.traffic_files.questions import Answers
from headroom.traffic_files.read import NO_ANSWERS, read_traffic
from headroom.traffic_files.reading import TrafficReading, applied
from headroom.traffic_files.write import write_trace
from simulator.scenario import Scenario
from simulator.traffic.kinds import Counts, Timestamps
from tests.headroom.traffic_files.writers import ARRIVALS, START, WRITERS

starts = st.integers(0, 60 * 24 * 400).map(lambda minutes: START + timedelta(minutes=minutes))
counts = st.lists(st.integers(0, 200_000), min_size=3, max_size=40).map(lambda inner: [7, 5, *inner, 1])
"""The ends are above 0, so that no format leaves them out."""


def read(data: bytes, answers: Answers = NO_ANSWERS) -> TrafficReading:
    understood = read_traffic(data, "mine", answers)
    assert understood.reading is not None, understood.question
    return understood.reading


def since_midnight_s(moment: datetime) -> float:
    return (moment - moment.replace(hour=0, minute=0, second=0, microsecond=0)).total_seconds()


@pytest.mark.parametrize("name", WRITERS)
@given(counts=counts, start=starts)
def test_counts_are_the_same_in_every_format(name: str, counts: list[int], start: datetime) -> None:
    writer = WRITERS[name]
    reading = read(writer.write(counts, start), writer.answers)
    assert reading.traffic == Counts(bin_s=60, requests=tuple(counts), starts_at_s=since_midnight_s(start))
    assert reading.first_day == start.date().isoformat()
    assert reading.zone == writer.zone
    missing = counts.count(0)
    assert ("missing" in reading.sentence) == bool(writer.sparse and missing)


@pytest.mark.parametrize("name", ARRIVALS)
@given(
    gaps_ms=st.lists(st.integers(0, 5000), min_size=1, max_size=30).filter(
        lambda gaps: any(gap % 1000 for gap in gaps)
    ),
    start=starts,
)
def test_requests_are_the_same_in_every_format(name: str, gaps_ms: list[int], start: datetime) -> None:
    write, keeps_ms = ARRIVALS[name]
    times = [start]
    for gap in gaps_ms:
        times.append(times[-1] + timedelta(milliseconds=gap))
    reading = read(write(times))
    assert reading.first_day == start.date().isoformat()
    if keeps_ms:
        since = tuple(round((t - start).total_seconds(), 3) for t in times)
        if any(t.microsecond for t in times):
            assert reading.traffic == Timestamps(t_s=since, starts_at_s=since_midnight_s(start))
    else:
        assert isinstance(reading.traffic, Counts)
        assert reading.traffic.bin_s == 1
        assert sum(reading.traffic.requests) == len(times)
        assert reading.traffic.starts_at_s == since_midnight_s(start)


@pytest.mark.parametrize("name", WRITERS)
def test_what_is_written_is_read_back(name: str) -> None:
    writer = WRITERS[name]
    reading = read(writer.write([3, 0, 12, 4], START), writer.answers)
    again = read(write_trace(reading).encode())
    assert (again.traffic, again.first_day) == (reading.traffic, reading.first_day)


@pytest.mark.parametrize("name", ARRIVALS)
def test_requests_that_are_written_are_read_back(name: str) -> None:
    write, _ = ARRIVALS[name]
    reading = read(write([START, START + timedelta(seconds=61.25)]))
    again = read(write_trace(reading).encode())
    assert (again.traffic, again.first_day) == (reading.traffic, reading.first_day)


def test_a_scenario_takes_over_weekday_and_clock() -> None:
    reading = read(WRITERS["JSON of GetMetricData"].write([3, 1, 12, 4], START + timedelta(days=3)))
    scenario = applied(Scenario(), reading)
    assert scenario.workload.traffic == reading.traffic
    assert (scenario.simulation.starts_on, scenario.simulation.timezone) == (3, "UTC")
