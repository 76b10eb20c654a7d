"""What a user has described, as TOML files that Headroom opens again."""

from __future__ import annotations

from headroom.advisor.portfolio.description import Portfolio
from headroom.sharing.exports.export import Export
from headroom.sharing.portfolio_file import write_portfolio
from headroom.sharing.toml_file import write_scenario
from simulator.scenario import Scenario

MEDIA_TYPE = "application/toml"

SCENARIO_TOML = Export(
    key="toml",
    title="Scenario file (TOML)",
    kind=Scenario,
    file_name="scenario.toml",
    media_type=MEDIA_TYPE,
    write=lambda scenario, _: write_scenario(scenario).encode(),
)
PORTFOLIO_TOML = Export(
    key="toml",
    title="Portfolio file (TOML)",
    kind=Portfolio,
    file_name="portfolio.toml",
    media_type=MEDIA_TYPE,
    write=lambda portfolio, _: write_portfolio(portfolio).encode(),
)
