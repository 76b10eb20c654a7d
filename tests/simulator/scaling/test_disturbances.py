"""Instances die and are replaced, a shortage makes them wait, an update swaps one fleet for another."""

from __future__ import annotations

import math
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.model.assumptions import Assumptions
from simulator.model.faults import CapacityShortage, EndpointUpdate, InstanceLoss, SlowDependency, ZoneLoss
from simulator.model.workload import Workload
from simulator.scaling.disturbances import Disturbances, victims
from simulator.scaling.fleet import Fleet
from tests.engine import make_case


def disturbances(*faults):
    return Disturbances(make_case(Workload(), faults=faults))


def fleet(size=20, starts_s=lambda now_s: now_s, delay_s=60.0):
    """Provisioning takes 100 s, 110 s, 120 s, ..."""
    delays = count(100, 10)

    def ready_s(together):
        return [float(next(delays)) for _ in range(together)]

    return Fleet(size, ready_s, starts_s=starts_s, replacement_delay_s=delay_s)


def run(f, until_s):
    """Let the fleet go on by itself; drained instances go at once. Returns what happened: (time, began, drained)."""
    seen = []
    while f.next_ready_s() <= until_s:
        now_s = f.next_ready_s()
        began, drained = f.arrive(now_s), f.retire(now_s)
        f.gone(drained + f.draining)
        if began or drained:
            seen.append((now_s, began, drained))
    return seen


def test_a_dead_instance_is_replaced_after_the_delay_and_counts_as_desired():
    f = fleet()
    f.start(3)
    f.lose(0.0, [0, 2])
    assert (f.in_service, f.desired, f.billed(while_provisioning=True)) == ([1], 3, 1)
    assert f.next_ready_s() == 60.0
    assert f.arrive(60.0) == []
    assert f.billed(while_provisioning=True) == 3
    assert run(f, 1000.0) == [(160.0, [0], []), (170.0, [2], [])]


def test_scale_in_takes_back_what_is_not_replaced_yet():
    f = fleet()
    f.start(3)
    f.lose(0.0, [0])
    assert f.resize(1.0, 2) == []
    assert (f.desired, f.next_ready_s()) == (2, math.inf)


def test_a_dead_draining_instance_is_not_replaced():
    f = fleet()
    f.start(2)
    f.resize(0.0, 1)
    f.lose(1.0, [1])
    assert (f.draining, f.desired) == ([], 1)


def test_in_a_shortage_provisioning_begins_at_its_end_and_is_not_billed_before():
    short = disturbances(CapacityShortage(at_s=50, lasts_s=100))
    f = fleet(starts_s=short.starts_s)
    f.start(1)
    f.resize(50.0, 3)
    assert (f.desired, f.billed(while_provisioning=True)) == (3, 1)
    assert run(f, 1000.0) == [(250.0, [1], []), (260.0, [2], [])]


def test_shortages_that_meet_are_one_and_outside_nothing_waits():
    short = disturbances(CapacityShortage(at_s=0, lasts_s=100), CapacityShortage(at_s=90, lasts_s=100))
    assert [short.starts_s(t) for t in (-1.0, 0.0, 95.0, 190.0)] == [-1.0, 190.0, 190.0, 190.0]


def test_slow_times_add_up_and_are_looked_at_when_they_begin_and_end():
    slow = disturbances(
        SlowDependency(at_s=10, lasts_s=20, added_ms=500), SlowDependency(at_s=20, lasts_s=20, added_ms=250)
    )
    looks = []
    while slow.next_s() < math.inf:
        now_s = slow.next_s()
        assert slow.due(now_s) == []
        looks.append((now_s, slow.added_s(now_s)))
    assert looks == [(10, 0.5), (20, 0.75), (30, 0.25), (40, 0.0)]


def test_each_event_strikes_once():
    struck, f = disturbances(InstanceLoss(at_s=5, instances=2), ZoneLoss(at_s=7, zones=2)), fleet()
    f.start(5)
    assert struck.next_s() == 5
    assert struck.strike(5.0, f) == [0, 1]
    assert struck.strike(6.0, f) == []
    assert struck.strike(7.0, f) == [2, 4]
    assert struck.next_s() == math.inf


@given(st.integers(1, 40), st.integers(2, 6))
def test_a_zone_takes_its_share_rounded_up(instances, zones):
    f = fleet(size=80)
    f.start(instances)
    assert len(victims(ZoneLoss(zones=zones), f)) == math.ceil(instances / zones)


def test_a_zone_takes_draining_instances_too():
    f = fleet()
    f.start(4)
    f.resize(0.0, 3)
    assert (f.in_service, f.draining) == ([0, 1, 2], [3])
    assert victims(ZoneLoss(zones=3), f) == [0, 3]


def test_an_update_that_is_due_begins_and_kills_nothing():
    f = fleet()
    f.start(2)
    assert disturbances(EndpointUpdate(at_s=5)).strike(5.0, f) == []
    assert f.updating


@pytest.mark.parametrize(("quota", "begins"), [(3, False), (4, True), (0, True)])
def test_an_update_whose_two_fleets_are_more_than_the_quota_is_refused(quota, begins):
    f = fleet()
    f.start(2)
    assumptions = Assumptions(instances_per_endpoint_quota=quota)
    found = Disturbances(make_case(Workload(), faults=(EndpointUpdate(at_s=5),), assumptions=assumptions))
    assert found.strike(5.0, f) == []
    assert (f.updating, found.refused_updates) == (begins, 0 if begins else 1)


def test_of_two_deaths_the_earlier_is_replaced_first():
    f = fleet()
    f.start(3)
    f.lose(0.0, [0])
    f.lose(30.0, [1])
    assert f.next_ready_s() == 60.0
    assert run(f, 1000.0) == [(160.0, [0], []), (200.0, [1], [])]


def test_a_scale_in_takes_back_what_waits_before_what_is_coming_and_no_more_than_asked():
    """Three are coming and one waits to be replaced: of four on their way two are taken back, one of each kind."""
    f = fleet()
    f.start(2)
    f.resize(0.0, 5)
    f.lose(0.0, [0])
    assert (f.desired, f.provisioning) == (5, 4)
    assert f.resize(1.0, 3) == []
    assert (f.desired, f.provisioning, f.billed(while_provisioning=True)) == (3, 2, 3)


def test_all_at_once_swaps_the_fleets_when_the_last_new_instance_is_ready():
    f = fleet()
    f.start(2)
    f.update(0.0, EndpointUpdate())
    assert (f.desired, f.updating, f.billed(while_provisioning=True), f.billed(while_provisioning=False)) == (
        2,
        True,
        4,
        2,
    )
    assert f.arrive(100.0) + f.retire(100.0) == []
    assert f.billed(while_provisioning=False) == 3
    assert f.arrive(110.0) == [2, 3]
    assert f.retire(110.0) == [0, 1]
    assert (f.in_service, f.draining, f.updating) == ([2, 3], [0, 1], False)


def test_canary_moves_a_share_then_the_rest_and_the_old_fleet_is_paid_for_until_it_ends():
    f = fleet()
    f.start(10)
    spec = EndpointUpdate(traffic_routing="CANARY", step_percent=25, wait_s=300, termination_wait_s=600)
    f.update(0.0, spec)
    seen = run(f, 1000.0)
    assert [(at, len(began), len(drained)) for at, began, drained in seen] == [(190.0, 3, 3), (490.0, 7, 7)]
    assert (len(f.in_service), f.billed(while_provisioning=True)) == (10, 20)
    run(f, 1090.0)
    f.gone(f.draining)
    assert (f.updating, f.billed(while_provisioning=True)) == (False, 10)


def test_linear_steps_and_their_number():
    spec = EndpointUpdate(traffic_routing="LINEAR", step_percent=30, wait_s=60)
    assert spec.shares == pytest.approx((0.3, 0.6, 0.9, 1.0))
    assert len(EndpointUpdate(traffic_routing="LINEAR", step_percent=10).shares) == 10
    f = fleet()
    f.start(4)
    f.update(0.0, spec)
    assert [len(began) for _, began, _ in run(f, 1000.0)] == [2, 1, 1]


def test_scaling_stands_still_during_an_update_and_a_second_one_is_refused():
    f = fleet()
    f.start(2)
    f.update(0.0, EndpointUpdate())
    f.update(1.0, EndpointUpdate())
    assert f.resize(1.0, 9) == []
    assert f.desired == 2
    run(f, 1000.0)
    assert (len(f.in_service), f.updating) == (2, False)


def test_an_endpoint_without_instances_is_updated_at_once():
    f = fleet()
    f.update(0.0, EndpointUpdate())
    assert not f.updating


def test_what_was_on_its_way_before_the_update_ends_with_the_old_fleet():
    f = fleet()
    f.start(2)
    f.resize(0.0, 3)
    f.update(10.0, EndpointUpdate(termination_wait_s=100))
    run(f, 1000.0)
    assert len(f.in_service) == 3
    assert min(f.in_service) >= 3


@given(
    st.lists(
        st.tuples(
            st.floats(0, 500), st.sampled_from(["lose", "zone", "canary", "linear", "resize"]), st.integers(0, 6)
        ),
        max_size=12,
    )
)
def test_whatever_happens_places_are_not_shared_and_the_fleet_comes_back_to_what_is_desired(events):
    f = fleet(size=400)
    f.start(3)
    for at_s, what, number in sorted(events):
        run(f, at_s)
        if what == "lose":
            f.lose(at_s, victims(InstanceLoss(instances=number + 1), f))
        elif what == "zone":
            f.lose(at_s, victims(ZoneLoss(zones=max(2, number)), f))
        elif what == "resize":
            f.resize(at_s, number)
        else:
            f.update(at_s, EndpointUpdate(traffic_routing=what.upper(), step_percent=20, wait_s=30))
        assert f.billed(while_provisioning=True) >= len(f.in_service)
        taken = [*f.in_service, *f.draining]
        assert len(set(taken)) == len(taken)
    run(f, 1e6)
    assert not f.updating
    assert len(f.in_service) == f.desired
