"""The bill of one deployment, line by line: what is paid for, how much of it, at which price, from where."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import streamlit as st

from headroom.advisor.answer import Answer
from headroom.advisor.tell import cost_text, words
from headroom.ui.explore.contenders import Contender
from headroom.ui.widgets.plain_text import md
from pricing.bill import BillLine


def show(able: Sequence[Contender]) -> None:
    """Draw the choice of a deployment and a row for each line of its bill."""
    billed = [contender for contender in able if contender.answer.bill is not None]
    if not billed:
        st.info("No deployment has been billed yet, or limits rule all of them out.")
        return
    place = st.selectbox(
        "Deployment", range(len(billed)), format_func=lambda n: billed[n].label, key=f"billed:{len(billed)}", width=420
    )
    answer = billed[place].answer
    total = words.precise(answer.cost_usd_per_month, words.dollars) if answer.cost_usd_per_month else words.UNKNOWN
    st.subheader(md(f"{cost_text.qualifier(answer)}{total} a month of 730 h"), anchor=False)
    _lines(answer)


def _lines(answer: Answer) -> None:
    lines = sorted(answer.bill.lines if answer.bill else (), key=lambda line: -float(line.amount_usd or 0))
    st.dataframe(
        {
            "For": [f"{line.title} {line.dimension}".strip() for line in lines],
            "Quantity × rate": [cost_text.quantity_times_rate(line) for line in lines],
            "A month": [words.dollars(line.amount_usd) for line in lines],
            "Price read on": [line.from_date.isoformat() if line.from_date else "–" for line in lines],
            "Days ago": [_age(line) for line in lines],
            "Price is": [line.evidence or "not known" for line in lines],
            "From": [line.rate.origin if line.rate is not None else "–" for line in lines],
        },
        hide_index=True,
        key="bill-lines",
        alt="Every line of the bill with quantity, rate, amount and source",
    )
    age = cost_text.oldest_of([answer])
    if age:
        st.caption(md(f"{age[0].upper()}{age[1:]}."))


def _age(line: BillLine) -> int | None:
    return (datetime.now(UTC).date() - line.from_date).days if line.from_date else None
