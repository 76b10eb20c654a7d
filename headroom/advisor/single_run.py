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
            replace(line, quantity=line.quantity * max(0.0, 1 + sign * half_width))
            for line, half_width in zip(outcome.usage, halves, strict=True)
        ]
        for sign in (-1, 1)
    )
    return low, high


def with_intervals(answer: Answer, outcome: Outcome, bills: tuple[Bill, Bill]) -> Answer:
    """The evaluation with the intervals of its one run. bills: of the two ends of the usage."""
    within, cost = outcome.within, answer.cost_usd_per_month
    assert within is not None
    assert cost is not None
    why_not = within.why_not.get("", "")
    totals = None if why_not else (float(bills[0].total_usd), float(bills[1].total_usd))
    return replace(
        answer,
        latency_s={
            name: intervals.single(figure.value, within.latency_s.get(name), within.why_not.get(name, why_not))
            for name, figure in answer.latency_s.items()
        },
        cost_usd_per_month=intervals.single(cost.value, totals, why_not),
        cost_usd_per_million=_per_million(answer.cost_usd_per_million, cost.value, totals, within),
        error_share=answer.error_share
        and intervals.single(answer.error_share.value, within.error_share, within.why_not.get("error_share", why_not)),
        utilisation=answer.utilisation and intervals.single(answer.utilisation.value, within.utilisation, why_not),
        lines_usd=_lines(answer, bills, why_not),
    )


def _per_million(
    figure: Uncertain | None, cost_usd: float, totals: tuple[float, float] | None, within: Within
) -> Uncertain | None:
    """From the low cost of the most answers to the high cost of the fewest."""
    if figure is None or totals is None or not cost_usd:
        return figure and intervals.single(figure.value, None, within.why_not.get("", ""))
    low, high = (
        figure.value * total / cost_usd / (1 + sign * within.completed)
        for total, sign in zip(totals, (1, -1), strict=True)
    )
    return intervals.single(figure.value, (low, high))


def _lines(answer: Answer, bills: tuple[Bill, Bill], why_not: str) -> tuple[Uncertain | None, ...]:
    lines = () if answer.bill is None else answer.bill.lines
    return tuple(
        figure and intervals.single(figure.value, None if why_not else _ends(line, bills), why_not)
        for line, figure in zip(lines, answer.lines_usd, strict=True)
    )


def _ends(line: BillLine, bills: tuple[Bill, Bill]) -> tuple[float, float]:
    place = (line.usage, line.dimension)
    low, high = (
        sum(float(line.amount_usd or 0) for line in bill.lines if (line.usage, line.dimension) == place)
        for bill in bills
    )
    return low, high
