"""Whatever comes in ends in a value that keeps its meaning or in an error for the user, soon: never in a traceback.

`make fuzz` runs these with 100,000 cases; docs/robustness.md has the figures. The budget of the usual run is small.
"""

from __future__ import annotations

import base64
import io
import json
import sqlite3
import sys
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headroom.advisor.cautions import cautions
from headroom.advisor.portfolio.description import Portfolio
from headroom.advisor.prepared import check
from headroom.cli import commands
from headroom.cli.main import main
from headroom.sharing.canonical import document
from headroom.sharing.link import decode, encode
from headroom.sharing.portfolio_link import decode_portfolio, encode_portfolio
from headroom.sharing.presets import load_company, preset_keys, preset_text
from headroom.sharing.schema import difference
from headroom.sharing.store import Store
from headroom.sharing.toml_file import read_scenario, write_scenario
from headroom.traffic_files.read import read_traffic
from simulator.errors import HeadroomError
from simulator.scenario import Scenario
from tests.fuzz.mutations import mutated_bytes, mutated_text, mutated_value
from tests.headroom.advisor.search.small import WORLD
from tests.strategies import scenarios

SOON_S = 5.0
MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None
"""Thousands of stores are made and thrown away."""
TEXTS = [preset_text(key) for key in preset_keys()]
FILES = sorted((Path(__file__).parents[1] / "headroom" / "traffic_files" / "files").glob("*.*"))
COMPANY = encode_portfolio(load_company())

seeds = st.integers(0, 2**63)
good_texts = st.one_of(st.sampled_from(TEXTS), scenarios().map(write_scenario))


@contextmanager
def soon() -> Iterator[None]:
    """The block takes little time of the processor."""
    began_s = time.process_time()
    yield
    assert time.process_time() - began_s < SOON_S


def tried(read: Callable[[], Any]) -> Any:
    """What is read, or None where the user is told why not. Any other error comes through."""
    with soon():
        try:
            return read()
        except HeadroomError:
            return None


def keeps_its_meaning(scenario: Scenario) -> None:
    assert read_scenario(write_scenario(scenario)) == scenario
    link = tried(lambda: encode(scenario))  # None: too large for a link
    assert link is None or decode(link) == scenario
    with soon():
        if not check(scenario, WORLD):
            assert all(str(caution) for caution in cautions(scenario, WORLD))


@given(good_texts, seeds)
def test_a_scenario_file(text: str, seed: int) -> None:
    scenario = tried(lambda: read_scenario(mutated_text(text, seed)))
    if scenario is not None:
        keeps_its_meaning(scenario)


@given(good_texts, seeds)
def test_the_exit_code_of_a_scenario_file(text: str, seed: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(commands, "load_world", lambda *_: WORLD)
        data, out, err = mutated_text(text, seed).encode("utf-8", "surrogatepass"), io.StringIO(), io.StringIO()
        patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
        patch.setattr(sys, "stdout", out)
        patch.setattr(sys, "stderr", err)
        code = main(["validate", "-"])
        assert (code, bool(out.getvalue()), bool(err.getvalue())) in ((0, True, False), (2, False, True))


def packed(values: Any) -> str:
    data = zlib.compress(json.dumps(values).encode("utf-8", "surrogatepass"), 9)
    return f"1.{base64.urlsafe_b64encode(data).rstrip(b'=').decode()}"


@given(scenarios(), seeds)
def test_the_text_of_a_link(scenario: Scenario, seed: int) -> None:
    link = tried(lambda: encode(scenario)) or "1.x"
    text = mutated_bytes(link.encode(), seed).decode("latin-1")
    opened = tried(lambda: decode(text))
    assert opened is None or encode(opened)
    tried(lambda: decode_portfolio(text))
    tried(lambda: decode_portfolio(mutated_bytes(COMPANY.encode(), seed).decode("latin-1")))


@given(scenarios(), seeds)
def test_the_values_in_a_link(scenario: Scenario, seed: int) -> None:
    values = difference(document(scenario))
    opened = tried(lambda: decode(packed(mutated_value(values, seed))))
    if opened is not None:
        keeps_its_meaning(opened)


@given(st.sampled_from(FILES), seeds)
def test_a_traffic_file(file: Path, seed: int) -> None:
    data = mutated_bytes(file.read_bytes()[:20_000], seed)
    understood = tried(lambda: read_traffic(data, file.name))
    assert understood is None or (understood.reading is None) != (understood.question is None)


@given(st.lists(scenarios(), min_size=1, max_size=3), seeds)
def test_the_store(kept: list[Scenario], seed: int) -> None:
    with TemporaryDirectory(dir=MEMORY) as folder:
        place = Path(folder) / "links.sqlite"
        store = Store(place)
        portfolio = Portfolio()
        ids = {store.put(scenario): scenario for scenario in kept}
        lists = store.put_portfolio(portfolio)
        assert {id_: store.get(id_) for id_ in ids} == ids
        assert store.get_portfolio(lists) == portfolio
        victim = next(iter(ids))
        with closing(sqlite3.connect(place)) as database, database:
            row = database.execute("SELECT body FROM link WHERE id = ?", (victim,)).fetchone()
            body = mutated_bytes(row[0], seed)
            database.execute("UPDATE link SET body = ? WHERE id = ?", (body, victim))
        tried(lambda: store.get(victim))
        assert {id_: store.get(id_) for id_ in ids if id_ != victim} == {
            id_: scenario for id_, scenario in ids.items() if id_ != victim
        }
        assert all(isinstance(value, Scenario | Portfolio | HeadroomError) for _, value in store.everything())
        place.write_bytes(mutated_bytes(place.read_bytes(), seed))
        for id_ in ids:
            tried(lambda id_=id_: store.get(id_))  # type: ignore[misc]
        tried(store.stats)
        tried(lambda: list(store.everything()))
