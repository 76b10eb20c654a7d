"""Every fact row that code, scenarios or docs cite stands in docs/facts.md."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROWS = set(re.findall(r"^\| (\d+\.\d+) \|", (ROOT / "docs" / "facts.md").read_text(encoding="utf-8"), re.MULTILINE))

# row="2.10", "facts row 2.10", "facts rows 2.10, 2.11 and 2.12", "facts rows 2.30 to 2.33", BrokenLimit(..., "1.3").
ROW_ARGUMENT = re.compile(r'row="(\d+\.\d+)"')
PROSE = re.compile(r"\brows? (\d+\.\d+(?:(?:,| and| to) \d+\.\d+)*)")
FOLDERS = ("simulator", "headroom", "scenarios", "docs")


def cited():
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in {".py", ".md", ".toml"} and path.name != "facts.md":
                text = path.read_text(encoding="utf-8")
                found = ROW_ARGUMENT.findall(text)
                for group in PROSE.findall(text):
                    found += re.findall(r"\d+\.\d+", group)
                yield from ((str(path.relative_to(ROOT)), row) for row in found)


def test_there_are_rows_and_citations():
    assert len(ROWS) > 150
    assert len(set(cited())) > 50


@pytest.mark.parametrize(("path", "row"), sorted(set(cited())))
def test_a_cited_row_exists(path, row):
    assert row in ROWS, f"{path} cites facts row {row}, which docs/facts.md does not have"
