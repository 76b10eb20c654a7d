"""Hold the answers of all engines against theory and against each other, before anybody looks at their times.

An answer is a list of means of consecutive batches of one run, or of independent replications: about normal and about
independent, so Student's t gives an interval. All intervals are at 99.9 %.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from typing import Any

from bench.peers.scenarios import ARRIVALS_PER_S, SERVERS, SERVICE_S
from simulator import theory
from validation import student
from validation.student import Interval

MMC_WAIT_S = theory.mmc_wait_s(SERVERS, ARRIVALS_PER_S, SERVICE_S)


def interval(values: Sequence[float]) -> Interval:
    """Of the mean of batches."""
    return student.interval(values, student.T_999)


def difference(some: Sequence[float], others: Sequence[float]) -> Interval:
    """Of the difference of two independent means. Degrees of freedom of the shorter list: on the safe side."""
    variance = sum(statistics.variance(values) / len(values) for values in (some, others))
    t = student.T_999[min(len(some), len(others)) - 1]
    return Interval(statistics.fmean(some) - statistics.fmean(others), t * math.sqrt(variance))


def disagreement(group: str, row: dict[str, Any], rows: Sequence[dict[str, Any]]) -> str:
    """What is wrong with the answers of a row; "" when nothing is, or when there is nothing to hold them against."""
    if "missing" in row:
        return ""
    if group == "mmc":
        return "" if interval(row["answers"]["wait_s"]).contains(MMC_WAIT_S) else "mean wait is not Erlang C's"
    others = [other for other in rows if other["title"] == row["against"] and "missing" not in other]
    wrong = [
        f"{name} differs from {other['title']}"
        for other in others
        for name, values in row["answers"].items()
        if not difference(values, other["answers"][name]).contains(0.0)
    ]
    return ", ".join(wrong)
