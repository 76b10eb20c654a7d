"""Limits that workloads share: counted once, by Region, at the same time."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headroom.advisor.portfolio.common_clock import Axis
from headroom.advisor.portfolio.description import InstanceQuota, Quotas
from headroom.advisor.portfolio.shared import ENTERED, SharedLimit, shared_limits
from tests.headroom.advisor.portfolio.made import taken

AXIS = Axis(step_s=3600, cells=24)
NONE = Quotas()


def day(**hours: float) -> list[float]:
    """24 hours, 0 but at the hours named h3, h14, ..."""
    return [hours.get(f"h{hour}", 0.0) for hour in range(24)]


def only(found: tuple[SharedLimit, ...], key: str) -> SharedLimit:
    return next(one for one in found if one.key == key)


def test_the_serverless_pool_is_shown_both_ways() -> None:
    here = [
        taken("A", day(h9=90, h12=10), "serverless", configured=200),
        taken("B", day(h9=5, h12=100), "serverless", configured=150),
    ]
    pool = only(shared_limits(here, NONE, AXIS), "serverless_concurrency")
    assert (pool.configured, pool.used, pool.used_at, pool.allowed) == (350, 110, "12:00", 1000)
    assert pool.by == (("A", 10), ("B", 100))
    assert pool.state == "kept"
    assert pool.todo == "A new account may have 10: check yours, and ask for 350 before you start."


@pytest.mark.parametrize(
    ("quota", "state", "words"),
    [
        (400, "kept", ""),
        (200, "at risk", "350 are configured, 110 were in use at once, 200 are allowed. AWS does not say which"),
        (100, "broken", "Lower MaxConcurrency where the use leaves room, ask AWS for a larger pool (L-96300102)"),
    ],
)
def test_the_pool_that_the_user_enters_counts(quota: int, state: str, words: str) -> None:
    here = [
        taken("A", day(h9=90, h12=10), "serverless", configured=200),
        taken("B", day(h9=5, h12=100), "serverless", configured=150),
    ]
    pool = only(shared_limits(here, Quotas(serverless_concurrency=quota), AXIS), "serverless_concurrency")
    assert (pool.allowed, pool.source, pool.state) == (quota, ENTERED, state)
    assert pool.todo.startswith(words)
    assert bool(pool.todo) == bool(words)


@pytest.mark.parametrize(
    ("region", "allowed"), [("us-east-1", 1000), ("eu-west-1", 1000), ("eu-west-2", 500), ("eu-central-2", None)]
)
def test_the_pool_of_a_region_is_the_guides(region: str, allowed: int | None) -> None:
    pool = shared_limits([taken("A", day(h1=1), "serverless", configured=20, region=region)], NONE, AXIS)[0]
    assert pool.allowed == allowed
    assert pool.state == ("unknown" if allowed is None else "kept")


def test_regions_do_not_share() -> None:
    here = [
        taken("A", day(h1=600), "serverless", region="us-east-1"),
        taken("B", day(h1=600), "serverless", region="us-west-2"),
    ]
    pools = [one for one in shared_limits(here, NONE, AXIS) if one.key == "serverless_concurrency"]
    assert [(one.region, one.used, one.state) for one in pools] == [
        ("us-east-1", 600, "kept"),
        ("us-west-2", 600, "kept"),
    ]
    together = shared_limits([here[0], replace(here[1], region="us-east-1")], NONE, AXIS)[0]
    assert (together.used, together.state) == (1200, "broken")


def test_serverless_endpoints_are_counted() -> None:
    here = [taken(f"W{at}", day(), "serverless", configured=1) for at in range(6)]
    endpoints = only(shared_limits(here, NONE, AXIS), "serverless_endpoints")
    assert (endpoints.used, endpoints.allowed, endpoints.new_account, endpoints.state) == (6, 50, 5, "kept")
    assert only(shared_limits(here, Quotas(serverless_endpoints=5), AXIS), "serverless_endpoints").state == "broken"


def test_instances_at_different_times_do_not_add_up() -> None:
    here = [taken("Night", day(h2=8), configured=10), taken("Day", day(h14=6), configured=10)]
    quotas = Quotas(instance_types=(InstanceQuota(instance_type="ml.m5.xlarge", most=8),))
    found = only(shared_limits(here, quotas, AXIS), "endpoint_type")
    assert (found.used, found.used_at_s, found.configured, found.allowed) == (8, 7200, 20, 8)
    assert found.state == "at risk"
    assert "a scale-out over the quota adds nothing (facts row 2.28)" in found.todo
    overlapping = [here[0], taken("Day", day(h2=1, h14=6), configured=10)]
    broken = only(shared_limits(overlapping, quotas, AXIS), "endpoint_type")
    assert (broken.used, broken.state) == (9, "broken")
    assert broken.todo.endswith("9 are needed at once, 8 are allowed.")


def test_endpoints_and_transform_jobs_have_quotas_of_their_own() -> None:
    gpu = taken("G", day(h1=2), instance_type="ml.g5.xlarge")
    here = [taken("E", day(h1=3)), taken("T", day(h1=3), "transform"), gpu]
    found = shared_limits(here, Quotas(endpoint_instances=4, transform_instances=4), AXIS)
    assert only(found, "endpoint_instances").used == 5
    assert only(found, "endpoint_instances").state == "broken"
    assert only(found, "transform_instances").state == "kept"
    assert [(one.what, one.used) for one in found if one.key == "endpoint_type"] == [
        ("ml.m5.xlarge for endpoints", 3),
        ("ml.g5.xlarge for endpoints", 2),
    ]


def test_without_a_quota_the_need_is_told_and_nothing_is_called_broken() -> None:
    found = shared_limits([taken("E", day(h1=30))], NONE, AXIS)
    assert {one.state for one in found} == {"unknown"}
    todo = "A new account may have 0: check yours, and ask for 30 before you start."
    assert only(found, "endpoint_type").todo == todo


def test_what_a_new_account_has_is_kept() -> None:
    assert only(shared_limits([taken("E", day(h1=4))], NONE, AXIS), "endpoint_instances").state == "kept"


@given(st.lists(st.lists(st.integers(0, 50), min_size=24, max_size=24), min_size=1, max_size=5))
def test_the_use_is_between_the_largest_and_the_sum_of_peaks(each: list[list[int]]) -> None:
    here = [taken(f"W{at}", one, configured=50) for at, one in enumerate(each)]
    found = only(shared_limits(here, NONE, AXIS), "endpoint_instances")
    assert max(map(max, each)) <= found.used <= sum(map(max, each))
    assert sum(number for _, number in found.by) == found.used


def test_nothing_used_nothing_shared() -> None:
    assert shared_limits([], NONE, AXIS) == ()
