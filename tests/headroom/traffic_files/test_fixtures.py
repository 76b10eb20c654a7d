"""Files as the programs named write them: what is understood, word for word."""

from __future__ import annotations

from pathlib import Path

import pytest

from headroom.traffic_files.questions import Answers
from headroom.traffic_files.read import read_traffic
from simulator.traffic.kinds import Counts, Timestamps

FILES = Path(__file__).parent / "files"

MINUTES = Counts(bin_s=60, requests=(12, 14))
READ: dict[str, tuple[Counts | Timestamps, str]] = {
    "cloudwatch-console.csv": (
        Counts(bin_s=60, requests=(12, 14, 9)),
        "3 minutes, 1-minute bins, 35 requests, peak 0.233 /s Sunday 00:01; column 'Invocations'",
    ),
    "cloudwatch-getmetricdata.csv": (
        Counts(bin_s=60, requests=(12, 14, 9)),
        "35 requests, peak 0.233 /s Sunday 00:01; column 'Invocations (Sum)'; on the clock of UTC",
    ),
    "cloudwatch-getmetricdata.json": (MINUTES, "column 'Invocations'; on the clock of UTC"),
    "cloudwatch-stats.json": (MINUTES, "column 'Invocations (Sum)'; on the clock of UTC"),
    "logs-insights.csv": (
        Counts(bin_s=300, requests=(12, 0, 9)),
        "15 minutes, 5-minute bins, 21 requests, peak 0.04 /s Sunday 00:00; 1 missing bin filled with zero;"
        " column 'count(*)'",
    ),
    "logs-insights.json": (MINUTES, "column 'count(*)'"),
    "prometheus.csv": (
        Counts(bin_s=60, requests=(738, 846)),
        "column 'sum(rate(http_requests_total[1m]))'; values are requests a second",
    ),
    "prometheus.json": (Counts(bin_s=60, requests=(12, 14, 5)), "the counter began anew 1 time"),
    "grafana-inspector.json": (MINUTES, "times are milliseconds since 1970"),
    "locust-history.csv": (Counts(bin_s=1, requests=(12, 7)), "values are a counter"),
    "k6.csv": (Counts(bin_s=1, requests=(2, 0, 1)), "times are seconds since 1970; on the clock of UTC"),
    "k6.json": (Timestamps(t_s=(0.125625, 1.5)), "2 seconds, arrival times, 2 requests, peak 1 /s Sunday 00:00"),
    "jmeter.jtl": (Timestamps(t_s=(0.25, 0.25, 1.5)), "3 requests"),
    "apache-access.log": (
        Counts(bin_s=1, requests=(3,), starts_at_s=13 * 3600 + 55 * 60 + 36),
        "1 second, 1-second bins, 3 requests, peak 3 /s Saturday 13:55; on the clock of UTC-07:00",
    ),
    "nginx.log": (Counts(bin_s=1, requests=(2, 0, 1)), "on the clock of UTC+01:00"),
    "alb.log": (Timestamps(t_s=(0.364,), starts_at_s=22 * 3600 + 22 * 60 + 48), "peak 1 /s Thursday 22:22"),
    "clb.log": (Timestamps(t_s=(0.5, 1.25)), "on the clock of UTC"),
    "excel-de.csv": (Counts(bin_s=60, requests=(1, 2, 3, 4, 5)), "peak 0.0833 /s Sunday 00:04; column 'Anfragen'"),
    "excel-date-and-time.csv": (Counts(bin_s=60, requests=(1200, 1300)), "column 'Anfragen'"),
}
ASKED: dict[str, tuple[str, dict[str, Counts]]] = {
    "excel-us.csv": ("dates", {"month-first": Counts(bin_s=60, requests=(1, 2, 3, 4, 5))}),
    "grafana-joined.csv": (
        "column",
        {"GET": Counts(bin_s=60, requests=(750, 75_000)), "all": Counts(bin_s=60, requests=(810, 75_120))},
    ),
    "grafana-rows.csv": (
        "series",
        {"POST": Counts(bin_s=60, requests=(1, 2)), "all": Counts(bin_s=60, requests=(13, 16))},
    ),
}


def test_every_file_is_tried() -> None:
    assert {file.name for file in FILES.iterdir()} == {*READ, *ASKED, "README.md"}


@pytest.mark.parametrize("name", READ)
def test_a_file_is_understood(name: str) -> None:
    traffic, sentence = READ[name]
    reading = read_traffic((FILES / name).read_bytes(), name).reading
    assert reading is not None
    assert reading.traffic == traffic
    assert sentence in reading.sentence


@pytest.mark.parametrize("name", ASKED)
def test_what_a_file_leaves_open_is_asked(name: str) -> None:
    key, answers = ASKED[name]
    data = (FILES / name).read_bytes()
    question = read_traffic(data, name).question
    assert question is not None
    assert question.key == key
    assert answers.keys() <= {option.value for option in question.options}
    for answer, traffic in answers.items():
        reading = read_traffic(data, name, Answers(**{key: answer})).reading
        assert reading is not None
        assert reading.traffic == traffic
