"""`headroom diff` and `headroom check`, for reviews and pipelines: exit code 3 where something is broken."""

from __future__ import annotations

from pathlib import Path

import pytest

from headroom.cli import review
from headroom.cli.main import COMMANDS, main
from headroom.sharing.exports.difference import HEADS, difference_markdown, difference_text, differences, plain
from tests.headroom.advisor.outcomes import world
from tests.headroom.cli.test_cli import small
from tests.headroom.sharing.exports.samples import placed

EVIL = "a|b <script> [x](http://evil) @team `id` #1 http://evil\n| x"


def scenario(folder: Path, name: str, text: str) -> str:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return str(file)


def test_a_table_says_what_changes_and_what_is_replaced(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = scenario(tmp_path, "a.toml", small())
    after = scenario(tmp_path, "b.toml", small().replace("initial_instance_count = 2", "initial_instance_count = 3"))
    name = "Two, always on and with a rather long name that does not fit"
    assert main(["diff", before, after, "--deployment", name, "--markdown"]) == 0
    head, _, *rows = capsys.readouterr().out.splitlines()
    assert head == f"| {' | '.join(HEADS)} |"
    cells = {row.split(" | ")[0].removeprefix("| "): row for row in rows}
    assert "&#43;50 %" in cells["at its maximum, a month"]
    assert "replaced" in cells["resource EndpointConfig"]
    assert "resource Model" not in cells
    assert all(row.count(" | ") == 3 for row in rows)


def test_nothing_changes_between_equals() -> None:
    rows = differences(placed(), placed(), world())
    assert rows
    assert {row.change for row in rows} == {""}
    assert not any(row.what.startswith("resource") for row in rows)
    assert difference_text(rows).count("\n") == len(rows)
    assert "->" not in difference_text(rows)


def test_nothing_of_the_users_is_markup() -> None:
    said = plain(EVIL)
    assert not set(said) & set("|<>[]()@`\n:")
    table = difference_markdown(differences(placed(EVIL[:60]), placed(EVIL[:60]), world()))
    assert all(line.count("|") == 5 for line in table.splitlines())


def test_a_check_fails_where_a_clause_or_the_ceiling_is_broken(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = scenario(tmp_path, "a.toml", small())
    assert main(["check", file]) == 0
    assert "BROKEN" not in capsys.readouterr().out
    assert main(["check", file, "--ceiling", "1"]) == 3
    assert "BROKEN Ceiling" in capsys.readouterr().out
    hard = scenario(tmp_path, "b.toml", small("latency_limit_s = 0.001"))
    assert main(["check", hard]) == 3
    assert "BROKEN" in capsys.readouterr().out


def test_without_deployments_there_is_nothing_to_review(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", scenario(tmp_path, "a.toml", "schema = 1\ndeployments = []\n")]) == 2
    assert "deployments: given none" in capsys.readouterr().err
    assert COMMANDS["diff"][0] == review.__name__
