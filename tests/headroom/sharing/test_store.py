from __future__ import annotations

import os
import resource
import sqlite3
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from headroom.advisor.portfolio.description import Member, Portfolio
from headroom.cli.main import main
from headroom.errors import BadLink
from headroom.sharing import sqlite_table
from headroom.sharing import store as store_module
from headroom.sharing.canonical import document, dumps
from headroom.sharing.link import pack
from headroom.sharing.link_table import StoreUnusable
from headroom.sharing.portfolio_link import encode_portfolio
from headroom.sharing.schema import difference
from headroom.sharing.store import ALPHABET, ID_CHARS, Store
from headroom.sharing.toml_file import read_scenario
from scripts.serving import free_port
from simulator.model.simulation import Simulation
from simulator.model.workload import Workload
from simulator.scenario import Scenario
from simulator.traffic.kinds import Timestamps
from tests.headroom.sharing.portfolios import portfolio_in
from tests.headroom.sharing.postgres import PostgresServer

UNKNOWN = "2" * ID_CHARS


def seeded(seed: int) -> Scenario:
    return Scenario(simulation=Simulation(seed=seed))


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The place of an empty store, of each kind."""
    if request.param == "sqlite":
        return str(tmp_path / "folder" / "links.sqlite")
    server: PostgresServer = request.getfixturevalue("postgres_server")
    return server.empty_database()


@pytest.fixture
def store(place: str) -> Store:
    return Store(place)


def test_a_scenario_comes_back(store: Store) -> None:
    assert store.get(store.put(seeded(3))) == seeded(3)


def test_the_same_scenario_has_one_id(store: Store, place: str) -> None:
    id_ = store.put(seeded(3))
    assert store.put(seeded(3)) == id_ != store.put(seeded(4))
    assert store.stats().links == 2
    assert Store(place).put(seeded(3)) == id_


def test_ids_have_no_characters_that_look_alike(store: Store) -> None:
    assert len(ALPHABET) == 31
    assert not set("01ilo") & set(ALPHABET)
    id_ = store.put(seeded(1))
    assert len(id_) == ID_CHARS
    assert set(id_) <= set(ALPHABET)


@pytest.mark.parametrize("id_", ["", "abc", "x" * 11, "ABCDEFGHJK", "'; DROP TAB", "../../etc/", "0000000000"])
def test_what_is_no_id_is_refused(store: Store, id_: str) -> None:
    with pytest.raises(BadLink, match="10 letters and digits"):
        store.get(id_)


def test_an_unknown_id_says_so(store: Store) -> None:
    with pytest.raises(BadLink, match="not known here"):
        store.get(UNKNOWN)


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


def test_the_same_portfolio_has_one_id(store: Store) -> None:
    id_ = store.put_portfolio(of_two(1))
    assert store.put_portfolio(of_two(1)) == id_ != store.put_portfolio(of_two(2))
    assert store.stats().links == 2


def test_an_id_is_of_a_scenario_or_of_a_portfolio(store: Store) -> None:
    empty, alone = store.put_portfolio(Portfolio()), store.put(Scenario())
    with pytest.raises(BadLink, match="is of a portfolio"):
        store.get(empty)
    with pytest.raises(BadLink, match="is of a scenario"):
        store.get_portfolio(alone)
    assert (store.get(alone), store.get_portfolio(empty)) == (Scenario(), Portfolio())


def test_a_store_may_be_filled_to_its_last_byte(store: Store, place: str) -> None:
    store.put(seeded(2))
    needed = store.stats().size_bytes + len(pack(difference(document(seeded(1)))))
    with pytest.raises(BadLink, match="full"):
        Store(place, max_bytes=needed - 1).put(seeded(1))
    full = Store(place, max_bytes=needed)
    assert full.get(full.put(seeded(1))) == seeded(1)


@pytest.mark.parametrize(("name", "how"), [("MAX_PACKED_BYTES", "packed"), ("MAX_UNPACKED_BYTES", "unpacked")])
def test_what_can_be_put_can_be_got_and_the_rest_is_refused_at_once(
    store: Store, monkeypatch: pytest.MonkeyPatch, name: str, how: str
) -> None:
    values = difference(document(seeded(5)))
    size_bytes = len(pack(values)) if how == "packed" else len(dumps(values).encode())
    monkeypatch.setattr(store_module, name, size_bytes)
    assert store.get(store.put(seeded(5))) == seeded(5)
    monkeypatch.setattr(store_module, name, size_bytes - 1)
    with pytest.raises(BadLink, match=f"bytes {how}, at most"):
        store.put(seeded(5))


def test_old_links_are_pruned_and_their_room_is_used_again(store: Store, place: str) -> None:
    id_ = store.put(seeded(1))
    of_one = store.stats()
    store.put(Scenario(workload=Workload(traffic=Timestamps(t_s=tuple(i * 1.234 for i in range(20_000))))))
    assert of_one.oldest is not None
    assert store.stats().size_bytes > of_one.size_bytes
    assert store.prune(of_one.oldest - timedelta(days=1)) == 0
    assert store.get(id_) == seeded(1)
    assert store.prune(datetime.now(UTC) + timedelta(days=1)) == 2
    assert store.stats().links == 0
    assert store.stats().size_bytes <= of_one.size_bytes
    with pytest.raises(BadLink, match="not known here"):
        store.get(id_)


def test_everything_can_be_read_at_once(store: Store) -> None:
    ids = {store.put(seeded(1)): seeded(1), store.put_portfolio(of_two(1)): of_two(1)}
    assert dict(store.everything()) == ids


def test_too_large_a_portfolio_is_refused(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_module, "MAX_PACKED_BYTES", 5)
    with pytest.raises(BadLink, match=r"this portfolio is too large to store .* download the portfolio file"):
        store.put_portfolio(of_two(9))


def test_too_large_a_scenario_is_refused(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_module, "MAX_PACKED_BYTES", 5)
    with pytest.raises(BadLink, match="too large to store"):
        store.put(seeded(9))


def test_a_full_store_refuses_new_scenarios_and_keeps_the_old(store: Store, place: str) -> None:
    id_ = store.put(seeded(1))
    full = Store(place, max_bytes=1)
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


def test_many_threads_may_open_a_new_store(place: str) -> None:
    with ThreadPoolExecutor(8) as threads:
        ids = list(threads.map(lambda _: Store(place).put(seeded(1)), range(40)))
    assert len(set(ids)) == 1


def test_a_file_that_is_no_database_gives_our_error(tmp_path: Path) -> None:
    path = tmp_path / "links.sqlite"
    path.write_text("this is not a database, and it is long enough to be looked at" * 20)
    for use in (lambda: Store(path).put(seeded(1)), lambda: Store(path).get(UNKNOWN)):
        with pytest.raises(StoreUnusable, match="file is not a database"):
            use()


def test_a_file_that_is_lost_is_made_again(tmp_path: Path) -> None:
    path = tmp_path / "links.sqlite"
    store = Store(path)
    id_ = store.put(seeded(1))
    path.unlink()
    with pytest.raises(BadLink, match="not known here"):
        store.get(id_)
    assert store.get(store.put(seeded(1))) == seeded(1)


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@contextmanager
def powerless(folder: Path) -> Iterator[None]:
    """In the block nothing in the folder may be written, also where the tests are run by root."""
    for path in folder.iterdir():
        path.chmod(0o444)
    folder.chmod(0o555)
    user = os.geteuid()
    try:
        if user == 0:
            os.seteuid(65_534)
        yield
    finally:
        os.seteuid(user)
        folder.chmod(0o755)


@pytest.mark.parametrize("mode", ["DELETE", "WAL"])
def test_reading_writes_nothing_and_needs_no_right_to(mode: str) -> None:
    with TemporaryDirectory(prefix="headroom-store-") as folder:
        path = Path(folder) / "links.sqlite"
        store = Store(path)
        id_ = store.put(seeded(1))
        with closing(sqlite3.connect(path)) as database:
            database.execute(f"PRAGMA journal_mode = {mode}")
        before = files(path.parent)
        with powerless(path.parent):
            assert store.get(id_) == seeded(1)
            with pytest.raises(StoreUnusable, match="readonly"):
                store.put(seeded(2))
        assert files(path.parent) == before


def test_a_full_disk_refuses_what_is_new_and_opens_what_is_old(tmp_path: Path) -> None:
    path = tmp_path / "links.sqlite"
    store = Store(path)
    id_ = store.put(seeded(1))
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1, before[1]))  # no file may grow, as on a full disk
    try:
        assert store.get(id_) == seeded(1)
        with pytest.raises(StoreUnusable):
            store.put(seeded(2))
        assert store.get(id_) == seeded(1)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert store.get(store.put(seeded(2))) == seeded(2)


@pytest.mark.parametrize("place", ["/dev/null/x/links.sqlite", "/proc/nothing/links.sqlite", "/dev/full"])
def test_a_folder_that_cannot_be_made_gives_our_error(place: str) -> None:
    with pytest.raises(StoreUnusable):
        Store(place).put(seeded(1))
    with pytest.raises(BadLink):
        Store(place).get(UNKNOWN)


def test_a_store_that_is_locked_says_so_soon(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite_table, "WRITE_WAIT_S", 0.1)
    monkeypatch.setattr(sqlite_table, "READ_WAIT_S", 0.1)
    store = Store(tmp_path / "links.sqlite")
    id_ = store.put(seeded(1))
    with closing(sqlite3.connect(tmp_path / "links.sqlite", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        for use in (lambda: store.put(seeded(2)), lambda: store.get(id_)):
            with pytest.raises(StoreUnusable, match="locked"):
                use()
    assert store.get(id_) == seeded(1)


OLD = """
CREATE TABLE link (
    id TEXT PRIMARY KEY,
    digest TEXT NOT NULL UNIQUE,
    schema INTEGER NOT NULL,
    body BLOB NOT NULL,
    created TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP,
    hits INTEGER NOT NULL DEFAULT 0
)
"""
"""The table as it was when reading was counted."""


def test_a_store_from_before_keeps_opening_and_is_written(tmp_path: Path) -> None:
    path, old_id = tmp_path / "links.sqlite", "23456789ab"
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute(OLD)
        row = (old_id, "digest", 1, pack(difference(document(seeded(7)))), 3)
        database.execute("INSERT INTO link (id, digest, schema, body, hits) VALUES (?, ?, ?, ?, ?)", row)
    store = Store(path)
    assert store.get(old_id) == seeded(7)
    assert store.get(store.put(seeded(8))) == seeded(8)
    assert dict(store.everything())[old_id] == seeded(7)


@pytest.mark.parametrize(
    ("column", "value"), [("body", "text"), ("body", b"junk"), ("schema", "one"), ("schema", 0), ("schema", 99)]
)
def test_a_row_that_was_altered_by_hand_gives_our_error(tmp_path: Path, column: str, value: object) -> None:
    store = Store(tmp_path / "links.sqlite")
    id_ = store.put(seeded(1))
    with closing(sqlite3.connect(tmp_path / "links.sqlite")) as database, database:
        database.execute(f"UPDATE link SET {column} = ?", (value,))
    with pytest.raises(BadLink):
        store.get(id_)
    (error,) = dict(store.everything()).values()
    assert isinstance(error, BadLink)


def test_a_database_that_does_not_answer_gives_our_error() -> None:
    nobody = Store(f"postgresql://127.0.0.1:{free_port()}/headroom")
    for use in (lambda: nobody.put(seeded(1)), lambda: nobody.get(UNKNOWN), nobody.stats):
        with pytest.raises(StoreUnusable, match="refused"):
            use()


def test_without_the_package_for_postgresql_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "headroom.sharing.postgres_table", None)
    with pytest.raises(StoreUnusable, match=r"pip install 'headroom\[postgresql\]'"):
        Store("postgresql://127.0.0.1/headroom")


def commanded(place: str, *arguments: str) -> int:
    return main(["store", *arguments, "--store", place])


def test_the_store_is_looked_after_from_the_command_line(
    store: Store, place: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert commanded(place, "stats") == 0
    assert capsys.readouterr().out == "0 links, 0 MB of 1 GB.\n"
    ids = [store.put(seeded(1)), store.put_portfolio(of_two(1))]
    assert commanded(place, "stats") == 0
    assert capsys.readouterr().out.startswith("2 links, ")
    assert commanded(place, "export", "--out", str(tmp_path / "copy")) == 0
    assert read_scenario((tmp_path / "copy" / f"{ids[0]}.toml").read_text(encoding="utf-8")) == seeded(1)
    assert portfolio_in((tmp_path / "copy" / f"{ids[1]}.toml").read_text(encoding="utf-8")) == of_two(1)
    assert commanded(place, "prune", "--older-than", "1") == 0
    assert capsys.readouterr().out.endswith("0 links made more than 1 days ago deleted.\n")
    assert store.get(ids[0]) == seeded(1)


@pytest.mark.parametrize("days", ["0", "-1", "many", "1e3"])
def test_days_that_are_none_are_refused(days: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["store", "prune", "--older-than", days]) == 2
    assert "days" in capsys.readouterr().err
