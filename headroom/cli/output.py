"""Where results of the command line go, and in which format: `--as FORMAT`, `--json` and `--out FILE`."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import Any

from headroom.advisor.world import World
from headroom.sharing.exports.registry import exports_of
from simulator.errors import InvalidScenario, Problem


def add_options(command: argparse.ArgumentParser, *kinds: type[Any], usual: str | None = "text") -> None:
    """Add the options that say where and in which format values of these types are written.

    usual: the format that is used without an option; None when nothing is written then.
    """
    keys = [export.key for kind in kinds for export in exports_of(kind)]
    form = command.add_mutually_exclusive_group()
    choices = f"{', '.join(keys)}{f'; {usual} when left out' if usual else ''}"
    form.add_argument("--as", dest="form", metavar="FORMAT", choices=keys, default=usual, help=f"format: {choices}")
    if "json" in keys:
        form.add_argument("--json", dest="form", action="store_const", const="json", help="the same as --as json")
    command.add_argument("--out", metavar="FILE", help="write to this file instead of standard output")


def wants(arguments: argparse.Namespace, kind: type[Any]) -> bool:
    """Tell whether the user asked for a format that belongs to this type of value."""
    return any(export.key == arguments.form for export in exports_of(kind))


def check_place(arguments: argparse.Namespace) -> None:
    """Raise InvalidScenario when the file of `--out` cannot be written, before any work is done."""
    if arguments.out is None:
        return
    file = Path(arguments.out)
    if file.is_dir() or not os.access(file if file.exists() else file.parent, os.W_OK):
        raise _unwritable(arguments.out, "no file that can be written")


def write(arguments: argparse.Namespace, value: Any, world: World) -> None:
    """Write the value in the format that the user asked for; raises OSError when it cannot be written."""
    export = next(export for export in exports_of(type(value)) if export.key == arguments.form)
    content = export.write(value, world)
    if arguments.out is not None:
        write_bytes(arguments, content)
    elif export.media_type == "text/plain":
        print(content.decode(), end="")  # in the encoding of the terminal
    else:
        sys.stdout.flush()
        sys.stdout.buffer.write(content)


def write_bytes(arguments: argparse.Namespace, content: bytes) -> None:
    """Write to the file of `--out`; raises OSError, with its name, when it cannot be written."""
    try:
        Path(arguments.out).write_bytes(content)
    except OSError as error:  # a full disk says no name
        raise OSError(error.errno, error.strerror, arguments.out) from error


def _unwritable(file: str, given: str) -> InvalidScenario:
    return InvalidScenario([Problem("--out", f"{file!r}, {given}", "a file in a folder that can be written to")])
