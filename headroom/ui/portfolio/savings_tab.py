"""Savings plans: the offers with the discounts that the user enters, the best commitment of each and what it does."""

from __future__ import annotations

import streamlit as st

from headroom.advisor.portfolio.description import MAX_PLANS, Portfolio, SavingsPlan
from headroom.advisor.portfolio.savings import Savings, hourly_curve
from headroom.advisor.portfolio.totals import PortfolioPlan
from headroom.advisor.tell import words
from headroom.advisor.tell.portfolio import best_offer, commitment
from headroom.ui.figures import portfolio as figures
from headroom.ui.portfolio import portfolio_state
from headroom.ui.shell import chart, state
from headroom.ui.widgets import forms
from headroom.ui.widgets.plain_text import md

CHOSEN = "portfolio_offer"
AMOUNTS = ("eligible", "committed", "covered", "wasted", "rest", "cost", "saving")


def show(portfolio: Portfolio, plan: PortfolioPlan | None) -> None:
    """Draw the section on savings plans."""
    st.subheader("How much to commit to?", anchor=False)
    st.caption(
        "A savings plan is a commitment in USD an hour that is paid whether it is used or not. Enter the discount that"
        " you were quoted: Headroom knows none. The commitment of least cost is found over the hours of all workloads."
    )
    _offers(portfolio)
    if plan is None or not plan.best.savings:
        return
    _sentence(plan)
    _table(plan)
    _figures(portfolio, plan)
    for note in dict.fromkeys(note for saving in plan.best.savings for note in saving.notes):
        st.caption(md(note))


def _offers(portfolio: Portfolio) -> None:
    """Draw a form for each offer; the first is there to be filled in."""
    offers = portfolio.savings_plans or (SavingsPlan(),)
    for index, offer in enumerate(offers):
        with st.container(border=True):
            edited = forms.edit(offer, f"portfolio.savings_plans.{index}")
            if len(offers) > 1 or portfolio.savings_plans:
                remaining = (*offers[:index], *offers[index + 1 :])
                st.button(
                    "Remove this offer",
                    key=f"remove-offer-{index}",
                    icon=":material/delete:",
                    on_click=_set_offers,
                    args=(portfolio, remaining),
                )
        if edited is not None and edited != offer:
            new = (*offers[:index], edited, *offers[index + 1 :])
            portfolio_state.change(portfolio.model_copy(update={"savings_plans": new}))
    st.button(
        "Add another offer",
        icon=":material/add:",
        key="add-offer",
        on_click=_set_offers,
        args=(portfolio, (*offers, SavingsPlan(name=f"Offer {len(offers) + 1}"))),
        disabled=len(offers) >= MAX_PLANS,
    )


def _set_offers(portfolio: Portfolio, offers: tuple[SavingsPlan, ...]) -> None:
    portfolio_state.put(portfolio.model_copy(update={"savings_plans": offers}), fresh=True)


def _sentence(plan: PortfolioPlan) -> None:
    offer = best_offer(plan.best.savings)
    if offer is None:
        st.info("No offer saves anything: nothing to commit.", icon=":material/savings:")
        return
    share = words.share(offer.saving_usd_per_month / offer.eligible_usd_per_month)
    text = f"{commitment(offer)}, {share} of what the plan covers."
    st.success(f"**{md(text)}** {md(_waste(offer))}", icon=":material/savings:")


def _waste(offer: Savings) -> str:
    if offer.wasted_usd_per_month < 0.005:
        return "None of the commitment is wasted."
    share = words.share(offer.wasted_usd_per_month / offer.committed_usd_per_month)
    return f"{words.dollars(offer.wasted_usd_per_month)} a month of it, {share}, meet no usage; more would waste more."


def _table(plan: PortfolioPlan) -> None:
    """Draw what each offer does for the best mapping, for the user's own and for always-on."""
    rows = [(saving, figures.BEST) for saving in plan.best.savings]
    rows += [(saving, figures.OWN) for saving in (plan.fixed.savings if plan.fixed else ())]
    rows += [(saving, figures.USUAL) for saving in plan.always_on.savings]
    titles = {"eligible": "On demand", "rest": "Rest, on demand", "cost": "With the plan"}
    st.dataframe(
        {
            "Offer": [saving.plan for saving, _ in rows],
            "Mapping": [mapping for _, mapping in rows],
            "Commitment an hour": [words.dollars(saving.commitment_usd_per_hour, 4) for saving, _ in rows],
            **{
                titles.get(name, name.capitalize()): [
                    _cents(getattr(saving, f"{name}_usd_per_month")) for saving, _ in rows
                ]
                for name in AMOUNTS
            },
        },
        hide_index=True,
        key="portfolio-savings",
        alt="Savings plans with commitment, covered and wasted amounts and the saving, USD a month",
    )
    st.caption("Amounts are USD a month, of the usage that the plan covers.")


def _cents(amount: float) -> str:
    """Return an amount rounded to the cent; smaller remainders come from rounding the commitment."""
    return words.dollars(round(amount, 2))


def _figures(portfolio: Portfolio, plan: PortfolioPlan) -> None:
    offers = [offer for offer in portfolio.savings_plans if offer.has_rate]
    if len(offers) != len(plan.best.savings):
        return
    index = 0
    if len(offers) > 1:
        index = st.selectbox(
            "Offer to draw",
            range(len(offers)),
            format_func=lambda n: f"{n + 1}. {offers[n].name}",
            key=f"{CHOSEN}{state.epoch()}:{len(offers)}",
            width=420,
        )
    saving, look = plan.best.savings[index], chart.look()
    if not saving.eligible_usd_per_month:
        st.caption("None of the usage that is known so far is covered by this offer.")
        return
    chart.show(figures.hours(saving, hourly_curve(plan.best.demands, offers[index]), look), "hours")
    chart.show(figures.commitments(saving, look), "commitments")
