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
    """The form of the quotas."""
    with st.expander("What may the account use?", icon=":material/speed:", key="portfolio-quotas"):
        st.caption(
            "Quotas are by Region. 0 means that you have not entered it. The search keeps within what you enter for"
            " serverless concurrency and transform jobs; the others are counted."
        )
        edited = forms.edit(portfolio.quotas, "portfolio.quotas")
    if edited is not None and edited != portfolio.quotas:
        portfolio_state.change(portfolio.model_copy(update={"quotas": edited}))


def limits(plan: PortfolioPlan) -> None:
    """The table of shared limits, and one of them over the common clock."""
    found = plan.best.limits
    st.subheader("What do they share?", anchor=False)
    if not found:
        st.caption("Nothing that counts against a shared limit is known yet.")
        return
    _table(found)
    drawn = sorted((one for one in found if one.key != COUNTED), key=_urgent)
    if not drawn:
        return
    names = [f"{one.what}, {one.region}" for one in drawn]
    at = st.selectbox(
        "Over the common clock",
        range(len(drawn)),
        format_func=names.__getitem__,
        key=f"{CHOSEN}:{len(drawn)}",
        width=520,
        help="Peaks within the same step of the clock count as simultaneous, so this is an upper bound.",
    )
    users = {workload for workload, _ in drawn[at].by}
    demands = [one for one in plan.best.demands if one.workload in users]
    chart.show(figures.shared(drawn[at], demands, plan.axis, chart.look()), "shared")


def _table(found: Sequence[SharedLimit]) -> None:
    st.dataframe(
        {
            "Shared": [one.what for one in found],
            "Region": [one.region for one in found],
            "State": [one.state for one in found],
            "Used at once": [words.count(one.used) for one in found],
            "At (UTC)": [one.used_at for one in found],
            "Configured": [words.count(one.configured) for one in found],
            "Allowed": [_allowed(one) for one in found],
            "Facts row": [one.row for one in found],
        },
        hide_index=True,
        key="portfolio-limits",
        alt="Shared limits with what is used at once, configured and allowed",
    )
    todo = [one for one in found if one.todo]
    if todo:
        with st.expander(f"What to do about it ({len(todo)})", expanded=any(one.state == "broken" for one in todo)):
            for one in todo:
                st.markdown(f"- **{md(f'{one.what}, {one.region}')}** ({one.state}): {md(one.todo)}")


def _allowed(one: SharedLimit) -> str:
    return "not known" if one.allowed is None else f"{one.allowed:,} ({one.source})"


def _urgent(one: SharedLimit) -> tuple[int, bool]:
    return ORDER.index(one.state), one.key.endswith("_type")
