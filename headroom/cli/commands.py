"""The same program without a browser: `headroom plan|compare|simulate|validate FILE`, `headroom portfolio FILE...`.

Results go to standard output, everything else to standard error. Exit codes: 0 fine, 2 the input is wrong (all
problems are named), 3 nothing shown meets the requirement, 130 stopped by Ctrl-C.
"""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import BinaryIO

from headroom.advisor.answer import Comparison
from headroom.advisor.compare import compare
from headroom.advisor.evaluate import evaluate
from headroom.advisor.executor import Executor
from headroom.advisor.explore.decisive_assumptions import hinges_prepared
from headroom.advisor.portfolio.description import Portfolio
from headroom.advisor.portfolio.planner import plan_portfolio
from headroom.advisor.portfolio.totals import PortfolioPlan
from headroom.advisor.prepared import PreparedScenario, check, prepare
from headroom.advisor.search.planner import plan_prepared
from headroom.advisor.search.types import Plan
from headroom.advisor.tell import words
from headroom.advisor.tell.argument import argue_plan
from headroom.cli import output
from headroom.sharing.exports.export import DefendedPlan, SimulatedDeployment
from headroom.sharing.exports.text import clean
from headroom.sharing.library import load_world
from headroom.sharing.portfolio_file import gather
from headroom.sharing.presets import load_company
from headroom.sharing.problems import checked, nearest
from headroom.sharing.toml_file import MAX_CHARS, read_scenario
from headroom.work import executors
from headroom.work.prefetch import one_ahead
from simulator.errors import HeadroomError, InvalidScenario, Problem
from simulator.model.simulation import Simulation
from simulator.patterns.registry import BY_KEY, Deployment
from simulator.scenario import Scenario

FINE, WRONG_INPUT, NONE_MEETS, STOPPED = 0, 2, 3, 130
WORKLOADS_AT_ONCE = 4
_PLANNED, _REST = 0.8, 0.2
"""Shares of the progress bar."""

Progress = Callable[[float], None]


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return the exit code."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a terminal without "−" shows "?" instead of a traceback
    try:
        code = _run(_parser().parse_args(argv))
        sys.stdout.flush()
        return code
    except SystemExit as stop:  # argparse: 2 for a wrong command line, 0 after --help
        return int(stop.code or 0)
    except HeadroomError as error:
        print(_told(error), file=sys.stderr)
        return WRONG_INPUT
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        return STOPPED
    except BrokenPipeError:  # the reader of our output has left, for instance `head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FINE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="headroom",
        description="Plan Amazon SageMaker inference: which pattern, sized how, at what cost and latency.",
        epilog="Exit codes: 0 fine, 2 the input is wrong, 3 nothing meets the requirement.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, run, gives, help_ in (
        (
            "plan",
            _plan,
            DefendedPlan,
            "find the best deployment of every pattern, simulate the finalists and say which to take",
        ),
        ("compare", _compare, Comparison, "simulate every deployment of a scenario, price it and say which to take"),
        ("simulate", _simulate, SimulatedDeployment, "simulate and price one deployment"),
        ("validate", _validate, Scenario, "check a scenario and run nothing"),
    ):
        command = commands.add_parser(name, help=help_, description=help_.capitalize() + ".")
        command.add_argument("file", metavar="FILE", help="scenario file (TOML); - reads standard input")
        command.set_defaults(start=_with_scenario, run=run)
        output.add_options(command, gives, usual=None if name == "validate" else "text")
        if name != "validate":
            command.add_argument("--seed", type=int, metavar="N", help="use this seed instead of the scenario's")
        if name == "simulate":
            which = command.add_mutually_exclusive_group(required=True)
            which.add_argument("--pattern", metavar="KEY", help=f"the deployment of this pattern: {', '.join(BY_KEY)}")
            which.add_argument("--deployment", metavar="NAME", help="the deployment of this name")
    _add_portfolio(commands)
    return parser


def _add_portfolio(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    help_ = "plan several workloads together: their best deployments, totals, shared limits and savings plans"
    command = commands.add_parser("portfolio", help=help_, description=help_.capitalize() + ".")
    files = "scenario files and at most one portfolio file (TOML); none: the company that comes with Headroom"
    command.add_argument("files", metavar="FILE", nargs="*", help=files)
    output.add_options(command, PortfolioPlan, Portfolio)
    command.add_argument("--seed", type=int, metavar="N", help="use this seed instead of the scenarios'")
    command.set_defaults(start=_portfolio)


def _run(arguments: argparse.Namespace) -> int:
    start: Callable[[argparse.Namespace], int] = arguments.start
    output.check_place(arguments)
    return start(arguments)


def _with_scenario(arguments: argparse.Namespace) -> int:
    run: Callable[[argparse.Namespace, Scenario], int] = arguments.run
    return run(arguments, read_scenario(_text(arguments.file)))


def _plan(arguments: argparse.Namespace, scenario: Scenario) -> int:
    world, scenario = load_world(one_ahead), _seeded(scenario, arguments.seed)
    with _Meter() as meter, executors.own() as executor:
        prepared = prepare(scenario, world)
        found = plan_prepared(prepared, executor, lambda share: meter.tell(_PLANNED * share))
        argument = argue_plan(found, *_hangs_on(found, prepared, executor, meter))
    output.write(arguments, DefendedPlan(plan=found, argument=argument), world)
    return NONE_MEETS if found.comparison.best is None else FINE


def _hangs_on(found: Plan, prepared: PreparedScenario, executor: Executor, meter: _Meter) -> tuple[str, ...]:
    """On which assumptions the choice hangs, as a sentence; none where nothing is chosen."""
    if found.comparison.best is None:
        return ()
    turned = hinges_prepared(found.comparison, prepared, executor, lambda share: meter.tell(_PLANNED + _REST * share))
    return (turned.sentence,)


def _compare(arguments: argparse.Namespace, scenario: Scenario) -> int:
    world, scenario = load_world(one_ahead), _seeded(scenario, arguments.seed)
    with _Meter() as meter:
        comparison = compare(scenario, world, meter.tell)
    output.write(arguments, comparison, world)
    return NONE_MEETS if comparison.best is None else FINE


def _simulate(arguments: argparse.Namespace, scenario: Scenario) -> int:
    world, scenario = load_world(one_ahead), _seeded(scenario, arguments.seed)
    deployment = _chosen(scenario, arguments)
    with _Meter() as meter:
        evaluation = evaluate(scenario, deployment, world, meter.tell)
    output.write(arguments, SimulatedDeployment(scenario=scenario, evaluation=evaluation), world)
    return FINE if evaluation.meets else NONE_MEETS


def _validate(arguments: argparse.Namespace, scenario: Scenario) -> int:
    world = load_world()
    problems = check(scenario, world)
    if problems:
        raise InvalidScenario(problems)
    if arguments.form is not None:
        output.write(arguments, scenario, world)
        return FINE
    print(f"{clean(scenario.workload.name)}: no problems, {words.counted(len(scenario.deployments), 'deployment')}.")
    return FINE


def _portfolio(arguments: argparse.Namespace) -> int:
    world = load_world(one_ahead)
    files = [(clean(file), _text(file)) for file in arguments.files]
    portfolio = gather(files, _beside) if files else load_company()
    members = (
        one.model_copy(update={"scenario": _seeded(one.scenario, arguments.seed)}) for one in portfolio.workloads
    )
    portfolio = portfolio.model_copy(update={"workloads": tuple(members)})
    if output.wants(arguments, Portfolio):
        output.write(arguments, portfolio, world)
        return FINE
    with _Meter() as meter, executors.own() as executor, ThreadPoolExecutor(WORKLOADS_AT_ONCE) as aside:
        found = plan_portfolio(portfolio, world, executor, meter.tell, aside)
    output.write(arguments, found, world)
    return FINE if found.best.total.meets == found.best.total.workloads else NONE_MEETS


def _beside(portfolio_file: str, name: str) -> str:
    """The text of a file that a portfolio file names, by its path from there."""
    return _text(os.path.join(os.path.dirname(portfolio_file), name))


def _text(file: str) -> str:
    """The text of the file; raises InvalidScenario when it cannot be read, is too large or not UTF-8."""
    try:
        if file == "-":
            data = _read(sys.stdin.buffer)
        else:
            with open(file, "rb") as opened:
                data = _read(opened)
    except OSError as error:
        raise _unreadable(file, error.strerror or "an error", "a file that can be read") from error
    if len(data) > MAX_CHARS:
        raise _unreadable(file, "more than 4 MB", f"at most {MAX_CHARS:,} bytes")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _unreadable(file, f"a byte at {error.start:,} that is not UTF-8", "TOML text in UTF-8") from error


def _read(opened: BinaryIO) -> bytes:
    return opened.read(MAX_CHARS + 1)


def _unreadable(file: str, given: str, allowed: str) -> InvalidScenario:
    return InvalidScenario([Problem(clean(file), given, allowed)])


def _told(error: HeadroomError) -> str:
    """An error as lines for the terminal: how many problems, then one a line."""
    if not isinstance(error, InvalidScenario):
        return f"headroom: {clean(str(error))}"
    lines = [f"headroom: {words.counted(len(error.problems), 'problem')}"]
    return "\n".join([*lines, *(f"  {clean(str(problem))}" for problem in error.problems)])


def _seeded(scenario: Scenario, seed: int | None) -> Scenario:
    if seed is None:
        return scenario
    simulation = checked(Simulation, {**scenario.simulation.model_dump(), "seed": seed}, "simulation")
    return scenario.model_copy(update={"simulation": simulation})


def _chosen(scenario: Scenario, arguments: argparse.Namespace) -> Deployment:
    """The one deployment asked for; raises InvalidScenario when there is none, or more than one."""
    by_name = arguments.deployment is not None
    option, wanted = ("--deployment", arguments.deployment) if by_name else ("--pattern", arguments.pattern)
    known = [one.name if by_name else one.pattern for one in scenario.deployments]
    found = [one for one, key in zip(scenario.deployments, known, strict=True) if key == wanted]
    if len(found) == 1:
        return found[0]
    if found and not by_name:
        names = ", ".join(repr(one.name) for one in found)
        raise InvalidScenario(
            [
                Problem(
                    option, f"{wanted!r}, which {len(found)} deployments have", f"one of {names}", "Use --deployment."
                )
            ]
        )
    if found:
        raise InvalidScenario([Problem(option, f"{wanted!r}, which {len(found)} deployments have", "different names")])
    allowed = ", ".join(dict.fromkeys(repr(key) for key in known)) or "nothing: the scenario has no deployments"
    raise InvalidScenario([Problem(option, repr(wanted), allowed, nearest(wanted, known))])


class _Meter:
    """Progress on standard error, when that is a terminal; nothing remains of it."""

    def __init__(self) -> None:
        self._shown = sys.stderr.isatty()
        self._percent = -1

    def __enter__(self) -> _Meter:
        return self

    def __exit__(self, *_: object) -> None:
        self._write("\r" + " " * 40 + "\r")

    def tell(self, share: float) -> None:
        """Show the share that is done, when its whole per cent has changed."""
        percent = int(share * 100)
        if percent != self._percent:
            self._percent = percent
            self._write(f"\r  simulating {'█' * (percent // 5):<20} {percent:3d} %")

    def _write(self, text: str) -> None:
        if self._shown:
            sys.stderr.write(text)
            sys.stderr.flush()
