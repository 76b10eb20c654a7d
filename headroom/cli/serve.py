"""`headroom serve`: compile what is not compiled yet, then become the server of the app."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path
from typing import NoReturn

from headroom.locations import STORE_VARIABLE, location_of
from headroom.work import process

_ADDRESS = "the address to listen on; 0.0.0.0: all of this machine (default: %(default)s, which only it reaches)"
_STORE = f"the file of short links, made when it is not there (default: {STORE_VARIABLE}, else in your data folder)"
_BEHIND = 10
"""Niceness of what is compiled while the app runs already."""


def add_arguments(command: argparse.ArgumentParser, _name: str) -> None:
    """Add the arguments of `headroom serve`."""
    command.add_argument("--port", type=_port, default=8501, metavar="N", help="1 to 65535 (default: %(default)s)")
    command.add_argument("--address", default="127.0.0.1", metavar="HOST", help=_ADDRESS)
    command.add_argument("--store", type=Path, metavar="PATH", help=_STORE)
    command.set_defaults(start=lambda arguments: serve(arguments.port, arguments.address, arguments.store))


def _port(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"given {text!r}; allowed: 1 to 65535")
    return int(text)


def serve(port: int, address: str, store: Path | None) -> NoReturn:
    """Become the server of the app at http://address:port; store is the file of short links, None for the usual one.

    The first start after an installation takes half a minute longer, because the kernels are compiled.
    """
    settings = process.environment() | ({} if store is None else {STORE_VARIABLE: str(store.absolute())})
    if subprocess.run(process.command("simulator.kernels.warm"), env=settings, check=False).returncode != 0:
        print("The kernels were not compiled ahead; the first simulation will be slower.", file=sys.stderr)
    # What few scenarios need is compiled while the app runs; the server, which this process becomes, is its parent.
    subprocess.Popen(process.command("simulator.kernels.warm", "rest", _BEHIND), env=settings)
    options = (f"--server.port={port}", f"--server.address={address}")
    app = process.command("streamlit", "run", location_of("app.py"), *options)
    sys.stdout.flush()
    os.execve(app[0], app, settings)
