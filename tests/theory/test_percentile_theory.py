"""How often the interval of a percentile holds: hundreds of sets of a few replications, each judged from itself.

The truth is the percentile of a thousand replications together. Three kinds: runs that differ by chance alone; runs in
each of which another share of answers is slow, 5 % on average, so that the p95 lies between two humps; runs that are
as a whole faster or slower.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.headroom.advisor.replications import counted, judged

Latencies = NDArray[np.float64]
Draw = Callable[[np.random.Generator], Latencies]
SETS, REQUESTS = 300, 1500


def alike(rng: np.random.Generator) -> Latencies:
    """Runs that differ by chance alone."""
    return rng.lognormal(-1, 1, REQUESTS)


def two_humps(rng: np.random.Generator) -> Latencies:
    """Each run has another share of slow answers."""
    slow = rng.random(REQUESTS) < rng.beta(2, 38)
    return np.where(slow, rng.lognormal(2, 0.3, REQUESTS), rng.lognormal(-1, 0.3, REQUESTS))


def levels(rng: np.random.Generator) -> Latencies:
    """Each run is slower or faster as a whole, by some 20 %."""
    return rng.lognormal(-1, 0.5, REQUESTS) * rng.lognormal(0, 0.2)


def holds(draw: Draw, percent: float, replications: int) -> tuple[float, float]:
    """In what share of the sets the truth is in the interval, and how wide that is: the median of high over low."""
    rng = np.random.default_rng(11)
    truth = counted(np.concatenate([draw(rng) for _ in range(1000)])).quantile(percent)
    assert truth is not None
    inside, widths = 0, []
    for _ in range(SETS):
        found, _all = judged([draw(rng) for _ in range(replications)], percent)
        assert found.low is not None
        assert found.high is not None
        inside += found.low <= truth <= found.high
        widths.append(found.high / found.low)
    return inside / SETS, float(np.median(widths))


@pytest.mark.parametrize("percent", [95.0, 99.0])
@pytest.mark.parametrize("replications", [3, 5, 10])
def test_it_holds_in_95_of_100_sets_where_runs_are_alike(percent: float, replications: int) -> None:
    share, _ = holds(alike, percent, replications)
    assert 0.91 <= share <= 0.99


@pytest.mark.parametrize("replications", [3, 5, 10])
def test_between_two_humps_it_holds_almost_as_often(replications: int) -> None:
    """Student's t on the percentiles themselves holds in 44 to 87 of 100."""
    share, width = holds(two_humps, 95.0, replications)
    assert share >= 0.85
    assert width < math.e**3.2  # from hump to hump: a factor of 20


@pytest.mark.parametrize("replications", [3, 5, 10])
def test_where_whole_runs_differ_it_holds_almost_as_often(replications: int) -> None:
    share, _ = holds(levels, 95.0, replications)
    assert share >= 0.88


def test_runs_that_agree_have_an_interval_of_no_width() -> None:
    run = alike(np.random.default_rng(1))
    found, _ = judged([run, run, run], 95.0)
    assert found.low == found.value == found.high
