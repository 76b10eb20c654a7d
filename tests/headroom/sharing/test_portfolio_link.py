from __future__ import annotations

import base64
import contextlib
import json
import string
import zlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headroom.advisor.portfolio.description import Member, Portfolio, SavingsPlan
from headroom.errors import BadLink
from headroom.sharing.link import MAX_LINK_CHARS
from headroom.sharing.portfolio_link import decode_portfolio, encode_portfolio
from headroom.sharing.presets import load_company
from simulator.errors import HeadroomError, InvalidScenario
from simulator.model.workload import Workload
from simulator.patterns.serverless.deployment import ServerlessDeployment
from simulator.scenario import SCHEMA, Scenario
from simulator.traffic.kinds import Counts
from tests.headroom.sharing.portfolios import portfolio_in, portfolios

# Links that were once given out, with the files of the same portfolios; never changed or removed.
GOLDEN = json.loads((Path(__file__).parent / "golden_portfolios.json").read_text(encoding="utf-8"))


def made(values: Any) -> str:
    packed = zlib.compress(json.dumps(values).encode(), 9)
    return f"{SCHEMA}.{base64.urlsafe_b64encode(packed).rstrip(b'=').decode()}"


def fits(portfolio: Portfolio) -> bool:
    """Whether it is small enough for a link: scenarios with everything in them may not be."""
    try:
        return bool(encode_portfolio(portfolio))
    except BadLink:
        return False


@given(portfolios().filter(fits))
def test_a_link_gives_the_portfolio_back_and_has_one_form(portfolio: Portfolio) -> None:
    text = encode_portfolio(portfolio)
    assert decode_portfolio(text) == portfolio
    assert encode_portfolio(decode_portfolio(text)) == text
    assert set(text) <= set(string.ascii_letters + string.digits + "-_.")


@pytest.mark.parametrize("name", GOLDEN)
def test_golden_links_and_files_keep_their_meaning(name: str) -> None:
    found = decode_portfolio(GOLDEN[name]["link"])
    assert portfolio_in(GOLDEN[name]["file"]) == found
    assert found.workloads[0].scenario.workload.name == "Card-fraud scoring"
    if name == "golden":
        fraud, documents = found.workloads
        assert fraud.fixed == fraud.scenario.deployments[1]
        assert documents.fixed == ServerlessDeployment(max_concurrency=7)
        assert found.quotas.instance_types[0].most == 3
        assert found.savings_plans[0].discounts[0].discount_percent == 30


def test_the_company_fits_well_into_a_link() -> None:
    assert decode_portfolio(encode_portfolio(load_company())) == load_company()
    assert len(encode_portfolio(load_company())) <= 2000, "links up to 2,000 characters survive chat and mail"


def test_what_is_too_large_for_a_link_is_said() -> None:
    counts = tuple((at * 7919) % 10_007 for at in range(30_000))
    scenario = Scenario(workload=Workload(traffic=Counts(requests=counts)))
    with pytest.raises(BadLink, match=f"this portfolio is too large for a link .* at most {MAX_LINK_CHARS:,}"):
        encode_portfolio(Portfolio(workloads=(Member(scenario=scenario),)))


@pytest.mark.parametrize(
    ("values", "where"),
    [
        ({}, "workloads"),
        ({"workloads": 1}, "workloads"),
        ({"workloads": [1]}, "workloads[0]"),
        ({"workloads": [{}]}, "workloads[0].scenario"),
        ({"workloads": [{"scenario": {}, "other": 1}]}, "workloads[0].other"),
        ({"workloads": [{"scenario": {"region": 1}}]}, "workloads[0].scenario.region"),
        ({"workloads": [{"scenario": {}, "fixed": 4}]}, "workloads[0].fixed"),
        ({"workloads": [{"scenario": {}, "fixed": -1}]}, "workloads[0].fixed"),
        ({"workloads": [{"scenario": {}, "fixed": True}]}, "workloads[0].fixed"),
        ({"workloads": [{"scenario": {}, "fixed": "One"}]}, "workloads[0].fixed"),
        ({"workloads": [{"scenario": {}, "fixed": {"pattern": "x"}}]}, "workloads[0].fixed.pattern"),
        ({"workloads": [], "quotas": {"endpoint_instances": -1}}, "quotas.endpoint_instances"),
        ({"workloads": [], "savings_plans": [{"discount_percent": 91}]}, "savings_plans[0].discount_percent"),
        ({"workloads": [], "fixed": {}}, "fixed"),
    ],
)
def test_values_that_are_not_allowed_are_named(values: Any, where: str) -> None:
    with pytest.raises(InvalidScenario) as raised:
        decode_portfolio(made(values))
    assert [problem.where for problem in raised.value.problems] == [where]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
)
entries = st.fixed_dictionaries({}, optional={"scenario": json_values, "fixed": json_values})


@given(st.fixed_dictionaries({}, optional={"workloads": st.lists(entries, max_size=3), "quotas": json_values}))
def test_any_values_at_all_give_a_portfolio_or_an_error_of_ours(values: Any) -> None:
    with contextlib.suppress(HeadroomError):
        assert isinstance(decode_portfolio(made(values)), Portfolio)


@given(st.text(max_size=200))
def test_any_text_at_all_is_refused_in_words(text: str) -> None:
    with pytest.raises(BadLink):
        decode_portfolio(text)


def test_the_link_of_a_savings_plan_keeps_its_numbers() -> None:
    portfolio = Portfolio(savings_plans=(SavingsPlan(discount_percent=12.5),))
    assert decode_portfolio(encode_portfolio(portfolio)) == portfolio
