"""Everything that comes with Headroom, read once into a World: instance types, traces and prices."""

from __future__ import annotations

from importlib import resources

from headroom.advisor.world import World
from headroom.sharing.packaged_traces import load_traces
from pricing.load import CATALOG_FILES, load
from simulator.engine.replication import Ahead, in_step
from simulator.model.hardware import parse


def load_world(ahead: Ahead = in_step) -> World:
    """Read the packaged hardware, traces and prices, at prices of the newest date in the catalogue.

    ahead: how work is spread over a second core during a simulation; it changes no result.
    """
    catalog = resources.files("pricing") / "catalog"
    prices = load({name: (catalog / name).read_text(encoding="utf-8") for name in CATALOG_FILES})
    instances = (resources.files("simulator") / "data" / "instances.csv").read_text(encoding="utf-8")
    return World(hardware=parse(instances), traces=load_traces(), prices=prices, on=prices.newest, ahead=ahead)
