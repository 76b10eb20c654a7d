"""Traffic for tests: one small example of every kind, hypothesis strategies, and what is done with a source."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from simulator.traffic.kinds import (
    Bursts,
    Constant,
    Counts,
    Jobs,
    NamedTrace,
    Profile,
    Spike,
    Step,
    Steps,
    Timestamps,
    Traffic,
)
from simulator.traffic.sources import make_source
from simulator.traffic.trace import FloatArray, Trace, as_values

_ABOUT = {"title": "Made up", "origin": "tests", "licence": "none", "cite": "nobody", "note": ""}
TRACES = {
    "minutes": Trace(name="minutes", bin_s=60.0, values=as_values([30, 0, 7, 90]), **_ABOUT),
    "moments": Trace(name="moments", bin_s=0.0, values=as_values([0.0, 0.5, 0.5, 3.25, 9.0]), **_ABOUT),
}

EXAMPLES: dict[str, Traffic] = {
    "constant": Constant(rate_per_s=0.7),
    "constant, smooth": Constant(rate_per_s=0.7, interarrival_cv=0.3),
    "constant, in clumps": Constant(rate_per_s=0.7, interarrival_cv=3),
    "profile": Profile(peak_rate_per_s=2, shape=(0, 1, 0.2, 3), weekend_factor=0.25),
    "profile, in clumps": Profile(peak_rate_per_s=2, shape=(1, 0, 3), interarrival_cv=2),
    "steps": Steps(
        steps=(Step(at_s=600, rate_per_s=1), Step(at_s=3000, rate_per_s=0.1)),
        spikes=(Spike(at_s=2400, duration_s=1200, factor=3), Spike(at_s=2700, duration_s=60, factor=0)),
    ),
    "bursts": Bursts(on_rate_per_s=3, off_rate_per_s=0.2, mean_on_s=50, mean_off_s=200),
    "bursts, smooth": Bursts(on_rate_per_s=3, off_rate_per_s=0, mean_on_s=50, mean_off_s=200, interarrival_cv=0.5),
    "jobs": Jobs(records=20_000, at_s=80_000, submit_over_s=9_000),
    "trace": NamedTrace(trace="minutes", scale=0.37),
    "trace of times": NamedTrace(trace="moments"),
    "counts": Counts(bin_s=900, requests=(300, 0, 17, 800), scale=0.37, window_start_s=400, window_s=2900),
    "counts, in clumps": Counts(bin_s=900, requests=(300, 0, 17, 800), interarrival_cv=2),
    "counts, once": Counts(bin_s=900, requests=(300, 0, 17, 800), repeat=False),
    "counts from 08:00": Counts(bin_s=900, requests=(300, 0, 17, 800), starts_at_s=28_800),
    "counts, once from 00:10": Counts(bin_s=900, requests=(300, 0, 17, 800), starts_at_s=600, repeat=False),
    "timestamps from 00:20": Timestamps(t_s=(0, 1.5, 1.75, 60.25, 200), starts_at_s=1200),
    "timestamps": Timestamps(t_s=(0, 1.5, 1.75, 60.25, 200)),
    "timestamps, window": Timestamps(t_s=(0, 1.5, 1.75, 60.25, 200), window_start_s=1.6, window_s=100, scale=2.5),
}

_cv = st.sampled_from([0.1, 0.5, 1.0, 2.0, 10.0])
_rate = st.one_of(st.just(0.0), st.floats(1e-4, 20.0))
_count = st.integers(0, 400)
_series = {"scale": st.sampled_from([1.0, 0.3, 2.0, 2.5]), "repeat": st.booleans(), "interarrival_cv": _cv}
_series["starts_at_s"] = st.sampled_from([0.0, 0.5, 1000.0, 28_800.0])

traffics = st.one_of(
    st.builds(Constant, rate_per_s=_rate, interarrival_cv=_cv),
    st.builds(
        Profile,
        peak_rate_per_s=_rate,
        shape=st.lists(_rate, min_size=1, max_size=30).filter(any).map(tuple),
        weekend_factor=st.floats(0, 3),
        interarrival_cv=_cv,
    ),
    st.builds(
        Steps,
        steps=st.lists(st.floats(0, 9e3), min_size=1, max_size=5, unique=True)
        .map(sorted)
        .flatmap(lambda at: st.tuples(*(st.builds(Step, at_s=st.just(t), rate_per_s=_rate) for t in at))),
        spikes=st.lists(
            st.builds(Spike, at_s=st.floats(0, 9e3), duration_s=st.floats(1, 2e3), factor=st.floats(0, 4)), max_size=3
        ).map(tuple),
        interarrival_cv=_cv,
    ),
    st.builds(
        Bursts,
        on_rate_per_s=_rate,
        off_rate_per_s=_rate,
        mean_on_s=st.floats(1, 900),
        mean_off_s=st.floats(1, 900),
        interarrival_cv=_cv,
    ),
    st.builds(
        Jobs,
        records=st.integers(1, 20_000),
        at_s=st.floats(0, 86_399),
        every_days=st.integers(1, 3),
        submit_over_s=st.floats(60, 86_400),
    ),
    st.builds(
        Counts,
        bin_s=st.floats(0.1, 4e3),
        requests=st.lists(_count, min_size=1, max_size=20).filter(any).map(tuple),
        **_series,
    ),
    st.builds(
        Timestamps,
        t_s=st.lists(st.floats(0, 5e3), min_size=1, max_size=40).map(sorted).map(tuple),
        window_start_s=st.just(0.0),
        **_series,
    ),
)


def all_times(traffic: Traffic, seed: int, start_s: float, end_s: float) -> FloatArray:
    """Every arrival in one array."""
    source = make_source(traffic, TRACES)
    return np.concatenate([np.empty(0), *source.times(np.random.default_rng(seed), start_s, end_s)])


def dispersion(counts: FloatArray) -> float:
    """Variance over mean."""
    return float(counts.var() / counts.mean())


def assert_mean(values: FloatArray, expected: FloatArray | float, standard_errors: float = 4.0) -> None:
    """Independent replications along the first axis agree with what is expected, everywhere."""
    error = values.std(axis=0, ddof=1) / np.sqrt(len(values))
    wrong = np.abs(values.mean(axis=0) - expected) > standard_errors * error + 1e-9 + 1e-9 * np.abs(expected)
    assert not np.any(wrong), (values.mean(axis=0), expected, error)
