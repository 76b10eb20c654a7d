"""`headroom deploy plan|apply|update|status|destroy|sweep`: a deployment in an AWS account, and back to nothing.

Planning, status and sweep only read. What changes something shows its plan first and needs the deployment's name: typed
at the prompt, or as `--confirm NAME`.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

from headroom.advisor.answer import Answer
from headroom.advisor.evaluate import simulate
from headroom.advisor.prepared import prepare_all
from headroom.advisor.world import World
from headroom.cli.exit_codes import FINE, NOT_DONE
from headroom.cli.export import placement_of
from headroom.cli.files import text_of
from headroom.cli.meter import Meter
from headroom.cli.streams import say
from headroom.deploy import tell
from headroom.deploy.live.aws import Access, Pace, connect
from headroom.deploy.live.deployer import Deployer, NotDone, StalePlan, Wish
from headroom.deploy.live.status import Left
from headroom.deploy.live.tell_status import status_lines
from headroom.deploy.steps import DeployPlan
from headroom.deploy.updates import WAYS, UpdateChoice
from headroom.sharing.exports.text import clean
from headroom.sharing.library import load_world
from headroom.sharing.presets import preset_keys
from headroom.sharing.problems import nearest
from headroom.sharing.toml_file import read_scenario
from headroom.work.prefetch import one_ahead
from simulator.errors import HeadroomError, InvalidScenario, Problem
from simulator.patterns.registry import Deployment
from simulator.scenario import Scenario

PLAN_SCHEMA: Final = 1
_HELP: Final = {
    "plan": "show what would be done, at which cost, and what is in its way; changes nothing",
    "apply": "create what is missing, after its name was typed",
    "update": "lead a running endpoint to another configuration, with alarms set from the simulation",
    "status": "how it is now, what differs from the plan, and what CloudWatch observed beside what was predicted",
    "destroy": "remove everything of a deployment, after its name was typed",
    "sweep": "list what Headroom made in this account and Region, with prices; changes nothing",
}


def add_arguments(command: argparse.ArgumentParser, _name: str) -> None:
    """Add the subcommands of `headroom deploy`."""
    subcommands = command.add_subparsers(required=True, metavar="WHAT")
    for name, start in _STARTS.items():
        parser = subcommands.add_parser(name, help=_HELP[name], description=_HELP[name])
        _add_access(parser)
        if name == "destroy":
            parser.add_argument("name", metavar="NAME", help="the deployment's name: that of its endpoint or schedule")
        if name in {"destroy", "sweep"}:
            parser.add_argument("--region", required=True, metavar="REGION", help="the AWS Region, such as eu-west-1")
        else:
            _add_wish(parser)
        if name == "plan":
            parser.add_argument("--out", metavar="FILE", help="write the plan's hash and text, for apply --plan")
        if name in {"apply", "update"}:
            parser.add_argument("--plan", metavar="FILE", help="refuse unless the plan is the one in this file")
        if name in {"apply", "update", "destroy"}:
            parser.add_argument("--confirm", metavar="NAME", help="agree to the plan without being asked")
        if name == "status":
            parser.add_argument("--hours", type=float, default=3.0, metavar="H", help="look back so far (default: 3)")
        parser.set_defaults(start=start, what=name)


def _add_access(parser: argparse.ArgumentParser) -> None:
    access = parser.add_argument_group("credentials", "AWS's usual chain, unless one of these is given; never a key")
    access.add_argument("--profile", default="", metavar="NAME", help="a profile of ~/.aws, SSO too")
    access.add_argument("--role-arn", default="", metavar="ARN", help="a role to assume")
    access.add_argument("--external-id", default="", metavar="ID", help="the external id that the role asks for")
    parser.add_argument("--poll", type=float, default=15.0, metavar="S", help="seconds between looks at what is slow")


def _add_wish(parser: argparse.ArgumentParser) -> None:
    file = f"scenario file (TOML), or a preset ({', '.join(preset_keys())}); - reads standard input"
    parser.add_argument("file", metavar="FILE", help=file)
    parser.add_argument(
        "--deployment", metavar="NAME", help="the deployment of this name; needed where there are several"
    )
    parser.add_argument("--placement", metavar="FILE", help="a TOML file with the table [deploy]; else that of FILE")
    parser.add_argument("--set", dest="settings", metavar="KEY=VALUE", action="append", default=[], help="of [deploy]")
    update = parser.add_argument_group("updates")
    update.add_argument("--way", choices=WAYS, default=WAYS[0], help="how traffic is led over (default: %(default)s)")
    update.add_argument("--share", type=int, default=25, metavar="PERCENT", help="first, or at a time (default: 25)")
    update.add_argument(
        "--wait", type=int, default=300, metavar="S", help="how long each part is watched (default: 300)"
    )


def _deployer(arguments: argparse.Namespace, region: str) -> Deployer:
    access = Access(profile=arguments.profile, role_arn=arguments.role_arn, external_id=arguments.external_id)
    aws = connect(region, access, Pace(poll_s=arguments.poll))
    return Deployer(aws, lambda sentence: say(f"{clean(sentence)}\n"))


def _wish(arguments: argparse.Namespace, world: World) -> Wish:
    text = text_of(arguments.file)
    scenario = read_scenario(text)
    choice = UpdateChoice(way=arguments.way, share=arguments.share, wait_s=arguments.wait)
    return Wish(
        prepared=prepare_all(scenario, world),
        deployment=_deployment(scenario, arguments.deployment),
        placement=placement_of(arguments, text),
        prices=world.prices,
        on=world.on,
        choice=choice,
    )


def _deployment(scenario: Scenario, name: str | None) -> Deployment:
    """The deployment of that name; the only one where no name is given. Raises InvalidScenario."""
    names = [deployment.name for deployment in scenario.deployments]
    if name is None and len(names) == 1:
        return scenario.deployments[0]
    if names.count(name or "") != 1:
        allowed = ", ".join(map(repr, names)) or "nothing: the scenario has no deployments"
        given = repr(name) if name is not None else "nothing"
        raise InvalidScenario([Problem("--deployment", given, allowed, nearest(name or "", names))])
    return scenario.deployments[names.index(name or "")]


def _simulated(wish: Wish) -> Answer:
    with Meter() as meter:
        return simulate(wish.prepared, wish.deployment, meter.tell)


def _planned(arguments: argparse.Namespace) -> tuple[Deployer, Wish, DeployPlan]:
    """A plan; one that updates an endpoint with alarms from a simulation."""
    world = load_world(one_ahead)
    wish = _wish(arguments, world)
    deployer = _deployer(arguments, wish.prepared.scenario.region)
    plan = deployer.plan(wish)
    if any(step.operation == "UpdateEndpoint" for step in plan.steps):
        wish = wish.watched(_simulated(wish))
        plan = deployer.plan(wish)
    return deployer, wish, plan


def _show(plan: DeployPlan) -> None:
    for line in tell.plan_lines(plan):
        print(clean(line))
    sys.stdout.flush()


def _plan(arguments: argparse.Namespace) -> int:
    _, _, plan = _planned(arguments)
    _show(plan)
    if arguments.out is not None:
        saved = {
            "schema": PLAN_SCHEMA,
            "hash": plan.hash,
            "name": plan.name,
            "account": plan.account,
            "region": plan.region,
            "text": list(tell.plan_lines(plan)),
        }
        try:
            Path(arguments.out).write_text(json.dumps(saved, indent=1) + "\n", encoding="utf-8")
        except OSError as error:
            raise InvalidScenario(
                [Problem("--out", error.strerror or "an error", "a file that can be written")]
            ) from error
    return FINE if plan.possible else NOT_DONE


def _apply(arguments: argparse.Namespace) -> int:
    deployer, wish, plan = _planned(arguments)
    _show(plan)
    if arguments.plan is not None:
        _same_as(arguments.plan, plan)
    if plan.aim == "nothing" and plan.possible:
        return FINE
    updates = plan.aim == "update"
    if updates != (arguments.what == "update"):
        other = "update" if updates else "apply"
        told = "it changes a running endpoint" if updates else "no running endpoint is changed"
        raise HeadroomError(f"Nothing was changed: {told}. Use: headroom deploy {other}")
    if not plan.possible:
        return NOT_DONE
    typed = _typed(arguments, plan)
    return _done(lambda: deployer.apply(wish, plan, typed), f"{plan.name} is as planned.")


def _same_as(file: str, plan: DeployPlan) -> None:
    """Refuse a plan that is not the one that was written to the file. Raises StalePlan, InvalidScenario."""
    try:
        saved = json.loads(text_of(file))["hash"]
    except (ValueError, KeyError, TypeError) as error:
        raise InvalidScenario([Problem("--plan", clean(file), "a file that deploy plan --out wrote")]) from error
    if saved != plan.hash:
        raise StalePlan(f"Nothing was changed: the plan in {clean(file)} is not true any more. Plan again and read it.")


def _typed(arguments: argparse.Namespace, plan: DeployPlan) -> str:
    """What was typed to agree."""
    if arguments.confirm is not None:
        return str(arguments.confirm)
    if not sys.stdin.isatty():
        return ""
    say(f"\nAccount {plan.account}, Region {plan.region}.\n")
    if plan.costs is not None:
        ceiling = tell.usd(plan.costs.most_usd_per_month)
        say(f"{tell.usd(plan.costs.usd_per_month)} a month, at most {ceiling}.\n")
    say(f"Type {plan.name} to agree: ")
    return sys.stdin.readline().rstrip("\n")


def _done(work: Callable[[], object], told: str) -> int:
    say("Ctrl-C stops in the middle: the same command then goes on, and headroom deploy destroy removes it.\n")
    try:
        work()
    except NotDone as ended:
        say("".join([f"headroom: {clean(ended.told)}\n", *(f"  {clean(line)}\n" for line in ended.left)]))
        return NOT_DONE
    print(told)
    return FINE


def _status(arguments: argparse.Namespace) -> int:
    world = load_world(one_ahead)
    wish = _wish(arguments, world)
    status = _deployer(arguments, wish.prepared.scenario.region).status(wish, arguments.hours)
    predicted = _simulated(wish) if status.observed is not None else None
    for line in status_lines(status, predicted):
        print(clean(line))
    return FINE if not status.drift else NOT_DONE


def _destroy(arguments: argparse.Namespace) -> int:
    deployer = _deployer(arguments, arguments.region)
    plan = deployer.plan_destroy(arguments.name)
    if plan.aim == "nothing":
        _show(replace(plan, aim="nothing"))
        print(f"Nothing of {clean(arguments.name)} is there.")
        return FINE
    _show(plan)
    typed = _typed(arguments, plan)
    return _done(lambda: deployer.destroy(plan, typed), f"Nothing of {plan.name} is left.")


def _sweep(arguments: argparse.Namespace) -> int:
    world = load_world()
    rows = _deployer(arguments, arguments.region).sweep(world.prices, world.on)
    for row in rows:
        for line in left_lines(row, arguments.region):
            print(clean(line))
    if not rows:
        print(f"Nothing that Headroom made is in {clean(arguments.region)}.")
    return FINE


def left_lines(row: Left, region: str) -> list[str]:
    """What is left of one deployment, with its price and how to remove it."""
    price = f"{tell.usd(row.usd_per_hour)} an hour for instances" if row.usd_per_hour is not None else "price not known"
    late = f", OVERDUE since {row.delete_after}" if row.overdue else ""
    idle = ", without an endpoint or jobs" if row.without_endpoint else ""
    return [
        f"{row.name}: {len(row.found)} resources, {price}{idle}{late}",
        *(f"  {found.kind.replace('_', ' ')} {found.name} {found.status}".rstrip() for found in row.found),
        f"  to remove it: headroom deploy destroy {row.name} --region {region}",
    ]


_STARTS: Final[dict[str, Callable[[argparse.Namespace], int]]] = {
    "plan": _plan,
    "apply": _apply,
    "update": _apply,
    "status": _status,
    "destroy": _destroy,
    "sweep": _sweep,
}
