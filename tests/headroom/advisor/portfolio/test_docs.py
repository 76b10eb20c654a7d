"""What docs/portfolio.md says is what the program does."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from headroom.advisor.portfolio.commitment import Curve, best_commitment
from headroom.advisor.portfolio.description import MAX_WORKLOADS, SavingsPlan
from headroom.advisor.portfolio.shared import NEW_INSTANCES, NEW_POOL, SERVERLESS_ENDPOINTS
from headroom.sharing.portfolio_link import encode_portfolio
from headroom.sharing.presets import load_company, preset_text
from simulator.model.assumptions import Assumptions
from simulator.model.regions import SERVERLESS_CONCURRENCY
from tests.headroom.sharing.portfolios import portfolio_in

DOCS = Path(__file__).parents[4] / "docs"
PAGE = (DOCS / "portfolio.md").read_text(encoding="utf-8")
[EXAMPLE] = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)


def test_the_example_is_a_portfolio() -> None:
    asked = []

    def read(name: str) -> str:
        asked.append(name)
        return preset_text("documents")

    found = portfolio_in(EXAMPLE, read)
    assert asked == ["documents.toml"]
    assert [member.fixed is not None for member in found.workloads] == [True, False, True]
    assert [plan.has_rate for plan in found.savings_plans] == [True]


def test_the_numbers_are_those_of_the_program() -> None:
    assert set(SERVERLESS_CONCURRENCY.values()) == {1000, 500}
    assert f"{NEW_POOL} of serverless concurrency, {NEW_INSTANCES} instances" in PAGE
    assert f"else {SERVERLESS_ENDPOINTS}, from the guide" in PAGE
    assert abs(len(encode_portfolio(load_company())) - 1700) < 200
    assert str(Assumptions.model_fields["serverless_account_concurrency"].title) in PAGE
    assert f"(at most {MAX_WORKLOADS})" in PAGE
    assert not SavingsPlan().has_rate


def test_the_regions_of_the_pool_are_those_of_the_fact() -> None:
    facts = (DOCS / "facts.md").read_text(encoding="utf-8")
    [row] = [line for line in facts.splitlines() if line.startswith("| 3.6 |")]
    large, small = re.search(r"\(1,000 in (.*?); 500 in (.*?)\)", row).groups()  # type: ignore[union-attr]
    for text, pool in ((large, 1000), (small, 500)):
        regions = {region for region, most in SERVERLESS_CONCURRENCY.items() if most == pool}
        assert set(re.findall(r"[a-z]+-[a-z]+-\d", text)) == regions


def test_at_20_percent_what_runs_in_more_than_four_of_five_hours_is_committed() -> None:
    for hours_of_ten, committed in ((9, 0.8), (8, 0.0), (7, 0.0)):
        usd = np.array([[1.0] * hours_of_ten + [0.0] * (10 - hours_of_ten)])
        assert best_commitment(Curve(np.array([20.0]), usd)) == committed
