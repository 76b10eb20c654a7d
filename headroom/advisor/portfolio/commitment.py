"""How much to commit to: the least cost of a savings plan over an hourly curve of eligible usage.

With a commitment of C USD an hour, usage that costs x on demand and is discounted by d costs x (1 - d) of the
commitment, the highest discount first; what is left costs x. The cost of an hour is C plus what is left:

    cost(C) = C + mean over hours of  sum over discounts of  left(C) / (1 - d)

It is convex and linear between the points at which some hour runs out of usage of some discount, so the least cost lies
at one of them (the newsvendor's argument). With one discount the best C is (1 - d) times the d-quantile of the hourly
curve: the smallest level that at most the share 1 - d of the hours exceed. Reference: K. J. Arrow, T. Harris and
J. Marschak, "Optimal inventory policy", Econometrica 19(3), 1951.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

_FLAT = 1e-12


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """usd[g, h]: what usage of discount percent_off[g] costs on demand in hour h; discounts fall and are above 0."""

    percent_off: FloatArray
    usd: FloatArray

    @property
    def kept(self) -> FloatArray:
        """Share of the on-demand price that is still paid under the discount, float64[g]."""
        share_kept: FloatArray = 1 - self.percent_off / 100
        return share_kept

    @property
    def ends(self) -> FloatArray:
        """Commitments in USD an hour, float64[g, h], at which hour h has no usage left in the groups up to g."""
        cumulative: FloatArray = np.cumsum(self.usd * self.kept[:, None], axis=0)
        return cumulative


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """A commitment in an average hour, in USD: cost = commitment + on_demand. covered: what the usage that the
    commitment paid for would have cost on demand. wasted: commitment that no usage met.
    """

    commitment: float
    cost: float
    on_demand: float
    covered: float
    wasted: float


def effect(curve: Curve, commitment: float) -> Effect:
    """The effect of an hourly commitment on cost, USD in an average hour."""
    ends = curve.ends
    starts = np.vstack([np.zeros(ends.shape[1]), ends[:-1]])
    uncovered = np.clip(ends - commitment, 0.0, ends - starts) / curve.kept[:, None]
    used = np.minimum(ends[-1], commitment)
    on_demand, eligible = float(uncovered.sum(axis=0).mean()), float(curve.usd.sum(axis=0).mean())
    return Effect(
        commitment=commitment,
        cost=commitment + on_demand,
        on_demand=on_demand,
        covered=max(0.0, eligible - on_demand),
        wasted=float((commitment - used).mean()),
    )


def best_commitment(curve: Curve) -> float:
    """The commitment of least cost, USD an hour; of several the smallest, 0 when nothing can be saved.

    The slope of the cost just above C is 1 minus the mean of 1 / (1 - d) over the hours, where d is the discount of
    what the next dollar covers (nothing in hours that have no more). It only rises, and it rises at `ends`.
    """
    gain = 1 / curve.kept[:, None]
    steps = np.broadcast_to(gain - np.vstack([gain[1:], [[0.0]]]), curve.usd.shape)
    order = np.argsort(curve.ends, axis=None, kind="stable")
    points, falls = curve.ends.ravel()[order], steps.ravel()[order]
    slopes = 1 - (gain[0, 0] - np.cumsum(falls) / curve.usd.shape[1])
    last_of_equals = np.append(points[1:] > points[:-1], True)
    enough = np.flatnonzero(last_of_equals & (slopes >= -_FLAT))
    return float(points[enough[0]])
