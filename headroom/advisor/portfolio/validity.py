"""What is wrong with a portfolio that its types cannot know, with the path of each problem from the whole's root."""

from __future__ import annotations

from collections.abc import Iterator

from headroom.advisor.check import check_deployment
from headroom.advisor.portfolio.description import MAX_WORKLOADS, Portfolio
from headroom.advisor.prepared import check
from headroom.advisor.world import World
from simulator.errors import Problem
from simulator.model.hardware import family_of


def check_portfolio(portfolio: Portfolio, world: World) -> tuple[Problem, ...]:
    """Every problem, in the order of the fields; empty when there is none."""
    return (*_workloads(portfolio, world), *_quotas(portfolio, world), *_plans(portfolio, world))


def _workloads(portfolio: Portfolio, world: World) -> Iterator[Problem]:
    if not portfolio.workloads:
        yield Problem("workloads", "none", "at least one workload")
    if len(portfolio.workloads) > MAX_WORKLOADS:
        yield Problem("workloads", str(len(portfolio.workloads)), f"at most {MAX_WORKLOADS}")
    seen: set[str] = set()
    for at, member in enumerate(portfolio.workloads):
        where, name = f"workloads[{at}]", member.scenario.workload.name
        if name in seen:
            todo = "Two workloads of one name could not be told apart."
            yield Problem(f"{where}.scenario.workload.name", repr(name), "a name of its own", todo)
        seen.add(name)
        yield from (_within(f"{where}.scenario", one) for one in check(member.scenario, world))
        if member.fixed is not None:
            yield from check_deployment(member.fixed, f"{where}.fixed", world)


def _within(where: str, problem: Problem) -> Problem:
    return Problem(f"{where}.{problem.where}", problem.given, problem.allowed, problem.todo)


def _quotas(portfolio: Portfolio, world: World) -> Iterator[Problem]:
    seen: set[tuple[str, str]] = set()
    for at, quota in enumerate(portfolio.quotas.instance_types):
        where, key = f"quotas.instance_types[{at}]", (quota.used_for, quota.instance_type)
        if quota.instance_type not in world.hardware:
            yield Problem(f"{where}.instance_type", repr(quota.instance_type), "a known instance type")
        if key in seen:
            yield Problem(where, f"{quota.instance_type} for {quota.used_for} twice", "one quota for each")
        seen.add(key)


def _plans(portfolio: Portfolio, world: World) -> Iterator[Problem]:
    known = {"", *world.hardware, *map(family_of, world.hardware)}
    for at, plan in enumerate(portfolio.savings_plans):
        for other, discount in enumerate(plan.discounts):
            if discount.instance not in known:
                where = f"savings_plans[{at}].discounts[{other}].instance"
                yield Problem(where, repr(discount.instance), "a known instance type or family, or nothing for all")
