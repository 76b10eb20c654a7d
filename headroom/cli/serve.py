"""`headroom serve`: compile what is not compiled yet, then become the server of the app."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NoReturn

from headroom.cli.streams import say
from headroom.locations import (
    ALLOW_DEPLOY_VARIABLE,
    DEPLOYERS_VARIABLE,
    HOSTS_VARIABLE,
    METRICS_VARIABLE,
    STORE_VARIABLE,
    is_url,
    location_of,
)
from headroom.work import process

_ADDRESS = "the address to listen on; 0.0.0.0: all of this machine (default: %(default)s, which only it reaches)"
_HOSTS = "names by which others call this server, besides those of the loopback: plan.example.org,*.example.org; *: any"
_METRICS = "answer /_stcore/metrics, for Prometheus; whoever reaches the port can read them"
_DEPLOY = (
    "let the page deploy into the AWS account of this process's credentials: for who sits at this machine, and"
    f" for who is logged in with an e-mail address of {DEPLOYERS_VARIABLE}"
)
_STORE = (
    "the file of short links, made when it is not there, or the URL of their database, postgresql://..."
    f" (default: {STORE_VARIABLE}, else in your data folder)"
)
EVERY_ADDRESS = ("0.0.0.0", "::")
_BEHIND = 10
"""Niceness of what is compiled while the app runs already."""


def add_arguments(command: argparse.ArgumentParser, _name: str) -> None:
    """Add the arguments of `headroom serve`."""
    command.add_argument("--port", type=_port, default=8501, metavar="N", help="1 to 65535 (default: %(default)s)")
    command.add_argument("--address", default="127.0.0.1", metavar="HOST", help=_ADDRESS)
    command.add_argument("--store", metavar="PATH", help=_STORE)
    command.add_argument("--hosts", metavar="NAMES", help=f"{_HOSTS} (default: {HOSTS_VARIABLE})")
    command.add_argument("--metrics", action="store_true", help=_METRICS)
    command.add_argument("--allow-deploy", action="store_true", help=_DEPLOY)
    command.set_defaults(start=_start)


def _start(arguments: argparse.Namespace) -> NoReturn:
    settings = {
        STORE_VARIABLE: _absolute(arguments.store),
        HOSTS_VARIABLE: arguments.hosts,
        METRICS_VARIABLE: "1" if arguments.metrics else None,
        ALLOW_DEPLOY_VARIABLE: "1" if arguments.allow_deploy else None,
    }
    given = {variable: value for variable, value in settings.items() if value is not None}
    serve(arguments.port, arguments.address, given)


def _absolute(place: str | None) -> str | None:
    return place if place is None or is_url(place) else str(Path(place).absolute())


def _port(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"given {text!r}; allowed: 1 to 65535")
    return int(text)


def serve(port: int, address: str, given: Mapping[str, str]) -> NoReturn:
    """Become the server of the app at http://address:port. given: environment variables for it (docs/serving.md).

    The first start after an installation takes half a minute longer, because the kernels are compiled.
    """
    settings = process.environment() | dict(given)
    if _compiling(settings).wait() != 0:
        say("The kernels were not compiled ahead; the first simulation will be slower.\n")
    # What few scenarios need is compiled while the app runs; the server, which this process becomes, is its parent.
    _compiling(settings, "rest", _BEHIND)
    options = [f"--server.port={port}", f"--server.address={address}"]
    if address not in EVERY_ADDRESS:
        options.append(f"--browser.serverAddress={address}")  # printed as the app's address
    app = process.command("streamlit", "run", location_of("serve.py"), *options)
    sys.stdout.flush()
    os.execve(app[0], app, settings)


def _compiling(settings: dict[str, str], *arguments: object) -> subprocess.Popen[bytes]:
    """A process that compiles the kernels, in a session of its own: Ctrl-C is for this process, and ends both."""
    command = process.command("headroom.work.compile_ahead", *arguments)
    return subprocess.Popen(command, env=settings, start_new_session=True)
