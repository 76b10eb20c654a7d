"""Uploaded traces: what is accepted, and an error that names row and column for everything else."""

from __future__ import annotations

import contextlib
import gzip
import tracemalloc
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headroom.errors import BadTrace
from headroom.sharing.upload import MAX_PACKED_BYTES, MAX_TEXT_BYTES, read_trace
from simulator.traffic.kinds import MAX_TRACE_ROWS, Counts, Timestamps


def read(text: str) -> Counts | Timestamps:
    return read_trace(text.encode(), "mine.csv")


def test_counts_and_times_are_read() -> None:
    assert read("t_s,requests\n0,5\n60,0\n120,7\n") == Counts(bin_s=60, requests=(5, 0, 7))
    assert read("t_s\n0\n0.25\n0.25\n9\n") == Timestamps(t_s=(0, 0.25, 0.25, 9))


@pytest.mark.parametrize(
    "text",
    [
        "\ufefft_s,requests\n0,5\n60,7\n",
        "t_s,requests\r\n0,5\r\n60,7\r\n",
        "t_s,requests\r0,5\r60,7",
        "t_s,requests\n0,5\n60,7\n\n\n  \n,\n",
        " t_s , requests \n 0 , 5 \n\t60 , 7 ",
        "requests,t_s\n5,0\n7,60\n",
        '"t_s","requests"\n"0","5"\n"60","7"\n',
        "t_s,requests\n1700000000,5\n1700000060,7\n",
        "t_s,requests\n-30,5.0\n30,7e0\n",
    ],
    ids=["BOM", "CRLF", "CR", "blank end", "spaces", "order", "quotes", "dates", "floats"],
)
def test_harmless_differences_are_harmless(text: str) -> None:
    assert read(text) == Counts(bin_s=60, requests=(5, 7))


def test_rounded_stamps_have_one_bin() -> None:
    text = "t_s,requests\n" + "".join(f"{i / 3:.3f},1\n" for i in range(30))
    spec = read(text)
    assert isinstance(spec, Counts)
    assert spec.bin_s == pytest.approx(1 / 3, abs=1e-4)


def test_gzip_is_known_by_its_content_and_may_have_parts() -> None:
    parts = gzip.compress(b"t_s\n0\n") + gzip.compress(b"1\n") + b"\0" * 9
    assert read_trace(parts, "mine.txt") == Timestamps(t_s=(0, 1))


BAD = {
    "empty file": ("", "row 1: given ''"),
    "header only": ("t_s,requests\n", "no row below the header"),
    "no header": ("0,5\n60,7\n", "row 1: given '0,5'"),
    "other column": ("t_s,count\n0,5\n", "row 1: given 't_s,count'; allowed: a header of t_s,requests"),
    "missing t_s": ("requests\n5\n", "row 1: given 'requests'"),
    "extra column": ("t_s,requests,x\n0,5,1\n", "row 1: given 't_s,requests,x'"),
    "twice": ("t_s,t_s\n0,5\n", "row 1: given 't_s,t_s'"),
    "semicolons": ("t_s;requests\n0;5\n", "row 1: given 't_s;requests'.*commas"),
    "short row": ("t_s,requests\n0,5\n60\n", "row 3: given 1 values; allowed: 2"),
    "long row": ("t_s,requests\n0,5,9\n60,1\n", "row 2: given 3 values; allowed: 2"),
    "empty row": ("t_s,requests\n0,5\n\n120,1\n", "row 3: given an empty row"),
    "text": ("t_s,requests\n0,5\n60,five\n", "row 3, column requests: given 'five'"),
    "nothing": ("t_s,requests\n0,5\n60,\n", "row 3, column requests: given nothing"),
    "nan": ("t_s,requests\n0,nan\n60,1\n", "row 2, column requests: given 'nan'"),
    "infinite": ("t_s\n0\ninf\n", "row 3, column t_s: given 'inf'"),
    "too large for a float": ("t_s\n0\n1e999\n", "row 3, column t_s: given '1e999'"),
    "negative count": ("t_s,requests\n0,5\n60,-1\n", "row 3, column requests: given '-1'.*from 0 to 1,000,000,000"),
    "fraction": ("t_s,requests\n0,5\n60,1.5\n", "row 3, column requests: given '1.5'; allowed: a whole number"),
    "huge count": ("t_s,requests\n0,5\n60,1e10\n", "row 3, column requests: given '1e10'"),
    "very long number": ("t_s\n" + "9" * 500 + "\n", r"row 2, column t_s: given '9{57}\.\.\.'"),
    "underscore": ("t_s,requests\n0,1_000\n60,1\n", "row 2, column requests: given '1_000'"),
    "other digits": ("t_s,requests\n0,٣\n60,1\n", "row 2, column requests: given '٣'"),
    "missing bin": ("t_s,requests\n0,5\n60,1\n180,1\n240,2\n", "row 4, column t_s: given '180'; allowed: 120, one bin"),
    "missing at once": ("t_s,requests\n0,5\n120,1\n180,1\n240,2\n", "row 3, column t_s: given '120'; allowed: 60, one"),
    "unsorted counts": ("t_s,requests\n0,5\n60,1\n30,1\n90,1\n", "row 4, column t_s: given '30'; allowed: above 60"),
    "same time twice": ("t_s,requests\n0,5\n0,1\n60,1\n120,1\n", "row 3, column t_s: given '0'; allowed: above 0"),
    "one row": ("t_s,requests\n0,5\n", "column t_s: given one row"),
    "short bins": ("t_s,requests\n0,5\n0.01,5\n", "bins of 0.01 s; allowed: 0.1 to 86,400 s"),
    "long bins": ("t_s,requests\n0,5\n90000,5\n", "bins of 90000 s"),
    "far apart": ("t_s,requests\n-1e308,5\n1e308,5\n", "bins of inf s"),
    "zeros": ("t_s,requests\n0,0\n60,0\n", "column requests: given only zeros"),
    "unsorted times": ("t_s\n5\n4\n", "row 3, column t_s: given '4'; allowed: at least 5"),
    "negative time": ("t_s\n-1\n4\n", "row 2, column t_s: given '-1'; allowed: a time from 0"),
    "date": ("t_s\n1700000000\n", "row 2, column t_s: given '1700000000'.*take the first time away"),
    "open quote": ('t_s\n"1\n', "not CSV"),
    "long line": ("t_s" + "," * 5000 + "\n1\n", "row 1: given 5,004 characters"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_refused_with_its_place(name: str) -> None:
    text, words = BAD[name]
    for data in (text.encode(), gzip.compress(text.encode())):
        with pytest.raises(BadTrace, match=words) as caught:
            read_trace(data, "mine.csv")
        assert str(caught.value).startswith("mine.csv: ")


def test_what_is_not_text_is_refused() -> None:
    with pytest.raises(BadTrace, match="row 3: given byte 0xff; allowed: text in UTF-8"):
        read_trace(b"t_s\n1\n\xff\n", "mine.csv")
    with pytest.raises(BadTrace, match="row 1"):
        read_trace("t_s\n1\n".encode("utf-16"), "mine.csv")


def test_too_many_rows_are_refused_and_the_most_allowed_are_not() -> None:
    text = "t_s\n" + "1\n" * MAX_TRACE_ROWS
    spec = read(text + "\n\n")
    assert isinstance(spec, Timestamps)
    assert len(spec.t_s) == MAX_TRACE_ROWS
    with pytest.raises(BadTrace, match="more than 200,000 rows"):
        read(text + "1\n")


def test_too_many_bytes_are_refused() -> None:
    with pytest.raises(BadTrace, match=r"given 20\.0 MB; allowed: at most 20\.0 MB"):
        read_trace(b"0" * (MAX_PACKED_BYTES + 1), "mine.csv")


def bomb(size: int) -> bytes:
    packer = zlib.compressobj(9, wbits=31)
    block = b"\n" * 2**20
    return b"".join([*(packer.compress(block) for _ in range(size // 2**20)), packer.flush()])


def test_a_decompression_bomb_is_refused_in_bounded_memory() -> None:
    data = bomb(2 * MAX_TEXT_BYTES)
    assert len(data) < 2**20
    tracemalloc.start()
    with pytest.raises(BadTrace, match=r"unpacks to more than that; allowed: at most 64\.0 MB"):
        read_trace(data, "mine.csv.gz")
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak_bytes < 4 * MAX_TEXT_BYTES


def test_many_small_bombs_in_a_row_are_refused_too() -> None:
    with pytest.raises(BadTrace, match="unpacks to more"):
        read_trace(bomb(MAX_TEXT_BYTES // 4) * 5, "mine.csv.gz")


@pytest.mark.parametrize("cut", [3, 12, -5])
def test_a_packed_file_that_is_cut_off_or_damaged_is_refused(cut: int) -> None:
    packed = gzip.compress(b"t_s\n1\n2\n")
    with pytest.raises(BadTrace, match="gzip file that"):
        read_trace(packed[:cut], "mine.csv.gz")
    with pytest.raises(BadTrace, match="gzip file that is damaged"):
        read_trace(packed + b"rest", "mine.csv.gz")


@given(st.lists(st.integers(0, 10**9), min_size=2, max_size=50).filter(any), st.integers(1, 86_400))
def test_counts_survive_the_way_through_a_file(counts: list[int], bin_s: int) -> None:
    text = "t_s,requests\n" + "".join(f"{i * bin_s},{count}\n" for i, count in enumerate(counts))
    assert read(text) == Counts(bin_s=bin_s, requests=tuple(counts))


@given(st.lists(st.floats(0, 1e9), min_size=1, max_size=50).map(sorted))
def test_times_survive_the_way_through_a_file(times: list[float]) -> None:
    assert read("t_s\n" + "".join(f"{time!r}\n" for time in times)) == Timestamps(t_s=tuple(times))


@given(st.one_of(st.binary(max_size=200), st.text(alphabet='t_s,requests\n\r"0123456789.eE+- nai', max_size=80)))
def test_anything_else_is_read_or_refused_on_purpose(data: bytes | str) -> None:
    with contextlib.suppress(BadTrace):
        assert isinstance(
            read_trace(data if isinstance(data, bytes) else data.encode(), "mine.csv"), Counts | Timestamps
        )
