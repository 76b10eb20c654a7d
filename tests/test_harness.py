"""The harness itself: the guards of conftest.py, and the settings files that nothing else would check."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[1]
# An address reserved for documentation: even a broken guard would reach nobody.
ELSEWHERE = "192.0.2.1"


def test_connecting_elsewhere_is_refused() -> None:
    with socket.socket() as connection, pytest.raises(RuntimeError, match="no network"):
        connection.connect((ELSEWHERE, 80))


def test_sending_elsewhere_is_refused() -> None:
    with socket.socket(type=socket.SOCK_DGRAM) as sender, pytest.raises(RuntimeError, match="no network"):
        sender.sendto(b"hello", (ELSEWHERE, 80))


def test_looking_up_a_name_is_refused() -> None:
    with pytest.raises(RuntimeError, match="no network"):
        socket.create_connection(("example.invalid", 80))


def test_this_machine_can_be_reached() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        connection = socket.create_connection(("localhost", server.getsockname()[1]))
        assert connection.getpeername() == server.getsockname()
        connection.close()


def test_nothing_of_the_users_aws_settings_is_left() -> None:
    ours = {"AWS_EC2_METADATA_DISABLED", "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"}
    assert {name for name in os.environ if name.startswith("AWS_")} == ours


def test_division_by_zero_is_loud() -> None:
    with pytest.raises(FloatingPointError):
        np.ones(1) / np.zeros(1)


def _lock(name: str) -> dict[str, set[str]]:
    """Package -> the versions (with markers) that a lock file names."""
    lines = [line for line in (ROOT / name).read_text().splitlines() if line and not line.startswith("#")]
    packages: dict[str, set[str]] = {}
    for line in lines:
        package, found, version = line.partition("==")
        assert found, f"{name} holds {line!r}: every line must be package==version. Run `make lock`."
        packages.setdefault(package, set()).add(version)
    return packages


def test_the_two_locks_agree() -> None:
    runtime, dev = _lock("requirements.lock"), _lock("requirements-dev.lock")
    differing = {package for package in runtime.keys() & dev.keys() if runtime[package] != dev[package]}
    assert not differing, f"{differing} differ between the locks; run `make lock`"


@pytest.mark.parametrize("stem", ["requirements", "requirements-dev"])
def test_every_direct_dependency_is_locked(stem: str) -> None:
    wanted = re.findall(r"^[A-Za-z0-9-]+", (ROOT / f"{stem}.txt").read_text(), re.MULTILINE)
    missing = set(wanted) - _lock(f"{stem}.lock").keys()
    assert not missing, f"{missing} stand in {stem}.txt but not in {stem}.lock; run `make lock`"


def _flat(settings: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """Dotted name -> value."""
    flat: dict[str, Any] = {}
    for name, value in settings.items():
        flat |= _flat(value, f"{prefix}{name}.") if isinstance(value, dict) else {prefix + name: value}
    return flat


def test_streamlit_knows_every_setting() -> None:
    """An unknown setting is only a line in the log, so a renamed one would be lost unseen."""
    command = [sys.executable, "-m", "streamlit", "config", "show"]
    shown = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert "not a valid config option" not in shown.stdout + shown.stderr
    in_force = _flat(tomllib.loads(shown.stdout[shown.stdout.index("[global]") :]))
    written = _flat(tomllib.loads((ROOT / ".streamlit/config.toml").read_text()))
    assert {name: in_force.get(name) for name in written} == written


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_chart_palettes_have_the_ten_entries_plotly_charts_need(mode: str) -> None:
    theme = tomllib.loads((ROOT / ".streamlit/config.toml").read_text())["theme"][mode]
    assert len(theme["chartCategoricalColors"]) == len(theme["chartSequentialColors"]) == 10
