"""What is accepted beyond whole formats, what is asked, and an error with its place for everything else."""

from __future__ import annotations

import contextlib
import gzip
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headroom.errors import BadTrace
from headroom.traffic_files.limits import MAX_FILE_BYTES, MAX_ROWS, MAX_TEXT_BYTES
from headroom.traffic_files.questions import Answers, Question
from headroom.traffic_files.read import read_traffic
from headroom.traffic_files.reading import TrafficReading, Understood
from simulator.traffic.kinds import MAX_TRACE_ROWS, Counts, Timestamps


def understood(text: str | bytes, **answers: str) -> Understood:
    return read_traffic(text if isinstance(text, bytes) else text.encode(), "mine.csv", Answers(**answers))


def read(text: str | bytes, **answers: str) -> TrafficReading:
    reading = understood(text, **answers).reading
    assert reading is not None
    return reading


def asked(text: str, **answers: str) -> Question:
    question = understood(text, **answers).question
    assert question is not None
    return question


def test_counts_and_times_are_read() -> None:
    assert read("t_s,requests\n0,5\n60,0\n120,7\n").traffic == Counts(bin_s=60, requests=(5, 0, 7))
    assert read("t_s\n0\n0.25\n0.25\n9\n").traffic == Timestamps(t_s=(0, 0.25, 0.25, 9))


@pytest.mark.parametrize(
    "text",
    [
        "\ufefft_s,requests\n0,5\n60,7\n",
        "t_s,requests\r\n0,5\r\n60,7\r\n",
        "t_s,requests\r0,5\r60,7",
        "t_s,requests\n0,5\n60,7\n\n\n  \n,\n",
        "\n\nt_s,requests\n\n0,5\n\n60,7",
        " t_s , requests \n 0 , 5 \n\t60 , 7 ",
        "requests,t_s\n5,0\n7,60\n",
        '"t_s","requests"\n"0","5"\n"60","7"\n',
        "T_S,Requests\n0,5.0\n60,7e0\n",
        "t_s;requests\n0;5\n60;7\n",
        "t_s\trequests\n0\t5\n60\t7\n",
        "sep=,\nt_s,requests\n0,5\n60,7\n",
        "t_s,requests,\n0,5,\n60,7,\n",
        "t_s,errors,requests\n0,1,5\n60,1,7\n",
        "t_s,requests\n60,7\n0,5\n",
        "minute,requests\n0,5\n1,7\n",
        "t_ms,requests\n0,5\n60000,7\n",
        "time,requests\n00:00,5\n00:01,7\n",
    ],
)
def test_harmless_differences_are_harmless(text: str) -> None:
    assert read(text).traffic == Counts(bin_s=60, requests=(5, 7))


@pytest.mark.parametrize(
    ("cells", "counts"),
    [
        (('"1,000"', '"12,000"'), (1000, 12_000)),
        (("1 000", "12 000"), (1000, 12_000)),
        (("1\u202f000", "12\u00a0000"), (1000, 12_000)),
        (("1'000", "12\u2019000"), (1000, 12_000)),
        (("1.5 K req", "2 K req"), (1500, 2000)),
    ],
)
def test_numbers_are_read_as_people_write_them(cells: tuple[str, str], counts: tuple[int, int]) -> None:
    assert read(f"t_s,requests\n0,{cells[0]}\n60,{cells[1]}\n").traffic == Counts(bin_s=60, requests=counts)


def test_missing_bins_are_filled_with_zero_and_said() -> None:
    reading = read("t_s,requests\n0,5\n60,1\n240,1\n300,2\n")
    assert reading.traffic == Counts(bin_s=60, requests=(5, 1, 0, 0, 1, 2))
    assert "2 missing minutes filled with zero" in reading.sentence


def test_empty_cells_are_zero_and_said() -> None:
    reading = read("t_s,requests\n0,5\n60,\n120,NaN\n180,2\n")
    assert reading.traffic == Counts(bin_s=60, requests=(5, 0, 0, 2))
    assert "2 empty values taken as zero" in reading.sentence


def test_rates_keep_the_total() -> None:
    reading = read("t_s,requests/s\n0,0.005\n60,0.005\n120,0.005\n180,0.005\n240,0.005\n")
    assert isinstance(reading.traffic, Counts)
    assert sum(reading.traffic.requests) == 2  # 0.3 a minute, five times, is 1.5
    assert "values are requests a second" in reading.sentence


def test_rounded_stamps_have_one_bin() -> None:
    traffic = read("t_s,requests\n" + "".join(f"{i / 3:.3f},1\n" for i in range(30))).traffic
    assert isinstance(traffic, Counts)
    assert traffic.bin_s == pytest.approx(1 / 3, abs=1e-4)


def test_seconds_and_milliseconds_since_1970_are_told_apart_and_said() -> None:
    rows = [f"{1_760_000_000 + 60 * i},{i + 1}" for i in range(3)]
    seconds = read("t_s,requests\n" + "\n".join(rows))
    milliseconds = read("t_s,requests\n" + "\n".join(row.replace(",", "000,") for row in rows))
    assert seconds.traffic == milliseconds.traffic
    assert (seconds.first_day, milliseconds.first_day) == ("2025-10-09", "2025-10-09")
    assert "times are seconds since 1970; on the clock of UTC" in seconds.sentence
    assert "times are milliseconds since 1970" in milliseconds.sentence


def test_a_trace_keeps_its_time_of_day() -> None:
    assert read("t_s,requests\n28800,5\n28860,7\n").traffic == Counts(bin_s=60, requests=(5, 7), starts_at_s=28_800)
    reading = read("time,requests\n2026-11-02T08:00:00,5\n2026-11-02T08:01:00,7\n", zone="Europe/Berlin")
    assert reading.traffic == Counts(bin_s=60, requests=(5, 7), starts_at_s=28_800)
    assert (reading.first_day, reading.zone) == ("2026-11-02", "Europe/Berlin")


def hours(first: str, count: int, offset: str = "Z") -> str:
    day, hour = first[:10], int(first[11:13])
    return "time,requests\n" + "".join(
        f"{day[:8]}{int(day[8:]) + (hour + i) // 24:02}T{(hour + i) % 24:02}:00:00{offset},{10 + i}\n"
        for i in range(count)
    )


def test_the_hour_that_summer_time_skips_has_no_requests() -> None:
    reading = read(hours("2026-03-29T00", 4), zone="Europe/Berlin")
    assert reading.traffic == Counts(bin_s=3600, requests=(10, 0, 11, 12, 13), starts_at_s=3600)
    assert "on Sunday 29 March the clock skips an hour" in reading.sentence


def test_an_hour_that_is_shown_twice_has_the_requests_of_both() -> None:
    reading = read(hours("2026-10-24T23", 4), zone="Europe/Berlin")
    assert reading.traffic == Counts(bin_s=3600, requests=(10, 11 + 12, 13), starts_at_s=3600)
    assert "on Sunday 25 October the clock shows an hour twice" in reading.sentence


def test_offsets_that_change_are_asked_and_answered() -> None:
    text = "time,requests\n2026-03-29T01:00:00+01:00,1\n2026-03-29T03:00:00+02:00,2\n2026-03-29T04:00:00+02:00,3\n"
    question = asked(text)
    assert question.key == "zone"
    assert question.is_open
    assert "Europe/Berlin" in [option.value for option in question.options]
    assert "America/New_York" not in [option.value for option in question.options]
    assert read(text, zone="Europe/Berlin").traffic == Counts(bin_s=3600, requests=(1, 0, 2, 3), starts_at_s=3600)
    assert read(text, zone="UTC").traffic == Counts(bin_s=3600, requests=(1, 2, 3))


def test_more_bins_than_are_kept_are_made_coarser_and_said() -> None:
    text = "t_s,requests\n" + "".join(f"{i},1\n" for i in range(MAX_TRACE_ROWS + 1))
    reading = read(text)
    assert isinstance(reading.traffic, Counts)
    assert (reading.traffic.bin_s, sum(reading.traffic.requests)) == (10, MAX_TRACE_ROWS + 1)
    assert "counted in bins of 10 s" in reading.sentence


def test_rows_at_uneven_times_without_a_count_are_one_request_each() -> None:
    assert read("t_s,input_tokens,output_tokens\n0,9,1\n0.5,7,2\n7.25,1,3\n").traffic == Timestamps(t_s=(0, 0.5, 7.25))


ASKED = {
    "which column": ("t_s,fn1,fn2\n0,5,1\n60,7,1\n", "column", ["fn1", "fn2", "all", "rows"]),
    "which time": (
        "start,begin,end,requests\n1,2026-11-01,2026-11-02,5\n1,2026-11-02,2026-11-03,5\n",
        "time_column",
        ["begin", "end"],
    ),
    "unit of times": ("time,requests\n0,5\n5,7\n", "times", ["s", "ms", "min", "h"]),
    "day or month": ("time,requests\n1/2/2026,5\n2/2/2026,7\n", "dates", ["day-first", "month-first"]),
    "point or comma": ("t_s;requests\n0;1.234\n60;2.345\n", "decimals", ["point", "comma"]),
    "unit of values": ("t_s,requests\n0,5.5\n60,7\n", "unit", ["per-second", "per-minute", "count", "total"]),
    "which series": ("Series,t_s,Value\na,0,1\na,60,2\nb,0,1\nb,60,2\n", "series", ["a", "b", "all"]),
    "without a header": ("0,5\n60,7\n", "times", ["s", "ms", "min", "h"]),
}


@pytest.mark.parametrize("name", ASKED)
def test_what_can_be_read_in_two_ways_is_asked_and_every_option_is_an_answer(name: str) -> None:
    text, key, options = ASKED[name]
    question = asked(text)
    assert question.key == key
    assert [option.value for option in question.options] == options
    for option in options:
        with contextlib.suppress(BadTrace):
            again = understood(text, **{key: option})
            assert again.question is None or again.question.key != key


BAD: dict[str, tuple[str | bytes, str]] = {
    "empty file": ("", "row 1: given nothing"),
    "empty cells": (",\n,,\n", "row 1: given nothing"),
    "header only": ("t_s,requests\n", "no row below the header"),
    "no time": ("name,requests\na,5\nb,7\n", "given the columns 'name', 'requests'; allowed: one of them a time"),
    "text": ("t_s,requests\n0,5\n60,five\n", r"row 3, column requests: given 'five'; allowed: a number"),
    "infinite": ("t_s\n0\n1e999\n", "row 3, column t_s: given '1e999'"),
    "underscore": ("t_s,requests\n0,1_000\n60,1\n", "row 2, column requests: given '1_000'"),
    "negative count": ("t_s,requests\n0,5\n60,-1\n", "row 3, column requests: given '-1'; allowed: a number from 0 on"),
    "huge count": ("t_s,requests\n0,1\n60,1e10\n", "given 10,000,000,000 requests in a bin"),
    "one row": ("t_s,requests\n0,5\n", "given 1 row; allowed: two or more"),
    "short bins": ("t_s,requests\n0,5\n0.01,5\n", r"given bins of 0.01 s; allowed: 0.1 to 86,400 s"),
    "long bins": ("t_s,requests\n0,5\n90000,5\n", "bins of 90000 s"),
    "zeros": ("t_s,requests\n0,0\n60,0\n", "given only zeros"),
    "uneven": ("t_s,requests\n0,1\n60,1\n90.5,1\n120.25,1\n", "row 3: given a time that lies in no bin"),
    "no such day": (
        "time,requests\n31.11.2026 08:00,1\n30.11.2026 08:00,1\n",
        "row 2, column time: given '31.11.2026 08:00'",
    ),
    "no such hour": (
        "time,requests\n2026-11-01T08:00,1\n2026-11-01T25:00,1\n",
        "row 3, column time: given '2026-11-01T25:00'",
    ),
    "zone in some rows": (
        "time,requests\n2026-11-01T08:00Z,1\n2026-11-01T09:00,1\n",
        "row 3, column time.*in every row or in none",
    ),
    "no time in a row": ("t_s,requests\n0,1\n,1\n60,1\n", "row 3, column t_s: given ''; allowed: a time in every row"),
    "open quote": ('t_s\n1\n"' + "1" * 200_000, "given more than 20,000 characters"),
    "broken JSON": ('{"a": ', "given JSON that is broken"),
    "other JSON": ('{"a": 1}', "given JSON that is none of the known kinds"),
    "average only": ('{"Datapoints": [{"Timestamp": "2026-11-01T00:00Z", "Average": 1.5}]}', "--statistics Sum"),
    "a zip": (b"PK\x03\x04" + bytes(50), "given a workbook that cannot be read"),
    "half a log": (
        "".join(f'a - - [10/Oct/2026:13:55:{s:02} +0000] "GET"\n' for s in range(20)) + "x\n" * 9,
        "9 of 29 lines without a time",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_refused_with_its_place(name: str) -> None:
    text, words = BAD[name]
    with pytest.raises(BadTrace, match=words) as caught:
        understood(text)
    assert str(caught.value).startswith("mine.csv: ")


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ({"column": "nope"}, "column: given 'nope'; allowed: 'requests', 'rows'"),
        ({"zone": "Mars"}, "zone: given 'Mars'"),
        ({"times": "weeks"}, "times: given 'weeks'"),
        ({"unit": "dozen"}, "unit: given 'dozen'"),
    ],
)
def test_an_answer_that_is_none_is_refused(answers: dict[str, str], words: str) -> None:
    with pytest.raises(BadTrace, match=words):
        understood("t_s,requests\n0,5\n60,7\n", **answers)


def test_too_much_is_refused() -> None:
    with pytest.raises(BadTrace, match=r"given 20\.0 MB; allowed: at most 20\.0 MB"):
        understood(b"0" * (MAX_FILE_BYTES + 1))
    with pytest.raises(BadTrace, match=f"more than {MAX_ROWS:,} rows"):
        understood("t_s\n" + "1\n" * (MAX_ROWS + 1))
    packer = zlib.compressobj(9, wbits=31)
    block = b"1\n" * 2**19
    bomb = b"".join([packer.compress(b"t_s\n"), *(packer.compress(b"t" * 9 + block) for _ in range(3)), packer.flush()])
    assert len(bomb) < MAX_TEXT_BYTES
    with pytest.raises(BadTrace, match="more than"):
        understood(bomb)


@pytest.mark.parametrize("cut", [3, 12, -5])
def test_a_packed_file_that_is_cut_off_or_damaged_is_refused(cut: int) -> None:
    packed = gzip.compress(b"t_s\n1\n2\n")
    with pytest.raises(BadTrace, match="gzip file that"):
        understood(packed[:cut])
    with pytest.raises(BadTrace, match="gzip file that is damaged"):
        understood(packed + b"rest")


def test_gzip_may_have_parts() -> None:
    assert read(gzip.compress(b"t_s\n0\n") + gzip.compress(b"1\n") + bytes(9)).traffic == Timestamps(t_s=(0, 1))


@given(st.lists(st.integers(0, 10**9), min_size=2, max_size=50).filter(any), st.integers(1, 86_400))
def test_counts_survive_the_way_through_a_file(counts: list[int], bin_s: int) -> None:
    text = "t_s,requests\n" + "".join(f"{i * bin_s},{count}\n" for i, count in enumerate(counts))
    assert read(text).traffic == Counts(bin_s=bin_s, requests=tuple(counts))


@given(st.lists(st.floats(0, 9e8), min_size=1, max_size=50).map(sorted))
def test_times_survive_the_way_through_a_file(times: list[float]) -> None:
    assert read("t_s\n" + "".join(f"{time!r}\n" for time in times)).traffic == Timestamps(t_s=tuple(times))


PIECES = st.sampled_from(
    (
        *(
            "time",
            "t_s",
            "requests",
            ",",
            ";",
            "\t",
            "\n",
            "\r\n",
            '"',
            "0",
            "1",
            "60",
            "1.5",
            "1,000",
            "-1",
            "nan",
            "1e9",
        ),
        *(
            "1793491200",
            "2026-11-01T00:00:00Z",
            "1/2/2026",
            "08:00",
            "[",
            "]",
            "{",
            "}",
            ":",
            '"results"',
            "null",
            "sep=",
        ),
        *('"Datapoints"', '"MetricDataResults"', '"data"', "Series", "GET", "req/s", "bin(1m)", "PM", " "),
    )
)


@given(
    st.one_of(st.binary(max_size=300), st.lists(PIECES, max_size=60).map(lambda pieces: "".join(pieces).encode())),
    st.fixed_dictionaries(
        {},
        optional={
            "column": st.sampled_from(["rows", "all", "requests"]),
            "times": st.sampled_from(["s", "epoch-ms", "excel-days"]),
            "unit": st.sampled_from(["total", "per-second"]),
            "dates": st.just("day-first"),
            "zone": st.just("Europe/Berlin"),
        },
    ),
)
def test_anything_else_is_read_asked_or_refused_on_purpose(data: bytes, answers: dict[str, str]) -> None:
    with contextlib.suppress(BadTrace):
        result = understood(data, **answers)
        assert (result.reading is None) != (result.question is None)


def test_rows_that_all_have_one_time_say_nothing_of_the_bins() -> None:
    with pytest.raises(BadTrace, match="given 2 rows of one time; allowed: two times or more"):
        understood("time,requests\n2026-11-01 10:00:00,5\n2026-11-01 10:00:00,7\n")
