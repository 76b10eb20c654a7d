"""What can be taken away as a file: the scenario, its comparison, the portfolio and its plan."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from headroom.advisor.evaluation import Comparison
from headroom.advisor.portfolio.totals import PortfolioPlan
from headroom.sharing import portfolio_results, results, toml_file
from headroom.sharing.portfolio_file import write_portfolio
from headroom.ui.portfolio import portfolio_state
from headroom.ui.shell import cached, state

TYPES = {"CSV": "text/csv", "JSON": "application/json", "TOML": "application/toml"}


def comparison(found: Comparison) -> None:
    """The comparison on the screen."""
    with st.container(horizontal=True):
        _button("Comparison", "CSV", lambda: results.comparison_csv(found))
        _button("Comparison", "JSON", lambda: results.to_text(results.comparison_json(found, cached.world())))


def portfolio(plan: PortfolioPlan) -> None:
    """The plan on the screen, and what it was made from."""
    with st.container(horizontal=True):
        _button("Portfolio", "CSV", lambda: portfolio_results.portfolio_csv(plan))
        _button("Portfolio", "JSON", lambda: results.to_text(portfolio_results.portfolio_json(plan, cached.world())))
        portfolio_file("page")


def scenario_file(key: str) -> None:
    """The scenario."""
    scenario = state.scenario()
    _button("Scenario file", "TOML", lambda: toml_file.write_scenario(scenario), key)


def portfolio_file(key: str) -> None:
    """The portfolio with every scenario in it."""
    mine = portfolio_state.portfolio()
    _button("Portfolio file", "TOML", lambda: write_portfolio(mine), key)


def _button(what: str, kind: str, write: Callable[[], str], key: str = "") -> None:
    """A button; the file is made when it is pressed. key: tells apart the places where the same one is offered."""
    name = f"{what.partition(' ')[0].lower()}.{kind.lower()}"
    st.download_button(
        f"{what} ({kind})",
        write,
        name,
        TYPES[kind],
        on_click="ignore",
        icon=":material/download:",
        key=f"download-{name}-{key}",
    )
