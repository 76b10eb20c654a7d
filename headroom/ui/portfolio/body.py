"""The Portfolio page's body: the answer, the workloads, what it is compared with, what is shared, what to commit to."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from headroom.advisor.answer import Uncertain
from headroom.advisor.baseline import AlwaysOnTotal, together
from headroom.advisor.portfolio.description import Portfolio
from headroom.advisor.portfolio.totals import Choice, Mix, PortfolioPlan, Total
from headroom.advisor.portfolio.validity import check_portfolio
from headroom.advisor.tell import cost_text, limit_text, words
from headroom.advisor.tell import portfolio as portfolio_text
from headroom.ui.figures import portfolio as figures
from headroom.ui.plan.cards import configuration
from headroom.ui.portfolio import account, members, portfolio_state, progress, savings_tab
from headroom.ui.portfolio.progress import PlannedWorkload
from headroom.ui.shell import cached, chart, downloads
from headroom.ui.widgets import forms
from headroom.ui.widgets.plain_text import lines, md
from simulator.patterns.registry import BY_KEY


def show(portfolio: Portfolio) -> None:
    """Draw the body of the Portfolio page."""
    if not portfolio.workloads:
        st.info("The portfolio is empty. Add workloads below.")
        members.add(portfolio)
        return
    problems = check_portfolio(portfolio, cached.world())
    if problems:
        for problem in problems:
            st.error(lines(str(problem)))
        st.info("Nothing was planned. Correct it, remove the workload, or press Undo.")
        members.bare(portfolio)
        members.add(portfolio)
        account.quotas(portfolio)
        return
    _planned(portfolio)


def _planned(portfolio: Portfolio) -> None:
    usual = together([progress.baseline(member.scenario) for member in portfolio.workloads])
    answer = st.container()
    workloads = progress.planned_workloads(portfolio)
    plan = progress.concluded(portfolio, workloads)
    with answer:
        _answer(plan, workloads, usual)
        _totals(plan, workloads, usual)
    members.cards(portfolio, workloads, plan)
    members.add(portfolio)
    account.quotas(portfolio)
    _name(portfolio)
    if plan is not None:
        preview = not all(workload.exact for workload in workloads)
        chart.show(figures.costs(plan, preview, chart.look()), "costs")
    _forbidden(usual)
    if plan is not None:
        _table(plan, workloads)
        account.limits(plan)
    savings_tab.show(portfolio, plan)
    if plan is not None:
        _notes(plan)
        downloads.offer(plan, portfolio, key="page")


def _answer(plan: PortfolioPlan | None, workloads: Sequence[PlannedWorkload], usual: AlwaysOnTotal) -> None:
    """Draw the finding; the baseline stands in for it until the first estimates are there."""
    exact = sum(workload.exact for workload in workloads)
    if plan is None:
        st.info(
            f"{md(_usual(usual))} What each should run on comes in a moment, from the fast answer first.",
            icon=":material/bolt:",
        )
    elif exact < len(workloads):
        number = words.counted(len(workloads), "workload")
        state = f"{exact} of {number} {'is' if exact == 1 else 'are'} decided by exact runs."
        st.info(f"**Preview.** {md(plan.sentence)} {state}", icon=":material/bolt:")
    elif plan.best.total.meets == plan.best.total.workloads:
        st.success(f"**{md(plan.sentence)}**", icon=":material/check_circle:")
    else:
        st.warning(f"**{md(plan.sentence)}**", icon=":material/block:")


def _usual(usual: AlwaysOnTotal) -> str:
    cost = f"{'' if usual.complete else 'at least '}{words.dollars(usual.cost_usd_per_month)}"
    number = words.counted(len(usual.parts), "workload")
    sentence = f"Everything on always-on real-time endpoints would cost {cost} a month for {number}."
    return f"{sentence} {portfolio_text.forbidden(usual)}".rstrip()


def _totals(plan: PortfolioPlan | None, workloads: Sequence[PlannedWorkload], usual: AlwaysOnTotal) -> None:
    """Draw the totals of the mappings side by side."""
    number = len(workloads)
    with st.grid(4, min_column_width=205):
        if plan is not None:
            _total(figures.BEST, plan.best.total, all(workload.plan is not None for workload in workloads))
        if plan is not None and plan.fixed is not None:
            _total(figures.OWN, plan.fixed.total, all(workload.exact for workload in workloads))
        with st.container(border=True, height="stretch"):
            at_least = "" if usual.complete else "at least "
            st.metric(f"{figures.USUAL}, a month", f"{at_least}{words.dollars(usual.cost_usd_per_month)}")
            forbidden = (
                f"forbidden for {usual.forbidden} of {number}" if usual.forbidden else "no hard limit forbids it"
            )
            st.caption(f"Priced, not simulated: {words.counted(usual.instances, 'instance')}; {forbidden}")
        if plan is not None and plan.best.savings:
            with st.container(border=True, height="stretch"):
                saved = max(saving.saving_usd_per_month for saving in plan.best.savings)
                st.metric("Saved by a commitment, a month", words.dollars(round(saved, 2)))
                st.caption("Each on its best, by the best offer" if saved > 0 else "No offer saves anything")


def _total(title: str, total: Total, exact: bool) -> None:
    with st.container(border=True, height="stretch"):
        st.metric(f"{title}, a month", f"{cost_text.qualifier(total)}{words.dollars(total.cost_usd_per_month.value)}")
        requirements = f"{total.meets} of {total.workloads} requirements met"
        alone = len(total.without_interval)
        once = (
            f"; {words.counted(alone, 'workload')} simulated once and taken as exact" if alone < total.workloads else ""
        )
        st.caption(md(f"{_sure(total.cost_usd_per_month, exact)}{once if alone else ''}; {requirements}"))


def _sure(cost: Uncertain, exact: bool) -> str:
    """Return the interval of a total, from the sum of the low ends to that of the high ends, errors of previews
    included.
    """
    if cost.low is None or cost.high is None:
        return "one run each, no interval"
    if cost.low == cost.high:
        return "the same in all runs"
    ends = f"{words.dollars(cost.low)} to {words.dollars(cost.high)}"
    return f"95 % interval {ends}" if exact else f"Preview: {ends}"


def _name(portfolio: Portfolio) -> None:
    with st.expander("Name of the portfolio", icon=":material/edit:", key="portfolio-name"):
        skip = tuple(name for name in Portfolio.model_fields if name != "name")
        edited = forms.edit(portfolio, "portfolio", forms.Options(skip=skip))
    if edited is not None and edited != portfolio:
        portfolio_state.change(edited)


def _forbidden(usual: AlwaysOnTotal) -> None:
    """Draw the limits that the always-on baseline breaks."""
    broken_limits = [(part, limit) for part in usual.parts for limit in part.limits]
    st.subheader("What forbids always-on real-time?", anchor=False)
    if not broken_limits:
        st.markdown("No limit does; quotas may, see what they share.")
    for part, limit in broken_limits:
        st.markdown(f"- **{md(part.workload)}** on {md(part.instance_type)}: {md(limit_text.cited(limit))}")


def _table(plan: PortfolioPlan, workloads: Sequence[PlannedWorkload]) -> None:
    """Draw every number of every mapping, with its interval."""
    st.subheader("What does each workload run on?", anchor=False)
    mixes: list[tuple[str, Mix, list[bool]]] = [
        (figures.BEST, plan.best, [workload.plan is not None for workload in workloads])
    ]
    if plan.fixed is not None:
        mixes.append((figures.OWN, plan.fixed, [workload.exact for workload in workloads]))
    rows = [
        (title, choice, exact)
        for title, mix, sure in mixes
        for choice, exact in zip(mix.choices, sure, strict=True)
    ]  # fmt: skip
    usual = {part.workload: part for part in plan.always_on.total.parts}
    st.dataframe(
        {
            "Mapping": [title for title, _, _ in rows],
            "Workload": [choice.workload for _, choice, _ in rows],
            "Pattern": [_pattern(choice) for _, choice, _ in rows],
            "Runs on": [_runs_on(choice) for _, choice, _ in rows],
            "Result": ["simulated" if exact else "preview" for _, _, exact in rows],
            "Requirement": ["met" if choice.meets else "broken" for _, choice, _ in rows],
            "Cost a month": [_cost(choice) for _, choice, _ in rows],
            "Latency": [_latency(choice) for _, choice, _ in rows],
            "Without answer": [_cell(choice.error_share, words.share) for _, choice, _ in rows],
            "Always-on real-time": [words.dollars(usual[choice.workload].cost_usd_per_month) for _, choice, _ in rows],
            "Decided": [_decided(choice, exact) for _, choice, exact in rows],
        },
        hide_index=True,
        key="portfolio-table",
        alt="Every workload with its deployment, cost, latency and errors",
    )
    age = cost_text.oldest_price(choice.oldest_price for _, choice, _ in rows)
    st.caption(
        "In brackets: 95 % interval of the mean over replications. A preview stands with its error (±)."
        + md(age and f" {age[0].upper()}{age[1:]}.")
    )
    with st.expander("Why these?"):
        for title, choice, _ in rows:
            lead = f"{choice.workload}" if title == figures.BEST else f"{choice.workload}, {title.lower()}"
            st.markdown(f"- **{md(lead)}**: {md(choice.why)}")


def _pattern(choice: Choice) -> str:
    return "none" if choice.deployment is None else BY_KEY[choice.deployment.pattern].title


def _runs_on(choice: Choice) -> str:
    return "none" if choice.deployment is None else configuration(choice.deployment).partition(" · ")[2]


def _cost(choice: Choice) -> str:
    return f"{cost_text.qualifier(choice)}{_cell(choice.cost_usd_per_month, words.dollars)}"


def _latency(choice: Choice) -> str:
    limit = f", at most {words.seconds(choice.latency_limit_s)}" if choice.latency_limit_s else ""
    latency = _cell(choice.latency_s, words.seconds)
    return latency if choice.latency_s is None else f"{choice.latency_name} {latency}{limit}"


def _decided(choice: Choice, exact: bool) -> str:
    return "not yet" if not exact else "yes" if choice.decided else "not sure"


def _cell(estimate: Uncertain | None, form: words.Format) -> str:
    return "–" if estimate is None else words.precise(estimate, form)


def _notes(plan: PortfolioPlan) -> None:
    total = plan.best.total
    notes = list(plan.notes)
    if total.missing:
        notes.append(f"The total leaves out what has no cost: {words.joined(total.missing)}.")
    if total.without_interval:
        notes.append(f"Simulated once, so without an interval of its own: {words.joined(total.without_interval)}.")
    if notes:
        with st.expander(f"Good to know ({len(notes)})"):
            for note in notes:
                st.markdown(f"- {md(note)}")
