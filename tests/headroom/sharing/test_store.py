from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from headroom.advisor.portfolio.description import Member, Portfolio
from headroom.errors import BadLink
from headroom.sharing import store as store_module
from headroom.sharing.canonical import document
from headroom.sharing.link import pack
from headroom.sharing.portfolio_link import encode_portfolio
from headroom.sharing.schema import difference
from headroom.sharing.store import ALPHABET, ID_CHARS, Store
from simulator.model.simulation import Simulation
from simulator.model.workload import Workload
from simulator.scenario import Scenario
from simulator.traffic.kinds import Timestamps


def seeded(seed: int) -> Scenario:
    return Scenario(simulation=Simulation(seed=seed))


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "links.sqlite")


def rows(path: Path) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as database:
        return database.execute("SELECT id, schema, hits FROM link").fetchall()


def test_a_scenario_comes_back(store: Store) -> None:
    assert store.get(store.put(seeded(3))) == seeded(3)


def test_the_same_scenario_has_one_id(store: Store, tmp_path: Path) -> None:
    id_ = store.put(seeded(3))
    assert store.put(seeded(3)) == id_ != store.put(seeded(4))
    assert len(rows(tmp_path / "links.sqlite")) == 2
    assert Store(tmp_path / "links.sqlite").put(seeded(3)) == id_


def test_ids_have_no_characters_that_look_alike(store: Store) -> None:
    assert len(ALPHABET) == 31
    assert not set("01ilo") & set(ALPHABET)
    id_ = store.put(seeded(1))
    assert len(id_) == ID_CHARS
    assert set(id_) <= set(ALPHABET)


def test_reading_is_counted(store: Store, tmp_path: Path) -> None:
    id_ = store.put(seeded(1))
    store.get(id_)
    store.get(id_)
    assert rows(tmp_path / "links.sqlite") == [(id_, 1, 2)]


@pytest.mark.parametrize("id_", ["", "abc", "x" * 11, "ABCDEFGHJK", "'; DROP TAB", "../../etc/", "0000000000"])
def test_what_is_no_id_is_refused(store: Store, id_: str) -> None:
    with pytest.raises(BadLink, match="10 letters and digits"):
        store.get(id_)


def test_an_unknown_id_says_so(store: Store) -> None:
    with pytest.raises(BadLink, match="not known here"):
        store.get("2" * ID_CHARS)


def test_a_large_trace_fits_where_a_link_does_not_reach(store: Store) -> None:
    times = tuple(i * 1.234 for i in range(100_000))
    scenario = Scenario(workload=Workload(traffic=Timestamps(t_s=times)))
    assert store.get(store.put(scenario)) == scenario


def of_two(seed: int) -> Portfolio:
    times = tuple(i * 1.234 for i in range(50_000))
    long = Scenario(workload=Workload(name="Long", traffic=Timestamps(t_s=times)))
    fixed = long.deployments[0]
    return Portfolio(workloads=(Member(scenario=seeded(seed)), Member(scenario=long, fixed=fixed)))


def test_a_portfolio_too_large_for_a_link_comes_back(store: Store) -> None:
    with pytest.raises(BadLink, match="this portfolio is too large for a link"):
        encode_portfolio(of_two(1))
    assert store.get_portfolio(store.put_portfolio(of_two(1))) == of_two(1)


def test_the_same_portfolio_has_one_id(store: Store, tmp_path: Path) -> None:
    id_ = store.put_portfolio(of_two(1))
    assert store.put_portfolio(of_two(1)) == id_ != store.put_portfolio(of_two(2))
    assert len(rows(tmp_path / "links.sqlite")) == 2


def test_an_id_is_of_a_scenario_or_of_a_portfolio(store: Store) -> None:
    empty, alone = store.put_portfolio(Portfolio()), store.put(Scenario())
    with pytest.raises(BadLink, match="is of a portfolio"):
        store.get(empty)
    with pytest.raises(BadLink, match="is of a scenario"):
        store.get_portfolio(alone)
    assert (store.get(alone), store.get_portfolio(empty)) == (Scenario(), Portfolio())


def test_a_store_may_be_filled_to_its_last_byte(tmp_path: Path) -> None:
    path = tmp_path / "links.sqlite"
    Store(path)
    with closing(sqlite3.connect(path)) as database:
        pages, page_bytes = (database.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "page_size"))
    needed = pages * page_bytes + len(pack(difference(document(seeded(1)))))
    with pytest.raises(BadLink, match="full"):
        Store(path, max_bytes=needed - 1).put(seeded(1))
    full = Store(path, max_bytes=needed)
    assert full.get(full.put(seeded(1))) == seeded(1)


def test_too_large_a_portfolio_is_refused(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_module, "MAX_PACKED_BYTES", 5)
    with pytest.raises(BadLink, match=r"this portfolio is too large to store .* download the portfolio file"):
        store.put_portfolio(of_two(9))


def test_too_large_a_scenario_is_refused(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_module, "MAX_PACKED_BYTES", 5)
    with pytest.raises(BadLink, match="too large to store"):
        store.put(seeded(9))


def test_a_full_store_refuses_new_scenarios_and_keeps_the_old(tmp_path: Path) -> None:
    path = tmp_path / "links.sqlite"
    id_ = Store(path).put(seeded(1))
    full = Store(path, max_bytes=1)
    with pytest.raises(BadLink, match="full"):
        full.put(seeded(2))
    assert full.put(seeded(1)) == id_
    assert full.get(id_) == seeded(1)


def test_many_threads_may_use_one_store(store: Store) -> None:
    def use(number: int) -> tuple[str, Scenario]:
        id_ = store.put(seeded(number % 20))
        return id_, store.get(id_)

    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(use, range(200)))
    assert all(scenario == seeded(number % 20) for number, (_, scenario) in enumerate(found))
    assert len({id_ for id_, _ in found}) == 20


def test_many_threads_may_open_a_new_store(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as threads:
        ids = list(threads.map(lambda _: Store(tmp_path / "new.sqlite").put(seeded(1)), range(40)))
    assert len(set(ids)) == 1


def test_a_file_that_is_no_database_gives_our_error(tmp_path: Path) -> None:
    path = tmp_path / "links.sqlite"
    path.write_text("this is not a database, and it is long enough to be looked at" * 20)
    with pytest.raises(BadLink, match="cannot be used"):
        Store(path)
