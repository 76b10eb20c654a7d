"""Idle on-demand environments of kernels/serverless.py: a stack in a ring, from which those that are gone are taken."""

from __future__ import annotations

from simulator.kernels import Floats, Ints, compiled
from simulator.kernels.agenda import ROW, TIME, WORD
from simulator.kernels.calendar import Places
from simulator.kernels.serverless_state import BOTTOM, EMPTY, ENVIRONMENTS, IDLE, SINCE, WARM_S


def _leave(c: Ints, r: Floats, words: Ints, place: int, gone_s: float) -> None:
    """An on-demand environment is no more since gone_s; its row is free."""
    r[WARM_S] += gone_s - r[SINCE]
    c[ENVIRONMENTS] -= 1
    words[ROW * place + WORD] = c[EMPTY]
    c[EMPTY] = place


def _expire(c: Ints, r: Floats, rows: Floats, words: Ints, ring: Places, now: float) -> None:
    """Take away the environments that are gone by now from the bottom."""
    while c[IDLE]:
        place = int(ring[c[BOTTOM]])
        if rows[ROW * place + TIME] >= now:
            break
        leave(c, r, words, place, rows[ROW * place + TIME])
        c[BOTTOM] = (c[BOTTOM] + 1) & (ring.size - 1)
        c[IDLE] -= 1


def _bury(c: Ints, r: Floats, rows: Floats, words: Ints, ring: Places, now: float) -> None:
    """Take away the environments that are gone by now from the bottom, then from the top."""
    expire(c, r, rows, words, ring, now)
    while c[IDLE]:
        place = int(ring[(c[BOTTOM] + c[IDLE] - 1) & (ring.size - 1)])
        if rows[ROW * place + TIME] >= now:
            break
        leave(c, r, words, place, rows[ROW * place + TIME])
        c[IDLE] -= 1


def _clear(c: Ints, r: Floats, rows: Floats, words: Ints, ring: Places, gone_s: float) -> None:
    """Take away all idle environments: at the end of their time, at latest at gone_s."""
    while c[IDLE]:
        c[IDLE] -= 1
        place = int(ring[(c[BOTTOM] + c[IDLE]) & (ring.size - 1)])
        leave(c, r, words, place, min(gone_s, rows[ROW * place + TIME]))


def _sweep(c: Ints, r: Floats, rows: Floats, words: Ints, ring: Places, now: float) -> None:
    """Take away the environments that are gone by now, wherever they lie."""
    kept = 0
    for k in range(c[IDLE]):
        place = ring[(c[BOTTOM] + k) & (ring.size - 1)]
        gone_s = rows[ROW * place + TIME]
        if gone_s < now:
            leave(c, r, words, place, gone_s)
        else:
            ring[(c[BOTTOM] + kept) & (ring.size - 1)] = place
            kept += 1
    c[IDLE] = kept


leave = compiled(_leave)
expire = compiled(_expire)
bury = compiled(_bury)
clear = compiled(_clear)
sweep = compiled(_sweep)
