"""The token bucket admits what its definition admits, however the calls are cut into chunks."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from simulator.kernels.token_bucket import admit


def twin(times, per_s, burst):
    """A bucket that is full at the first call."""
    tokens, before, out = burst, times[0], []
    for at in times:
        tokens = min(burst, tokens + (at - before) * per_s)
        before = at
        out.append(tokens >= 1)
        tokens -= out[-1]
    return out


@given(
    st.lists(st.sampled_from([0.0, 0.25, 0.5, 2.0]), min_size=1, max_size=60),
    st.sampled_from([0.5, 1.0, 4.0]),
    st.sampled_from([1.0, 2.5]),
    st.sampled_from([1, 7, 100]),
)
def test_admitted_are_those_of_the_twin(gaps, per_s, burst, size):
    t = np.cumsum(np.array(gaps)) - 5.0
    bucket, admitted = np.array([burst, -np.inf]), np.zeros(t.size, dtype=np.bool_)
    for k in range(0, t.size, size):
        admit(t[k : k + size], per_s, burst, bucket, admitted[k : k + size])
    assert admitted.tolist() == twin(t.tolist(), per_s, burst)
