"""What was done to a deployment, on disk before and after each call, so that nothing is lost track of.

One file of JSON lines for each account, Region and name; only ever added to. It holds names, never parameters: a
container's environment is nobody's business. A lock beside it lets one process at a time change a deployment.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, TextIO

from headroom.deploy.steps import Step
from headroom.locations import user_file
from simulator.errors import HeadroomError

try:
    import fcntl
except ImportError:  # Windows has no such locks
    fcntl = None  # type: ignore[assignment]

VARIABLE = "HEADROOM_DEPLOYMENTS"
"""The environment variable that names the folder of journals."""

Event = Literal["begun", "before", "after", "kept", "failed", "undone", "done", "stopped"]
"""begun, done, stopped: of a whole run. before, after: a call. kept: what was there already and is this plan's."""


class InUse(HeadroomError):
    """Another process is changing this deployment."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a journal."""

    at: str
    plan: str
    event: Event
    do: str = ""
    kind: str = ""
    name: str = ""
    logical_id: str = ""
    told: str = ""


class Journal:
    """The journal of one deployment. now: the time in seconds since 1970."""

    def __init__(self, path: Path, plan: str, now: Any) -> None:
        self.path, self._plan, self._now = path, plan, now

    def write(self, event: Event, step: Step | None = None, told: str = "") -> None:
        """Add a line; it is on disk when this returns."""
        at = datetime.fromtimestamp(self._now(), UTC).isoformat(timespec="seconds")
        line: dict[str, str] = {"at": at, "plan": self._plan, "event": event}
        if step is not None:
            line |= {"do": step.do, "kind": step.kind, "name": step.name, "logical_id": step.logical_id}
        line |= {"told": told} if told else {}
        with self.path.open("a", encoding="utf-8") as opened:
            opened.write(json.dumps(line) + "\n")
            opened.flush()
            os.fsync(opened.fileno())

    def lines(self) -> tuple[Line, ...]:
        """Everything that was written, a last line that was cut off left out."""
        return tuple(_read(self.path))

    def touched(self) -> tuple[Line, ...]:
        """What runs of this plan created or may have created, and have not undone, oldest first."""
        open_: dict[tuple[str, str], Line] = {}
        for line in self.lines():
            if line.plan != self._plan or line.do not in {"create", "delete", ""}:
                continue
            if line.event in {"before", "after"} and line.do == "create":
                open_[line.kind, line.name] = line
            elif line.event == "undone" or (line.event == "after" and line.do == "delete"):
                open_.pop((line.kind, line.name), None)
            elif line.event == "done":
                open_.clear()
        return tuple(open_.values())


def _read(path: Path) -> Iterator[Line]:
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return
    for row in text.splitlines():
        with contextlib.suppress(ValueError, TypeError):
            yield Line(**json.loads(row))


def journal_path(account: str, region: str, name: str) -> Path:
    """The file of a deployment's journal; its folder is made."""
    folder = user_file(VARIABLE, "deployments")
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{account}-{region}-{name}.jsonl"


@contextlib.contextmanager
def alone(path: Path) -> Iterator[None]:
    """Hold the lock of a journal's deployment. Raises InUse where another process of this machine has it."""
    opened: TextIO
    with path.with_suffix(".lock").open("a", encoding="utf-8") as opened:
        if fcntl is not None:
            try:
                fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise InUse(f"Another process is changing this deployment now ({path.stem}): wait for it.") from error
        yield
