"""The command `headroom export`: a deployment as the files that people review and pipelines run."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from headroom.advisor.compare import compare
from headroom.advisor.evaluate import simulate
from headroom.advisor.prepared import prepare, prepare_all
from headroom.advisor.search.planner import plan
from headroom.cli.commands import deployment_of, seeded
from headroom.cli.exit_codes import FINE, NONE_MEETS
from headroom.cli.files import text_of
from headroom.cli.meter import Meter
from headroom.deploy.form import make_form
from headroom.sharing.exports.deployment_files import EVERYTHING, FILES
from headroom.sharing.exports.export import Export, PlacedDeployment
from headroom.sharing.exports.text import clean
from headroom.sharing.library import load_world
from headroom.sharing.placement_file import read_placement
from headroom.sharing.presets import preset_keys
from headroom.sharing.toml_file import read_scenario
from headroom.work.prefetch import one_ahead
from simulator.errors import InvalidScenario, Problem
from simulator.model.placement import Placement
from simulator.scenario import Scenario

GROUPS = {"policy": "policy"}
"""A choice of `--as` that writes every file whose key begins with a word."""


def add_arguments(command: argparse.ArgumentParser, _name: str) -> None:
    """Add to a parser the arguments of the command."""
    file = f"scenario file (TOML), or a preset ({', '.join(preset_keys())}); - reads standard input"
    command.add_argument("file", metavar="FILE", help=file)
    which = command.add_mutually_exclusive_group()
    which.add_argument("--deployment", metavar="NAME", help="the deployment of this name; else the best that meets")
    which.add_argument("--search", action="store_true", help="search for the best deployment first, as plan does")
    keys = [EVERYTHING.key, *(export.key for export in FILES)]
    command.add_argument(
        "--as", dest="form", metavar="FORMAT", choices=keys, default=EVERYTHING.key, help=f"format: {', '.join(keys)}"
    )
    command.add_argument("--out", metavar="DIR", help="write into this folder; a single file goes to standard output")
    command.add_argument("--placement", metavar="FILE", help="a TOML file with the table [deploy]; else that of FILE")
    command.add_argument(
        "--set", dest="settings", metavar="KEY=VALUE", action="append", default=[], help="a field of [deploy]"
    )
    command.add_argument("--seed", type=int, metavar="N", help="use this seed instead of the scenario's")
    command.set_defaults(start=_export)


def _export(arguments: argparse.Namespace) -> int:
    exports = _wanted(arguments)
    text = text_of(arguments.file)
    scenario = seeded(read_scenario(text), arguments.seed)
    placement = placement_of(arguments, text)
    world = load_world(one_ahead)
    with Meter() as meter:
        placed = _placed(scenario, placement, arguments, meter)
    if placed is None:
        print("headroom: no deployment meets the requirement; --deployment exports one all the same", file=sys.stderr)
        return NONE_MEETS
    if not placed.answer.meets:
        print(f"headroom: {clean(placed.answer.deployment.name)} does not meet the requirement", file=sys.stderr)
    for export in (export for export in exports if export.applies(placed)):
        content = export.write(placed, world)
        if arguments.out is None:
            sys.stdout.flush()
            sys.stdout.buffer.write(content)
        else:
            _write(Path(arguments.out), export, content)
    return FINE if placed.answer.meets else NONE_MEETS


def placement_of(arguments: argparse.Namespace, scenario_text: str) -> Placement:
    """The placement of `--placement`, else of the scenario's file, with what `--set` says over it."""
    settings = {}
    for setting in arguments.settings:
        key, equals, value = setting.partition("=")
        if not equals:
            raise InvalidScenario([Problem("--set", repr(setting), "KEY=VALUE")])
        settings[key] = value
    return read_placement(text_of(arguments.placement) if arguments.placement else scenario_text, settings)


def _wanted(arguments: argparse.Namespace) -> list[Export[PlacedDeployment]]:
    """The files to write: all of them, those of a group, or one. Raises InvalidScenario where they need a folder."""
    if arguments.form == EVERYTHING.key:
        exports = list(FILES)
    elif arguments.form in GROUPS:
        exports = [export for export in FILES if export.key.startswith(GROUPS[arguments.form])]
    else:
        exports = [export for export in FILES if export.key == arguments.form]
    if len(exports) > 1 and arguments.out is None:
        raise InvalidScenario([Problem("--out", "nothing", f"a folder: --as {arguments.form} writes several files")])
    return exports


def _placed(
    scenario: Scenario, placement: Placement, arguments: argparse.Namespace, meter: Meter
) -> PlacedDeployment | None:
    """The deployment asked for, simulated, with its form; None where the best is asked for and nothing meets."""
    world = load_world(one_ahead)
    if arguments.deployment is not None:
        prepared = prepare_all(scenario, world)
        deployment = deployment_of(scenario, arguments)
        form = make_form(prepared, deployment, placement)
        return PlacedDeployment(scenario=scenario, answer=simulate(prepared, deployment, meter.tell), form=form)
    searched = plan(scenario, world).comparison if arguments.search else compare(scenario, world, meter.tell)
    if searched.best is None:
        return None
    answer = searched.evaluations[searched.best]
    form = make_form(prepare(scenario, world), answer.deployment, placement)
    return PlacedDeployment(scenario=searched.scenario, answer=answer, form=form, others=searched.evaluations)


def _write(folder: Path, export: Export[PlacedDeployment], content: bytes) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / export.file_name
        file.write_bytes(content)
        if export.file_name.startswith("deploy."):
            file.chmod(0o755)
    except OSError as error:
        given = f"{str(folder)!r}, {error.strerror or 'an error'}"
        raise InvalidScenario([Problem("--out", given, "a folder that can be written to")]) from error
    print(file)
