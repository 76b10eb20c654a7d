"""`headroom store stats|prune|export`: the store of short links, for who looks after a server (docs/store.md)."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from headroom.advisor.portfolio.description import Portfolio
from headroom.advisor.tell import words
from headroom.cli.exit_codes import FINE
from headroom.cli.streams import say
from headroom.locations import STORE_VARIABLE, store_place
from headroom.sharing.exports.text import clean
from headroom.sharing.portfolio_file import write_portfolio
from headroom.sharing.store import MAX_STORE_BYTES, Store
from headroom.sharing.toml_file import write_scenario
from simulator.scenario import Scenario

_PLACE = f"the file of short links, or the URL of their database (default: {STORE_VARIABLE}, else in your data folder)"
_DAYS = "delete links that were made more than so many days ago"


def add_arguments(command: argparse.ArgumentParser, _name: str) -> None:
    """Add the actions of `store` and their options."""
    actions = command.add_subparsers(required=True, metavar="ACTION", parser_class=argparse.ArgumentParser)
    _add(actions, "stats", "say how many links there are, and how much room they take", _stats)
    prune = _add(actions, "prune", "delete old links, whose addresses then open nothing any more", _prune)
    prune.add_argument("--older-than", metavar="DAYS", type=_days, required=True, help=_DAYS)
    export = _add(actions, "export", "write everything that is stored as TOML files, named by their ids", _export)
    export.add_argument("--out", metavar="FOLDER", type=Path, required=True, help="the folder, made when it is missing")


Start = Callable[[argparse.Namespace], int]


def _add(
    actions: argparse._SubParsersAction[argparse.ArgumentParser], name: str, about: str, start: Start
) -> argparse.ArgumentParser:
    action = actions.add_parser(name, help=about, description=f"{about[0].upper()}{about[1:]}.")
    action.add_argument("--store", metavar="PATH", help=_PLACE)
    action.set_defaults(start=start)
    return action


def _days(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 36_500:
        raise argparse.ArgumentTypeError(f"given {text!r}; allowed: 1 to 36500 days")
    return int(text)


def _opened(arguments: argparse.Namespace) -> Store:
    return Store(arguments.store or store_place())


def _stats(arguments: argparse.Namespace) -> int:
    stats = _opened(arguments).stats()
    size, most = words.megabytes(stats.size_bytes / 1e6), words.megabytes(MAX_STORE_BYTES / 1e6)
    print(f"{words.counted(stats.links, 'link')}, {size} of {most}.")
    if stats.oldest is not None and stats.newest is not None:
        print(f"The oldest was made on {stats.oldest:%Y-%m-%d}, the newest on {stats.newest:%Y-%m-%d}.")
    return FINE


def _prune(arguments: argparse.Namespace) -> int:
    number = _opened(arguments).prune(datetime.now(UTC) - timedelta(days=arguments.older_than))
    print(f"{words.counted(number, 'link')} made more than {arguments.older_than} days ago deleted.")
    return FINE


def _export(arguments: argparse.Namespace) -> int:
    folder: Path = arguments.out
    folder.mkdir(parents=True, exist_ok=True)
    written = 0
    for id_, value in _opened(arguments).everything():
        match value:
            case Scenario():
                text = write_scenario(value)
            case Portfolio():
                text = write_portfolio(value)
            case error:
                say(f"{clean(id_)} cannot be opened: {clean(str(error))}\n")
                continue
        (folder / f"{clean(id_)}.toml").write_text(text, encoding="utf-8")
        written += 1
    print(f"{words.counted(written, 'file')} written to {clean(str(folder))}.")
    return FINE
