"""The slow twin of simulator/kernels/asynchronous.py: the words of its docstring, with lists."""

from __future__ import annotations

import math


def run(p, slots, t, demand, changes):
    """All requests through instances that join and leave.

    changes: (time, number, whether it joins), by time; a change comes before everything else at its time. Returns
    rows (arrival, queue, setup, service, fate) in order of start or expiry, and for each change the busy slots of each
    instance then.
    """
    arrivals = list(zip(t, demand, strict=True))
    changes = list(changes)
    queue: list[tuple[float, float]] = []
    free: list[int] = []
    working: list[tuple[float, int, int]] = []
    in_service: set[int] = set()
    started = 0
    rows: list[tuple[float, ...]] = []
    seen: list[dict[int, int]] = []
    while True:
        changed = changes[0][0] if changes else math.inf
        finishes = min(working)[0] if working else math.inf
        expires = queue[0][0] + p.ttl_s if queue else math.inf
        arrives = arrivals[0][0] if arrivals else math.inf
        now = min(changed, finishes, expires, arrives)
        if now == math.inf:
            return rows, seen
        if now == changed:
            _, number, joins = changes.pop(0)
            seen.append({j: len([work for work in working if work[2] == j]) for j in {work[2] for work in working}})
            if joins:
                in_service.add(number)
                free += [number] * slots
            else:
                in_service.discard(number)
                free = [other for other in free if other != number]
        elif now == finishes:
            done = min(working)
            working.remove(done)
            if done[2] in in_service:
                free.append(done[2])
        elif now == expires:
            arrival, _ = queue.pop(0)
            rows.append((arrival, now - arrival, 0.0, 0.0, 4))
        else:
            queue.append(arrivals.pop(0))
        # Of several changes at one time the last is followed by starts, as the controller makes them in one go.
        if changes and changes[0][0] == now and now == changed:
            continue
        while queue and free:
            arrival, work = queue.pop(0)
            number = free.pop()
            service, setup, fate = work * p.factor, p.download_s + p.upload_s, 0
            if service > p.timeout_s:
                service, setup, fate = p.timeout_s, p.download_s, 3
            working.append((now + setup + service, started, number))
            started += 1
            rows.append((arrival, now - arrival, setup, service, fate))
