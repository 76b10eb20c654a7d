from __future__ import annotations

from decimal import Decimal

from hypothesis import given

from headroom.sharing.canonical import canonical_json, document, dumps, normal, scenario_key
from simulator.model.simulation import Simulation
from simulator.scenario import PriceOverride, Scenario
from tests.strategies import scenarios


def priced(usd: str) -> Scenario:
    return Scenario(prices=(PriceOverride(usage="s3_put_requests", usd=Decimal(usd)),))


@given(scenarios())
def test_the_document_describes_the_same_scenario(scenario: Scenario) -> None:
    assert Scenario.model_validate_json(canonical_json(scenario), strict=True) == scenario


@given(scenarios(), scenarios())
def test_texts_are_equal_exactly_when_scenarios_are(one: Scenario, other: Scenario) -> None:
    assert (canonical_json(one) == canonical_json(other)) == (one == other)


def test_equal_numbers_have_one_form() -> None:
    assert canonical_json(priced("1.50")) == canonical_json(priced("1.5"))
    assert canonical_json(priced("100")) == canonical_json(priced("1E+2"))
    plain = Scenario.model_validate({"requirement": {"latency_limit_s": -0.0, "monthly_budget_usd": 10}})
    written = Scenario.model_validate({"requirement": {"latency_limit_s": 0, "monthly_budget_usd": 10.0}})
    assert canonical_json(plain) == canonical_json(written)


def test_text_is_sorted_and_has_no_spaces() -> None:
    assert dumps({"b": 1, "a": [1, 2]}) == '{"a":[1,2],"b":1}'
    assert document(Scenario())["simulation"]["duration_s"] == 86_400
    assert '"duration_s":86400,' in canonical_json(Scenario())


def test_the_key_changes_with_scenario_prices_and_engine() -> None:
    other = Scenario(simulation=Simulation(seed=2))
    keys = {
        scenario_key(Scenario(), "p1", "e1"),
        scenario_key(other, "p1", "e1"),
        scenario_key(Scenario(), "p2", "e1"),
        scenario_key(Scenario(), "p1", "e2"),
    }
    assert len(keys) == 4
    assert scenario_key(Scenario(), "p1", "e1") in keys


def test_a_whole_number_beyond_what_a_float_counts_exactly_stays_a_float() -> None:
    """2**53 is the first that stands for more than one whole number."""
    assert dumps(normal([2.0**53 - 1, 2.0**53, 1e300])) == "[9007199254740991,9007199254740992.0,1e+300]"
