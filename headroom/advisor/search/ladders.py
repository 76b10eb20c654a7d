"""The first rung of a ladder that will do: candidates in a row from cheap to dear, the later the faster.

What a candidate costs at least is known without asking.
"""

from __future__ import annotations

import math

from headroom.advisor.answer import Answer
from headroom.advisor.order import Merit
from headroom.advisor.search.ranking import Ranking
from headroom.advisor.search.surrogate import Asker
from simulator.patterns.candidates import Ladder


def first_that_does(
    ladder: Ladder, asker: Asker, ranking: Ranking, below_usd: float, until_ms: float = math.inf
) -> tuple[int, Answer | None]:
    """The first candidate that does and costs less; its place (0 when there is none) and what was said of it.

    Doubles its steps from the guess, then halves them. Gives up where more does not help, and when so much work of the
    asker is done, but asks once.
    """
    last_rung = _affordable(ladder, below_usd)
    if last_rung < ladder.least:
        return 0, None
    low, high = (
        ladder.least - 1,
        last_rung + 1,
    )  # as far as we know, rungs up to low are infeasible and rungs from high on are feasible
    feasible_answer: Answer | None = None
    missed: Merit | None = None
    rung, step = min(max(ladder.guess, ladder.least), last_rung), 1
    while low + 1 < high:
        answer = asker.ask(ladder.make(rung))
        if ranking.does(answer):
            feasible_answer, high = answer, rung
            rung = max(low + 1, rung - step) if low < ladder.least else (low + high) // 2
        else:
            merit = ranking.merit(answer)
            if high > last_rung and missed and not ranking.nearer(merit, missed):
                break
            missed = merit
            low = rung
            rung = min(high - 1, rung + step) if high > last_rung else (low + high) // 2
        step *= 2
        if asker.spent_ms >= until_ms:
            break
    return (high, feasible_answer) if feasible_answer else (0, None)


def _affordable(ladder: Ladder, below_usd: float) -> int:
    """The last place that costs less."""
    low, high = ladder.least - 1, ladder.most
    while low < high:
        middle = (low + high + 1) // 2
        if ladder.usd(middle) < below_usd:
            low = middle
        else:
            high = middle - 1
    return low
