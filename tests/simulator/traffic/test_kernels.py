"""The compiled loops against their slow twins, bit for bit, however the work is cut into calls."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from simulator.kernels.spread import spread
from simulator.kernels.walk import Pieces, walk
from simulator.traffic.curve import make_pieces
from tests.reference.spread import spread as slow_spread
from tests.reference.walk import walk as slow_walk

rates = st.one_of(st.just(0.0), st.floats(1e-3, 1e4))
gap_lists = st.lists(st.one_of(st.just(0.0), st.floats(1e-9, 50.0)), max_size=60)


@st.composite
def piece_lists(draw: st.DrawFn) -> Pieces:
    lengths = draw(st.lists(st.floats(1e-3, 1e3), min_size=1, max_size=12))
    knots = draw(st.floats(-1e6, 1e6)) + np.concatenate(([0.0], np.cumsum(lengths)))
    ends = draw(st.lists(st.tuples(rates, rates), min_size=len(lengths), max_size=len(lengths)))
    left, right = np.array(ends).T
    return make_pieces(knots, np.ascontiguousarray(left), np.ascontiguousarray(right))


def walk_in_parts(gaps: list[float], pieces: Pieces, sizes: tuple[int, int, int]) -> list[float]:
    """Give the kernel a few gaps, a few pieces and a small output at a time."""
    some_gaps, some_pieces, room = sizes
    at, carry = np.array([0, 0, 0]), np.array([0.0, -1.0, -np.inf])
    out, arrivals = np.empty(room), []
    block, gaps = np.array(gaps[:some_gaps]), gaps[some_gaps:]
    for first in range(0, len(pieces.mass), some_pieces):
        part = Pieces(*(column[first : first + some_pieces] for column in pieces))
        at[1] = 0
        while at[1] < len(part.mass):
            walk(block, part, at, carry, out)
            arrivals += out[: at[2]].tolist()
            if at[2] < room and at[1] < len(part.mass):
                if not gaps:
                    return arrivals
                block, gaps = np.array(gaps[:some_gaps]), gaps[some_gaps:]
                at[0] = 0
            at[2] = 0
    return arrivals


@given(gap_lists, piece_lists(), st.tuples(st.integers(1, 7), st.integers(1, 4), st.integers(1, 9)))
def test_walk_equals_its_twin_however_it_is_cut(gaps: list[float], pieces: Pieces, sizes: tuple[int, int, int]) -> None:
    assert walk_in_parts(gaps, pieces, sizes) == slow_walk(gaps, pieces)


@given(gap_lists, piece_lists())
def test_walk_stays_in_order_and_inside(gaps: list[float], pieces: Pieces) -> None:
    arrivals = walk_in_parts(gaps, pieces, (60, 12, 60))
    assert arrivals == sorted(arrivals)
    assert all(pieces.starts_s[0] <= arrival <= pieces.last_s[-1] for arrival in arrivals)


@given(st.lists(st.integers(0, 12), min_size=1, max_size=8), st.integers(0, 2**32 - 1), st.booleans())
def test_spread_equals_its_twin(counts: list[int], seed: int, silent: bool) -> None:
    rng = np.random.default_rng(seed)
    spacings = rng.standard_exponential(sum(counts) + len(counts)) * (not silent)
    edges = np.cumsum(rng.random(len(counts) + 1) + 0.1) - 2
    starts, ends, last = edges[:-1].copy(), edges[1:].copy(), np.nextafter(edges[1:], -np.inf)
    out = np.empty(sum(counts))
    spread(spacings, np.array(counts), starts, ends, last, out)
    bins = list(zip(starts.tolist(), ends.tolist(), last.tolist(), strict=True))
    assert out.tolist() == slow_spread(spacings.tolist(), counts, bins)
