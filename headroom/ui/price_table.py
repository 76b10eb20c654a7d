"""Every price that the bills of this scenario use: rate, unit, source, date, how it is known, and a box for the
user's own.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation

import streamlit as st
from pydantic import ValidationError

from headroom.advisor.monthly import own_prices
from headroom.advisor.tell import cost_text, words
from headroom.sharing.problems import problems_of
from headroom.ui.explore.contenders import Contender
from headroom.ui.shell import cached, state
from headroom.ui.widgets.plain_text import lines, md
from pricing.bill import BillLine
from pricing.rates import Rate
from simulator.errors import InvalidScenario, Problem
from simulator.scenario import PriceOverride, Scenario

EVIDENCE = {
    "observed": ("read from a price list", "green"),
    "hand_kept": ("copied by hand from a price page", "blue"),
    "derived": ("derived from another price", "orange"),
    "override": ("overridden", "violet"),
    "estimated": ("estimated, none is known", "red"),
}


def show(scenario: Scenario, able: Sequence[Contender]) -> None:
    """Draw the missing prices first, then every used one, then what the user entered for things no bill uses."""
    bill_lines = _used_lines(able)
    gaps = [line for line in bill_lines if line.is_gap]
    priced = [line for line in bill_lines if not line.is_gap]
    on = cached.world().on
    st.markdown(
        f"Prices of {md(scenario.region)} as of {on.isoformat()}, in USD without tax. A price that you enter holds"
        " for this scenario only, and travels with its link and its file."
    )
    if gaps:
        st.error(f"**{words.counted(len(gaps), 'price is', 'prices are')} missing.** The cost is only a lower bound.")
        _cards(scenario, gaps)
    estimates = [line for line in priced if line.evidence == "estimated"]
    if estimates:
        st.warning(lines("\n".join(cost_text.estimated(line) for line in estimates)))
    if priced:
        st.subheader("Used by the bills of this scenario", anchor=False)
        _table(priced)
        st.subheader("Your own prices", anchor=False)
        st.caption("Leave a box empty to use the catalogue's price.")
        _cards(scenario, priced)
    elif not gaps:
        st.info("No deployment has been billed yet, or hard limits rule all of them out.")
    _unused(scenario, {(line.usage, line.dimension) for line in bill_lines})


def _used_lines(able: Sequence[Contender]) -> list[BillLine]:
    bills = [contender.answer.bill for contender in able if contender.answer.bill is not None]
    return list({(line.usage, line.dimension): line for bill in bills for line in bill.lines}.values())


def _table(priced: Sequence[BillLine]) -> None:
    today = datetime.now(UTC).date()
    rates = [(line, line.rate) for line in priced if line.rate is not None]
    st.dataframe(
        {
            "What": [_title(line) for line, _ in rates],
            "Price": [_price(rate) for _, rate in rates],
            "Evidence": [EVIDENCE[rate.evidence][0] for _, rate in rates],
            "As of": [rate.from_date.isoformat() for _, rate in rates],
            "Age (days)": [(today - rate.from_date).days for _, rate in rates],
            "Source": [rate.origin for _, rate in rates],
            "Note": [rate.note for _, rate in rates],
        },
        hide_index=True,
        key="rates",
        height="content",
        alt="Every price used, with its source and date",
    )


def _cards(scenario: Scenario, bill_lines: Sequence[BillLine]) -> None:
    with st.grid(3, min_column_width=260):
        for line in bill_lines:
            with st.container(border=True, height="stretch"):
                _card(scenario, line)


def _card(scenario: Scenario, line: BillLine) -> None:
    st.markdown(f"**{md(_title(line))}**")
    rate = line.rate
    if rate is None:
        st.badge("missing", color="red")
        st.caption(md(line.reason))
    else:
        word, colour = EVIDENCE[rate.evidence]
        st.badge(word, color=colour)  # type: ignore[arg-type]
        st.markdown(md(_price(rate)))
        if rate.replaced is not None:
            st.caption(f"instead of {md(_price(rate.replaced))}")
    _entry(scenario, (line.usage, line.dimension), line.rate_unit)


def _entry(scenario: Scenario, place: tuple[str, str], unit: str) -> None:
    present = {(price.usage, price.dimension): price for price in scenario.prices}
    old = f"{present[place].usd:f}" if place in present else ""
    typed = st.text_input(f"Your price (USD per {md(unit)})", old, key=f"price{state.epoch()}:{'/'.join(place)}")
    if (typed or "").strip() == old:
        return
    try:
        other_prices = tuple(price for key, price in present.items() if key != place)
        new = scenario.model_copy(update={"prices": other_prices + _typed(place, typed or "")})
        own_prices(cached.world().prices, new)
    except InvalidScenario as error:
        problem = error.problems[0]
        st.error(lines(f"given {problem.given}; allowed: {problem.allowed}. {problem.todo}"))
        return
    state.change(new)


def _typed(place: tuple[str, str], text: str) -> tuple[PriceOverride, ...]:
    """Return the override that was typed; None for an empty box. Raises InvalidScenario."""
    clean = text.strip().removeprefix("$").replace(",", "")
    if not clean:
        return ()
    try:
        return (PriceOverride(usage=place[0], dimension=place[1], usd=Decimal(clean)),)
    except InvalidOperation as error:
        raise InvalidScenario([Problem("prices", repr(text), "a number such as 0.23")]) from error
    except ValidationError as error:
        raise InvalidScenario(problems_of(error, PriceOverride)) from error


def _unused(scenario: Scenario, used_places: set[tuple[str, str]]) -> None:
    rest = [price for price in scenario.prices if (price.usage, price.dimension) not in used_places]
    if rest:
        st.subheader("Entered, but used by no bill", anchor=False)
        for price in rest:
            st.markdown(f"{md(price.usage)} {md(price.dimension)}: {md(words.usd_rate(price.usd))}")
        st.button("Forget these", on_click=_forget, args=(rest,))


def _forget(rest: Sequence[PriceOverride]) -> None:
    scenario = state.scenario()
    remaining = tuple(price for price in scenario.prices if price not in rest)
    state.put(scenario.model_copy(update={"prices": remaining}), fresh=True)


def _title(line: BillLine) -> str:
    unit = " MB" if line.dimension.isdigit() else ""  # of serverless it is the memory size
    return f"{line.title} ({line.dimension}{unit})" if line.dimension else line.title


def _price(rate: Rate) -> str:
    if not rate.tiers:
        return f"{words.usd_rate(rate.usd)} per {rate.per}"
    steps = [
        f"{words.usd_rate(tier.usd)} {f'up to {tier.up_to:,f}' if tier.up_to is not None else 'beyond'}"
        for tier in rate.tiers
    ]
    return f"per {rate.per}: {', then '.join(steps)}"
