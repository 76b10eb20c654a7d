"""What is known of each workload of a portfolio: asks the pools for its first look, its plan and what the user fixed.

Each is a piece of work of its own, so that a change of one workload, a discount or a quota does nothing over that it
does not touch, and a search on Compare is the same piece of work. Small workloads go first. Work goes on while the
user looks at other pages; it is stopped by its button, or when the portfolio no longer asks for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import streamlit as st

from headroom.advisor.answer import Answer
from headroom.advisor.baseline import AlwaysOn, always_on
from headroom.advisor.portfolio.conclude import MemberAnswer, conclude
from headroom.advisor.portfolio.description import Member, Portfolio
from headroom.advisor.portfolio.early import early
from headroom.advisor.portfolio.planner import within_quotas
from headroom.advisor.portfolio.totals import PortfolioPlan
from headroom.advisor.search.types import Plan, Screen
from headroom.advisor.tell import preliminary, words
from headroom.ui.shell import cached, session
from headroom.ui.shell.long_work import doing
from headroom.ui.widgets.plain_text import lines, md
from headroom.work.jobs import Order, Status, named
from simulator.scenario import Scenario

PATIENCE_S = 0.5
LOOK_AGAIN_S = 0.5
MOST_AT_ONCE = 10  # of one portfolio in the queue
STOP = "Stop the plan"
LOST = ("failed", "stopped")


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """One workload: fixed is an exact evaluation of what the user fixed, fixed_preview what stands in before it."""

    member: Member
    always_on: AlwaysOn
    screen: Screen | None
    plan: Plan | None
    fixed: Answer | None
    fixed_preview: Answer | None

    @property
    def exact(self) -> bool:
        """Whether nothing more will be simulated for it."""
        return self.plan is not None and (self.member.fixed is None or self.fixed is not None)

    @property
    def doubt(self) -> str:
        """Why not to build upon the preview that stands in for the plan; empty when there is no reason."""
        if self.plan is not None or self.screen is None or self.screen.best is None:
            return ""
        best = self.screen.patterns[self.screen.best].best
        return "" if best is None else preliminary.doubt(best)

    @property
    def answer(self) -> MemberAnswer | None:
        """The exact answer, or else the preliminary one; None when not even that is known."""
        plan = self.plan or (early(self.screen) if self.screen else None)
        fixed = self.fixed or self.fixed_preview
        if plan is None or (self.member.fixed is not None and fixed is None):
            return None
        return MemberAnswer(plan=plan, fixed=fixed, always_on=self.always_on)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Orders:
    """The work for one workload, first looks and exact; fixed ones are None where nothing is fixed."""

    name: str
    screen: Order
    plan: Order
    fixed_preview: Order | None
    fixed: Order | None


def known(portfolio: Portfolio) -> tuple[Known, ...]:
    """What is known of each workload, in their order; draws the progress while anything is under way. Raises Busy."""
    orders = [_orders(portfolio, member) for member in portfolio.workloads]
    pool, quick = cached.pool(), cached.quick_pool()
    exact = _wanted([order for at in _small_first(portfolio) for order in _exact(orders[at])])
    statuses = {one.key: one for one in pool.want(_watcher(), exact)}
    done = {key for key, one in statuses.items() if one.state == "done"}
    looks = _wanted([order for one in orders for order in _looks(one, done)], quick=True)
    quick.want(_watcher(), looks)
    quick.wait([order.key for order in looks], PATIENCE_S)
    seen = {one.key: one for one in quick.statuses([order.key for order in looks])}
    missing = _said(orders, statuses)
    if missing or not all(one.ended for one in seen.values()):
        keys, quick_keys = tuple(statuses), tuple(seen)
        drawn = _ended(tuple(statuses.values())) + _ended(tuple(seen.values()))
        st.fragment(run_every=LOOK_AGAIN_S)(_progress)(keys, quick_keys, missing, drawn)
    _lost(orders, {**seen, **statuses})
    return tuple(_known(one, member, statuses, seen) for one, member in zip(orders, portfolio.workloads, strict=True))


def concluded(portfolio: Portfolio, found: Sequence[Known]) -> PortfolioPlan | None:
    """All answers joined, once every workload has at least a preliminary one."""
    answers = [answer for one in found if (answer := one.answer) is not None]
    return conclude(portfolio, answers) if len(answers) == len(found) else None


@lru_cache(maxsize=64)
def baseline(scenario: Scenario) -> AlwaysOn:
    """The workload on an always-on real-time endpoint."""
    return always_on(scenario, cached.world())


def _watcher() -> str:
    return f"{session.watcher()}/portfolio"


def _orders(portfolio: Portfolio, member: Member) -> _Orders:
    scenario = within_quotas(member.scenario, portfolio.quotas).model_copy(update={"deployments": ()})
    alone = None if member.fixed is None else member.scenario.model_copy(update={"deployments": (member.fixed,)})
    return _Orders(
        name=member.scenario.workload.name,
        screen=cached.order("screen", scenario=scenario),
        plan=cached.order("plan", scenario=scenario),
        fixed_preview=None if alone is None else cached.orders(alone, "preview")[0],
        fixed=None if alone is None else cached.orders(alone)[0],
    )


def _small_first(portfolio: Portfolio) -> list[int]:
    """The places of the workloads, those with few requests first."""
    totals = [cached.traffic_preview(member.scenario).total for member in portfolio.workloads]
    return sorted(range(len(totals)), key=totals.__getitem__)


def _exact(one: _Orders) -> list[Order]:
    return [one.plan] if one.fixed is None else [one.fixed, one.plan]


def _looks(one: _Orders, done: set[str]) -> list[Order]:
    """The first looks that something exact does not replace."""
    found = [] if one.plan.key in done else [one.screen]
    if one.fixed is not None and one.fixed_preview is not None and one.fixed.key not in done:
        found.append(one.fixed_preview)
    return found


def _wanted(orders: Sequence[Order], *, quick: bool = False) -> list[Order]:
    """Those that are done, and the first of the others, so that one portfolio does not fill the queue."""
    pool = cached.quick_pool() if quick else cached.pool()
    ended = {one.key for one in pool.statuses([order.key for order in orders]) if one.ended}
    waiting = [order.key for order in orders if order.key not in ended][:MOST_AT_ONCE]
    return [order for order in orders if order.key in ended or order.key in waiting]


def _said(orders: Sequence[_Orders], statuses: dict[str, Status]) -> tuple[tuple[str, str], ...]:
    """Name and key of each piece of exact work that has not ended."""
    pieces = [
        (one.name if order is one.plan else f"{one.name}, yours", order.key) for one in orders for order in _exact(one)
    ]
    return tuple((name, key) for name, key in pieces if key not in statuses or not statuses[key].ended)


def _ended(found: Sequence[Status]) -> int:
    return sum(one.ended for one in found)


def _progress(keys: Sequence[str], quick_keys: Sequence[str], missing: Sequence[tuple[str, str]], drawn: int) -> None:
    """Runs by itself every half second; redraws the whole page when one more has ended."""
    pool = cached.pool()
    found, looks = pool.statuses(keys), cached.quick_pool().statuses(quick_keys)
    if _ended(found) + _ended(looks) != drawn or len(found) < len(keys):
        st.rerun()
    statuses = {one.key: one for one in found}
    said = [
        f"{md(name)}: {doing(statuses[key], 'done', starting=pool.starting) if key in statuses else 'later'}"
        for name, key in missing
    ]
    with st.container(border=True):
        all_of_them = len(found) + sum(key not in statuses for _, key in missing)
        share = sum(one.share if not one.ended else 1.0 for one in found) / max(all_of_them, 1)
        st.progress(min(share, 1.0), text=" · ".join(said) or "Looking for the first time")
        st.button(STOP, key="stop-portfolio", on_click=pool.stop, args=(keys,), icon=":material/stop_circle:")


def _lost(orders: Sequence[_Orders], statuses: dict[str, Status]) -> None:
    """What failed or was stopped, with a button that begins it again."""
    pieces = [(one.name, order.key) for one in orders for order in (one.screen, one.plan, one.fixed_preview, one.fixed)
              if order is not None]  # fmt: skip
    lost = [(name, statuses[key]) for name, key in pieces if key in statuses and statuses[key].state in LOST]
    for name, status in lost:
        if status.state == "failed":
            st.error(f"**{md(name)}** could not be planned.\n\n{lines(status.message)}")
    stopped = list(dict.fromkeys(name for name, status in lost if status.state == "stopped"))
    if stopped:
        text = f"Stopped before it was finished, so only a preview: {md(words.joined(stopped))}."
        st.info(text, icon=":material/stop_circle:")
    if lost:
        keys = [status.key for _, status in lost]
        st.button("Run again", key="again-portfolio", on_click=_again, args=(keys,), icon=":material/replay:")


def _again(keys: Sequence[str]) -> None:
    cached.pool().again(keys)
    cached.quick_pool().again(keys)


def _known(one: _Orders, member: Member, exact: dict[str, Status], looks: dict[str, Status]) -> Known:
    plan, screen = exact.get(one.plan.key), looks.get(one.screen.key)
    fixed = None if one.fixed is None else exact.get(one.fixed.key)
    drafted = None if one.fixed_preview is None else looks.get(one.fixed_preview.key)
    if fixed is not None and member.fixed is not None:
        fixed = named(fixed, member.fixed)
    return Known(
        member=member,
        always_on=baseline(member.scenario),
        screen=None if screen is None else screen.result,
        plan=None if plan is None else plan.result,
        fixed=None if fixed is None else fixed.evaluation,
        fixed_preview=_renamed(drafted, member),
    )


def _renamed(status: Status | None, member: Member) -> Answer | None:
    """The preview under the user's own name for the deployment."""
    found = None if status is None else status.result
    if not isinstance(found, Answer) or member.fixed is None:
        return None
    return replace(found, deployment=member.fixed)
