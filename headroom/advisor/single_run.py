"""The intervals of a deployment that was simulated once: what simulator/engine/batch_means.py found, in money and on
estimates.

Lines of a bill move together, so the total runs from the total of the low ends to that of the high ends: where a part
is sure, so is its line, and the total is never said to be surer than its parts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from headroom.advisor import intervals
from headroom.advisor.answer import Answer, Uncertain
from pricing.bill import Bill, BillLine
from simulator.engine.outcome import Outcome, Within
from simulator.model.usage import Usage


def usage_ends(outcome: Outcome, within: Within) -> tuple[Sequence[Usage], Sequence[Usage]]:
    """The usage at the low and at the high ends of its intervals; as it is where there are none."""
    halves = within.usage or (0.0,) * len(outcome.usage)
    low, high = (
        [
            replace(line, quantity=max(0.0, line.quantity * (1 + sign * half)))
            for line, half in zip(outcome.usage, halves, strict=True)
        ]
        for sign in (-1, 1)
    )
    return low, high


def with_intervals(one: Answer, outcome: Outcome, bills: tuple[Bill, Bill]) -> Answer:
    """The evaluation with the intervals of its one run. bills: of the two ends of the usage."""
    within, cost = outcome.within, one.cost_usd_per_month
    assert within is not None
    assert cost is not None
    nothing = within.why_not.get("", "")
    totals = None if nothing else (float(bills[0].total_usd), float(bills[1].total_usd))
    return replace(
        one,
        latency_s={
            name: intervals.single(found.value, within.latency_s.get(name), within.why_not.get(name, nothing))
            for name, found in one.latency_s.items()
        },
        cost_usd_per_month=intervals.single(cost.value, totals, nothing),
        cost_usd_per_million=_per_million(one.cost_usd_per_million, cost.value, totals, within),
        error_share=one.error_share
        and intervals.single(one.error_share.value, within.error_share, within.why_not.get("error_share", nothing)),
        utilisation=one.utilisation and intervals.single(one.utilisation.value, within.utilisation, nothing),
        lines_usd=_lines(one, bills, nothing),
    )


def _per_million(
    found: Uncertain | None, cost_usd: float, totals: tuple[float, float] | None, within: Within
) -> Uncertain | None:
    """From the low cost of the most answers to the high cost of the fewest."""
    if found is None or totals is None or not cost_usd:
        return found and intervals.single(found.value, None, within.why_not.get("", ""))
    low, high = (
        found.value * total / cost_usd / (1 + sign * within.completed)
        for total, sign in zip(totals, (1, -1), strict=True)
    )
    return intervals.single(found.value, (low, high))


def _lines(one: Answer, bills: tuple[Bill, Bill], nothing: str) -> tuple[Uncertain | None, ...]:
    lines = () if one.bill is None else one.bill.lines
    return tuple(
        found and intervals.single(found.value, None if nothing else _ends(line, bills), nothing)
        for line, found in zip(lines, one.lines_usd, strict=True)
    )


def _ends(line: BillLine, bills: tuple[Bill, Bill]) -> tuple[float, float]:
    place = (line.usage, line.dimension)
    low, high = (
        sum(float(other.amount_usd or 0) for other in bill.lines if (other.usage, other.dimension) == place)
        for bill in bills
    )
    return low, high
