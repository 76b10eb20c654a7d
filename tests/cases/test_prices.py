"""What the bills and the Regions of real cases must say."""

from __future__ import annotations

import pytest

from headroom.advisor.answer import Comparison
from headroom.advisor.compare import compare
from headroom.advisor.evaluate import evaluate
from headroom.advisor.world import World
from headroom.cli.main import main
from headroom.sharing.library import load_world
from simulator.model.assumptions import Assumptions
from simulator.model.regions import SERVERLESS_CONCURRENCY
from simulator.patterns.serverless.account import pool
from tests.cases.reading import FOLDER, deployment_named, read_case


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


@pytest.mark.parametrize("case", ["18-staging-serverless", "18b-staging-serverless-us-east-1"])
def test_a_staging_endpoint_that_is_idle_most_of_the_day_is_serverless_in_both_regions(world: World, case: str) -> None:
    comparison = compare(read_case(f"prices/{case}"), world)
    assert comparison.best is not None
    assert comparison.evaluations[comparison.best].deployment.pattern == "serverless"
    assert "cheapest of the 3 deployments that meet" in comparison.sentence
    cost = comparison.evaluations[comparison.best].cost_usd_per_month
    assert cost is not None
    assert cost.value == pytest.approx(3.65, rel=0.05)


def test_an_asynchronous_price_that_aws_does_not_list_is_estimated_and_marked(world: World) -> None:
    """g4dn.xlarge has no asynchronous price in any list that was read; its real-time price in us-east-1 is 0.7364."""
    scenario = read_case("prices/21-idle-gpu-100-a-day")
    answer = evaluate(scenario, deployment_named(scenario, "Async g4dn.xlarge to zero"), world)
    assert answer.price_estimated
    assert not answer.unpriced
    assert answer.bill is not None
    [line] = answer.bill.estimates
    hosting = world.prices.find("hosting_instance_s", scenario.region, "ml.g4dn.xlarge", world.on)
    assert line.rate is not None
    assert line.rate.usd == hosting.usd


def test_one_update_is_billed_once_and_not_with_every_day_of_the_month(world: World) -> None:
    """Four ml.g6.xlarge for some 30 to 40 min cost $3 to $4; as part of each day they were $114."""
    scenario = read_case("prices/13-bluegreen-quota")
    scenario = scenario.model_copy(
        update={
            "simulation": scenario.simulation.model_copy(update={"replications": 1}),
            "assumptions": scenario.assumptions.model_copy(update={"instances_per_endpoint_quota": 0}),
        }
    )
    fixed = deployment_named(scenario, "4 fixed")
    with_update = evaluate(scenario, fixed, world)
    without = evaluate(scenario.model_copy(update={"faults": ()}), fixed, world)
    assert with_update.faults_usd == pytest.approx(3.1, abs=0.3)  # four more for some 35 min
    assert with_update.cost_usd_per_month is not None
    assert without.cost_usd_per_month is not None
    more = with_update.cost_usd_per_month.value - without.cost_usd_per_month.value
    assert more == pytest.approx(with_update.faults_usd)
    assert without.faults_usd is None
    assert any("The faults are billed once a month: they add $3." in warning for warning in with_update.warnings)


def test_an_update_that_needs_two_fleets_is_refused_by_the_quota_that_holds_one(world: World) -> None:
    """With a quota of 4, four instances cannot be updated blue/green: 8 are needed for the time of the update."""
    scenario = read_case("prices/13-bluegreen-quota")
    scenario = scenario.model_copy(update={"simulation": scenario.simulation.model_copy(update={"replications": 1})})
    scaled, fixed = (evaluate(scenario, deployment, world) for deployment in scenario.deployments)
    [limit] = fixed.ruled_out
    assert (limit.whose, limit.row) == ("account", "10.8")
    assert "8 during the blue/green update" in limit.given
    assert "ask for 8" in limit.allowed
    assert not scaled.ruled_out
    assert any("with more than 2 instances in service it is refused" in warning for warning in scaled.warnings)
    enough = scenario.assumptions.model_copy(update={"instances_per_endpoint_quota": 8})
    [allowed] = [evaluate(scenario.model_copy(update={"assumptions": enough}), fixed.deployment, world)]
    assert not allowed.ruled_out


def test_a_mapping_of_ones_own_is_held_against_the_quota(capsys: pytest.CaptureFixture[str]) -> None:
    """Two endpoints of up to four, quota 5: eight may be asked for, and twelve while one of them is updated."""
    main(["portfolio", str(FOLDER / "prices" / "30-portfolio-quota.toml")])
    own = " ".join(capsys.readouterr().out.partition("Shared in your own")[2].split())
    assert "ml.g6.xlarge for endpoints, eu-west-2 at risk 8" in own
    assert "up to 12 (facts row 10.8)" in own


def test_a_portfolio_file_is_known_as_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate", str(FOLDER / "prices" / "30-portfolio-quota.toml")]) == 2
    problem = " ".join(capsys.readouterr().err.split())
    assert "given a portfolio file; allowed: a scenario" in problem
    assert "`headroom portfolio`" in problem
