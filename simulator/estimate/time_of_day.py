"""Times of the horizon in words."""

from __future__ import annotations

_DAY_S = 86_400


def clock(t_s: float) -> str:
    """Time of day, with the day when it is not the first: "12:40", "12:40 on day 3"."""
    day, rest = divmod(int(t_s), _DAY_S)
    time = f"{rest // 3600:02d}:{rest % 3600 // 60:02d}"
    return f"{time} on day {day + 1}" if day else time
