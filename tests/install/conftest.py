"""Headroom's wheel, installed in an environment of its own where nothing of the checkout can be imported."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NOT_COPIED = shutil.ignore_patterns(
    ".git", ".venv", ".venvs", "__pycache__", "*.egg-info", "build", "dist", ".*_cache", ".hypothesis"
)
WITHOUT_NETWORK = ("--no-deps", "--no-build-isolation", "--no-index", "--quiet")
PATIENCE_S = 300.0


def environment(**more: str) -> dict[str, str]:
    """The environment of a user: nothing that leads Python to this checkout."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "HEADROOM"))} | more


@dataclass(frozen=True)
class Installation:
    """folder: of the virtual environment. empty: a folder with nothing in it, from which programs are run."""

    folder: Path
    empty: Path

    def run(self, program: str, *arguments: str, settings: Mapping[str, str] | None = None) -> str:
        """What a program of the environment prints; fails when it fails, with what it said."""
        done = subprocess.run(
            [self.folder / "bin" / program, *arguments],
            cwd=self.empty,
            env=environment(**(settings or {})),
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


def pip(*arguments: str | Path) -> None:
    """Run pip; fails when it fails, with what it said."""
    command = [sys.executable, "-m", "pip", *arguments]
    done = subprocess.run(command, env=environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def copied(folder: Path) -> Path:
    """A copy of the sources, so that building leaves nothing behind here."""
    return shutil.copytree(ROOT, folder / "sources", ignore=NOT_COPIED)


def bare(folder: Path, *what: str | Path) -> Installation:
    """An environment with this installed by pip that sees the dependencies where the tests have them: 600 MB."""
    made = Installation(folder / "environment", folder / "empty")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", made.folder], check=True)
    made.empty.mkdir()
    (site_packages,) = made.folder.glob("lib/python*/site-packages")
    # A folder that a .pth file names is searched for modules, but its own .pth files, by which the checkout is
    # installed for the tests, are not read. Written after pip has run, which would replace the checkout's installation.
    pip(f"--python={made.folder / 'bin' / 'python'}", "install", *WITHOUT_NETWORK, *what)
    (site_packages / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return made


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built with the setuptools of the test tools."""
    folder = tmp_path_factory.mktemp("wheel")
    pip("wheel", *WITHOUT_NETWORK, "--wheel-dir", folder, copied(folder))
    (built,) = folder.glob("headroom-*.whl")
    return built


@pytest.fixture(scope="session")
def names(wheel: Path) -> list[str]:
    """The files in the wheel."""
    with zipfile.ZipFile(wheel) as archive:
        return archive.namelist()


@pytest.fixture(scope="session")
def installation(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """The wheel, installed."""
    return bare(tmp_path_factory.mktemp("installed"), wheel)
