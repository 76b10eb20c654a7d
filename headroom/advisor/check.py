"""What is wrong with a scenario that its types cannot know: names must exist among hardware, traces and prices, and
fields must not contradict each other.

A contradiction is found here and not when a scenario is read, so that old links and files open and can be corrected.
What may be meant, though probably is not, is a caution (`cautions`).
"""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Iterator

from headroom.advisor.world import World
from pricing import keys
from simulator.errors import Problem
from simulator.model.hardware import InstanceType, family_of
from simulator.patterns.protocol import Api
from simulator.patterns.registry import BY_KEY, Deployment
from simulator.scenario import Scenario
from simulator.traffic.kinds import DAY_S, Jobs

LEAST_WINDOW_S = 1.0
_NO_MOST_AT_ZERO = ("serverless_life_min_s",)
"""Leasts whose most is none when it is 0."""
_SHOWN = 3


def shared_problems(
    scenario: Scenario, world: World, of_traffic: Iterable[Problem], of_prices: Iterable[Problem]
) -> tuple[Problem, ...]:
    """The problems of everything but the deployments, in the order of the scenario's fields; those of the traffic and
    of its own prices show when the source and the price book are made, and are handed in.
    """
    return (
        *region_problems(scenario.region, world),
        *of_traffic,
        *_window(scenario),
        *_largest(scenario),
        *_horizon(scenario),
        *_reference(scenario, world),
        *_measured(scenario, world),
        *of_prices,
        *_priced_types(scenario, world),
        *_least_and_most(scenario),
        *_others(scenario),
        *_families(scenario, world),
    )


def deployment_problems(scenario: Scenario, world: World) -> Iterator[Problem]:
    """The problems of all deployments."""
    for index, deployment in enumerate(scenario.deployments):
        yield from check_deployment(deployment, f"deployments[{index}]", world)


def check_deployment(deployment: Deployment, path: str, world: World) -> tuple[Problem, ...]:
    """The problems of one deployment; `path` is its dotted path."""
    pattern = BY_KEY[deployment.pattern]
    if pattern.api is None:
        return ()
    return tuple(_instance(pattern.account.instance_type(deployment), f"{path}.instance_type", pattern.api, world))


def _instance(name: str, path: str, api: Api, world: World) -> Iterator[Problem]:
    accepted = [kind for kind, instance in world.hardware.items() if _offered(instance, api)]
    if name not in accepted:
        problem = "a type that the API refuses" if name in world.hardware else "an unknown type"
        yield Problem(path, f"{name!r}, {problem}", f"an instance type for {api}{_near(name, accepted)}")


def _offered(instance: InstanceType, api: Api) -> bool:
    return instance.batch_transform if api == "batch transform" else instance.hosting


def region_problems(region: str, world: World) -> Iterator[Problem]:
    """Yield what is wrong with a Region: that it has no prices."""
    regions = world.prices.regions()
    if region not in regions:
        yield Problem("region", repr(region), f"a Region with prices{_near(region, regions)}")


def _reference(scenario: Scenario, world: World) -> Iterator[Problem]:
    name = scenario.workload.reference_instance_type
    if name not in world.hardware:
        allowed = f"a known instance type{_near(name, world.hardware)}"
        yield Problem("workload.reference_instance_type", repr(name), allowed)


def _measured(scenario: Scenario, world: World) -> Iterator[Problem]:
    for index, row in enumerate(scenario.workload.service_time.measured):
        if row.instance_type not in world.hardware:
            allowed = f"a known instance type{_near(row.instance_type, world.hardware)}"
            path = f"workload.service_time.measured[{index}].instance_type"
            yield Problem(path, repr(row.instance_type), allowed)


def _horizon(scenario: Scenario) -> Iterator[Problem]:
    """A data set that comes more seldom than the horizon is long would be billed as if it came once a horizon."""
    traffic, horizon_s = scenario.workload.traffic, scenario.simulation.duration_s
    if isinstance(traffic, Jobs) and horizon_s < traffic.every_days * DAY_S:
        least_s = traffic.every_days * DAY_S
        yield Problem(
            "simulation.duration_s",
            f"{horizon_s:g} s",
            f"at least {least_s:g} s",
            f"A data set comes every {traffic.every_days} days: simulate at least as long.",
        )


def _window(scenario: Scenario) -> Iterator[Problem]:
    window_s = getattr(scenario.workload.traffic, "window_s", 0.0)
    if 0 < window_s < LEAST_WINDOW_S:
        allowed = f"0, or at least {LEAST_WINDOW_S:g} s"
        yield Problem("workload.traffic.window_s", f"{window_s:g} s", allowed, "0 takes the rest of the trace.")


def _largest(scenario: Scenario) -> Iterator[Problem]:
    workload = scenario.workload
    if 0 < workload.max_request_mb < workload.request_mb:
        allowed = f"0, or at least the mean, request_mb {workload.request_mb:g} MB"
        yield Problem("workload.max_request_mb", f"{workload.max_request_mb:g} MB", allowed)


def _priced_types(scenario: Scenario, world: World) -> Iterator[Problem]:
    """A price of a type that there is not would be without effect, and nobody would know."""
    for index, price in enumerate(scenario.prices):
        key = keys.BY_KEY.get(price.usage)
        of_a_type = (
            key is not None and key.dimension is keys.DimensionKind.INSTANCE_TYPE and key.accepts(price.dimension)
        )
        if of_a_type and price.dimension not in world.hardware:
            allowed = f"a known instance type{_near(price.dimension, world.hardware)}"
            yield Problem(f"prices[{index}].dimension", repr(price.dimension), allowed)


def _least_and_most(scenario: Scenario) -> Iterator[Problem]:
    """Every pair of assumptions that are the least and the most of something."""
    for name, field in type(scenario.assumptions).model_fields.items():
        low, high = (getattr(scenario.assumptions, which, None) for which in (name, name.replace("_min_", "_max_")))
        if "_min_" not in name or high is None or low <= high or (high == 0 and name in _NO_MOST_AT_ZERO):
            continue
        unit = field.json_schema_extra["unit"] if isinstance(field.json_schema_extra, dict) else ""
        allowed = f"at most {name.replace('_min_', '_max_')}, {high:g} {unit}"
        yield Problem(f"assumptions.{name}", f"{low:g} {unit}", allowed)


def _others(scenario: Scenario) -> Iterator[Problem]:
    account = scenario.assumptions.serverless_account_concurrency
    others = scenario.assumptions.serverless_others_in_use
    if account and others > account:
        allowed = f"at most serverless_account_concurrency, {account:,}"
        yield Problem("assumptions.serverless_others_in_use", f"{others:,}", allowed)


def _families(scenario: Scenario, world: World) -> Iterator[Problem]:
    families = {family_of(name) for name in world.hardware}
    for index, family in enumerate(scenario.search.families):
        if family not in families:
            allowed = f"a family of instance types{_near(family, families)}"
            yield Problem(f"search.families[{index}]", repr(family), allowed)


def _near(name: str, names: Collection[str]) -> str:
    near = difflib.get_close_matches(name, names, n=_SHOWN, cutoff=0.5)
    return f"; nearest: {', '.join(near)}" if near else f"; there are {len(names)}"
