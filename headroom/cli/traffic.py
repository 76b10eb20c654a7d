"""`headroom traffic FILE`: what a traffic file holds, in a line, and the same as a trace that Headroom reads."""

from __future__ import annotations

import argparse
import os
from shlex import quote

from headroom.cli import output
from headroom.cli.exit_codes import FINE
from headroom.cli.files import data_of
from headroom.errors import BadTrace
from headroom.sharing.exports.text import clean
from headroom.sharing.toml_file import write_scenario
from headroom.traffic_files.limits import MAX_FILE_BYTES
from headroom.traffic_files.questions import KEYS, Answers, Question
from headroom.traffic_files.read import read_traffic
from headroom.traffic_files.reading import applied
from headroom.traffic_files.write import write_trace
from simulator.scenario import Scenario


def add_arguments(command: argparse.ArgumentParser, _name: str) -> None:
    """Add the file, the answers to what a file leaves open, and where the trace goes."""
    about = "traffic file: CSV, Excel, JSON or access log, perhaps packed with gzip; - reads standard input"
    command.add_argument("file", metavar="FILE", help=about)
    for key, meaning in KEYS.items():
        command.add_argument(_flag(key), metavar=key.rpartition("_")[2].upper(), default="", help=meaning)
    out = "write the trace here: as a scenario (TOML) when the name ends in .toml, else as CSV"
    command.add_argument("--out", metavar="FILE", help=out)
    command.set_defaults(start=_traffic)


def _traffic(arguments: argparse.Namespace) -> int:
    output.check_place(arguments)
    data = data_of(arguments.file, MAX_FILE_BYTES)
    answers = Answers(**{key: getattr(arguments, key) for key in KEYS})
    understood = read_traffic(data, clean(arguments.file), answers)
    if understood.question is not None:
        raise BadTrace(f"{clean(arguments.file)}: {_open(understood.question)}")
    reading = understood.reading
    assert reading is not None
    print(clean(f"{reading.format}: {reading.sentence}."))
    if arguments.out is not None:
        as_scenario = arguments.out.endswith(".toml")
        text = write_scenario(applied(Scenario(), reading)) if as_scenario else write_trace(reading)
        output.write_bytes(arguments, text.encode())
        print(f"Written to {clean(os.fspath(arguments.out))}.")
    return FINE


def _open(question: Question) -> str:
    """The question with the options that answer it."""
    options = [f"{_flag(question.key)} {quote(option.value)} ({option.label})" for option in question.options]
    return clean(f"{question.text} Say {', or '.join(options)}{', or another' if question.is_open else ''}.")


def _flag(key: str) -> str:
    return f"--{key.replace('_', '-')}"
