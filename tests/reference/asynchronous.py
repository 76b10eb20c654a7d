"""The slow twin of simulator/kernels/asynchronous.py: the words of its docstring, with lists."""

from __future__ import annotations

import math


def run(p, slots, t, demand, changes, *, slowdown=None):
    """All requests through instances that join and leave.

    changes: (time, number, what: "join", "drain", "redo" or "lose"), by time; a change comes before everything else at
    its time. slowdown: factor of the service time by busy slots of the instance. Returns rows (arrival, queue, setup,
    service, fate) in order of their ends, and for each change the busy slots of each instance then.
    """
    arrivals = list(zip(t, demand, strict=True))
    changes = list(changes)
    queue: list[tuple[float, float]] = []
    free: list[int] = []
    working: list[tuple[float, int, int, float, float, float, float, int, float]] = []
    in_service: set[int] = set()
    started, latest = 0, -math.inf
    rows: list[tuple[float, ...]] = []
    seen: list[dict[int, int]] = []
    while True:
        changed = changes[0][0] if changes else math.inf
        finishes = min(working)[0] if working else math.inf
        expires = max(queue[0][0] + p.ttl_s, latest) if queue else math.inf
        arrives = arrivals[0][0] if arrivals else math.inf
        now = min(changed, finishes, expires, arrives)
        if now == math.inf:
            return rows, seen
        latest = now
        if now == changed:
            _, number, what = changes.pop(0)
            seen.append({j: len([work for work in working if work[2] == j]) for j in {work[2] for work in working}})
            if what == "join":
                in_service.add(number)
                free += [number] * slots
            else:
                in_service.discard(number)
                free = [other for other in free if other != number]
            if what in ("redo", "lose"):
                dead = sorted((held for held in working if held[2] == number), key=lambda held: -held[1])
                working = [held for held in working if held[2] != number]
                for held in dead:
                    arrival, began, setup, service, _, demanded = held[3:]
                    if what == "redo" and now < arrival + p.ttl_s:
                        queue.insert(0, (arrival, demanded))
                        continue
                    loaded = min(p.download_s, now - began)
                    done = min(now - began - loaded, service)
                    rows.append((arrival, began - arrival, loaded, done, 4 if what == "redo" else 5))
        elif now == finishes:
            done = min(working)
            working.remove(done)
            if done[2] in in_service:
                free.append(done[2])
            arrival, began, setup, service, fate, _ = done[3:]
            rows.append((arrival, began - arrival, setup, service, fate))
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
            busy = 1 + len([held for held in working if held[2] == number])
            slower = slowdown[busy] if slowdown is not None else 1.0
            service, setup, fate = work * p.factor * slower + p.added_s, p.download_s + p.upload_s, 0
            if service > p.timeout_s:
                service, setup, fate = p.timeout_s, p.download_s, 3
            working.append((now + setup + service, started, number, arrival, now, setup, service, fate, work))
            started += 1
