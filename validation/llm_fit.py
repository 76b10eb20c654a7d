"""The numbers of the step law fitted on measured rows: damped Gauss-Newton on logarithms, with log-normal priors.

One Jacobian, taken where all rows are fitted, serves every fit with rows left out.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulator.llm.parameters import Table
from validation.llm_data import FOLDER, Predicted, Row, predict

SIGMA = 0.12
"""Of the logarithm of a time per token: what two laboratories differ by, and that rows of one run are alike."""
TTFT_SIGMA = 0.3
HUBER = 3.0
"""Residuals beyond so many sigmas count less: rows measured under something else are not known one by one."""
STEP = 0.02
DAMPING = 0.7
ROUNDS, CHORD_ROUNDS = 4, 4

Floats = NDArray[np.float64]
Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Priors:
    """What is believed before rows are seen: value and sigma of its logarithm; a sigma of 0 holds the value."""

    keys: tuple[Key, ...]
    centre: Floats
    sigma: Floats
    held: Table

    def table(self, x: Floats) -> dict[Key, float]:
        """The parameters at x, logarithms of the fitted ones."""
        return {**self.held, **dict(zip(self.keys, np.exp(x).tolist(), strict=True))}


@dataclass(frozen=True, slots=True)
class Fit:
    """A fit on all rows: where it is, the residuals there, and how they move with each parameter, float64[n, m]."""

    x: Floats
    at: Floats
    jacobian: Floats


def read_priors() -> Priors:
    """The priors of priors.csv."""
    with (FOLDER / "priors.csv").open(encoding="utf-8") as file:
        lines = list(csv.DictReader(file))
    fitted = [line for line in lines if float(line["sigma_log"])]
    return Priors(
        keys=tuple((line["parameter"], line["of"]) for line in fitted),
        centre=np.log([float(line["prior"]) for line in fitted]),
        sigma=np.array([float(line["sigma_log"]) for line in fitted]),
        held={(line["parameter"], line["of"]): float(line["prior"]) for line in lines if line not in fitted},
    )


def residuals(rows: Sequence[Row], predictions: Sequence[Predicted]) -> Floats:
    """Two for each row, in sigmas: of the time per token, and of the time to the first token or 0."""
    pairs = zip(rows, predictions, strict=True)
    return np.array([value for row, predicted in pairs for value in _residual(row, predicted)])


def _residual(row: Row, predicted: Predicted) -> tuple[float, float]:
    token = math.log(predicted.token_s / row.token_s) / SIGMA
    if row.ttft_s is None or predicted.starved:
        return token, 0.0
    return token, math.log(predicted.ttft_s / row.ttft_s) / TTFT_SIGMA


def fit_all(rows: Sequence[Row], priors: Priors) -> Fit:
    """Fit all rows from the priors on."""
    x = priors.centre.copy()
    everything = np.ones(2 * len(rows), dtype=bool)
    for _ in range(ROUNDS):
        at = _at(rows, priors, x)
        jacobian = _jacobian(rows, priors, x, at)
        for _ in range(2):
            x = x + DAMPING * _step(jacobian, at, x, priors, everything)
            at = _at(rows, priors, x)
    return Fit(x, at, _jacobian(rows, priors, x, at))


def refit(rows: Sequence[Row], priors: Priors, fit: Fit, kept: NDArray[np.bool_]) -> Table:
    """The parameters fitted on the rows that are kept, bool[rows], from the priors on."""
    x, mask = priors.centre.copy(), np.repeat(kept, 2)
    known = [row for row, keep in zip(rows, kept, strict=True) if keep]
    as_linear = fit.at + fit.jacobian @ (x - fit.x)
    x = x + _step(fit.jacobian, as_linear, x, priors, mask)
    for _ in range(CHORD_ROUNDS):
        at = np.zeros(mask.size)
        at[mask] = _at(known, priors, x)
        x = x + DAMPING * _step(fit.jacobian, at, x, priors, mask)
    return priors.table(x)


def _at(rows: Sequence[Row], priors: Priors, x: Floats) -> Floats:
    table = priors.table(x)
    return residuals(rows, [predict(row, table) for row in rows])


def _jacobian(rows: Sequence[Row], priors: Priors, x: Floats, at: Floats) -> Floats:
    columns = [(_at(rows, priors, x + STEP * unit) - at) / STEP for unit in np.eye(x.size)]
    return np.array(columns).T


def _step(jacobian: Floats, at: Floats, x: Floats, priors: Priors, mask: NDArray[np.bool_]) -> Floats:
    """The step of a Gauss-Newton round on the rows of the mask."""
    weight = np.minimum(1.0, HUBER / np.maximum(np.abs(at), 1e-12)) * mask
    normal = jacobian.T @ (jacobian * weight[:, None]) + np.diag(1 / priors.sigma**2)
    gradient = jacobian.T @ (weight * at) + (x - priors.centre) / priors.sigma**2
    return -np.linalg.solve(normal, gradient)
