"""The first feasible rung of a ladder: candidates in a row from cheap to dear, each at least as able as the last.

A lower bound on the cost of a rung is known without an estimate.
"""

from __future__ import annotations

import math

from headroom.advisor.answer import Answer
from headroom.advisor.order import Merit
from headroom.advisor.search.ranking import Ranking
from headroom.advisor.search.surrogate import SurrogateMemo
from simulator.patterns.candidates import Ladder


def first_feasible(
    ladder: Ladder, surrogate: SurrogateMemo, ranking: Ranking, below_usd: float, until_ms: float = math.inf
) -> tuple[int, Answer | None]:
    """Find the first feasible rung that costs less than below_usd a month: its number and its estimated answer.

    Returns (0, None) when there is none.

    Doubles its steps from the guess, then halves them. Gives up where more does not help, and when so much work of the
    surrogate is done, but asks once.
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
        answer = surrogate.ask(ladder.make(rung))
        if ranking.feasible(answer):
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
        if surrogate.spent_ms >= until_ms:
            break
    return (high, feasible_answer) if feasible_answer else (0, None)


def _affordable(ladder: Ladder, below_usd: float) -> int:
    """The last rung whose compute costs less than below_usd a month."""
    low, high = ladder.least - 1, ladder.most
    while low < high:
        middle = (low + high + 1) // 2
        if ladder.usd(middle) < below_usd:
            low = middle
        else:
            high = middle - 1
    return low
