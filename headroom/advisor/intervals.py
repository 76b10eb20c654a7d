"""How sure a number is: 95 % intervals, over replications or from within a single run.

Most are Student's t over replications (`estimate`); those of percentiles know that latencies are skewed and may come in
two humps (`percentile`); those of a single run come from its blocks (`single`).

The number itself is that of all replications pooled; the interval is centred on it and its spread is that of the
replications around it ("sectioning"): value ± t(n-1) s / sqrt(n) with s² = sum (x_i - value)² / (n - 1). For a mean it
is the usual interval. Reference: M. K. Nakayama, "Confidence intervals for quantiles using sectioning when applying
variance-reduction techniques", ACM Transactions on Modeling and Computer Simulation 24(4), 2014.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from headroom.advisor.answer import Uncertain
from simulator.engine.aggregate import percentile_name
from simulator.engine.histogram import Histogram
from simulator.engine.outcome import Sample

# Student's t, 0.975 quantile, for 1 to 29 degrees of freedom (a scenario has at most 30 replications).
# Reference: NIST/SEMATECH e-Handbook of Statistical Methods, section 1.3.6.7.2.
T_975 = (
    12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228,
    2.201, 2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086,
    2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045,
)  # fmt: skip


def estimate(value: float, samples: Sequence[float], most: float = math.inf) -> Uncertain:
    """`value` with its interval over one sample per replication, within 0 and `most`; no interval from a single one."""
    n = len(samples)
    if n < 2:
        return Uncertain(value=value, low=None, high=None, n=n)
    half_s = half_width(value, samples)
    return Uncertain(value=value, low=max(0.0, value - half_s), high=min(most, value + half_s), n=n)


def percentile(latency: Histogram, percent: float, samples: Sequence[Sample]) -> Uncertain:
    """A percentile in seconds of a pooled histogram that is not empty, with its interval over the replications.

    It reaches as far as the further of two, both by sectioning. One is Woodruff's, on the logit of the share of answers
    that are slower than the percentile, read back from the histogram (R. S. Woodruff, "Confidence intervals for medians
    and other position measures", Journal of the American Statistical Association 47, 1952): where answers come in two
    humps, runs have the percentile in either, and only shares tell how far it may move. The other is Student's t on the
    logarithms of the percentiles of the replications, as far as these go: it knows how whole runs differ. The interval
    is cut off where no such percentile can be (`Histogram.confined`), and has no width where all replications agree.
    tests/theory/test_percentile_theory.py counts how often it holds.
    """
    value, name = latency.quantile(percent), percentile_name(percent)
    assert value is not None
    known = [
        (quantile_s, sample.beyond[name] / sample.completed)
        for sample in samples
        if (quantile_s := sample.quantiles_s.get(name)) is not None
    ]
    if len(known) < 2:
        return Uncertain(value=value, low=None, high=None, n=len(known))
    quantiles_s, shares = zip(*known, strict=True)
    factor = math.exp(half_width(math.log(value), [math.log(quantile_s) for quantile_s in quantiles_s]))
    ends = [max(value / factor, min(quantiles_s)), min(value * factor, max(quantiles_s))]
    slower = latency.beyond(latency.index(percent)) / latency.total
    half_share = half_width(slower, shares)
    if half_share:
        aside = half_share / (slower * (1 - slower))
        ends += [latency.quantile(100 * _moved(percent / 100, sign * aside)) or value for sign in (-1, 1)]
    low, high = latency.confined(percent, min(ends), max(ends))
    return Uncertain(value=value, low=low, high=high, n=len(known))


def _moved(share: float, logits: float) -> float:
    """A share between 0 and 1, moved by so much on the scale of the logit."""
    return (1 + math.tanh((math.log(share / (1 - share)) + logits) / 2)) / 2


def half_width(value: float, samples: Sequence[float]) -> float:
    """Half the interval of `value` over at least two samples."""
    n = len(samples)
    deviation = math.sqrt(sum((sample - value) ** 2 for sample in samples) / (n - 1))
    return T_975[n - 2] * deviation / math.sqrt(n)


def reach(n: int) -> float:
    """Half the interval over n replications, for a standard deviation of 1."""
    return T_975[n - 2] / math.sqrt(n)


def single(value: float, ends: tuple[float, float] | None, why: str = "") -> Uncertain:
    """`value` of one run, with the interval that blocks of the run give (simulator/engine/batch_means.py), or why there
    is none.
    """
    low, high = ends or (None, None)
    return Uncertain(value=value, low=low, high=high, n=1, why="" if ends else why)


def together(parts: Sequence[Uncertain]) -> Uncertain:
    """The sum of numbers that may go the same way: from the sum of the low ends to that of the high ends.

    Without an interval where a part has none.
    """
    ends = [(part.low, part.high) for part in parts if part.low is not None and part.high is not None]
    complete = len(ends) == len(parts)
    return Uncertain(
        value=math.fsum(part.value for part in parts),
        low=math.fsum(low for low, _ in ends) if complete else None,
        high=math.fsum(high for _, high in ends) if complete else None,
        n=min((part.n for part in parts), default=0),
        why=next((part.why for part in parts if part.why), ""),
    )


def overlap(a: Uncertain, b: Uncertain) -> bool | None:
    """Whether two intervals share a point; None when one of them is not known."""
    if a.low is None or a.high is None or b.low is None or b.high is None:
        return None
    return a.low <= b.high and b.low <= a.high
