"""What an evaluation needs besides the scenario: hardware, traces and prices as of a day. `sharing` reads them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from pricing.book import PriceBook
from simulator.engine.replication import Ahead, in_step
from simulator.model.hardware import Hardware
from simulator.traffic.trace import TraceLibrary


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """on: the day whose prices count. ahead: how requests are drawn ahead of the simulation, if at all."""

    hardware: Hardware
    traces: TraceLibrary
    prices: PriceBook
    on: date
    ahead: Ahead = in_step
