"""The slow twin of simulator/kernels/batch.py: the words of its docstring, record by record."""

from __future__ import annotations

import math


def objects(p, bounds=None):
    """The records of each object; as equal as can be when there are no bounds."""
    bounds = bounds or [k * p.records // p.objects for k in range(p.objects + 1)]
    return [list(range(bounds[k], bounds[k + 1])) for k in range(p.objects)]


def mini_batches(p, bounds=None):
    """For each object the sizes of its mini-batches."""
    cut = [[held[i : i + p.per_batch] for i in range(0, len(held), p.per_batch)] for held in objects(p, bounds)]
    return [[len(piece) for piece in pieces] for pieces in cut]


def run(p, slots, demand, bounds=None, tries=None, slow=(), slowdown=()):
    """demand: seconds of each mini-batch, in order of objects; tries: how many it needs that are not cut off, negative
    when all fail; slowdown: factor by busy slots.

    Returns begun and finished of each object, model time of each instance, and of each object the fates of its
    mini-batches: "done", "failed" or "cut off".
    """
    tries = iter(tries if tries is not None else [1] * len(demand))
    fates: list[list[str]] = []
    demand = iter(demand)
    free = [[0.0] * slots for _ in range(p.instances)]
    worked = [0.0] * p.instances
    begun, finished = [], []
    for k, sizes in enumerate(mini_batches(p, bounds)):
        mine = free[k % p.instances]
        records = sum(sizes)
        begun.append(min(mine))
        downloaded = min(mine) + records * p.download_s
        ends = [downloaded]
        fates.append([])
        for _ in sizes:
            slot = mine.index(min(mine))
            start = max(mine[slot], downloaded)
            busy = 1 + sum(other > start for number, other in enumerate(mine) if number != slot)
            usual = next(demand) * p.factor * (slowdown[busy] if len(slowdown) else 1.0)
            needed = next(tries)
            now, whole, fate = start, 0, ""
            for _ in range(p.most_tries):
                service = usual + sum(more for since, until, more in slow if since <= now < until)
                fate = "cut off" if service > p.limit_s else "failed"
                worked[k % p.instances] += min(service, p.limit_s)
                now += p.overhead_s + min(service, p.limit_s)
                whole += service <= p.limit_s
                if fate == "failed" and whole == needed:
                    fate = "done"
                    break
            fates[-1].append(fate)
            mine[slot] = now
            ends.append(now)
        finished.append(max(ends) + records * p.upload_s)
    return begun, finished, worked, fates


def answers(p, begun, finished, edges, records, counted, times, bin_s):
    """For each counted record that is answered: bin of its arrival, latency and its parts queue, setup, service."""
    asked, began, last = times
    home = {r: k for k, held in enumerate(objects(p)) for r in held}
    arrivals = [
        (low + (x + 0.5) / n * (high - low), (low + high) / 2)
        for low, high, n in zip(edges[:-1], edges[1:], records, strict=True)
        for x in range(n)
    ]
    rows = []
    for r in range(*counted):
        arrival, middle = arrivals[r]
        k = home[r]
        if began + finished[k] <= last:
            row = (math.floor(middle / bin_s), began + finished[k] - arrival)
            rows.append((*row, asked - arrival + begun[k], began - asked, finished[k] - begun[k]))
    return rows
