"""What is wrong with a portfolio that its types cannot know, with the path of each problem from the whole's root."""

from __future__ import annotations

from collections.abc import Iterator

from headroom.advisor.check import check_deployment
from headroom.advisor.portfolio.description import MAX_WORKLOADS, Portfolio
from headroom.advisor.prepared import PreparedScenario, prepare_all
from headroom.advisor.world import World
from simulator.errors import InvalidScenario, Problem
from simulator.model.hardware import family_of


def check_portfolio(portfolio: Portfolio, world: World) -> tuple[Problem, ...]:
    """Every problem, in the order of the fields; empty when there is none."""
    return _prepared(portfolio, world)[1]


def prepare_portfolio(portfolio: Portfolio, world: World) -> list[PreparedScenario]:
    """The scenario of every workload, prepared. Raises InvalidScenario with every problem of the portfolio."""
    prepared, problems = _prepared(portfolio, world)
    if problems:
        raise InvalidScenario(problems)
    return prepared


def _prepared(portfolio: Portfolio, world: World) -> tuple[list[PreparedScenario], tuple[Problem, ...]]:
    """The scenarios that can be prepared, and every problem."""
    prepared: list[PreparedScenario] = []
    problems = [*_number(portfolio)]
    for index, member in enumerate(portfolio.workloads):
        path = f"workloads[{index}]"
        problems += _name(portfolio, index)
        try:
            prepared.append(prepare_all(member.scenario, world))
        except InvalidScenario as invalid:
            problems += [_within(f"{path}.scenario", problem) for problem in invalid.problems]
        if member.fixed is not None:
            problems += check_deployment(member.fixed, f"{path}.fixed", world)
    return prepared, (*problems, *_quotas(portfolio, world), *_plans(portfolio, world))


def _number(portfolio: Portfolio) -> Iterator[Problem]:
    if not portfolio.workloads:
        yield Problem("workloads", "none", "at least one workload")
    if len(portfolio.workloads) > MAX_WORKLOADS:
        yield Problem("workloads", str(len(portfolio.workloads)), f"at most {MAX_WORKLOADS}")


def _name(portfolio: Portfolio, index: int) -> Iterator[Problem]:
    """Whether a workload before this one has its name."""
    name = portfolio.workloads[index].scenario.workload.name
    if name in {member.scenario.workload.name for member in portfolio.workloads[:index]}:
        todo = "Two workloads of one name could not be told apart."
        yield Problem(f"workloads[{index}].scenario.workload.name", repr(name), "a name of its own", todo)


def _within(path: str, problem: Problem) -> Problem:
    return Problem(f"{path}.{problem.where}", problem.given, problem.allowed, problem.todo)


def _quotas(portfolio: Portfolio, world: World) -> Iterator[Problem]:
    keys: set[tuple[str, str]] = set()
    for index, quota in enumerate(portfolio.quotas.instance_types):
        path, key = f"quotas.instance_types[{index}]", (quota.used_for, quota.instance_type)
        if quota.instance_type not in world.hardware:
            yield Problem(f"{path}.instance_type", repr(quota.instance_type), "a known instance type")
        if key in keys:
            yield Problem(path, f"{quota.instance_type} for {quota.used_for} twice", "one quota for each")
        keys.add(key)


def _plans(portfolio: Portfolio, world: World) -> Iterator[Problem]:
    names = {"", *world.hardware, *map(family_of, world.hardware)}
    for index, plan in enumerate(portfolio.savings_plans):
        for position, discount in enumerate(plan.discounts):
            if discount.instance not in names:
                path = f"savings_plans[{index}].discounts[{position}].instance"
                yield Problem(path, repr(discount.instance), "a known instance type or family, or nothing for all")
