from __future__ import annotations

import base64
import json
import random
import string
import zlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headroom.errors import BadLink
from headroom.sharing import schema
from headroom.sharing.canonical import document
from headroom.sharing.link import MAX_LINK_CHARS, MAX_UNPACKED_BYTES, coded, decode, encode, pack, uncoded, unpack
from headroom.sharing.schema import difference, frozen_defaults, to_scenario
from simulator.errors import HeadroomError, InvalidScenario
from simulator.model.workload import Workload
from simulator.scenario import SCHEMA, Scenario
from simulator.traffic.kinds import Counts
from tests.headroom.sharing.corrected import CORRECTED
from tests.strategies import scenarios

GOLDEN = json.loads((Path(__file__).parent / "golden_links.json").read_text())


def packed(data: bytes, schema: int = SCHEMA) -> str:
    return f"{schema}.{base64.urlsafe_b64encode(zlib.compress(data, 9)).rstrip(b'=').decode()}"


def made(difference: Any) -> str:
    return packed(json.dumps(difference).encode())


def with_counts(requests: tuple[int, ...]) -> Scenario:
    return Scenario(workload=Workload(traffic=Counts(requests=requests)))


def keeps(old: Any, new: Any) -> bool:
    """Whether `new` says all that `old` said; fields that came later do not count, nor a default that was corrected."""
    if isinstance(old, dict):
        return isinstance(new, dict) and all(
            (key in new and keeps(item, new[key])) or (key in CORRECTED and item == CORRECTED[key][0])
            for key, item in old.items()
        )
    if isinstance(old, list):
        return isinstance(new, list) and len(old) == len(new) and all(map(keeps, old, new))
    return bool(old == new)


@given(scenarios())
def test_a_link_gives_the_scenario_back(scenario: Scenario) -> None:
    values = difference(document(scenario))
    assert to_scenario(unpack(SCHEMA, pack(values), 10**7), SCHEMA) == scenario
    text = encode(scenario)
    assert decode(text) == scenario
    assert set(text) <= set(string.ascii_letters + string.digits + "-_.")


@given(scenarios())
def test_a_link_has_one_form(scenario: Scenario) -> None:
    assert encode(decode(encode(scenario))) == encode(scenario)


@pytest.mark.parametrize("name", GOLDEN)
def test_golden_links_keep_their_meaning_for_ever(name: str) -> None:
    assert keeps(GOLDEN[name]["scenario"] | {"schema": SCHEMA}, document(decode(GOLDEN[name]["link"])))


def test_the_golden_links_have_every_kind_of_traffic_and_deployment() -> None:
    found = [golden["scenario"] for golden in GOLDEN.values()]
    kinds = {scenario["workload"]["traffic"]["kind"] for scenario in found}
    patterns = {one["pattern"] for scenario in found for one in scenario["deployments"]}
    assert kinds == {"constant", "profile", "steps", "bursts", "jobs", "trace", "counts", "timestamps"}
    assert patterns == {"realtime", "serverless", "asynchronous", "batch"}


def test_a_trace_of_some_thousand_counts_fits() -> None:
    scenario = with_counts(tuple((i * 37) % 100 for i in range(4000)))
    assert decode(encode(scenario)) == scenario


@pytest.mark.parametrize(
    ("requests", "size"),
    [
        (tuple(i * i * 7919 % 99_991 for i in range(10_000)), "characters, at most 7,000"),
        ((1,) * 100_000, "bytes unpacked, at most 131,072"),
    ],
)
def test_a_scenario_that_is_too_large_says_what_to_do(requests: tuple[int, ...], size: str) -> None:
    with pytest.raises(BadLink, match=f"too large for a link .*{size}.*: use a shorter trace, or download") as caught:
        encode(with_counts(requests))
    assert "download the scenario file" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "not of the form"),
        ("garbage", "not of the form"),
        ("1", "not of the form"),
        ("1.", "not of the form"),
        ("0.abcd", "not of the form"),
        ("-1.abcd", "not of the form"),
        ("1.eNqr rgUA", "not of the form"),
        ("1.eNqrrgUAAXUA-Q==", "not of the form"),
        ("1.eNqrrgUAAXUA-Q\n", "not of the form"),
        ("٣.eNqrrgUAAXUA-Q", "not of the form"),
        ("1.abcde", "not base64"),
        ("1.abcd", "cannot be decompressed"),
        ("1.eNqrrgUAAXUA-R", "last character"),
        ("1." + "A" * MAX_LINK_CHARS, "7,002 characters long, at most 7,000"),
        ("2.eNqrrgUAAXUA-Q", "newer version"),
        ("999999.!", "not of the form"),
        (packed(b"{}")[:-6], "cut or altered"),
        (packed(b"not json"), "not JSON"),
        (packed(b"\xff\xfe"), "not JSON"),
        (packed(b"[" * 50_000), "not JSON"),
        (packed(b'{"a":' * 20_000), "not JSON"),
        (packed(b'{"workload":' + b"9" * 5000 + b"}"), "not JSON"),
        (packed(b"[]"), "does not hold a scenario"),
        (packed(b"null"), "does not hold a scenario"),
    ],
)
def test_a_bad_link_says_why(text: str, message: str) -> None:
    with pytest.raises(BadLink, match=message):
        decode(text)


def test_a_decompression_bomb_is_refused_without_being_unpacked() -> None:
    bomb = packed(b" " * 5_000_000)
    assert len(bomb) <= MAX_LINK_CHARS
    with pytest.raises(BadLink, match=f"more than {MAX_UNPACKED_BYTES:,} bytes"):
        decode(bomb)


def test_a_link_of_exactly_the_longest_length_is_written_and_read() -> None:
    """7,000 characters go, 7,001 do not: the boundary of docs/decisions/0003-link-format.md."""
    noise = "".join(random.Random(7).choices(string.ascii_letters + string.digits, k=9000))
    length, text = 6000, ""
    while len(text) < MAX_LINK_CHARS:
        length += 1
        text = coded({"noise": noise[:length]}, "scenario")
    assert len(text) == MAX_LINK_CHARS
    assert uncoded(text) == (SCHEMA, {"noise": noise[:length]})
    with pytest.raises(BadLink, match="7,001 characters, at most 7,000"):
        coded({"noise": noise[: length + 1]}, "scenario")


def test_bytes_after_the_end_are_refused() -> None:
    data = zlib.compress(b"{}") + b"more"
    with pytest.raises(BadLink, match="its end is not where it should be"):
        decode(f"1.{base64.urlsafe_b64encode(data).rstrip(b'=').decode()}")


def test_what_is_exactly_as_large_as_allowed_is_read() -> None:
    with pytest.raises(BadLink, match="does not hold"):
        decode(packed(b"[" + b" " * (MAX_UNPACKED_BYTES - 2) + b"]"))
    with pytest.raises(BadLink, match="more than"):
        decode(packed(b"[" + b" " * (MAX_UNPACKED_BYTES - 1) + b"]"))


@pytest.mark.parametrize(
    ("difference", "where"),
    [
        ({"region": 5}, "region"),
        ({"schema": 2}, "schema"),
        ({"workload": []}, "workload"),
        ({"workload": {"traffic": {"kind": "constant", "rate_per_s": -1}}}, "workload.traffic.rate_per_s"),
        ({"workload": {"traffic": 5}}, "workload.traffic"),
        ({"workload": {"traffic": {"kind": ["x"]}}}, "workload.traffic.kind"),
        ({"deployments": {"pattern": "batch"}}, "deployments"),
        ({"deployments": [{"pattern": "batch", "scaling": {}}]}, "deployments[0].scaling"),
        ({"deployments": [5]}, "deployments[0]"),
        ({"simulation": {"seed": 1e400}}, "simulation.seed"),
        ({"requirement": {"max_error_share": float("nan")}}, "requirement.max_error_share"),
        ({"nonsense": 1}, "nonsense"),
    ],
)
def test_a_value_that_is_not_allowed_is_named(difference: Any, where: str) -> None:
    with pytest.raises(InvalidScenario) as caught:
        decode(made(difference))
    assert where in [problem.where for problem in caught.value.problems]


def test_a_migration_leads_from_an_old_schema_to_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    old = frozen_defaults(SCHEMA)
    monkeypatch.setattr(schema, "frozen_defaults", lambda _number: old)
    monkeypatch.setattr(schema, "SCHEMA", SCHEMA + 1)

    def next_schema(before: dict[str, Any]) -> dict[str, Any]:
        return {**before, "schema": SCHEMA, "region": f"{before['region']}-migrated"}

    monkeypatch.setattr(schema, "MIGRATIONS", {SCHEMA: next_schema})
    assert decode(made({})).region == "us-east-1-migrated"


@given(st.one_of(st.text(), st.binary(max_size=200).map(packed), st.binary(max_size=200).map(lambda b: f"1.{b.hex()}")))
def test_garbage_gives_one_of_our_errors(text: str) -> None:
    with pytest.raises(HeadroomError):
        decode(text)


KEYS = ("workload", "traffic", "kind", "deployments", "pattern", "scaling", "steps", "prices", "usd", "schema")
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(["steps", "realtime", "", "none"])
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=3),
    max_leaves=15,
)


@given(JSON)
def test_any_json_gives_a_scenario_or_one_of_our_errors(value: Any) -> None:
    try:
        scenario = decode(made(value))
    except HeadroomError:
        return
    assert isinstance(scenario, Scenario)
