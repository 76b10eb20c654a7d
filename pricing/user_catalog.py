"""A catalogue of one's own that lies over the packaged one: rates as CSV text, and what they change.

It is what `headroom prices refresh` writes. A rate of the same place and day replaces the packaged one; otherwise the
later day holds, as everywhere in a price book. A place that the package leaves out on purpose is priced where the own
catalogue has a price.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from pricing.book import PriceBook
from pricing.errors import BadCatalog
from pricing.rates import Rate, RatePlace
from pricing.rows import EVIDENCE, Row

COLUMNS = ("usage", "region", "dimension", "usd", "per", "from_date", "source", "origin", "evidence", "note")
LARGE_CHANGE = Decimal("0.2")
"""A price that moves by more than this share is told apart: a slip of unit looks like it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A place whose price differs between two books. before, after: None where there is no price."""

    place: RatePlace
    before: Rate | None
    after: Rate | None

    @property
    def share(self) -> Decimal | None:
        """How much dearer, as a share of the price before; None where one is missing."""
        if self.before is None or self.after is None:
            return None
        return self.after.usd / self.before.usd - 1

    @property
    def large(self) -> bool:
        """Whether the price moved by more than LARGE_CHANGE."""
        return self.share is not None and abs(self.share) > LARGE_CHANGE


def write(rates: Iterable[Rate]) -> str:
    """Rates without tiers as CSV text, which `read` gives back."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for rate in rates:
        writer.writerow(
            (
                rate.usage,
                rate.region,
                rate.dimension,
                f"{rate.usd:f}",
                rate.per,
                rate.from_date.isoformat(),
                rate.source,
                rate.origin,
                rate.evidence,
                rate.note,
            )
        )
    return text.getvalue()


def read(text: str, file: str) -> tuple[Rate, ...]:
    """The rates of a catalogue of one's own. Raises BadCatalog, which names file, line and column."""
    lines = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        return tuple(_rates(lines, file))
    except csv.Error as error:
        raise BadCatalog(
            f"{file}, line {lines.line_num}: not CSV ({error}). Delete the file, or write it anew."
        ) from error


def overlaid(rates: Sequence[Rate], own: Sequence[Rate]) -> list[Rate]:
    """The packaged rates with those of one's own: of the same place and day, one's own."""
    replaced = {(rate.place, rate.from_date) for rate in own}
    return [*(rate for rate in rates if (rate.place, rate.from_date) not in replaced), *own]


def changes(before: PriceBook, after: PriceBook, regions: Iterable[str]) -> tuple[Change, ...]:
    """What differs between the newest rates of two books in some Regions, by Region and in the order of the keys."""
    changes = []
    for region in regions:
        old = {rate.place: rate for rate in before.rates(region, before.newest)}
        new = {rate.place: rate for rate in after.rates(region, after.newest)}
        for place in dict.fromkeys([*old, *new]):
            was, now = old.get(place), new.get(place)
            if was is None or now is None or was.usd != now.usd:
                changes.append(Change(place=place, before=was, after=now))
    return tuple(changes)


def _rates(lines: Iterator[list[str]], file: str) -> Iterator[Rate]:
    header = tuple(next(lines, []))
    if header != COLUMNS:
        raise BadCatalog(f"{file}, line 1: given {','.join(header)!r}; allowed: {','.join(COLUMNS)!r}.")
    seen: set[tuple[str, str, str, str]] = set()
    for number, values in enumerate(lines, start=2):
        row = Row(file, f"line {number}", dict(zip(COLUMNS, values, strict=False)))
        if len(values) != len(COLUMNS):
            raise row.bad("columns", len(values), f"{len(COLUMNS)} values")
        key, named = row.usage(), row.text("dimension")
        if not key.accepts(named):
            raise row.bad("dimension", named, key.allowed_dimension)
        row.one_of("per", (key.rate_unit,))
        once = (key.key, row.text("region"), named, row.text("from_date"))
        if once in seen:
            raise row.bad("from_date", once[3], "one price a day for a place")
        seen.add(once)
        yield Rate(
            usage=key.key,
            region=row.region(row.text("region")),
            dimension=named,
            usd=row.usd(row.text("usd"), key, "usd"),
            per=key.rate_unit,
            from_date=row.day("from_date"),
            source=row.text("source"),
            origin=row.text("origin"),
            evidence=EVIDENCE[row.one_of("evidence", EVIDENCE)],
            note=row.text("note"),
        )
