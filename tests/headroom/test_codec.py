"""Every type of result turns into JSON and back, whatever its values; and what is special in that JSON."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, NamedTuple, Union, get_args, get_origin, get_type_hints

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headroom.advisor.explore.ranking_at import Standing
from headroom.advisor.explore.rules import Spoken
from headroom.advisor.portfolio.description import Portfolio
from headroom.advisor.portfolio.totals import PortfolioPlan
from headroom.advisor.tell.argument import Argument
from headroom.codec import from_json, to_json
from headroom.sharing.library import load_world
from headroom.work.tasks import KINDS
from pricing.bill import Bill, BillLine
from pricing.keys import BY_KEY
from pricing.rates import Rate, Tier
from simulator.engine.histogram import Histogram
from simulator.fields import Spec
from simulator.kernels.buckets import BUCKETS
from simulator.patterns.registry import Deployment
from simulator.scenario import Scenario
from simulator.traffic.kinds import Counts, Timestamps
from tests.strategies import deployments, names, scenarios

RESULTS = (
    *dict.fromkeys(kind for work in KINDS.values() for kind in (work.gives, work.gives_first) if kind is not NoneType),
    PortfolioPlan,
    Argument,
    Standing,
    Spoken,
)
numbers = st.floats(allow_nan=False, allow_infinity=False)
amounts = st.decimals(0, 10**9, places=6)


@cache
def some(kind: Any) -> st.SearchStrategy[Any]:
    """Values of a type: of all its fields, by their own types."""
    made = PLAIN.get(kind)
    if made is not None:
        return made
    if isinstance(kind, type) and (is_dataclass(kind) or issubclass(kind, Spec)):
        hints = get_type_hints(kind)
        return st.deferred(lambda: st.builds(kind, **{name: some(hints[name]) for name in hints}))
    return of_generic(kind, get_origin(kind), get_args(kind))


def of_generic(kind: Any, origin: Any, inner: tuple[Any, ...]) -> st.SearchStrategy[Any]:
    if origin in (Union, UnionType):
        return of_union(frozenset(inner) - {NoneType}, optional=NoneType in inner)
    if origin is tuple and inner[-1] is not Ellipsis:
        return st.tuples(*(some(part) for part in inner))
    if origin is Literal:
        return st.sampled_from(inner)
    if origin in (tuple, list):
        return st.lists(some(inner[0]), max_size=2).map(origin)
    if origin is dict:
        return st.dictionaries(some(inner[0]), some(inner[1]), max_size=2)
    assert origin is np.ndarray, f"no strategy for {kind}"
    holes = st.one_of(numbers, st.just(math.nan))
    return st.lists(holes, max_size=4).map(lambda values: np.array(values, dtype=np.float64))


def of_union(parts: frozenset[Any], *, optional: bool) -> st.SearchStrategy[Any]:
    of_parts = [deployments] if parts == DEPLOYMENTS else [some(part) for part in sorted(parts, key=repr)]
    return st.one_of(st.none(), *of_parts) if optional else st.one_of(*of_parts)


def lines() -> st.SearchStrategy[BillLine]:
    """A line is priced, or a gap with its reason."""
    place = {"usage": st.sampled_from(sorted(BY_KEY)), "dimension": names, "quantity": amounts}
    return st.one_of(
        st.deferred(lambda: st.builds(BillLine, **place, amount_usd=amounts, rate=some(Rate))),
        st.builds(BillLine, **place, amount_usd=st.none(), rate=st.none(), reason=names),
    )


def histograms() -> st.SearchStrategy[Histogram]:
    def filled(buckets: dict[int, int]) -> Histogram:
        counts = np.zeros(BUCKETS, dtype=np.int64)
        counts[list(buckets)] = list(buckets.values())
        return Histogram(counts)

    return st.dictionaries(st.integers(0, BUCKETS - 1), st.integers(1, 2**40), max_size=3).map(filled)


def times() -> st.SearchStrategy[Timestamps]:
    """Times of arrival, rising."""
    moments = st.lists(st.floats(0, 1e6), min_size=1, max_size=4, unique=True)
    return moments.map(lambda drawn: Timestamps(t_s=tuple(sorted(drawn))))


DEPLOYMENTS = frozenset(get_args(get_args(Deployment)[0]))
PLAIN: Mapping[Any, st.SearchStrategy[Any]] = {
    str: names,
    int: st.integers(-(2**53), 2**53),
    float: numbers,
    bool: st.booleans(),
    NoneType: st.none(),
    Decimal: amounts,
    date: st.dates(),
    Scenario: scenarios(),
    Portfolio: st.builds(Portfolio, name=names),
    BillLine: lines(),
    Tier: st.builds(Tier, st.one_of(st.none(), amounts), amounts),
    Histogram: histograms(),
    Timestamps: times(),
    Counts: st.lists(st.integers(1, 10**6), min_size=1, max_size=4).map(lambda drawn: Counts(requests=tuple(drawn))),
}


def assert_same(a: Any, b: Any) -> None:
    """Equal, of the same types all the way down; two NaN are equal."""
    assert type(a) is type(b), (a, b)
    if isinstance(a, np.ndarray):
        assert a.dtype == b.dtype
        np.testing.assert_array_equal(a, b)
    elif is_dataclass(a):
        for field in fields(a):
            assert_same(getattr(a, field.name), getattr(b, field.name))
    elif isinstance(a, dict):
        assert list(a) == list(b)
        assert_same(list(a.values()), list(b.values()))
    elif isinstance(a, list | tuple):
        assert len(a) == len(b)
        for left, right in zip(a, b, strict=True):
            assert_same(left, right)
    else:
        assert a == b


@pytest.mark.parametrize("kind", RESULTS, ids=lambda kind: kind.__name__)
@given(data=st.data())
def test_every_result_turns_into_json_and_back(kind: Any, data: st.DataObject) -> None:
    value = data.draw(some(kind))
    plain = to_json(value)
    text = json.dumps(plain, allow_nan=False)
    assert_same(plain, json.loads(text))
    assert_same(from_json(kind, json.loads(text)), value)


@given(deployments)
def test_a_deployment_is_read_by_its_pattern(deployment: Deployment) -> None:
    assert_same(from_json(Deployment, to_json(deployment)), deployment)


@given(scenarios())
def test_a_scenario_is_written_under_the_names_of_its_file(scenario: Scenario) -> None:
    plain = to_json(scenario)
    assert plain["schema"] == 1
    assert from_json(Scenario, plain) == scenario


def test_a_bill_says_for_readers_what_it_comes_to() -> None:
    rate = Rate(
        usage="internet_out_gb",
        region="us-east-1",
        dimension="",
        usd=Decimal("0.090"),
        per="GB",
        from_date=date(2026, 10, 4),
        source="test",
        origin="made for a test",
        evidence="observed",
        tiers=(Tier(Decimal(10240), Decimal("0.090")), Tier(None, Decimal("0.05"))),
    )
    line = {"usage": "internet_out_gb", "dimension": "", "quantity": Decimal("2.50")}
    priced = BillLine(**line, amount_usd=Decimal("0.2250"), rate=rate)  # type: ignore[arg-type]
    gap = BillLine(**line, amount_usd=None, rate=None, reason="no price")  # type: ignore[arg-type]
    bill = Bill(region="us-east-1", on=date(2026, 10, 5), price_version="1", lines=(priced, gap))
    head = {"usage": "internet_out_gb", "title": BY_KEY["internet_out_gb"].title, "dimension": "", "quantity": "2.50"}
    written_rate = {
        "usage": "internet_out_gb",
        "region": "us-east-1",
        "dimension": "",
        "usd": "0.090",
        "per": "GB",
        "from_date": "2026-10-04",
        "source": "test",
        "origin": "made for a test",
        "evidence": "observed",
        "note": "",
        "tiers": [["10240", "0.090"], [None, "0.05"]],
        "replaced": None,
    }
    expected = {
        "region": "us-east-1",
        "on": "2026-10-05",
        "price_version": "1",
        "total_usd": "0.2250",
        "complete": False,
        "lines": [
            {**head, "unit": "GB", "amount_usd": "0.2250", "rate": written_rate, "reason": ""},
            {**head, "unit": "GB", "amount_usd": None, "rate": None, "reason": "no price"},
        ],
    }
    assert json.dumps(to_json(bill)) == json.dumps(expected)
    assert from_json(Bill, expected) == bill


def test_every_packaged_price_of_one_region_turns_into_json_and_back() -> None:
    world = load_world()
    types = world.prices.instance_types("us-east-1", "hosting_instance_s")
    rates = [world.prices.find("hosting_instance_s", "us-east-1", name, world.on) for name in types]
    tiered = world.prices.find("internet_out_gb", "us-east-1", "", world.on)
    assert len(rates) > 50
    assert len(tiered.tiers) > 1
    for rate in (*rates, tiered):
        assert from_json(Rate, json.loads(json.dumps(to_json(rate)))) == rate


def test_a_histogram_is_written_by_its_filled_buckets() -> None:
    counts = np.zeros(BUCKETS, dtype=np.int64)
    counts[[3, 70]] = 5, 1
    assert to_json(Histogram(counts)) == {"bucket": [3, 70], "count": [5, 1]}


def test_a_table_of_numbers_keeps_its_rows_and_its_holes() -> None:
    assert to_json(np.array([[1.0, math.nan], [2.5, 3.0]])) == [[1.0, None], [2.5, 3.0]]


def test_whole_numbers_stay_whole() -> None:
    """As they come from JSON: a 2 in a field of floats is not made a 2.0, and true is not made a 1."""

    class Pair(NamedTuple):
        share: float
        requests: int

    assert repr(from_json(Pair, [2, 3])) == repr(Pair(2, 3))
    assert to_json(Pair(2, 3)) == [2, 3]


def test_what_is_missing_has_its_default_and_what_is_unknown_is_left_out() -> None:
    rate = to_json(load_world().prices.find("internet_out_gb", "us-east-1", "", date(2026, 11, 1)))
    del rate["note"]
    assert from_json(Rate, {**rate, "of_a_later_version": 1}).note == ""


def test_what_is_missing_without_a_default_is_an_error() -> None:
    with pytest.raises(KeyError, match="region"):
        from_json(Bill, {"on": "2026-10-05", "price_version": "1", "lines": []})
