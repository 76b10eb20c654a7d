"""A fifth pattern is one folder and one line in PATTERNS: everything works with it, from its link to every page."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fifth_pattern import drives, house

LONGEST_S = 900


@pytest.mark.slow
def test_everything_takes_up_a_pattern_that_is_listed(tmp_path: Path) -> None:
    """All drives in one process of a program that lists the pattern, since it takes seconds to start."""
    house.build(tmp_path)
    done = subprocess.run(
        [sys.executable, "-m", "tests.fifth_pattern.drives"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path), "HEADROOM_STORE": str(tmp_path / "links.sqlite")},
        capture_output=True,
        text=True,
        timeout=LONGEST_S,
        check=True,
    )
    trouble: dict[str, str] = json.loads(done.stdout)
    assert set(trouble) == {name for name, _ in drives.drives()}
    assert not any(trouble.values()), "\n".join(f"{name}: {why}" for name, why in trouble.items() if why)


def test_it_is_not_listed_here() -> None:
    with pytest.raises(AssertionError):
        drives.it_is_listed()


def test_one_file_of_the_program_differs_by_one_import_and_one_entry(tmp_path: Path) -> None:
    house.build(tmp_path)
    files = [file for file in (tmp_path / "simulator").rglob("*.py") if not _is_linked(file, tmp_path)]
    assert files == [tmp_path / house.REGISTRY]
    before = (house.ROOT / house.REGISTRY).read_text(encoding="utf-8").splitlines()
    after = files[0].read_text(encoding="utf-8").splitlines()
    assert len([line for line in after if line not in before]) == 2


def _is_linked(file: Path, root: Path) -> bool:
    return any(part.is_symlink() for part in (file, *file.parents) if part != root and root in (part, *part.parents))
