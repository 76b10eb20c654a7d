"""The traces that ship: complete, attributed, small, and refused where a file is wrong."""

from __future__ import annotations

import gzip
import tomllib
from pathlib import Path

import numpy as np
import pytest

from headroom.errors import BadTrace
from headroom.sharing.packaged_traces import load_traces, read_traces
from simulator.traffic.kinds import MAX_TRACE_ROWS, NamedTrace
from simulator.traffic.sources import make_source

FOLDER = Path(__file__).parents[3] / "simulator" / "data" / "traces"
ENTRY = {
    "name": "a",
    "title": "A",
    "file": "a.csv",
    "kind": "counts",
    "column": "requests",
    "bin_s": 60.0,
    "origin": "here",
    "licence": "none",
    "cite": "nobody",
    "note": "",
}
GOOD = "t_s,requests\n0,3\n60,0\n120,1\n"


def write(folder: Path, data: str | bytes, *entries: dict[str, object]) -> Path:
    lines = []
    for entry in entries or (ENTRY,):
        lines += ["[[trace]]", *(f"{key} = {value!r}" for key, value in entry.items())]
    (folder / "traces.toml").write_text("\n".join(lines))
    (folder / "a.csv").write_bytes(data.encode() if isinstance(data, str) else data)
    return folder


def test_a_default_trace_exists_and_every_trace_can_be_drawn() -> None:
    traces = load_traces()
    assert NamedTrace().trace in traces
    for name, trace in traces.items():
        assert trace.name == name
        assert all((trace.title, trace.origin, trace.licence, trace.cite, trace.note))
        assert 0 < len(trace.values) <= MAX_TRACE_ROWS
        assert not trace.values.flags.writeable
        source = make_source(NamedTrace(trace=name), traces)
        assert source.expected(0, 3600) >= 0


def test_the_readme_names_every_trace_and_every_file_is_used() -> None:
    readme = (FOLDER / "README.md").read_text()
    entries = tomllib.loads((FOLDER / "traces.toml").read_text())["trace"]
    assert all(entry["name"] in readme for entry in entries)
    data = {path.name for path in FOLDER.iterdir() if path.suffix in {".csv", ".gz"}}
    assert data == {entry["file"] for entry in entries}


def test_packed_files_carry_no_time_stamp_and_all_are_small() -> None:
    for path in FOLDER.glob("*.gz"):
        assert path.read_bytes()[4:8] == b"\0\0\0\0", path.name
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < 1_500_000


def test_licences_that_must_travel_along_do() -> None:
    entries = tomllib.loads((FOLDER / "traces.toml").read_text())["trace"]
    for licence in ("Apache-2.0", "MIT"):
        text = (FOLDER / f"LICENCE-{licence}.md").read_text()
        for entry in entries:
            if licence in entry["licence"]:
                assert entry["file"] in text


def test_only_what_is_used_is_read(tmp_path: Path) -> None:
    traces = read_traces(write(tmp_path, GOOD, ENTRY, {**ENTRY, "name": "b", "file": "b.csv"}))
    assert list(traces) == ["a", "b"]
    assert "b" in traces
    assert "c" not in traces
    assert traces["a"] is traces["a"]
    with pytest.raises(BadTrace, match=r"b\.csv: cannot be read"):
        traces["b"]
    with pytest.raises(KeyError):
        traces["c"]


def test_a_small_folder_is_read(tmp_path: Path) -> None:
    trace = read_traces(write(tmp_path, GOOD))["a"]
    assert trace.bin_s == 60
    np.testing.assert_array_equal(trace.values, [3, 0, 1])


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ("", "a.csv: cannot be read"),
        ("t_s,requests\n", "a.csv: cannot be read"),
        ("t_s,requests\n0,3\n60\n", "a.csv: cannot be read"),
        (b"t_s,requests\n0,\xff\n", "a.csv: cannot be read"),
        ("t_s,n\n0,3\n", "no column 'requests'"),
        ("t_s,requests\n0,3\n120,1\n", "row 3, column t_s: given 120; allowed: 60"),
        ("t_s,requests\n0,x\n", "row 2, column requests: given 'x'"),
        ("t_s,requests\n0,-1\n", "row 2, column requests: given '-1'"),
        ("t_s,requests\n0,nan\n", "row 2, column requests: given 'nan'"),
    ],
)
def test_a_wrong_file_is_refused(tmp_path: Path, data: str | bytes, words: str) -> None:
    traces = read_traces(write(tmp_path, data))
    with pytest.raises(BadTrace, match=words):
        traces["a"]


@pytest.mark.parametrize(
    ("entries", "words"),
    [
        ([{**ENTRY, "colour": "red"}], "trace 1: missing or unknown: colour"),
        ([{key: value for key, value in ENTRY.items() if key != "licence"}], "trace 1: missing or unknown: licence"),
        ([{**ENTRY, "bin_s": 0.0}], "kind 'counts' with bin_s 0.0"),
        ([{**ENTRY, "kind": "rates"}], "kind 'rates'"),
        ([ENTRY, ENTRY], "'a' is given twice"),
    ],
)
def test_a_wrong_index_is_refused(tmp_path: Path, entries: list[dict[str, object]], words: str) -> None:
    with pytest.raises(BadTrace, match=words):
        read_traces(write(tmp_path, GOOD, *entries))


def test_a_damaged_packed_file_is_refused(tmp_path: Path) -> None:
    folder = write(tmp_path, GOOD, {**ENTRY, "file": "a.csv.gz"})
    packed = gzip.compress(GOOD.encode())
    for data in (packed[:-6], b"plain", packed[:12] + b"????" + packed[16:]):
        (tmp_path / "a.csv.gz").write_bytes(data)
        traces = read_traces(folder)
        with pytest.raises(BadTrace, match="cannot be read"):
            traces["a"]
