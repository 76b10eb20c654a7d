"""The files that the commands read."""

from __future__ import annotations

import os
import sys

from headroom.cli.streams import why
from headroom.sharing.exports.text import clean
from headroom.sharing.presets import preset_keys, preset_text
from headroom.sharing.problems import nearest
from headroom.sharing.toml_file import MAX_CHARS
from simulator.errors import InvalidScenario, Problem


def text_beside(portfolio_file: str, name: str) -> str:
    """Return the text of the file `name`, a path relative to the portfolio file that names it. Raises InvalidScenario
    like `text_of`.
    """
    return text_of(os.path.join(os.path.dirname(portfolio_file), name))


def text_of(file: str) -> str:
    """Return the text of a file; of a preset when no file has that name; of standard input for "-".

    Raises InvalidScenario when it cannot be read, is too large or is not UTF-8.
    """
    if file in preset_keys() and not os.path.exists(file):
        return preset_text(file)
    allowed = f"a file that can be read, or a preset: {', '.join(preset_keys())}"
    return read_text(file, allowed, nearest(file, preset_keys()))


def read_text(file: str, allowed: str, todo: str = "") -> str:
    """Return the text of a file, of standard input for "-". Raises InvalidScenario when it cannot be read, is too
    large or is not UTF-8.

    allowed, todo: what the message says when there is no such file.
    """
    data = data_of(file, MAX_CHARS, allowed, todo)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _unreadable(file, f"a byte at {error.start:,} that is not UTF-8", "text in UTF-8") from error


def data_of(file: str, most_bytes: int, allowed: str = "a file that can be read", todo: str = "") -> bytes:
    """Return the bytes of a file, or of standard input for "-". allowed, todo: what to say when it cannot be read.

    Raises InvalidScenario when it cannot be read or is larger than that.
    """
    try:
        if file == "-":
            data = sys.stdin.buffer.read(most_bytes + 1)
        else:
            with open(file, "rb") as opened:
                data = opened.read(most_bytes + 1)
    except OSError as error:
        raise _unreadable(file, why(error), allowed, todo) from error
    if len(data) > most_bytes:
        raise _unreadable(file, f"more than {most_bytes / 1e6:.3g} MB", f"at most {most_bytes:,} bytes")
    return data


def _unreadable(file: str, given: str, allowed: str, todo: str = "") -> InvalidScenario:
    return InvalidScenario([Problem(clean(file), given, allowed, todo)])
