"""Every line of the bills: what is paid for, how much of it, at which price."""

from __future__ import annotations

import streamlit as st

from headroom.advisor.answer import Comparison
from headroom.advisor.tell import cost_text, words
from headroom.ui.widgets.plain_text import md


def show(comparison: Comparison) -> None:
    """Draw a row for each line of each bill, and say how old the oldest price is."""
    rows = [
        (answer.deployment.name, line)
        for answer in comparison.evaluations
        for line in (answer.bill.lines if answer.bill else ())
    ]
    if not rows:
        return
    with st.expander("Every line of the bills: quantity × rate"):
        st.dataframe(
            {
                "Deployment": [name for name, _ in rows],
                "For": [f"{line.title} {line.dimension}".strip() for _, line in rows],
                "Quantity × rate": [cost_text.quantity_times_rate(line) for _, line in rows],
                "A month": [words.dollars(line.amount_usd) for _, line in rows],
                "Price read on": [line.from_date.isoformat() if line.from_date else "–" for _, line in rows],
                "Price is": [line.evidence or "not known" for _, line in rows],
            },
            hide_index=True,
            key="bill-lines",
            alt="Every line of every bill with quantity, rate and amount",
        )
    age = cost_text.oldest_of(comparison.evaluations)
    if age:
        st.caption(md(f"{age[0].upper()}{age[1:]}."))
