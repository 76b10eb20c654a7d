"""What does not fit into an address, kept by itself for the browser tab: in the memory of this server, under an id that
only the tab's address has, for a day after its last use and up to a size for all tabs together. It ends with the
server.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable

KEPT_S = 86_400.0
MAX_BYTES = 200_000_000
MAX_ONE_BYTES = 5_000_000


class TabKeep:
    """Bytes by id. The one that was not used for the longest time goes first when there is no more room."""

    def __init__(
        self, max_bytes: int = MAX_BYTES, kept_s: float = KEPT_S, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._max_bytes, self._kept_s, self._now = max_bytes, kept_s, now
        self._kept: OrderedDict[str, tuple[bytes, float]] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def put(self, body: bytes) -> str:
        """Keep these bytes and return their id; "" when they are too large."""
        if len(body) > min(MAX_ONE_BYTES, self._max_bytes):
            return ""
        with self._lock:
            self._drop_old()
            while self._bytes + len(body) > self._max_bytes:
                self._drop_first()
            id_ = secrets.token_urlsafe(12)
            self._kept[id_] = (body, self._now())
            self._bytes += len(body)
            return id_

    def get(self, id_: str) -> bytes | None:
        """Return the bytes of an id, which counts as a use; None when they are not here any more."""
        with self._lock:
            self._drop_old()
            kept = self._kept.get(id_)
            if kept is None:
                return None
            self._kept[id_] = (kept[0], self._now())
            self._kept.move_to_end(id_)
            return kept[0]

    def _drop_old(self) -> None:
        while self._kept and next(iter(self._kept.values()))[1] < self._now() - self._kept_s:
            self._drop_first()

    def _drop_first(self) -> None:
        _, (body, _) = self._kept.popitem(last=False)
        self._bytes -= len(body)
