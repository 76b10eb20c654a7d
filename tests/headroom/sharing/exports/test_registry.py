"""Whatever is registered can be told apart and writes a file; user text never breaks out of it."""

from __future__ import annotations

import csv
import io
import json
import tomllib
import zipfile
from typing import Any

import pytest

from headroom.sharing.exports.export import Export, PlacedDeployment
from headroom.sharing.exports.registry import EXPORTS, exports_of
from tests.headroom.advisor.outcomes import world
from tests.headroom.sharing.exports.samples import every

FORMULAS = ("=1+1", "+cmd|' /C calc'!A0", "-2", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1+1")  # noqa: RUF001
"""Names of a user that a spreadsheet would run; the last is of full width."""


def written(export: Export[Any], name: str = "Always on") -> bytes:
    return export.write(every(name)[export.kind], world())


def test_every_type_that_can_be_exported_is_exported_in_some_format() -> None:
    assert {export.kind for export in EXPORTS} == set(every())


def test_two_formats_of_a_type_differ_in_key_title_and_file() -> None:
    for kind in every():
        for names in zip(*((one.key, one.title, one.file_name) for one in exports_of(kind)), strict=True):
            assert len(set(names)) == len(names)


@pytest.mark.parametrize("export", EXPORTS, ids=lambda export: export.file_name)
def test_a_file_is_what_its_ending_says(export: Export[Any]) -> None:
    content, ending = written(export), export.file_name.rpartition(".")[2]
    if ending == "zip":
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            assert archive.testzip() is None
        return
    text = content.decode()
    assert text.endswith("\n")
    assert "Always on" in text or export.kind is PlacedDeployment
    if export.kind is PlacedDeployment:
        assert ending in {"yaml", "json", "py", "sh", "html"}
        assert ending != "json" or json.loads(text)
    elif ending == "json":
        assert json.loads(text)["made_with"]["prices_as_of"] == "2026-10-04"
    elif ending == "toml":
        assert tomllib.loads(text)["schema"] == 1
    elif ending == "csv":
        head, *rows = csv.reader(io.StringIO(text))
        assert rows
        assert {len(row) for row in rows} == {len(head)}
    else:
        assert ending == "txt"


@pytest.mark.parametrize("name", FORMULAS)
@pytest.mark.parametrize("export", [one for one in EXPORTS if one.media_type == "text/csv"], ids=lambda one: one.title)
def test_no_cell_of_a_spreadsheet_is_a_formula(export: Export[Any], name: str) -> None:
    cells = [cell for row in csv.reader(io.StringIO(written(export, name).decode(), newline="")) for cell in row]
    assert "'" + name in cells
    for cell in cells:
        assert not cell.startswith(("=", "+", "@", "\t", "\r", "\n", "＝")), cell  # noqa: RUF001
        assert not cell.startswith("-") or is_number(cell), cell


def is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


@pytest.mark.parametrize("export", [one for one in EXPORTS if one.key == "text"], ids=lambda one: one.title)
def test_a_name_cannot_drive_the_terminal(export: Export[Any]) -> None:
    text = written(export, "\x1b[31mred\x07\x9b").decode()
    assert "red" in text
    assert all(char.isprintable() or char == "\n" for char in text)


@pytest.mark.parametrize("export", [one for one in EXPORTS if one.key == "toml"], ids=lambda one: one.title)
def test_a_name_cannot_add_a_table_to_a_file(export: Export[Any]) -> None:
    name = 'x"\n[evil]\nschema = 2\n#'
    values = tomllib.loads(written(export, name).decode())
    assert "evil" not in values
    assert name in (values.get("name"), values.get("workload", {}).get("name"))
