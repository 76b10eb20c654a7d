"""Which results are kept."""

from __future__ import annotations

from headroom.work.jobs import WorkJob, WorkOrder
from headroom.work.result_cache import KEEP, ResultCache


def ended(number: int) -> WorkJob:
    return WorkJob(WorkOrder(f"key {number}", "evaluate", {}), state="done", result=number)


def full(more: int) -> ResultCache:
    cache = ResultCache()
    for number in range(KEEP + more):
        cache.put(ended(number))
    return cache


def kept(cache: ResultCache, more: int) -> list[int]:
    return [number for number in range(KEEP + more) if cache.get(f"key {number}") is not None]


def test_as_many_as_are_kept_stay():
    cache = full(0)
    cache.trim(frozenset())
    assert kept(cache, 0) == list(range(KEEP))


def test_the_least_recently_used_go_first():
    cache = full(2)
    cache.get("key 0")
    cache.trim(frozenset())
    assert kept(cache, 2) == [0, *range(3, KEEP + 2)]


def test_what_is_wanted_stays_though_it_is_old():
    cache = full(2)
    cache.trim(frozenset({"key 0", "key 1"}))
    assert kept(cache, 2) == [0, 1, *range(4, KEEP + 2)]


def test_a_job_that_is_done_anew_takes_the_place_of_the_old_one():
    cache = full(0)
    newer = ended(0)
    cache.put(newer)
    assert cache.get("key 0") is newer
