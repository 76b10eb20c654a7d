"""The commands for reviews and pipelines: `headroom diff A B` and `headroom check FILE`."""

from __future__ import annotations

import argparse

from headroom.advisor.compare import compare
from headroom.advisor.evaluate import simulate
from headroom.advisor.prepared import prepare, prepare_all
from headroom.advisor.world import World
from headroom.cli.commands import deployment_of
from headroom.cli.exit_codes import FINE, NONE_MEETS
from headroom.cli.files import text_of
from headroom.cli.meter import Meter
from headroom.deploy.costs import costs_of
from headroom.deploy.form import make_form
from headroom.sharing.exports.difference import difference_markdown, difference_text, differences
from headroom.sharing.exports.export import PlacedDeployment
from headroom.sharing.exports.text import clean
from headroom.sharing.library import load_world
from headroom.sharing.placement_file import read_placement
from headroom.sharing.presets import preset_keys
from headroom.sharing.toml_file import read_scenario
from headroom.work.prefetch import one_ahead
from simulator.errors import InvalidScenario, Problem


def add_arguments(command: argparse.ArgumentParser, name: str) -> None:
    """Add to a parser the arguments of the command called `name`."""
    file = f"scenario file (TOML), or a preset ({', '.join(preset_keys())})"
    if name == "diff":
        command.add_argument("before", metavar="A", help=f"what there is: a {file}")
        command.add_argument("after", metavar="B", help="what it becomes: the same")
        command.add_argument("--markdown", action="store_true", help="as a Markdown table, for a pull request")
    else:
        command.add_argument("file", metavar="FILE", help=file)
        command.add_argument("--ceiling", type=float, metavar="USD", help="most that a month may cost at its maximum")
    command.add_argument("--deployment", metavar="NAME", help="the deployment of this name; else the best that meets")
    command.set_defaults(start=_diff if name == "diff" else _check)


def _diff(arguments: argparse.Namespace) -> int:
    """Exit code 3 where what it becomes does not meet its requirement."""
    world = load_world(one_ahead)
    with Meter() as meter:
        before, after = (_placed(file, arguments, world, meter) for file in (arguments.before, arguments.after))
    rows = differences(before, after, world)
    print((difference_markdown if arguments.markdown else difference_text)(rows), end="")
    return FINE if after.answer.meets else NONE_MEETS


def _check(arguments: argparse.Namespace) -> int:
    """Every clause of the requirement, its budget among them, and the ceiling; exit code 3 where one is broken."""
    world = load_world(one_ahead)
    with Meter() as meter:
        placed = _placed(arguments.file, arguments, world, meter)
    answer = placed.answer
    lines = [(clause.met, clause.title, f"{clause.value}, limit {clause.limit}") for clause in answer.clauses]
    lines += [(False, limit.what, f"{limit.given}, allowed {limit.allowed}") for limit in answer.ruled_out]
    most = costs_of(placed.form, world.prices, world.on).most_usd_per_month
    if arguments.ceiling is not None:
        said = f"${most:,.2f} at its maximum, limit ${arguments.ceiling:,.2f}"
        lines.append((most <= arguments.ceiling, "Ceiling", said))
    print(f"{clean(placed.scenario.workload.name)}: {clean(answer.deployment.name)}")
    for met, title, said in lines:
        print(f"  {'met   ' if met else 'BROKEN'} {clean(title)}: {clean(said)}")
    return FINE if answer.meets and all(met for met, *_ in lines) else NONE_MEETS


def _placed(file: str, arguments: argparse.Namespace, world: World, meter: Meter) -> PlacedDeployment:
    """The deployment of that name, else the best, else the first: a review has to see what does not meet too."""
    text = text_of(file)
    scenario, placement = read_scenario(text), read_placement(text)
    if arguments.deployment is not None:
        prepared = prepare_all(scenario, world)
        answer = simulate(prepared, deployment_of(scenario, arguments), meter.tell)
    else:
        if not scenario.deployments:
            raise InvalidScenario([Problem("deployments", "none", "at least one to review")])
        comparison = compare(scenario, world, meter.tell)
        answer, prepared = comparison.evaluations[comparison.best or 0], prepare(scenario, world)
    return PlacedDeployment(scenario=scenario, answer=answer, form=make_form(prepared, answer.deployment, placement))
