"""Instances in service by their number of outstanding requests: for each number a list, in which each knows its place.

So the router finds those with the fewest without looking at all, and an instance changes its list in O(1).
"""

from __future__ import annotations

from numba import njit

from simulator.kernels import Ints, compiled
from simulator.kernels.natural import natural
from simulator.kernels.realtime_state import Members


def _enlist(member: Members, members: Ints, place: Ints, j: int, level: int) -> None:
    """Put instance j at the end of the list of its level."""
    place[j] = members[level]
    member[level, members[level]] = j
    members[level] += 1


def _delist(member: Members, members: Ints, place: Ints, j: int, level: int) -> None:
    """Take instance j out of the list of its level; the last of the list takes its place."""
    members[level] -= 1
    last = member[level, members[level]]
    member[level, place[j]] = last
    place[last] = place[j]


def _shift(member: Members, members: Ints, place: Ints, j: int, level: int, to: int) -> None:
    """Move instance j from the list of one level to the end of that of another; the last of the first list takes its
    place there.
    """
    left = natural(members[level] - 1)
    members[level] = left
    last = natural(member[level, left])
    gap = natural(place[j])
    member[level, gap] = last
    place[last] = gap
    end = natural(members[to])
    place[j] = end
    member[to, end] = j
    members[to] = end + 1


enlist = compiled(_enlist)
delist = compiled(_delist)
# Inlined by LLVM, since a call would cost more than the work.
shift = njit(forceinline=True)(_shift)
