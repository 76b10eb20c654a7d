"""`headroom prices refresh|diff`: prices brought up to date from AWS's price list, and what that changes."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from headroom.advisor.tell import words
from headroom.cli.streams import say
from headroom.prices.bulk_files import HOST, BulkFiles
from headroom.prices.query_api import price_list
from headroom.prices.refresh import Refreshed, differences, refresh
from headroom.sharing.exports.text import clean
from headroom.sharing.own_prices import own_file
from pricing.keys import BY_KEY
from pricing.offer import BadOffer, Reading, read_bulk, read_query
from pricing.rates import Rate
from pricing.user_catalog import LARGE_CHANGE, Change
from simulator.errors import HeadroomError, InvalidScenario, Problem

SHOWN = 40
"""Changes that are printed; all of them are in the file."""
HOST_VARIABLE = "HEADROOM_PRICE_LIST_HOST"


def add_arguments(command: argparse.ArgumentParser, _name: str) -> None:
    """Add the actions of `prices` and their options."""
    actions = command.add_subparsers(required=True, metavar="ACTION", parser_class=argparse.ArgumentParser)
    about = "fetch the price list (public files, no credentials), check it and write the catalogue"
    update = actions.add_parser("refresh", help=about, description=f"{about[0].upper()}{about[1:]}.")
    update.add_argument("--region", metavar="R", action="append", default=[], help="this Region (again for more); all")
    update.add_argument("--from", dest="on", metavar="DATE", help="the list that was in force on that day: 2026-09-22")
    which = update.add_mutually_exclusive_group()
    which.add_argument("--api", action="store_true", help="ask the Query API with boto3 and your credentials instead")
    which.add_argument("--file", metavar="FILE", action="append", default=[], help="read downloaded index.json files")
    update.set_defaults(start=_refresh, out=None)
    about = "show how your own catalogue differs from the packaged one"
    compare = actions.add_parser("diff", help=about, description=f"{about[0].upper()}{about[1:]}.")
    compare.set_defaults(start=_diff, out=None)


def _refresh(arguments: argparse.Namespace) -> int:
    if arguments.api and not arguments.region:
        raise InvalidScenario([Problem("--api", "no --region", "at least one --region R to ask for")])
    if arguments.on and (arguments.api or arguments.file):
        raise InvalidScenario([Problem("--from", arguments.on, "without --api and --file", "They have one list only.")])
    done = refresh(_readings(arguments), own_file())
    print(refreshed_text(done), end="")
    return 0


def _readings(arguments: argparse.Namespace) -> Iterator[Reading]:
    if arguments.file:
        yield from (read_bulk(_text(Path(file)), clean(file)) for file in arguments.file)
    elif arguments.api:
        yield read_query(price_list(arguments.region), "Query API")
    else:
        source = BulkFiles(own_file().parent / "price-lists", os.environ.get(HOST_VARIABLE) or HOST, _progress)
        for file in source.files(arguments.region, _day(arguments.on)):
            yield _fetched(source.fetch(file))


def _fetched(path: Path) -> Reading:
    """The rates of a fetched file; one that is no price list is not kept, so that the next try fetches it anew."""
    try:
        return read_bulk(_text(path), path.name)
    except BadOffer:
        path.unlink()
        raise


def _diff(_arguments: argparse.Namespace) -> int:
    file = own_file()
    if not file.exists():
        print(f"There is no catalogue of your own at {clean(str(file))}: the packaged prices hold.")
        return 0
    print("".join(f"{line}\n" for line in _lines(differences(file))), end="")
    return 0


def refreshed_text(done: Refreshed) -> str:
    """What a refresh did, in lines: rates read, changes with the large ones first, what could not be read."""
    regions = words.counted(len(done.regions), "Region")
    lines = [f"{done.read:,} rates read for {regions}; written to {clean(str(done.file))}.", *_lines(done.changes)]
    if done.skipped:
        lines += [f"{len(done.skipped)} could not be read:", *(f"  {clean(why)}" for why in done.skipped[:SHOWN])]
    return "".join(f"{line}\n" for line in lines)


def _lines(changes: tuple[Change, ...]) -> Iterator[str]:
    if not changes:
        yield "No price differs."
        return
    large, limit = sum(change.large for change in changes), words.share(float(LARGE_CHANGE))
    if large:
        yield f"{large} of {len(changes)} prices moved by more than {limit}; look at these first."
    else:
        yield f"{len(changes)} prices differ, none by more than {limit}."
    yield from (f"  {_change(change)}" for change in changes[:SHOWN])
    if len(changes) > SHOWN:
        yield f"  and {len(changes) - SHOWN:,} more"


def _change(change: Change) -> str:
    usage = BY_KEY[change.place.usage]
    what = f"{change.place.region} {usage.title}{f' {change.place.dimension}' if change.place.dimension else ''}"
    per = f"USD per {usage.rate_unit}"
    if change.before is None or change.share is None:
        return (
            f"{what}: {_usd(change.after)} {per}, new"
            if change.after
            else f"{what}: {_usd(change.before)} {per} before"
        )
    share = float(change.share)
    moved = f"{words.MINUS if share < 0 else '+'}{words.share(abs(share))}"
    return f"{what}: {_usd(change.before)} to {_usd(change.after)} {per} ({moved})"


def _usd(rate: Rate | None) -> str:
    return "no price" if rate is None else f"{rate.usd:f}"


def _day(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise InvalidScenario([Problem("--from", repr(text), "a day such as 2026-09-22")]) from error


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise HeadroomError(f"{clean(str(path))}: cannot be read ({error}).") from error


def _progress(region: str, done_bytes: int) -> None:
    if sys.stderr.isatty():
        say(f"\r  {region:<16} {done_bytes / 1e6:6.1f} MB ")
