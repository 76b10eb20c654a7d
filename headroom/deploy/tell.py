"""Plans and states in plain words: for the terminal and the page alike."""

from __future__ import annotations

from collections.abc import Iterator

from headroom.deploy.costs import Costs
from headroom.deploy.steps import Check, DeployPlan, Step

AIMS = {
    "create": "creates what is missing",
    "update": "updates the endpoint",
    "delete": "removes everything",
    "nothing": "changes nothing: all is there as wanted",
}
_MET = {True: "ok", False: "NO", None: "?"}


def plan_lines(plan: DeployPlan) -> Iterator[str]:
    """A plan as lines: what it does, where, at which cost, what was looked at, and what is in its way."""
    yield f"{plan.name}: this plan {AIMS[plan.aim]}."
    yield from place_lines(plan)
    if plan.steps:
        yield ""
    for number, step in enumerate(plan.steps, 1):
        yield f"{number:>3}. {step_line(step)}"
    if plan.costs is not None:
        yield ""
        yield from cost_lines(plan.costs)
        if plan.during_usd_per_hour:
            yield during_line(plan)
    if plan.checks:
        yield ""
        yield from (check_line(check) for check in plan.checks)
    yield from (f"Note: {note}" for note in plan.notes)
    yield from (f"In its way: {problem}" for problem in plan.refusals)


def step_line(step: Step) -> str:
    """One step: what it does and means, what it costs from there on, and about how long it takes."""
    cost = f" {usd(step.usd_per_hour)} an hour." if step.usd_per_hour else ""
    return f"{step.sentence}{cost}{_minutes(step.minutes)}"


def during_line(plan: DeployPlan) -> str:
    """What an update costs more while two fleets run."""
    return f"While it is updated, for about {plan.minutes:.0f} min: {usd(plan.during_usd_per_hour)} an hour more."


def place_lines(plan: DeployPlan) -> Iterator[str]:
    """Where it happens and as whom."""
    yield f"Account {plan.account}, Region {plan.region}, as {plan.caller}."
    if plan.endpoint:
        yield f"Not AWS itself: {plan.endpoint} stands in its place."


def cost_lines(costs: Costs) -> Iterator[str]:
    """What is billed while it is there."""
    for line in costs.lines:
        price = f"{usd(line.usd_per_hour)} an hour each" if line.usd_per_hour is not None else "no known price"
        running = "" if line.most == line.count else f", at most {line.most:g}"
        source = f" ({line.source})" if line.source else ""
        yield f"{line.count:g} x {line.what}{running}: {price}{source}"
    yield f"Now {usd(costs.usd_per_hour)} an hour, {usd(costs.usd_per_month)} a month of 730 h."
    yield f"At most {usd(costs.most_usd_per_hour)} an hour, {usd(costs.most_usd_per_month)} a month: the ceiling."
    if costs.unpriced:
        yield f"At least: there is no known price of {', '.join(costs.unpriced)}."
    yield "Requests, data and what requests compute on serverless endpoints come on top."


def check_line(check: Check) -> str:
    """One check."""
    return f"[{_MET[check.met]:>2}] {check.what}: {check.told}"


def usd(amount: float) -> str:
    """An amount with cents, or with more digits where that says nothing."""
    return f"${amount:,.2f}" if amount >= 0.1 or amount == 0 else f"${amount:.4f}"


def _minutes(minutes: float) -> str:
    return f" (about {minutes:.0f} min)" if minutes else ""
