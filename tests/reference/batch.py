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


def run(p, slots, demand, bounds=None, tries=None, slow=()):
    """demand: seconds of each mini-batch, in order of objects; tries: how many it needs, negative when all fail.

    Returns begun and finished of each object, and model time of each instance.
    """
    tries = iter(tries if tries is not None else [1] * len(demand))
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
        for _ in sizes:
            slot = mine.index(min(mine))
            start = max(mine[slot], downloaded)
            again = abs(next(tries))
            added = sum(more for since, until, more in slow if since <= start < until)
            service = (next(demand) * p.factor + added) * again
            worked[k % p.instances] += service
            mine[slot] = start + again * p.overhead_s + service
            ends.append(mine[slot])
        finished.append(max(ends) + records * p.upload_s)
    return begun, finished, worked


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
