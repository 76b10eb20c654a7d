"""Tables of a source: worked out once, shared by the cases of that source and by no other, and not sent along."""

from __future__ import annotations

import pickle
from dataclasses import replace

from simulator.estimate.load import ground
from simulator.model.workload import Workload
from simulator.traffic.kinds import Constant
from simulator.traffic.sources import make_source
from tests.engine import make_case

CASE = make_case(Workload(traffic=Constant(rate_per_s=2)))


def test_a_table_is_made_once_for_each_key() -> None:
    numbers = iter(range(10))
    tables = make_case(CASE.workload).tables
    assert [tables.once(key, lambda: next(numbers)) for key in ("a", "a", "b", "a")] == [0, 0, 1, 0]


def test_replications_share_the_tables_of_their_source_and_know_their_own_load() -> None:
    first, second = (replace(CASE, replication=k) for k in (0, 1))
    assert first.tables is second.tables is CASE.tables
    assert ground(first, 1e9) is ground(replace(first), 1e9)
    assert ground(first, 1e9) is not ground(second, 1e9)


def test_another_source_never_sees_the_tables_of_this_one() -> None:
    busy = make_source(Constant(rate_per_s=20), {})
    assert ground(CASE, 1e9).expected[0] == 120
    other = replace(CASE, source=busy)
    assert other.tables is not CASE.tables
    assert ground(other, 1e9).expected[0] == 1200


def test_a_case_travels_without_what_has_been_worked_out() -> None:
    ground(CASE, 1e9)
    bare = len(pickle.dumps(make_case(CASE.workload)))
    assert len(pickle.dumps(CASE)) == bare
    sent = pickle.loads(pickle.dumps(CASE))
    assert sent.tables.source is sent.source
