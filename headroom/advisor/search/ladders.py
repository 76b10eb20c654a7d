"""Candidates in a row from cheap to dear, the later the faster: of such a row the search wants the first that will do.

A row is a chain of sizes of one kind of machine, or of ever more cautious scaling. What a candidate costs at least is
known without asking.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from headroom.advisor.fast import Preview
from headroom.advisor.order import Merit
from headroom.advisor.search.ranking import Ranking
from headroom.advisor.search.surrogate import Asker
from simulator.patterns.registry import Deployment


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """make(i) for least <= i <= most. usd(i): what it costs at least, without what all candidates pay alike.

    guess: where it may begin to do; what: the kind of chain: a guess that was wrong for one is corrected for the others
    of its kind, in proportion where places are counts of something. floor: a time by which chains are put in order,
    fast ones first.
    """

    what: str
    make: Callable[[int], Deployment]
    least: int
    most: int
    guess: int
    usd: Callable[[int], float]
    floor: float
    counts: bool = True


def first_that_does(
    chain: Chain, asker: Asker, ranking: Ranking, below_usd: float, until_ms: float = math.inf
) -> tuple[int, Preview | None]:
    """The first candidate that does and costs less; its place (0 when there is none) and what was said of it.

    Doubles its steps from the guess, then halves them. Gives up where more does not help, and when so much work of the
    asker is done, but asks once.
    """
    most = _affordable(chain, below_usd)
    if most < chain.least:
        return 0, None
    low, high = chain.least - 1, most + 1  # low does not do, high does, as far as is known
    found: Preview | None = None
    missed: Merit | None = None
    at, step = min(max(chain.guess, chain.least), most), 1
    while low + 1 < high:
        said = asker.ask(chain.make(at))
        if ranking.does(said):
            found, high = said, at
            at = max(low + 1, at - step) if low < chain.least else (low + high) // 2
        else:
            merit = ranking.merit(said)
            if high > most and missed and not ranking.nearer(merit, missed):
                break
            missed = merit
            low = at
            at = min(high - 1, at + step) if high > most else (low + high) // 2
        step *= 2
        if asker.spent_ms >= until_ms:
            break
    return (high, found) if found else (0, None)


def _affordable(chain: Chain, below_usd: float) -> int:
    """The last place that costs less."""
    low, high = chain.least - 1, chain.most
    while low < high:
        middle = (low + high + 1) // 2
        if chain.usd(middle) < below_usd:
            low = middle
        else:
            high = middle - 1
    return low
