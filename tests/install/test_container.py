"""The container, as far as it can be tested without an engine: linted, and its commands run in a bare environment."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.install.conftest import ROOT, Installation, environment

DOCKERFILE = (ROOT / "Dockerfile").read_text()
BUILD, FINAL = DOCKERFILE.split("\nFROM ")[1:]
HADOLINT = shutil.which("hadolint", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")


def instruction(name: str, stage: str = FINAL) -> str:
    """The arguments of the only instruction of this name, continued lines joined."""
    (found,) = re.findall(rf"^{name} (.*)$", stage.replace("\\\n", " "), re.MULTILINE)
    return str(found)


@pytest.mark.skipif(HADOLINT is None, reason="hadolint is installed by the test tools on Linux for x86-64 only")
def test_hadolint_finds_nothing_to_say() -> None:
    assert HADOLINT is not None
    done = subprocess.run([HADOLINT, ROOT / "Dockerfile"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def test_it_does_not_run_as_root_and_keeps_its_links_in_a_volume() -> None:
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", instruction("USER"))
    (volume,) = json.loads(instruction("VOLUME"))
    assert f"HEADROOM_STORE={volume}/" in instruction("ENV")
    assert FINAL.index("\nUSER ") < FINAL.index("\nENTRYPOINT ")


def test_it_is_healthy_when_the_app_on_the_exposed_port_is() -> None:
    command = json.loads(instruction("CMD"))
    assert command[command.index("--port") + 1] == instruction("EXPOSE")
    assert f"127.0.0.1:{instruction('EXPOSE')}/_stcore/health" in instruction("HEALTHCHECK")


def test_all_that_the_build_needs_is_sent_to_it_and_nothing_else() -> None:
    lines = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and not line.startswith("#")]
    assert lines[0] == "*"
    sent = {line[1:] for line in lines if line.startswith("!")}
    assert all((ROOT / name).exists() for name in sent)
    copied = {name for name in re.findall(r"^COPY (?:--\S+ )*(\S+) ", DOCKERFILE, re.MULTILINE) if name != "."}
    assert copied - sent == {"/opt/headroom"}
    assert {"app.py", "pages", "scenarios", ".streamlit/config.toml", "headroom", "simulator", "pricing"} <= sent
    assert {"pyproject.toml", "setup.py", "requirements.txt", "README.md", "NOTICE"} <= sent


@pytest.mark.slow
def test_the_kernels_of_the_image_are_used_by_what_it_starts(installation: Installation, tmp_path: Path) -> None:
    """The steps of the Dockerfile in the bare environment: compile, then start with another folder for the compiler."""
    image = tmp_path / "image"
    steps = [step.strip() for step in instruction("RUN find", BUILD).split("&&")]
    warm = [step.removeprefix("/opt/headroom/bin/python ").split() for step in steps if "warm" in step]
    assert warm == [["-m", "simulator.kernels.warm"], ["-m", "simulator.kernels.warm", "rest"]]
    installation.run("python", *warm[0], settings={"NUMBA_CACHE_DIR": str(image)})  # all that the scenario needs
    compiled = sorted(path.relative_to(image) for path in image.rglob("*.nbc"))
    assert compiled
    cache = tmp_path / "tmp" / "kernels"
    cache.parent.mkdir()
    done = subprocess.run(
        [ROOT / "scripts" / "container", "compare", "dashboard"],
        cwd=installation.empty,
        env=environment(
            PATH=f"{installation.folder / 'bin'}{os.pathsep}{os.environ['PATH']}",
            HEADROOM_KERNELS=str(image),
            NUMBA_CACHE_DIR=str(cache),
            PYTHONDONTWRITEBYTECODE="1",
        ),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert sorted(path.relative_to(cache) for path in cache.rglob("*.nbc")) == compiled
