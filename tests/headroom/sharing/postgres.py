"""A PostgreSQL server of the tests' own, from the system's packages: on a socket in a folder that goes with it."""

from __future__ import annotations

import itertools
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

MISSING = "no PostgreSQL server is installed, and none could be: sudo apt-get install postgresql"
_USER = "postgres"


class PostgresServer:
    """A running server. folder: where its socket is."""

    def __init__(self, programs: Path, folder: str) -> None:
        self._programs, self._folder = programs, folder
        self._numbers = itertools.count()

    def empty_database(self) -> str:
        """The URL of a database that has just been made."""
        name = f"links{next(self._numbers)}"
        _run(self._programs / "createdb", "-h", self._folder, "-U", _USER, name)
        return f"postgresql://{_USER}@/{name}?host={self._folder}"


def programs() -> Path | None:
    """The folder with initdb and pg_ctl; None when there is none and the system's package cannot be installed."""
    found = _installed()
    if found is None and os.geteuid() == 0 and shutil.which("apt-get"):
        command = ["apt-get", "install", "--yes", "-qq", "--no-install-recommends", "postgresql"]
        subprocess.run(
            command, env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"}, capture_output=True, check=False
        )
        found = _installed()
    return found


def _installed() -> Path | None:
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    on_path = shutil.which("pg_ctl")
    candidates = [*folders, *([Path(on_path).parent] if on_path else [])]
    return next((folder for folder in candidates if (folder / "initdb").exists()), None)


@contextmanager
def running(programs: Path) -> Iterator[PostgresServer]:
    """A server that listens on a socket in a new folder and on no port; it ends with the block."""
    with TemporaryDirectory(prefix="headroom-postgres-") as folder:
        if os.geteuid() == 0:  # which the server refuses to be
            shutil.chown(folder, _USER, _USER)
        data, options = f"{folder}/data", f"-c listen_addresses='' -c unix_socket_directories='{folder}' -c fsync=off"
        _run(programs / "initdb", "-D", data, "-U", _USER, "-A", "trust", "--no-sync")
        _run(programs / "pg_ctl", "-D", data, "-w", "-l", f"{folder}/log", "-o", options, "start")
        try:
            yield PostgresServer(programs, folder)
        finally:
            _run(programs / "pg_ctl", "-D", data, "-w", "-m", "immediate", "stop")


def _run(*command: object) -> None:
    user = _USER if os.geteuid() == 0 else None
    subprocess.run([*map(str, command)], user=user, cwd="/", check=True, stdout=subprocess.DEVNULL)
