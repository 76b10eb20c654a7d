"""Time to recover: from the fault to the last bin that is not well; never before the fault."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.engine.outcome import Series
from simulator.engine.recovery import BEFORE_S, error_shares, recoveries
from simulator.model.faults import KINDS, EndpointUpdate, InstanceLoss, SlowDependency
from simulator.model.requirement import Requirement
from simulator.model.workload import Workload
from simulator.patterns.registry import BY_KEY
from tests.engine import make_case

BIN_S = 300.0
LIMIT = Requirement(latency_limit_s=1.0, max_error_share=0.01)


def series(p99_s, completed=None, offered=100.0):
    values = np.array(p99_s, dtype=np.float64)
    came = np.full(values.size, offered)
    done = came if completed is None else np.array(completed, dtype=np.float64)
    return Series(
        bin_s=BIN_S,
        counts={"offered": came, "completed": done},
        means={},
        peaks={},
        latency_s={"p99": values},
        heat=np.zeros((1, values.size)),
        heat_edges_s=np.array([0.1, 1.0]),
    )


def found(p99_s, *faults, requirement=LIMIT, pattern="realtime", **more):
    case = make_case(Workload(), duration_s=len(p99_s) * BIN_S, faults=faults, requirement=requirement)
    kinds = frozenset() if BY_KEY[pattern].in_jobs else BY_KEY[pattern].touched_by
    return recoveries(series(p99_s, **more), case, kinds)


def days(*parts, bins=24):
    """A level of 0.1 s with (first bin, last bin, value) parts."""
    values = np.full(bins, 0.1)
    for first, last, value in parts:
        values[first : last + 1] = value
    return values


def test_recovered_when_the_last_slow_bin_ends():
    (one,) = found(days((12, 15, 3.0)), InstanceLoss(at_s=3700))
    assert one.recovered_s == 16 * BIN_S
    assert (one.p99_before_s, one.p99_worst_s, one.error_share) == (0.1, 3.0, 0.0)


def test_what_was_slow_or_failing_before_the_fault_is_counted():
    fault = InstanceLoss(at_s=3700)
    (slow,) = found(days((0, 11, 3.0)), fault)
    (failing,) = found(days(), fault, completed=[50.0] * 6 + [100.0] * 18)
    (well,) = found(days((12, 15, 3.0)), fault)
    (unlimited,) = found(days((0, 11, 3.0)), fault, requirement=Requirement(latency_limit_s=0.0, max_error_share=1.0))
    beyond = [one.beyond_before for one in (slow, failing, well, unlimited)]
    assert beyond == [1.0, 0.5, 0.0, 0.0]


def test_nothing_happened():
    (one,) = found(days(), InstanceLoss(at_s=3700))
    assert (one.recovered_s, one.p99_worst_s, one.error_share) == (3700, 0.1, 0.0)


def test_not_recovered_within_the_horizon():
    (one,) = found(days((12, 23, 3.0)), InstanceLoss(at_s=3700))
    assert one.recovered_s is None


def test_errors_alone_keep_it_from_being_well_also_where_nothing_is_answered():
    completed = np.full(24, 100.0)
    completed[12:14] = [0.0, 50.0]
    slow = days()
    slow[12] = np.nan
    (one,) = found(slow, InstanceLoss(at_s=3700), completed=completed)
    assert one.recovered_s == 14 * BIN_S
    assert one.error_share == pytest.approx(150 / 200)


def test_what_fails_in_the_work_arrived_in_the_bin_before():
    completed = np.full(24, 100.0)
    completed[11] = 90.0
    (one,) = found(days(), InstanceLoss(at_s=3600), completed=completed)
    assert one.recovered_s == 3600
    assert one.error_share > 0


def test_a_fault_that_lasts_is_not_recovered_from_before_it_is_over():
    (one,) = found(days((13, 13, 3.0), (18, 19, 3.0)), SlowDependency(at_s=3700, lasts_s=1800))
    assert (one.ended_s, one.recovered_s) == (5500, 20 * BIN_S)


def test_without_a_limit_the_hour_before_is_the_measure():
    free = Requirement(latency_limit_s=0, max_error_share=0)
    (one,) = found(days((12, 14, 0.2), (15, 17, 0.105)), InstanceLoss(at_s=3700), requirement=free)
    assert one.recovered_s == 15 * BIN_S
    (early,) = found(days((0, 3, 0.2)), InstanceLoss(at_s=0), requirement=free)
    assert early.recovered_s == 0


def test_beyond_its_limit_before_the_fault_it_recovers_to_what_it_was():
    (one,) = found(np.r_[np.full(12, 2.0), 5.0, 5.0, np.full(10, 2.1)], InstanceLoss(at_s=3700))
    assert one.recovered_s == 14 * BIN_S


def test_an_update_is_watched_until_its_steps_are_over():
    update = EndpointUpdate(at_s=3700, traffic_routing="CANARY", wait_s=1200)
    (one,) = found(days((18, 18, 3.0)), update)
    assert one.ended_s > 3700 + 1200
    assert one.recovered_s == 19 * BIN_S


def test_only_faults_that_touch_a_pattern_and_happen_are_measured():
    assert found(days(), InstanceLoss(at_s=3700), pattern="serverless") == ()
    assert found(days(), InstanceLoss(at_s=1e6)) == ()
    assert found(days(), SlowDependency(at_s=3700), pattern="batch") == ()


def test_an_empty_bin_is_well():
    empty = series(days(), offered=0.0)
    assert error_shares(empty).tolist() == [0.0] * 24


@given(
    st.lists(st.sampled_from([0.1, 0.5, 3.0, math.nan]), min_size=12, max_size=40),
    st.sampled_from(KINDS),
    st.floats(0, 12_000),
)
def test_recovery_is_never_before_the_fault_and_after_it_all_is_well_for_a_while(p99_s, kind, at_s):
    for one in found(p99_s, kind(at_s=at_s), requirement=LIMIT):
        assert one.at_s == at_s
        assert one.ended_s >= at_s
        if one.recovered_s is None:
            continue
        assert at_s <= one.recovered_s < len(p99_s) * BIN_S
        if one.recovered_s > at_s:
            before = p99_s[
                max(0, math.ceil(at_s / BIN_S) - 1 - int(BEFORE_S / BIN_S)) : max(math.ceil(at_s / BIN_S) - 1, 0)
            ]
            worst = max((v for v in before if not math.isnan(v)), default=0.0)
            limit_s = 1.0 if worst <= 1.0 else 1.1 * worst
            assert not p99_s[int(one.recovered_s / BIN_S)] > limit_s
            assert p99_s[int(one.recovered_s / BIN_S) - 1] > limit_s
