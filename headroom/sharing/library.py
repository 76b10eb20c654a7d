"""Everything that comes with Headroom, read once into a World: instance types, traces and prices."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import resources

from headroom.advisor.world import World
from headroom.sharing.own_prices import own_file, read_own
from headroom.sharing.packaged_traces import load_traces
from pricing.book import PriceBook
from pricing.load import CATALOG_FILES, load
from pricing.rates import Rate
from simulator.engine.replication import Ahead, in_step
from simulator.model.hardware import parse


def load_prices(own: Sequence[Rate]) -> PriceBook:
    """The packaged catalogue with rates of one's own over it."""
    catalog = resources.files("pricing") / "catalog"
    return load({name: (catalog / name).read_text(encoding="utf-8") for name in CATALOG_FILES}, own)


def load_world(ahead: Ahead = in_step) -> World:
    """The packaged hardware, traces and prices, with the user's own prices over them, as of the newest date in these.

    ahead: what another core does beside the simulation; it changes no result.

    Raises BadCatalog when the user's own file of prices cannot be used.
    """
    prices = load_prices(read_own(own_file()))
    instances = (resources.files("simulator") / "data" / "instances.csv").read_text(encoding="utf-8")
    return World(hardware=parse(instances), traces=load_traces(), prices=prices, on=prices.newest, ahead=ahead)
