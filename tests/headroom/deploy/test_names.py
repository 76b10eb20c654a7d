"""Names that AWS accepts, whatever the user calls things; values that tell each other apart; an order of creation."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headroom.deploy.names import default_name, digest, kebab
from headroom.deploy.order import in_order, needs
from headroom.deploy.values import Known, Unknown, plain, unknown
from simulator.patterns.resources import Json, Parameter, Ref, Resource, frozen, join


@given(st.text(max_size=200))
def test_any_workload_gives_a_name_for_an_endpoint(workload: str) -> None:
    name = default_name(workload)
    assert re.fullmatch(r"[a-z](-?[a-z0-9])*", name)
    assert len(name) <= 40


@pytest.mark.parametrize(
    ("workload", "name"),
    [
        ("Fraud scoring", "fraud-scoring"),
        ("Prüfung 7", "prufung-7"),
        ("日本", "headroom"),
        ("7 dwarfs", "headroom-7-dwarfs"),
    ],
)
def test_a_name_keeps_what_it_can(workload: str, name: str) -> None:
    assert default_name(workload) == name


def test_logical_ids_read_as_names() -> None:
    assert kebab("StepOutAlarm") == "step-out-alarm"
    assert kebab("ScheduledAction12") == "scheduled-action-12"


def test_a_digest_tells_references_from_texts() -> None:
    values = [Ref("A"), Ref("A", "Arn"), Parameter("image"), "A", join("A"), Json("A"), ["A"], {"A": 1}]
    assert len({digest(value) for value in values}) == len(values)
    assert digest({"a": 1, "b": (2,)}) == digest({"b": [2], "a": 1})


def test_values_become_plain_where_all_is_known() -> None:
    known = Known({"A": "a-1"}, {"image": "i"}, {"T": "arn:t"})
    value = {"x": join("p/", Ref("A"), "/", Parameter("image")), "y": [Ref("T", "Arn")], "z": Json({"k": Ref("A")})}
    assert plain(frozen(value), known) == {"x": "p/a-1/i", "y": ["arn:t"], "z": '{"k":"a-1"}'}
    missing = plain({"x": join("p", Ref("B")), "y": [Json([Parameter("account")])]}, known)
    assert unknown(missing) == [Unknown(Ref("B")), Unknown(Parameter("account"))]


def resource(logical_id: str, *refers_to: str, after: tuple[str, ...] = ()) -> Resource:
    parameters = {"x": [Ref(name) for name in refers_to]}
    return Resource(logical_id=logical_id, kind="topic", parameters=parameters, after=after)


def test_each_comes_after_what_it_needs() -> None:
    given_order = [resource("C", "B"), resource("B", after=("A",)), resource("A"), resource("D")]
    ordered = in_order(given_order)
    assert [entry.logical_id for entry in ordered] == ["A", "D", "B", "C"]
    assert needs(given_order[0]) == {"B"}


@pytest.mark.parametrize(
    ("resources", "told"),
    [
        ([resource("A", "B"), resource("B", "A")], "circle"),
        ([resource("A"), resource("A")], "one logical id"),
        ([resource("A", "Z")], "no resource has the logical id Z"),
    ],
)
def test_what_cannot_be_ordered_is_told(resources: list[Resource], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        in_order(resources)
