"""Who wants which results, and who has gone. A watcher is named "visitor" or "visitor/topic"."""

from __future__ import annotations

import time
from collections.abc import Callable

GONE_S = 60.0


def visitor_of(watcher: str) -> str:
    """Return the visitor that a watcher belongs to: its name before the first "/"."""
    return watcher.partition("/")[0]


def always(_visitor: str) -> bool:
    """Return True: every visitor is taken to be still there. A `present` for where visitors are not tracked."""
    return True


class Watchers:
    """The keys that each watcher wants, and the time of each visitor's last sign of life. Not safe to use from several
    threads.

    present: tells whether a visitor is still there. A visitor absent for gone_s seconds wants nothing any more.
    """

    def __init__(self, present: Callable[[str], bool], gone_s: float) -> None:
        self._present, self.gone_s = present, gone_s
        self._wishes: dict[str, tuple[frozenset[str], float]] = {}

    def note(self, watcher: str, keys: frozenset[str]) -> None:
        """Note that a watcher wants these keys and no others from now on."""
        if keys:
            self._wishes[watcher] = (keys, time.monotonic())
        else:
            self._wishes.pop(watcher, None)

    def forget_gone(self) -> None:
        """Forget the wishes of visitors who have been absent for gone_s seconds."""
        now_s = time.monotonic()
        for watcher, (keys, seen_s) in list(self._wishes.items()):
            if self._present(visitor_of(watcher)):
                self._wishes[watcher] = (keys, now_s)
            elif now_s - seen_s >= self.gone_s:
                del self._wishes[watcher]

    def keys(self) -> frozenset[str]:
        """Return all keys that some watcher wants."""
        return frozenset[str]().union(*(keys for keys, _ in self._wishes.values()))

    def watchers_of(self, key: str) -> frozenset[str]:
        """Return the watchers that want this key."""
        return frozenset(watcher for watcher, (keys, _) in self._wishes.items() if key in keys)

    def visitors_of(self, key: str) -> frozenset[str]:
        """Return the visitors that want this key."""
        return frozenset(visitor_of(watcher) for watcher in self.watchers_of(key))

    def visitors(self) -> frozenset[str]:
        """Return all visitors that want anything."""
        return frozenset(visitor_of(watcher) for watcher in self._wishes)
