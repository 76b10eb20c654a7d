"""Drawing ahead changes no number, hands errors on and makes one item more than was used, at most."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from headroom.work.prefetch import one_ahead
from simulator.model.workload import Workload
from simulator.patterns.realtime.deployment import RealtimeDeployment
from simulator.traffic.kinds import Constant
from tests.engine import make_case, replicate


def test_same_items_in_the_same_order() -> None:
    assert list(one_ahead(iter(range(1, 100)))) == list(range(1, 100))
    assert list(one_ahead(iter(()))) == []


def test_an_error_of_the_iterator_reaches_the_user() -> None:
    def two_and_an_error():
        yield 1
        yield 2
        raise ValueError("no more")

    got: list[int] = []
    with pytest.raises(ValueError, match="no more"):
        got.extend(one_ahead(two_and_an_error()))
    assert got in ([], [1, 2])


def test_only_one_is_made_ahead() -> None:
    made = []

    def numbers():
        for k in range(1, 10):
            made.append(k)
            yield k

    items = one_ahead(numbers())
    next(items)
    next(items)
    items.close()
    assert len(made) <= 3


def test_a_run_gives_the_same_bits() -> None:
    case = make_case(Workload(traffic=Constant(rate_per_s=100)))
    here, ahead = (replicate(one, RealtimeDeployment(), 1)[0] for one in (case, replace(case, ahead=one_ahead)))
    assert all(np.array_equal(a, b) for a, b in zip(here.sums, ahead.sums, strict=True))


def test_work_aside_is_done_in_its_order_and_can_be_waited_for() -> None:
    done: list[int] = []
    waits = [one_ahead.aside(partial(done.append, k)) for k in range(100)]
    waits[-1]()
    assert done == list(range(100))


def test_an_error_of_work_aside_reaches_who_waits() -> None:
    def fails() -> None:
        raise ValueError("not done")

    with pytest.raises(ValueError, match="not done"):
        one_ahead.aside(fails)()
