"""The same program without a browser: `headroom compare|simulate|validate FILE`.

Results go to standard output, everything else to standard error. Exit codes: 0 fine, 2 the input is wrong (all
problems are named), 3 nothing shown meets the requirement, 130 stopped by Ctrl-C.
"""

from __future__ import annotations

import argparse
import io
import os
import sys
import textwrap
from collections.abc import Callable, Iterable, Sequence
from typing import BinaryIO

from advisor import words
from advisor.check import check
from advisor.compare import compare
from advisor.evaluate import evaluate
from advisor.evaluation import Comparison, Estimate, Evaluation, evaluation_to_json
from advisor.world import World
from errors import HeadroomError, InvalidScenario, Problem
from sharing.library import load_world
from sharing.problems import checked, nearest
from sharing.results import comparison_json, made_with, to_text
from sharing.toml_file import MAX_CHARS, read_scenario
from simulator.outcome import FATE_WORDS
from simulator.patterns import BY_KEY
from simulator.scenario import Deployment, Scenario
from simulator.simulation import Simulation

FINE, WRONG_INPUT, NONE_MEETS, STOPPED = 0, 2, 3, 130
WIDTH = 100

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
    for name, run, help_ in (
        ("compare", _compare, "simulate every deployment of a scenario, price it and say which to take"),
        ("simulate", _simulate, "simulate and price one deployment"),
        ("validate", _validate, "check a scenario and run nothing"),
    ):
        command = commands.add_parser(name, help=help_, description=help_.capitalize() + ".")
        command.add_argument("file", metavar="FILE", help="scenario file (TOML); - reads standard input")
        command.set_defaults(run=run)
        if name != "validate":
            command.add_argument("--json", action="store_true", help="print JSON, for programs")
            command.add_argument("--seed", type=int, metavar="N", help="use this seed instead of the scenario's")
        if name == "simulate":
            which = command.add_mutually_exclusive_group(required=True)
            which.add_argument("--pattern", metavar="KEY", help=f"the deployment of this pattern: {', '.join(BY_KEY)}")
            which.add_argument("--deployment", metavar="NAME", help="the deployment of this name")
    return parser


def _run(arguments: argparse.Namespace) -> int:
    run: Callable[[argparse.Namespace, Scenario], int] = arguments.run
    return run(arguments, read_scenario(_text(arguments.file)))


def _compare(arguments: argparse.Namespace, scenario: Scenario) -> int:
    world, scenario = load_world(), _seeded(scenario, arguments.seed)
    with _Meter() as meter:
        comparison = compare(scenario, world, meter.tell)
    print(to_text(comparison_json(comparison, world)) if arguments.json else _comparison(comparison, world), end="")
    return NONE_MEETS if comparison.best is None else FINE


def _simulate(arguments: argparse.Namespace, scenario: Scenario) -> int:
    world, scenario = load_world(), _seeded(scenario, arguments.seed)
    deployment = _chosen(scenario, arguments)
    with _Meter() as meter:
        evaluation = evaluate(scenario, deployment, world, meter.tell)
    if arguments.json:
        print(to_text({"made_with": made_with(world), **evaluation_to_json(evaluation)}), end="")
    else:
        print(_evaluation(evaluation, scenario), end="")
    return FINE if evaluation.meets else NONE_MEETS


def _validate(arguments: argparse.Namespace, scenario: Scenario) -> int:
    problems = check(scenario, load_world())
    if problems:
        raise InvalidScenario(problems)
    print(f"{_clean(scenario.workload.name)}: no problems, {words.counted(len(scenario.deployments), 'deployment')}.")
    return FINE


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
    return InvalidScenario([Problem(_clean(file), given, allowed)])


def _told(error: HeadroomError) -> str:
    """An error as lines for the terminal: how many problems, then one a line."""
    if not isinstance(error, InvalidScenario):
        return f"headroom: {_clean(str(error))}"
    lines = [f"headroom: {words.counted(len(error.problems), 'problem')}"]
    return "\n".join([*lines, *(f"  {_clean(str(problem))}" for problem in error.problems)])


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


def _comparison(comparison: Comparison, world: World) -> str:
    scenario = comparison.scenario
    best = comparison.best
    rows = [_row(one, scenario, at == best) for at, one in enumerate(comparison.evaluations)]
    why = [_wrapped(_clean(reason), "  ") for reason in comparison.reasons]
    parts = [
        _wrapped(f"{_clean(scenario.workload.name)}, {scenario.region}, prices as of {world.on:%d %B %Y}"),
        _wrapped(_clean(comparison.sentence)),
        _table(_heads(scenario), rows),
        "\n".join(["Why", *why]),
        _sureness(comparison),
        _warnings(comparison.evaluations),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _heads(scenario: Scenario) -> list[str]:
    return ["Deployment", "Verdict", "$/month", "$/million", *_percentiles(scenario), "Errors", "Busy"]


def _percentiles(scenario: Scenario) -> list[str]:
    required = words.percentile(scenario.requirement.latency_percentile)
    return sorted({"p50", "p95", "p99", required}, key=lambda name: float(name[1:]))


def _row(one: Evaluation, scenario: Scenario, best: bool) -> list[str]:
    if one.ruled_out:
        return [one.deployment.name, "ruled out", *["–"] * (len(_heads(scenario)) - 2)]
    return [
        one.deployment.name,
        "take this" if best else "meets" if one.meets else "no price" if one.unpriced else "breaks",
        _cost(one, one.cost_usd_per_month),
        _cost(one, one.cost_usd_per_million),
        *(_value(one.latency_s.get(name), words.seconds) for name in _percentiles(scenario)),
        _value(one.error_share, words.share),
        _value(one.utilisation, words.share),
    ]


def _cost(one: Evaluation, estimate: Estimate | None) -> str:
    """An amount; a lower bound, because a price is missing beside the compute, is marked."""
    if one.unpriced:
        return "not known"
    return ("≥ " if one.at_least else "") + _value(estimate, words.dollars)


def _value(estimate: Estimate | None, form: words.Format) -> str:
    return "–" if estimate is None else form(estimate.value)


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Columns aligned, numbers to the right; the first column is cut so that the whole fits WIDTH."""
    cells = [list(heads), *([_clean(cell) for cell in row] for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(heads))]
    widths[0] = max(12, min(widths[0], WIDTH - sum(widths[1:]) - 2 * (len(heads) - 1)))
    lines = [_line(row, widths) for row in cells]
    return "\n".join([lines[0], "─" * len(lines[0]), *lines[1:]])


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    first = row[0] if len(row[0]) <= widths[0] else row[0][: widths[0] - 1] + "…"
    texts = [first.ljust(widths[0]), row[1].ljust(widths[1])]
    return "  ".join([*texts, *(cell.rjust(width) for cell, width in zip(row[2:], widths[2:], strict=True))])


def _sureness(comparison: Comparison) -> str:
    """The 95 % intervals over the replications, of what decides."""
    required = words.percentile(comparison.scenario.requirement.latency_percentile)
    rows = [
        [
            one.deployment.name,
            "" if one.outcome is None else words.counted(one.outcome.replications, "run"),
            "–" if one.unpriced else _interval(one.cost_usd_per_month, words.dollars),
            _interval(one.latency_s.get(required), words.seconds),
            _interval(one.error_share, words.share),
        ]
        for one in comparison.evaluations
        if not one.ruled_out
    ]
    if not rows:
        return ""
    return "How sure: 95 % intervals over the runs\n" + _table(
        ["Deployment", "Runs", "$/month", required, "Errors"], rows
    )


def _interval(estimate: Estimate | None, form: words.Format) -> str:
    if estimate is None or estimate.low is None or estimate.high is None:
        return "–"
    return f"{form(estimate.low)} to {form(estimate.high)}"


def _warnings(evaluations: Sequence[Evaluation]) -> str:
    """Each warning once, with the deployments that it is about."""
    about: dict[str, list[str]] = {}
    for one in evaluations:
        for warning in one.warnings:
            about.setdefault(warning, []).append(one.deployment.name)
    lines = [_wrapped(f"{_clean(text)} ({_clean(', '.join(names))})", "  ") for text, names in about.items()]
    return "\n".join(["Worth knowing", *lines]) if lines else ""


def _evaluation(one: Evaluation, scenario: Scenario) -> str:
    """One deployment: its clauses, fates, and bill."""
    parts = [f"{_clean(one.deployment.name)} ({one.deployment.pattern})"]
    if one.ruled_out:
        lines = [
            f"{limit.what}: {limit.given}, allowed {limit.allowed} (facts row {limit.row})" for limit in one.ruled_out
        ]
        return (
            "\n".join([*parts, "Ruled out, not simulated:", *(_wrapped(_clean(line), "  ") for line in lines)]) + "\n"
        )
    parts.append(_table(_heads(scenario), [_row(one, scenario, False)]))
    clauses = [[clause.title, "met" if clause.met else "broken", clause.value, clause.limit] for clause in one.clauses]
    parts.append(_table(["Requirement", "", "Value", "Limit"], clauses))
    if one.outcome is not None:
        fates = [[FATE_WORDS[fate], "", words.count(number)] for fate, number in one.outcome.fates.items() if number]
        parts.append(_table(["Requests", "", f"of {words.count(one.outcome.offered)}"], fates))
    if one.bill is not None:
        parts.append(_bill(one))
    parts.append(_warnings([one]))
    return "\n\n".join(part for part in parts if part) + "\n"


def _bill(one: Evaluation) -> str:
    assert one.bill is not None
    rows = [
        [
            f"{line.title} {line.dimension}".strip(),
            line.unit,
            words.count(float(line.quantity)),
            words.dollars(line.amount_usd),
        ]
        for line in one.bill.lines
    ]
    total = [
        "Total" + ("" if one.bill.complete else ", without what has no price"),
        "",
        "",
        words.dollars(one.bill.total_usd),
    ]
    return _table(["Bill for a month of 730 h", "Unit", "Quantity", "Amount"], [*rows, total])


def _wrapped(text: str, indent: str = "") -> str:
    return textwrap.fill(text, WIDTH, initial_indent=indent, subsequent_indent=indent * 2)


def _clean(text: str) -> str:
    """The text without control characters, which could drive the terminal."""
    return "".join(char if char.isprintable() else "?" for char in text)


if __name__ == "__main__":
    sys.exit(main())
