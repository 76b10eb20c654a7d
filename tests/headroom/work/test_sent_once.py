"""Price books reach another process whole, and are read there once."""

from __future__ import annotations

import pickle
from decimal import Decimal
from multiprocessing.reduction import ForkingPickler

from headroom.sharing.library import load_world
from headroom.work import executors
from headroom.work.sent_once import send_books_once
from pricing.book import Override, PriceBook

OWN = Override("hosting_instance_s", "ml.m5.xlarge", Decimal("0.1"))


def sent(book: PriceBook) -> PriceBook:
    send_books_once()
    arrived: PriceBook = pickle.loads(bytes(ForkingPickler.dumps(book)))
    return arrived


def test_a_book_arrives_whole_and_the_second_time_is_the_one_that_is_there() -> None:
    book = load_world().prices
    mine = book.with_overrides([OWN])
    assert sent(mine) == mine
    assert sent(mine).overrides == (OWN,)
    assert sent(mine) is sent(mine)
    assert sent(book) == book
    assert sent(book) != mine


def identity_of(book: PriceBook) -> tuple[str, int]:
    return book.version, id(book)


def test_a_process_reads_a_book_once_for_all_its_calls() -> None:
    book = load_world().prices
    with executors.local(processes=1) as executor:
        arrived = [executor.submit(identity_of, book).result() for _ in range(3)]
    assert len(set(arrived)) == 1
    assert arrived[0][0] == book.version
