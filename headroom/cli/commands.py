"""The commands for scenarios and portfolios: plan, compare, simulate, validate and portfolio."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from headroom.advisor import effort
from headroom.advisor.answer import Comparison
from headroom.advisor.cautions import cautions
from headroom.advisor.compare import compare_prepared
from headroom.advisor.evaluate import evaluate
from headroom.advisor.executor import Executor
from headroom.advisor.explore.decisive_assumptions import hinges_prepared
from headroom.advisor.portfolio.description import Portfolio
from headroom.advisor.portfolio.planner import plan_portfolio
from headroom.advisor.portfolio.totals import PortfolioPlan
from headroom.advisor.portfolio.validity import prepare_portfolio
from headroom.advisor.prepared import PreparedScenario, check, prepare, prepare_all
from headroom.advisor.search.planner import plan_prepared
from headroom.advisor.search.types import Plan
from headroom.advisor.tell import preliminary, words
from headroom.advisor.tell.argument import argue_plan
from headroom.cli import output
from headroom.cli.exit_codes import FINE, NONE_MEETS
from headroom.cli.files import text_beside, text_of
from headroom.cli.meter import Meter
from headroom.cli.patience import announce, warn
from headroom.sharing.exports.export import DefendedPlan, SimulatedDeployment
from headroom.sharing.exports.text import clean
from headroom.sharing.library import load_world
from headroom.sharing.portfolio_file import gather
from headroom.sharing.presets import load_company, preset_keys
from headroom.sharing.problems import checked, nearest
from headroom.sharing.toml_file import read_scenario
from headroom.work import executors
from headroom.work.prefetch import one_ahead
from headroom.work.shared_processes import cores
from simulator.errors import InvalidScenario, Problem
from simulator.model.simulation import Simulation
from simulator.patterns.registry import BY_KEY, Deployment
from simulator.scenario import Scenario

WORKLOADS_AT_ONCE = 4
_PLANNED, _REST = 0.8, 0.2
"""Shares of the progress bar."""

Progress = Callable[[float], None]
Run = Callable[[argparse.Namespace, Scenario], int]


def add_arguments(command: argparse.ArgumentParser, name: str) -> None:
    """Add to a parser the arguments of the command called `name`, such as "plan"."""
    if name == "portfolio":
        files = "scenario files or presets, and at most one portfolio file (TOML); none: the company of the presets"
        command.add_argument("files", metavar="FILE", nargs="*", help=files)
        output.add_options(command, PortfolioPlan, Portfolio)
        command.set_defaults(start=_portfolio)
    else:
        run, gives = _RUNS[name]
        file = f"scenario file (TOML), or a preset ({', '.join(preset_keys())}); - reads standard input"
        command.add_argument("file", metavar="FILE", help=file)
        output.add_options(command, gives, usual=None if name == "validate" else "text")
        command.set_defaults(start=_with_scenario, run=run)
    if name != "validate":
        command.add_argument("--yes", action="store_true", help="begin also what will take more than an hour")
        command.add_argument("--seed", type=int, metavar="N", help="use this seed instead of the scenario's")
    if name == "simulate":
        selection = command.add_mutually_exclusive_group(required=True)
        selection.add_argument("--pattern", metavar="KEY", help=f"the deployment of this pattern: {', '.join(BY_KEY)}")
        selection.add_argument("--deployment", metavar="NAME", help="the deployment of this name")


def _with_scenario(arguments: argparse.Namespace) -> int:
    output.check_place(arguments)
    run: Run = arguments.run
    return run(arguments, read_scenario(text_of(arguments.file)))


def _plan(arguments: argparse.Namespace, scenario: Scenario) -> int:
    world, scenario = load_world(one_ahead), seeded(scenario, arguments.seed)
    with Meter() as meter, executors.program_executor() as executor:
        prepared = prepare(scenario, world)
        warn(cautions(scenario, world))
        announce(effort.plan_s(prepared) / cores(), arguments, meter)
        plan = plan_prepared(
            prepared,
            executor,
            lambda share: meter.tell(_PLANNED * share),
            on_able=lambda screen: meter.note(f"First recommendation: {preliminary.first_look(screen)}"),
        )
        argument = argue_plan(plan, *_hangs_on(plan, prepared, executor, meter))
    output.write(arguments, DefendedPlan(plan=plan, argument=argument), world)
    return NONE_MEETS if plan.comparison.best is None else FINE


def _hangs_on(plan: Plan, prepared: PreparedScenario, executor: Executor, meter: Meter) -> tuple[str, ...]:
    """Return the sentence on the assumptions that the choice hangs on; nothing where no deployment is chosen."""
    if plan.comparison.best is None:
        return ()
    turned = hinges_prepared(plan.comparison, prepared, executor, lambda share: meter.tell(_PLANNED + _REST * share))
    return (turned.sentence,)


def _compare(arguments: argparse.Namespace, scenario: Scenario) -> int:
    world, scenario = load_world(one_ahead), seeded(scenario, arguments.seed)
    with Meter() as meter:
        prepared = prepare_all(scenario, world)
        warn(cautions(scenario, world))
        announce(effort.evaluate_s(prepared, *scenario.deployments), arguments, meter)
        comparison = compare_prepared(prepared, meter.tell)
    output.write(arguments, comparison, world)
    return NONE_MEETS if comparison.best is None else FINE


def _simulate(arguments: argparse.Namespace, scenario: Scenario) -> int:
    world, scenario = load_world(one_ahead), seeded(scenario, arguments.seed)
    deployment = deployment_of(scenario, arguments)
    with Meter() as meter:
        prepared = prepare(scenario, world)
        warn(cautions(scenario, world))
        announce(effort.evaluate_s(prepared, deployment), arguments, meter)
        evaluation = evaluate(scenario, deployment, world, meter.tell)
    output.write(arguments, SimulatedDeployment(scenario=scenario, evaluation=evaluation), world)
    return FINE if evaluation.meets else NONE_MEETS


def _validate(arguments: argparse.Namespace, scenario: Scenario) -> int:
    world = load_world()
    problems = check(scenario, world)
    if problems:
        raise InvalidScenario(problems)
    found = cautions(scenario, world)
    if arguments.form is not None:
        warn(found)
        output.write(arguments, scenario, world)
        return FINE
    number = f", {words.counted(len(found), 'warning')}" if found else ""
    deployments = words.counted(len(scenario.deployments), "deployment")
    print(f"{clean(scenario.workload.name)}: no problems{number}, {deployments}.")
    print("".join(f"  {clean(str(caution))}\n" for caution in found), end="")
    return FINE


_RUNS: dict[str, tuple[Run, type[Any]]] = {
    "plan": (_plan, DefendedPlan),
    "compare": (_compare, Comparison),
    "simulate": (_simulate, SimulatedDeployment),
    "validate": (_validate, Scenario),
}
"""The commands for one scenario: what each does and the type of what it gives."""


def _portfolio(arguments: argparse.Namespace) -> int:
    output.check_place(arguments)
    world = load_world(one_ahead)
    files = [(clean(file), text_of(file)) for file in arguments.files]
    portfolio = gather(files, text_beside) if files else load_company()
    with_seeds = (
        member.model_copy(update={"scenario": seeded(member.scenario, arguments.seed)})
        for member in portfolio.workloads
    )
    portfolio = portfolio.model_copy(update={"workloads": tuple(with_seeds)})
    if output.wants(arguments, Portfolio):
        output.write(arguments, portfolio, world)
        return FINE
    with Meter() as meter, executors.program_executor() as executor, ThreadPoolExecutor(WORKLOADS_AT_ONCE) as planners:
        members = prepare_portfolio(portfolio, world)
        for index, member in enumerate(portfolio.workloads):
            warn(cautions(member.scenario, world), f"workloads[{index}].scenario.")
        announce(sum(map(effort.plan_s, members)) / cores(), arguments, meter)
        plan = plan_portfolio(portfolio, world, executor, meter.tell, planners)
    output.write(arguments, plan, world)
    return FINE if plan.best.total.meets == plan.best.total.workloads else NONE_MEETS


def seeded(scenario: Scenario, seed: int | None) -> Scenario:
    """The scenario with another seed, the same where none is given."""
    if seed is None:
        return scenario
    simulation = checked(Simulation, {**scenario.simulation.model_dump(), "seed": seed}, "simulation")
    return scenario.model_copy(update={"simulation": simulation})


def deployment_of(scenario: Scenario, arguments: argparse.Namespace) -> Deployment:
    """The one deployment asked for; raises InvalidScenario when there is none, or more than one."""
    by_name = arguments.deployment is not None
    option, wanted = ("--deployment", arguments.deployment) if by_name else ("--pattern", arguments.pattern)
    keys = [deployment.name if by_name else deployment.pattern for deployment in scenario.deployments]
    matches = [deployment for deployment, key in zip(scenario.deployments, keys, strict=True) if key == wanted]
    if len(matches) == 1:
        return matches[0]
    if matches and not by_name:
        names = ", ".join(repr(deployment.name) for deployment in matches)
        raise InvalidScenario(
            [
                Problem(
                    option, f"{wanted!r}, which {len(matches)} deployments have", f"one of {names}", "Use --deployment."
                )
            ]
        )
    if matches:
        raise InvalidScenario(
            [Problem(option, f"{wanted!r}, which {len(matches)} deployments have", "different names")]
        )
    allowed = ", ".join(dict.fromkeys(repr(key) for key in keys)) or "nothing: the scenario has no deployments"
    raise InvalidScenario([Problem(option, repr(wanted), allowed, nearest(wanted, keys))])
