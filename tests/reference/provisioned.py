"""A serverless endpoint whose provisioned concurrency follows a schedule and whose room in the account changes, told
again from docs/scaling.md and docs/patterns/serverless.md: nobody tries again, every cold start takes as long.
"""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass, field
from typing import Any

# Kinds at equal times.
CONTROL, LEAVE, ARRIVE = range(3)


@dataclass
class Told:
    """fates: (arrival, "completed" or "throttled", cold); worked_ms: billed by provisioned (True) or on demand."""

    fates: list[tuple[float, str, bool]] = field(default_factory=list)
    worked_ms: dict[bool, int] = field(default_factory=lambda: {True: 0, False: 0})
    latency_s: float = 0.0
    paid_s: float = 0.0


def tell(t, work_s, *, cold_s, keep_s, room, room_changes_s, provisioned, actions, ready_s, begins_s, ends_s):
    """t, work_s: arrivals and their time in an environment. room(time): requests that may be in flight from then on.

    actions: (time, least, most) of provisioned environments; provisioned: how many there are at first.
    """
    events: list[tuple[float, int, int, Any]] = []
    for k, (at, takes) in enumerate(zip(t, work_s, strict=True)):
        events.append((at, ARRIVE, k, takes))
    events += [(at, CONTROL, k, (least, most)) for k, (at, least, most) in enumerate(actions)]
    events += [(at, CONTROL, -1, None) for at in room_changes_s]
    heapq.heapify(events)
    free, leaving = provisioned, 0
    on_their_way: list[float] = []  # when they are ready
    provisioned_now = provisioned  # in service: free or busy, without those that leave
    idle: list[float] = []  # when each on-demand environment went idle, the one used last is last
    busy, allowed, number = 0, room(begins_s), len(t)
    told, since = Told(), 0.0

    def pay(until):
        nonlocal since
        until = min(until, ends_s)
        if until > since:
            told.paid_s += (provisioned_now + len(on_their_way)) * (until - since)
            since = until

    while events:
        now, kind, _, what = heapq.heappop(events)
        pay(now)
        if kind == CONTROL:
            allowed = room(now)
            if what == "ready":
                come = [at for at in on_their_way if at <= now]
                on_their_way = [at for at in on_their_way if at > now]
                free, provisioned_now = free + len(come), provisioned_now + len(come)
            elif what is not None:
                desired = provisioned_now + len(on_their_way)
                wanted = max(what[0], min(what[1], desired))
                for _ in range(wanted - desired):
                    on_their_way.append(now + ready_s)
                    heapq.heappush(events, (now + ready_s, CONTROL, number, "ready"))
                    number += 1
                for _ in range(desired - wanted):
                    if on_their_way:
                        on_their_way.remove(max(on_their_way))
                        continue
                    provisioned_now -= 1
                    free, leaving = (free - 1, leaving) if free else (free, leaving + 1)
        elif kind == LEAVE:
            busy -= 1
            if what and leaving:
                leaving -= 1
            elif what:
                free += 1
            else:
                idle.append(now)
        else:
            idle = [at for at in idle if at + keep_s >= now]
            if busy >= allowed:
                told.fates.append((now, "throttled", False))
                continue
            warm, cold = free > 0, not free and not idle
            if warm:
                free -= 1
            elif idle:
                idle.pop()
            takes = what + (cold_s if cold else 0.0)
            busy += 1
            heapq.heappush(events, (now + takes, LEAVE, number, warm))
            number += 1
            told.fates.append((now, "completed", cold))
            if 0 <= now < ends_s:
                told.worked_ms[warm] += math.ceil(what * 1000 - 1e-6)
                told.latency_s += takes
    pay(ends_s)
    return told
