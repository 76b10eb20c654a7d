"""From readings of AWS's price list to the user's own catalogue, and what changes by it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from headroom.sharing.library import load_prices
from headroom.sharing.own_prices import read_own, write_own
from pricing.book import PriceBook
from pricing.offer import Reading
from pricing.rates import Rate
from pricing.user_catalog import Change, changes


@dataclass(frozen=True, slots=True, kw_only=True)
class Refreshed:
    """What a refresh did. file: the own catalogue. read: rates in the readings. changes: places whose price is another
    than before, the large ones first. skipped: products that could not be read, with the reason.
    """

    file: Path
    read: int
    regions: tuple[str, ...]
    changes: tuple[Change, ...]
    skipped: tuple[str, ...]


def refresh(readings: Iterable[Reading], file: Path) -> Refreshed:
    """Lay the readings over the own catalogue in `file`, write it, and say what changes.

    Raises BadCatalog when the file that is there cannot be used.
    """
    readings = tuple(readings)
    own = read_own(file)
    before = load_prices(own)
    fresh = [rate for reading in readings for rate in reading.rates]
    after_rates = _joined(own, fresh)
    after = load_prices(after_rates)
    regions = tuple(sorted({rate.region for rate in fresh}))
    write_own(file, after_rates)
    return Refreshed(
        file=file,
        read=len(fresh),
        regions=regions,
        changes=in_order(changes(before, after, regions)),
        skipped=tuple(why for reading in readings for why in reading.skipped),
    )


def differences(file: Path) -> tuple[Change, ...]:
    """How the own catalogue in `file` differs from the packaged one, the large changes first."""
    own = read_own(file)
    packaged: PriceBook = load_prices(())
    return in_order(changes(packaged, load_prices(own), sorted({rate.region for rate in own})))


def in_order(changes: Iterable[Change]) -> tuple[Change, ...]:
    """Large changes first, then other prices, then new and gone ones; by Region and usage within each."""
    return tuple(sorted(changes, key=lambda change: (not change.large, change.share is None, change.place)))


def _joined(own: Iterable[Rate], fresh: Iterable[Rate]) -> list[Rate]:
    """Both, in the order of place and day; of the same place and day the fresh one."""
    history: dict[tuple[object, object], Rate] = {(rate.place, rate.from_date): rate for rate in own}
    history |= {(rate.place, rate.from_date): rate for rate in fresh}
    return [history[key] for key in sorted(history, key=str)]
