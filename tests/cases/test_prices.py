"""What the bills and the Regions of real cases must say."""

from __future__ import annotations

import pytest

from headroom.advisor.answer import Comparison
from headroom.advisor.compare import compare
from headroom.advisor.world import World
from headroom.sharing.library import load_world
from simulator.model.assumptions import Assumptions
from simulator.model.regions import SERVERLESS_CONCURRENCY
from simulator.patterns.serverless.account import pool
from tests.cases.reading import read_case


@pytest.fixture(scope="module")
def world() -> World:
    return load_world()


@pytest.fixture(scope="module")
def hyderabad(world: World) -> Comparison:
    scenario = read_case("prices/serverless_hyd")
    kept = tuple(one for one in scenario.deployments if one.pattern == "serverless" or "fixed" in one.name)
    return compare(scenario.model_copy(update={"deployments": kept}), world)


def test_aws_rules_serverless_out_where_it_is_not_offered(hyderabad: Comparison) -> None:
    for answer in hyderabad.evaluations[:2]:
        [limit] = answer.ruled_out
        assert (limit.what, limit.given, limit.whose, limit.row) == ("Region", "ap-south-2", "aws", "3.62")
        assert limit.allowed == "one of the 21 Regions that have serverless inference"
    assert "Region: ap-south-2" in hyderabad.reasons[0]
    assert "price" not in hyderabad.reasons[0]


def test_every_region_without_serverless_rules_it_out(world: World) -> None:
    regions = world.prices.regions()
    without = [region for region in regions if region not in SERVERLESS_CONCURRENCY]
    assert (len(regions), len(without), len(SERVERLESS_CONCURRENCY)) == (36, 15, 21)
    priced = {
        rate.region
        for region in regions
        for rate in world.prices.rates(region, world.on)
        if rate.usage == "serverless_duration_s"
    }
    assert priced == set(SERVERLESS_CONCURRENCY), "the guide and AWS's price list name the same Regions"


@pytest.mark.parametrize(
    ("case", "usd"), [("serverless_eu", 18.69), ("dashboard_eu", 0.0103), ("classification_eu-west-1", 35.60)]
)
def test_serverless_wins_in_europe_at_the_price_of_the_united_states(world: World, case: str, usd: float) -> None:
    comparison = compare(read_case(f"prices/{case}"), world)
    assert comparison.best == 0
    best = comparison.evaluations[0]
    assert best.deployment.pattern == "serverless"
    assert best.cost_usd_per_month is not None
    assert best.cost_usd_per_month.value == pytest.approx(usd, rel=0.03)
    assert not best.at_least
    assert not best.unpriced


@pytest.mark.parametrize(("region", "requests"), [("eu-west-1", 1000), ("eu-west-2", 500)])
def test_the_account_has_the_concurrency_that_the_guide_states_for_its_region(region: str, requests: int) -> None:
    assert pool(Assumptions(), region) == requests
    assert pool(Assumptions(serverless_account_concurrency=10), region) == 10
