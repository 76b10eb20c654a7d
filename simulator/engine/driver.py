"""Requests of one replication, chunk by chunk, and the loop that leads a server through them.

A chunk holds arrival times, demands (seconds of work on the reference instance) and uniform numbers for routing. All
patterns get the same ones.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from simulator.engine.gate import Chunk, Gate
from simulator.engine.replication import Case, Stream
from simulator.kernels import OK
from simulator.model.service import demands

FloatArray = NDArray[np.float64]

EMPTY = np.zeros(0)


def chunks(case: Case) -> Iterator[Chunk]:
    """All requests from the start of the warm-up to the end of the horizon."""
    arrivals, demand, routing = (case.rng(stream) for stream in (Stream.ARRIVALS, Stream.DEMAND, Stream.ROUTING))
    simulation = case.simulation
    for t in case.source.times(arrivals, -simulation.warmup_s, simulation.duration_s):
        yield Chunk(t, demands(demand, case.workload.service_time, t.size), routing.random(t.size))


class Server(Protocol):
    """What `serve` leads: a pattern's queueing system with its controller."""

    def offer(self, t: FloatArray) -> None:
        """A chunk with these arrival times begins."""

    def advance(self, chunk: Chunk, i: int, until_s: float, final: bool) -> tuple[int, int]:
        """Work on from request i up to `until_s`; answer the next request and a status code of simulator.kernels."""

    def need(self, code: int) -> None:
        """Make room for what the status code asks."""

    def next_control_s(self) -> float:
        """When the controller has to look next."""

    def control(self, now_s: float) -> None:
        """The controller looks at time now_s."""

    def now_s(self) -> float:
        """When the controller looked last."""

    def idle(self) -> bool:
        """Whether no request is waiting, in work or about to be tried again."""


def serve(case: Case, server: Server, drain_s: float, gate: Gate) -> None:
    """Lead the server through all requests that pass the gate, then let it finish what it has, for at most drain_s
    after the horizon.
    """
    horizon_s, warmup_s = case.simulation.duration_s, case.simulation.warmup_s
    for chunk in case.ahead(chunks(case)):
        server.offer(chunk.t)
        _through(server, gate.through(chunk), horizon_s, horizon_s, final=False)
        case.progress(min(1.0, (float(chunk.t[-1]) + warmup_s) / (horizon_s + warmup_s)))
    _through(server, Chunk(EMPTY, EMPTY, EMPTY), horizon_s, horizon_s + drain_s, final=True)
    # Whatever the controller has not seen of the horizon yet.
    server.control(max(horizon_s, server.now_s()))
    case.progress(1.0)


def _through(server: Server, chunk: Chunk, horizon_s: float, end_s: float, *, final: bool) -> None:
    """Lead the server through one chunk; a final call goes on past the horizon until the server is idle, never beyond
    end_s.
    """
    i = 0
    while True:
        control_s = server.next_control_s()
        i, code = server.advance(chunk, i, min(control_s, end_s), final)
        if code != OK:
            server.need(code)
        elif i < chunk.t.size or (final and control_s < end_s and not (control_s > horizon_s and server.idle())):
            server.control(control_s)
        else:
            return
