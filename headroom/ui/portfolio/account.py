"""What the workloads share: the quotas that the account has, what is held against them, and who uses how much when."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from headroom.advisor.portfolio.description import Portfolio
from headroom.advisor.portfolio.shared import SharedLimit
from headroom.advisor.portfolio.totals import PortfolioPlan
from headroom.advisor.tell import words
from headroom.ui.figures import portfolio as figures
from headroom.ui.portfolio import portfolio_state
from headroom.ui.shell import chart
from headroom.ui.widgets import forms
from headroom.ui.widgets.plain_text import md

CHOSEN = "portfolio_limit"
ORDER = ("broken", "at risk", "unknown", "kept")
COUNTED = "serverless_endpoints"  # a count of endpoints, the same at any time: nothing to draw


def quotas(portfolio: Portfolio) -> None:
    """Draw the form of the account's quotas."""
    with st.expander("What may the account use?", icon=":material/speed:", key="portfolio-quotas"):
        st.caption(
            "Quotas are by Region. 0 means that you have not entered it. The search keeps within what you enter for"
            " serverless concurrency and transform jobs; the others are counted."
        )
        edited = forms.edit(portfolio.quotas, "portfolio.quotas")
    if edited is not None and edited != portfolio.quotas:
        portfolio_state.change(portfolio.model_copy(update={"quotas": edited}))


def limits(plan: PortfolioPlan) -> None:
    """Draw the table of shared limits, and the use of one of them over the common clock."""
    shared_limits = plan.best.limits
    st.subheader("What do they share?", anchor=False)
    if not shared_limits:
        st.caption("Nothing that counts against a shared limit is known yet.")
        return
    _table(shared_limits)
    drawable = sorted((limit for limit in shared_limits if limit.key != COUNTED), key=_urgent)
    if not drawable:
        return
    names = [f"{limit.what}, {limit.region}" for limit in drawable]
    index = st.selectbox(
        "Over the common clock",
        range(len(drawable)),
        format_func=names.__getitem__,
        key=f"{CHOSEN}:{len(drawable)}",
        width=520,
        help="Peaks within the same step of the clock count as simultaneous, so this is an upper bound.",
    )
    users = {workload for workload, _ in drawable[index].by}
    demands = [demand for demand in plan.best.demands if demand.workload in users]
    chart.show(figures.shared(drawable[index], demands, plan.axis, chart.look()), "shared")


def _table(shared_limits: Sequence[SharedLimit]) -> None:
    st.dataframe(
        {
            "Shared": [limit.what for limit in shared_limits],
            "Region": [limit.region for limit in shared_limits],
            "State": [limit.state for limit in shared_limits],
            "Used at once": [words.count(limit.used) for limit in shared_limits],
            "At (UTC)": [limit.used_at for limit in shared_limits],
            "Configured": [words.count(limit.configured) for limit in shared_limits],
            "Allowed": [_allowed_text(limit) for limit in shared_limits],
            "Facts row": [limit.row for limit in shared_limits],
        },
        hide_index=True,
        key="portfolio-limits",
        alt="Shared limits with what is used at once, configured and allowed",
    )
    todo = [limit for limit in shared_limits if limit.todo]
    if todo:
        with st.expander(f"What to do about it ({len(todo)})", expanded=any(limit.state == "broken" for limit in todo)):
            for limit in todo:
                st.markdown(f"- **{md(f'{limit.what}, {limit.region}')}** ({limit.state}): {md(limit.todo)}")


def _allowed_text(limit: SharedLimit) -> str:
    return "not known" if limit.allowed is None else f"{limit.allowed:,} ({limit.source})"


def _urgent(limit: SharedLimit) -> tuple[int, bool]:
    return ORDER.index(limit.state), limit.key.endswith("_type")
