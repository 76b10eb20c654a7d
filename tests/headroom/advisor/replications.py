"""Replications made of latencies alone, so that intervals of percentiles are tested without the engines."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from headroom.advisor import intervals
from headroom.advisor.answer import Uncertain
from simulator.engine.aggregate import percentile_name
from simulator.engine.histogram import Histogram, bucket
from simulator.engine.outcome import Sample
from simulator.kernels.buckets import BUCKETS

Latencies = NDArray[np.float64]


def counted(latency_s: Latencies) -> Histogram:
    """The latencies as a histogram."""
    return Histogram(np.bincount(bucket(latency_s), minlength=BUCKETS).astype(np.int64))


def judged(runs: Sequence[Latencies], percent: float) -> tuple[Uncertain, Histogram]:
    """The percentile of these runs together, and all of their answers."""
    pooled = counted(np.concatenate(runs))
    samples = [_sample(counted(run), pooled, percent) for run in runs]
    return intervals.percentile(pooled, percent, samples), pooled


def _sample(run: Histogram, pooled: Histogram, percent: float) -> Sample:
    name = percentile_name(percent)
    return Sample(
        completed=run.total,
        quantiles_s={name: run.quantile(percent)},
        beyond={name: run.beyond(pooled.index(percent))},
        error_share=0.0,
        utilisation=None,
        longest_job_s=None,
        usage=(),
    )
