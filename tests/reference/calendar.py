"""The slow twin of simulator/kernels/calendar.py and agenda.py: a heap."""

from __future__ import annotations

import heapq


def order(gaps, takes):
    """Events are put in one by one, each its gap after now; then as many as its entry of takes come out, which move now
    on. The order in which all come out, those at equal times by number.
    """
    events: list[tuple[float, int]] = []
    now, out = 0.0, []
    for i, (gap, take) in enumerate(zip(gaps, takes, strict=True)):
        heapq.heappush(events, (now + gap, i))
        for _ in range(min(take, len(events))):
            at, event = heapq.heappop(events)
            now = max(now, at)
            out.append(event)
    return out + [event for _, event in sorted(events)]
