"""The command line: `headroom serve`, and without a browser `headroom plan|compare|simulate|validate FILE`,
`headroom portfolio FILE...` and `headroom replica`.

Results go to standard output, everything else to standard error. Exit codes: 0 fine, 2 the input is wrong (all
problems are named), 3 nothing shown meets the requirement, 4 the result could not be written, 5 AWS is not as planned,
130 stopped by Ctrl-C. A command is imported when it is asked for, so that `--help` and a wrong command line wait for
nothing.
"""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Callable, Sequence
from typing import Any

from headroom.cli.exit_codes import FINE, NOT_WRITTEN, WRONG_INPUT
from headroom.cli.streams import say, why
from headroom.version import VERSION
from pricing.errors import PriceError
from simulator.errors import HeadroomError

_SCENARIOS = "headroom.cli.commands"
COMMANDS = {
    "serve": ("headroom.cli.serve", "start the app, which is used with a browser"),
    "plan": (_SCENARIOS, "find the best deployment of every pattern, simulate the finalists and say which to take"),
    "compare": (_SCENARIOS, "simulate every deployment of a scenario, price it and say which to take"),
    "simulate": (_SCENARIOS, "simulate and price one deployment"),
    "validate": (_SCENARIOS, "check a scenario and run nothing"),
    "replica": (
        "headroom.cli.replica",
        "say what one replica of a language model does on an instance type, how sure that is, and what tokens cost",
    ),
    "traffic": ("headroom.cli.traffic", "say what a traffic file holds, and write it as a trace that Headroom reads"),
    "deploy": ("headroom.cli.deploy", "bring a deployment into an AWS account, watch it, and remove it again"),
    "export": (
        "headroom.cli.export",
        "write a deployment as templates, scripts, policies, a plan and a report",
    ),
    "diff": ("headroom.cli.review", "say what changes between two scenarios' deployments, as a table for a review"),
    "check": ("headroom.cli.review", "hold a deployment against its requirement, its budget and a ceiling"),
    "prices": ("headroom.cli.prices", "read AWS's price list into a catalogue of your own over the packaged one"),
    "store": ("headroom.cli.store", "look after the store of short links: how full it is, old links, a copy as files"),
    "portfolio": (
        _SCENARIOS,
        "plan several workloads together: their best deployments, totals, shared limits and savings plans",
    ),
}
"""The module of each command, which adds its arguments, and what it does."""


class _Command(argparse.ArgumentParser):
    """The parser of a command, which gets its arguments from `module` when the command is chosen."""

    module = ""

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Parse the command's arguments."""
        if self.module:
            importlib.import_module(self.module).add_arguments(self, self.prog.rpartition(" ")[2])
        return super().parse_known_args(args, namespace)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return the exit code."""
    try:
        code = _run(argv)
        sys.stdout.flush()
        return code
    except (HeadroomError, PriceError) as error:
        say(f"{_text(error)}\n")
        return WRONG_INPUT
    except BrokenPipeError:  # the reader of our output has left, for instance `head`
        return FINE
    except OSError as error:
        say(f"headroom: {error.filename or 'standard output'}: {why(error)}.\n")
        return NOT_WRITTEN


def _run(argv: Sequence[str] | None) -> int:
    try:
        arguments = _parser().parse_args(argv)
        start: Callable[[argparse.Namespace], int] = arguments.start
        return start(arguments)
    except SystemExit as stop:  # argparse: 2 for a wrong command line, 0 after --help
        return int(stop.code or 0)


def _parser() -> argparse.ArgumentParser:
    parser = _Command(
        prog="headroom",
        description="Plan Amazon SageMaker inference: which pattern, sized how, at what cost and latency.",
        epilog="Exit codes: 0 fine, 2 the input is wrong, 3 nothing meets the requirement, 4 the result could not be"
        " written, 5 AWS is not as planned, 130 stopped by Ctrl-C.",
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {VERSION}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, (module, help_) in COMMANDS.items():
        commands.add_parser(name, help=help_, description=help_.capitalize() + ".").module = module
    return parser


def _text(error: HeadroomError | PriceError) -> str:
    from headroom.cli.error_text import error_text  # noqa: PLC0415 - it brings what the commands bring

    return error_text(error)
