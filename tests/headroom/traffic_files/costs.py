"""Reads each costly file in a process of its own and says what it took, as JSON: a program for `test_costs.py`."""

from __future__ import annotations

import ctypes
import gc
import gzip
import io
import json
import sys
import time
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

from headroom.errors import BadTrace
from headroom.traffic_files.read import read_traffic

MB = 2**20
HEAD = "time,requests\n"
SHEET = "xl/worksheets/sheet1.xml"


def packed(text: str, times: int) -> bytes:
    """A text many times over, packed with gzip, without holding it."""
    packer = zlib.compressobj(6, wbits=31)
    block = text.encode()
    return b"".join([*(packer.compress(block) for _ in range(times)), packer.flush()])


def dates(form: str, count: int) -> str:
    """That many minutes in a row, from 1 November 2026 on, each laid out like this."""
    return "".join(
        form.format(y=2026 + i // 525_600, mo=i // 43_200 % 12 + 1, d=i // 1440 % 28 + 1, h=i // 60 % 24, m=i % 60, i=i)
        for i in range(count)
    )


def workbook(sheet: bytes, **parts: bytes) -> bytes:
    out = io.BytesIO()
    kinds = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    rels = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    own = "http://schemas.openxmlformats.org/package/2006"
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "[Content_Types].xml",
            f'<Types xmlns="{own}/content-types"><Default Extension="rels" ContentType="application/xml"/><Override'
            f' PartName="/xl/workbook.xml" ContentType="{kinds}.sheet.main+xml"/></Types>',
        )
        archive.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{own}/relationships"><Relationship Id="r1" Type="{rels}/officeDocument"'
            ' Target="xl/workbook.xml"/></Relationships>',
        )
        archive.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{main}" xmlns:r="{rels}"><sheets><sheet name="a" sheetId="1" r:id="r1"/></sheets>'
            "</workbook>",
        )
        archive.writestr(
            "xl/_rels/workbook.xml.rels",
            f'<Relationships xmlns="{own}/relationships"><Relationship Id="r1" Type="{rels}/worksheet"'
            ' Target="worksheets/sheet1.xml"/></Relationships>',
        )
        archive.writestr(SHEET, sheet)
        for name, content in parts.items():
            archive.writestr(f"xl/{name}.xml", content)
    return out.getvalue()


def sheet(cells: str) -> bytes:
    head = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    return f"{head}{cells}</sheetData></worksheet>".encode()


def cell(place: str, value: float) -> str:
    return f'<c r="{place}"><v>{value}</v></c>'


def rows(count: int) -> str:
    return "".join(f"<row>{cell(f'A{i}', 60 * i)}{cell(f'B{i}', i)}</row>" for i in range(1, count + 1))


FILES: dict[str, Callable[[], bytes]] = {
    "100,000 empty gzip members": lambda: gzip.compress(b"") * 100_000,
    "9,999 gzip members": lambda: (
        gzip.compress(b"t_s,requests\n") + b"".join(gzip.compress(b"%d,1\n" % (60 * i)) for i in range(9_998))
    ),
    "a gzip member and 19 MB of zeros": lambda: gzip.compress(b"t_s,requests\n0,1\n60,1\n") + bytes(19 * MB),
    "64 MB of empty lines": lambda: packed("\n" * MB, 63),
    "64 MB of quoted empty lines": lambda: packed('"\n"\n' * (MB // 4), 63),
    "64 MB in one line": lambda: packed("1" * MB, 63),
    "128 MB when unpacked": lambda: packed("1,2\n" * (MB // 4), 128),
    "200 columns, 64 MB": lambda: packed(("1," * 199 + "1\n") * 2_600, 62),
    "500 columns": lambda: packed("," * 499 + "\n", 67_000),
    "an open quote, 19 MB": lambda: b't_s,requests\n0,1\n"' + b"1\n" * (9 * MB),
    "400,000 ISO dates": lambda: gzip.compress(
        (HEAD + dates("{y}-{mo:02}-{d:02}T{h:02}:{m:02}:00Z,{i}\n", 400_000)).encode(), 1
    ),
    "400,000 dates with points, decimal commas": lambda: gzip.compress(
        ("Zeit;Anfragen\n" + dates("{d:02}.{mo:02}.{y} {h:02}:{m:02};{i},0\n", 400_000)).encode(), 1
    ),
    "400,000 dates in words": lambda: gzip.compress(
        (HEAD + dates('"Nov {d}, {y}, {h:02}:{m:02}",{i}\n', 400_000)).encode(), 1
    ),
    "400,000 arrival times": lambda: gzip.compress(
        ("t_s\n" + "".join(f"{i / 7:.3f}\n" for i in range(400_000))).encode(), 1
    ),
    "a log of 400,000 lines, 60 MB": lambda: packed(
        '203.0.113.7 - - [10/Oct/2026:13:55:36 -0700] "GET /a HTTP/1.1" 200 12 "-" "Mozilla/5.0 (X11; Linux x86_64)'
        ' AppleWebKit/537.36"\n' * 1000,
        400,
    ),
    "points of k6, 60 MB": lambda: packed(
        '{"metric":"http_reqs","type":"Point","data":{"time":"2026-11-01T00:00:00.125625742Z","value":1,"tags":{"method":"GET","status":"200","url":"http://a.test/b"}}}\n'
        * 1000,
        380,
    ),
    "JSON, nested": lambda: b"[" * (19 * MB),
    "JSON, 600,000 objects": lambda: b"[" + b"{}," * 599_998 + b"{}]",
    "JSON, 7 million objects": lambda: b"[" + b"{}," * (6 * MB) + b"{}]",
    "JSON, 3 million numbers": lambda: b"[" + b"12345," * 2_999_999 + b"1]",
    "130,000 datapoints": lambda: json.dumps(
        {
            "Datapoints": [
                {"Timestamp": f"2026-11-{i // 1440 % 28 + 1:02}T{i // 60 % 24:02}:{i % 60:02}:00Z", "Sum": i}
                for i in range(130_000)
            ]
        }
    ).encode(),
    "two cells far apart": lambda: workbook(sheet(f"<row>{cell('A1', 1)}</row><row>{cell('XFD1048576', 2)}</row>")),
    "a workbook of 100 MB": lambda: workbook(sheet(" " * (100 * MB))),
    "shared strings of 100 MB": lambda: workbook(sheet(rows(3)), sharedStrings=b" " * (100 * MB)),
    "a workbook of 240,000 rows": lambda: workbook(sheet(rows(240_000))),
    "a workbook with entities": lambda: workbook(b'<!DOCTYPE a [<!ENTITY b "c">]>' + sheet(rows(3))),
}
LARGE = (
    "200 columns, 64 MB",
    "128 MB when unpacked",
    "points of k6, 60 MB",
    "a log of 400,000 lines, 60 MB",
    "400,000 ISO dates",
    "400,000 dates with points, decimal commas",
    "400,000 dates in words",
    "400,000 arrival times",
    "130,000 datapoints",
    "JSON, 3 million numbers",
    "a workbook of 240,000 rows",
)
"""Honest ones of the largest size; making them takes long."""


def memory_mb(name: str) -> float:
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return float(next(line for line in status.splitlines() if line.startswith(name)).split()[1]) / 1024


def fresh_mb() -> float:
    """The memory in use, after what is free was given back and the peak was forgotten."""
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    return memory_mb("VmRSS")


def main() -> None:
    """Read the files of these names one after the other; each line of output is one of them."""
    read_traffic(b"t_s,requests\n0,1\n60,2\n", "first")  # what is imported and made once
    for name in sys.argv[1:] or FILES:
        data = FILES[name]()
        before_mb = fresh_mb()
        began = time.process_time()
        try:
            understood = read_traffic(data, name)
            what = understood.reading.sentence if understood.reading else str(understood.question)
        except BadTrace as problem:
            what = str(problem)
        cpu_s = time.process_time() - began
        peak_mb = memory_mb("VmHWM") - before_mb
        print(
            json.dumps(
                {"name": name, "cpu_s": cpu_s, "peak_mb": peak_mb, "what": what[:200], "file_mb": len(data) / MB}
            )
        )


if __name__ == "__main__":
    main()
