"""What is known of each workload of a portfolio: asks the pools for its first look, its plan and what the user fixed.

Each is a piece of work of its own, so that a change of one workload, a discount or a quota does nothing over that it
does not touch, and a search on Plan is the same piece of work. Small workloads go first. Work goes on while the
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
from headroom.work.jobs import Status, WorkOrder, with_deployment
from simulator.scenario import Scenario

PATIENCE_S = 0.5
LOOK_AGAIN_S = 0.5
MOST_AT_ONCE = 10  # of one portfolio in the queue
STOP = "Stop the plan"
LOST = ("failed", "stopped")


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedWorkload:
    """The results known so far for one workload of the portfolio; None stands for a result that is not there yet.

    fixed: the exact answer of the deployment that the user fixed. fixed_preview: its estimate, until then.
    """

    member: Member
    always_on: AlwaysOn
    screen: Screen | None
    plan: Plan | None
    fixed: Answer | None
    fixed_preview: Answer | None

    @property
    def exact(self) -> bool:
        """Whether nothing more will be simulated for the workload."""
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
    """The orders of work for one workload, first looks and exact; fixed ones are None where nothing is fixed."""

    name: str
    screen: WorkOrder
    plan: WorkOrder
    fixed_preview: WorkOrder | None
    fixed: WorkOrder | None


def planned_workloads(portfolio: Portfolio) -> tuple[PlannedWorkload, ...]:
    """Return what is known of each workload, in order; draw the progress while work is under way. Raises Busy."""
    orders = [_orders(portfolio, member) for member in portfolio.workloads]
    pool, quick = cached.pool(), cached.quick_pool()
    exact = _orders_to_ask([order for index in _small_first(portfolio) for order in _exact(orders[index])])
    statuses = {status.key: status for status in pool.want(_watcher(), exact)}
    done_keys = {key for key, status in statuses.items() if status.state == "done"}
    looks = _orders_to_ask([order for work in orders for order in _looks(work, done_keys)], quick=True)
    quick.want(_watcher(), looks)
    quick.wait([order.key for order in looks], PATIENCE_S)
    first_looks = {status.key: status for status in quick.statuses([order.key for order in looks])}
    missing = _unfinished(orders, statuses)
    if missing or not all(status.ended for status in first_looks.values()):
        keys, quick_keys = tuple(statuses), tuple(first_looks)
        ended = _ended(tuple(statuses.values())) + _ended(tuple(first_looks.values()))
        st.fragment(run_every=LOOK_AGAIN_S)(_progress)(keys, quick_keys, missing, ended)
    _lost(orders, {**first_looks, **statuses})
    return tuple(
        _planned_workload(work, member, statuses, first_looks)
        for work, member in zip(orders, portfolio.workloads, strict=True)
    )


def concluded(portfolio: Portfolio, workloads: Sequence[PlannedWorkload]) -> PortfolioPlan | None:
    """Return the plan of the portfolio; None until every workload has at least a preliminary answer."""
    answers = [answer for workload in workloads if (answer := workload.answer) is not None]
    return conclude(portfolio, answers) if len(answers) == len(workloads) else None


@lru_cache(maxsize=64)
def baseline(scenario: Scenario) -> AlwaysOn:
    """Return the cost of a workload on an always-on real-time endpoint, which is not simulated."""
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
    """Return the indices of the workloads, those with few requests first."""
    totals = [cached.traffic_preview(member.scenario).total for member in portfolio.workloads]
    return sorted(range(len(totals)), key=totals.__getitem__)


def _exact(work: _Orders) -> list[WorkOrder]:
    return [work.plan] if work.fixed is None else [work.fixed, work.plan]


def _looks(work: _Orders, done_keys: set[str]) -> list[WorkOrder]:
    """Return the orders of first looks that no exact result replaces."""
    looks = [] if work.plan.key in done_keys else [work.screen]
    if work.fixed is not None and work.fixed_preview is not None and work.fixed.key not in done_keys:
        looks.append(work.fixed_preview)
    return looks


def _orders_to_ask(orders: Sequence[WorkOrder], *, quick: bool = False) -> list[WorkOrder]:
    """Return the orders that are done and the first of the others, so that one portfolio does not fill the queue."""
    pool = cached.quick_pool() if quick else cached.pool()
    ended = {status.key for status in pool.statuses([order.key for order in orders]) if status.ended}
    waiting = [order.key for order in orders if order.key not in ended][:MOST_AT_ONCE]
    return [order for order in orders if order.key in ended or order.key in waiting]


def _unfinished(orders: Sequence[_Orders], statuses: dict[str, Status]) -> tuple[tuple[str, str], ...]:
    """Return name and key of each piece of exact work that has not ended."""
    pieces = [
        (work.name if order is work.plan else f"{work.name}, yours", order.key)
        for work in orders
        for order in _exact(work)
    ]
    return tuple((name, key) for name, key in pieces if key not in statuses or not statuses[key].ended)


def _ended(statuses: Sequence[Status]) -> int:
    return sum(status.ended for status in statuses)


def _progress(keys: Sequence[str], quick_keys: Sequence[str], missing: Sequence[tuple[str, str]], ended: int) -> None:
    """Draw the progress every half second, and the whole page again when another piece of work has ended."""
    pool = cached.pool()
    exact, looks = pool.statuses(keys), cached.quick_pool().statuses(quick_keys)
    if _ended(exact) + _ended(looks) != ended or len(exact) < len(keys):
        st.rerun()
    statuses = {status.key: status for status in exact}
    texts = [
        f"{md(name)}: {doing(statuses[key], 'done', starting=pool.starting) if key in statuses else 'later'}"
        for name, key in missing
    ]
    with st.container(border=True):
        all_of_them = len(exact) + sum(key not in statuses for _, key in missing)
        share = sum(status.share if not status.ended else 1.0 for status in exact) / max(all_of_them, 1)
        st.progress(min(share, 1.0), text=" · ".join(texts) or "Looking for the first time")
        st.button(STOP, key="stop-portfolio", on_click=pool.stop, args=(keys,), icon=":material/stop_circle:")


def _lost(orders: Sequence[_Orders], statuses: dict[str, Status]) -> None:
    """Draw what failed or was stopped, with a button that begins it again."""
    pieces = [
        (work.name, order.key)
        for work in orders
        for order in (work.screen, work.plan, work.fixed_preview, work.fixed)
        if order is not None
    ]
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
        st.button("Run again", key="again-portfolio", on_click=_run_again, args=(keys,), icon=":material/replay:")


def _run_again(keys: Sequence[str]) -> None:
    cached.pool().run_again(keys)
    cached.quick_pool().run_again(keys)


def _planned_workload(
    work: _Orders, member: Member, exact: dict[str, Status], looks: dict[str, Status]
) -> PlannedWorkload:
    plan, screen = exact.get(work.plan.key), looks.get(work.screen.key)
    fixed = None if work.fixed is None else exact.get(work.fixed.key)
    fixed_preview = None if work.fixed_preview is None else looks.get(work.fixed_preview.key)
    if fixed is not None and member.fixed is not None:
        fixed = with_deployment(fixed, member.fixed)
    return PlannedWorkload(
        member=member,
        always_on=baseline(member.scenario),
        screen=None if screen is None else screen.result,
        plan=None if plan is None else plan.result,
        fixed=None if fixed is None else fixed.evaluation,
        fixed_preview=_renamed(fixed_preview, member),
    )


def _renamed(status: Status | None, member: Member) -> Answer | None:
    """Return a preview under the user's own name for the deployment."""
    preview = None if status is None else status.result
    if not isinstance(preview, Answer) or member.fixed is None:
        return None
    return replace(preview, deployment=member.fixed)
