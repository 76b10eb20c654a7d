"""What is kept for a tab: found again, bounded in size and time."""

from __future__ import annotations

from headroom.ui.shell.tab_keep import MAX_ONE_BYTES, TabKeep


class Clock:
    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def test_what_is_kept_is_found_under_its_own_id() -> None:
    keep = TabKeep()
    one, two = keep.put(b"one"), keep.put(b"two")
    assert one != two
    assert (keep.get(one), keep.get(two), keep.get("else")) == (b"one", b"two", None)


def test_it_goes_a_day_after_its_last_use() -> None:
    clock = Clock()
    keep = TabKeep(kept_s=100, now=clock)
    used, unused = keep.put(b"used"), keep.put(b"unused")
    clock.now_s = 60
    assert keep.get(used) == b"used"
    clock.now_s = 150
    assert (keep.get(used), keep.get(unused)) == (b"used", None)
    clock.now_s = 300
    assert keep.get(used) is None


def test_the_one_not_used_for_longest_makes_room() -> None:
    keep = TabKeep(max_bytes=10)
    first, second = keep.put(b"1234"), keep.put(b"5678")
    assert keep.get(first) == b"1234"
    third = keep.put(b"abcd")
    assert (keep.get(first), keep.get(second), keep.get(third)) == (b"1234", None, b"abcd")


def test_what_is_too_large_is_not_kept() -> None:
    assert TabKeep(max_bytes=3).put(b"1234") == ""
    assert TabKeep().put(bytes(MAX_ONE_BYTES + 1)) == ""
