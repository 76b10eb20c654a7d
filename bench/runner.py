"""Run one row of the plan in a process of its own, and a peer in an environment of its own, made when needed."""

from __future__ import annotations

import hashlib
import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path
from typing import Any

from bench.plan import OWN, Task

ROOT = Path(__file__).resolve().parents[1]
VENVS = ROOT / "bench" / ".venvs"
LOCK = ROOT / "requirements-bench.lock"
INSTALL_TIMEOUT_S = 600.0

Row = dict[str, Any]


class Missing(Exception):
    """A row that cannot be measured, and why."""


def run(task: Task) -> Row:
    """The row as measured, or with the reason why it is missing."""
    row: Row = {"title": task.title, "against": task.against}
    try:
        return row | _measured(task, _python(task.peer))
    except Missing as missing:
        return row | {"missing": str(missing)}


def _python(peer: str) -> str:
    """The interpreter that has the peer. Raises Missing when it cannot be installed."""
    if peer == OWN:
        return sys.executable
    folder = VENVS / peer
    python = folder / "bin" / "python"
    stamp, wanted = folder / "locked", hashlib.sha256(LOCK.read_bytes()).hexdigest()
    if not (stamp.exists() and stamp.read_text() == wanted):
        venv.create(folder, clear=True, with_pip=True)
        _call([str(python), "-m", "pip", "install", "-q", "--no-input", "-c", str(LOCK), peer], INSTALL_TIMEOUT_S)
        stamp.write_text(wanted)
    return str(python)


def _measured(task: Task, python: str) -> Row:
    command = [python, "-m", f"bench.{task.module}", *task.arguments]
    with tempfile.TemporaryDirectory() as nothing:
        extra = {"NUMBA_CACHE_DIR": nothing} if task.fresh else {}
        wall_s, cpu_s = time.perf_counter(), _children_cpu_s()
        printed = _call(command, task.timeout_s, extra)
        process = {"process_wall_s": time.perf_counter() - wall_s, "process_cpu_s": _children_cpu_s() - cpu_s}
    row: Row = json.loads(printed.splitlines()[-1])
    return row | process


def _call(command: list[str], timeout_s: float, extra: dict[str, str] | None = None) -> str:
    """What the command prints. Raises Missing with its last words when it fails."""
    environment = {**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1", **(extra or {})}
    try:
        done = subprocess.run(
            command, cwd=ROOT, env=environment, timeout=timeout_s, capture_output=True, text=True, check=False
        )
    except subprocess.TimeoutExpired:
        raise Missing(f"stopped after {timeout_s:g} s") from None
    if done.returncode:
        words = [line for line in done.stderr.splitlines() if line.strip()] or ["no message"]
        raise Missing(re.sub(r"\s+", " ", words[-1])[:200])
    return done.stdout


def _children_cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
