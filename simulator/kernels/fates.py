"""How a request can end: the codes that the kernels write into their logs. Each request has exactly one."""

from __future__ import annotations

from typing import Final, Literal, get_args

Fate = Literal["completed", "throttled", "rejected", "timed_out", "expired", "lost", "failed", "unfinished"]
FATES: Final[tuple[Fate, ...]] = get_args(Fate)
COMPLETED, THROTTLED, REJECTED, TIMED_OUT, EXPIRED, LOST, FAILED, UNFINISHED = range(8)
