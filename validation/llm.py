"""A replica of a language model against measured rows that its numbers were not fitted on.

Left out in turn: a tenth of the deployments, a model, a GPU, a path of kernels. The GPUs of `JUDGED` are in no fit.
The worst of each is kept beside the pooled error, and so is what one measured point is worth.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from simulator.llm.confidence import CALIBRATED, NEW_DENSE, NEW_EXPERTS, NEW_GPU, NEW_PATH, SAME, TOKEN, TTFT
from simulator.llm.parameters import Table
from validation import llm_fit
from validation.llm_data import BENCH, ENDPOINT, Predicted, Row, predict, rows

DATA = Path(__file__).resolve().parents[1] / "simulator" / "data" / "llm"
JUDGED = ("NVIDIA B200", "NVIDIA B300")
FOLDS = 10
BARS = {
    (SAME, TOKEN): 0.06,
    (SAME, TTFT): 0.16,
    (NEW_GPU, TOKEN): 0.12,
    (NEW_GPU, TTFT): 0.25,
    (NEW_DENSE, TOKEN): 0.13,
    (NEW_DENSE, TTFT): 0.25,
    (NEW_EXPERTS, TOKEN): 0.13,
    (NEW_EXPERTS, TTFT): 0.25,
    (NEW_PATH, TOKEN): 0.0,
    (CALIBRATED, TOKEN): 0.06,
    (CALIBRATED, TTFT): 0.16,
}
"""The highest median error at which a figure of a class is shown; 0 where nothing is claimed."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A row and what was predicted of it by a fit that it was not part of."""

    row: Row
    predicted: Predicted

    @property
    def token_error(self) -> float:
        """Relative error of the time per token."""
        return self.predicted.token_s / self.row.token_s - 1

    @property
    def ttft_error(self) -> float | None:
        """Relative error of the time to the first token; None where it is not known or the cache was too small."""
        if self.row.ttft_s is None or self.predicted.starved:
            return None
        return self.predicted.ttft_s / self.row.ttft_s - 1


def report() -> dict[str, object]:
    """All of it as plain values."""
    every = rows()
    known = [row for row in every if row.gpu not in JUDGED]
    priors = llm_fit.read_priors()
    fit = llm_fit.fit_all(known, priors)
    table = priors.table(fit.x)

    def held_out(groups: Iterable[str], label: Callable[[Row], str]) -> list[Judged]:
        """Each row predicted by the fit without its group."""
        judged = []
        for group in groups:
            kept = np.array([label(row) != group for row in known])
            without = llm_fit.refit(known, priors, fit, kept)
            judged += judge([row for row in known if label(row) == group], without)
        return judged

    fold = folds(known)
    by_fold = held_out([str(k) for k in range(FOLDS)], lambda row: fold[configuration(row)])
    by_model = held_out(sorted({row.model for row in known}), lambda row: row.model)
    by_gpu = held_out(sorted({row.gpu for row in known}), lambda row: row.gpu)
    by_path = held_out(sorted({row.path for row in known}), lambda row: row.path)
    new_gpus = judge([row for row in every if row.gpu in JUDGED], table)
    paths = {row.path for row in known}
    models = [one for one in by_model if elsewhere(known, one.row, lambda row: row.model)]
    dense, experts = ([one for one in models if bool(one.row.copy.model.experts) is has] for has in (False, True))
    gpus = [one for one in by_gpu if elsewhere(known, one.row, lambda row: row.gpu)]
    gpus += [one for one in new_gpus if one.row.path in paths]
    point = calibrated(by_fold)
    with_prompts = [one for one in by_fold if one.row.source != ENDPOINT]
    judged = {SAME: with_prompts, NEW_GPU: gpus, NEW_DENSE: dense, NEW_EXPERTS: experts, NEW_PATH: by_path}
    figures = {(kind, TOKEN): errors(tokens(some)) for kind, some in judged.items()}
    figures |= {(kind, TTFT): errors(ttft(some)) for kind, some in judged.items() if ttft(some)}
    figures |= {(CALIBRATED, figure): point[figure] for figure in (TOKEN, TTFT)}
    return {
        "rows": {source: sum(row.source == source for row in known) for source in sorted({r.source for r in known})},
        "judged_rows": len(new_gpus),
        "parameters": [[name, of, value] for (name, of), value in table.items()],
        "measured": measured(known),
        "figures": [[*key, {**figure, "bar": BARS[key]}] for key, figure in figures.items() if key in BARS],
        "benchmarks": errors(one.token_error for one in by_fold if one.row.source == BENCH),
        "endpoints": errors(one.token_error for one in by_fold if one.row.source == ENDPOINT),
        "ttft_by_model": by([one for one in by_fold if one.ttft_error is not None], lambda one: one.row.model, ttft),
        "by_model": by(by_model, lambda one: one.row.model, tokens),
        "by_gpu": by([*by_gpu, *new_gpus], lambda one: one.row.gpu, tokens),
        "by_path": by(by_path, lambda one: one.row.path, tokens),
        "growth": growth(judge([row for row in known if row.source == BENCH], table)),
    }


def write_data(found: dict[str, Any]) -> None:
    """Write what the product takes from a report: simulator/data/llm/parameters.csv, accuracy.csv and measured.csv."""
    figures = [
        [kind, figure, f"{value['median']:.4f}", f"{value['p90']:.4f}", f"{value['bar']:g}", str(value["n"])]
        for kind, figure, value in found["figures"]
    ]
    tables: dict[str, tuple[list[str], Iterable[Sequence[str]]]] = {
        "parameters": (
            ["parameter", "of", "value"],
            ([name, of, f"{value:.5g}"] for name, of, value in found["parameters"]),
        ),
        "accuracy": (["class", "figure", "median", "p90", "bar", "rows"], figures),
        "measured": (["model", "path", "gpu", "prompts", "ttft"], found["measured"]),
    }
    for name, (heads, lines) in tables.items():
        with (DATA / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(heads)
            writer.writerows(lines)


def measured(known: Sequence[Row]) -> list[list[str]]:
    """Model, path and GPU of all rows, and whether prompts were computed and times to the first token measured."""
    lines = []
    for model, path, gpu in sorted({(row.model, row.path, row.gpu) for row in known}):
        some = [row for row in known if (row.model, row.path, row.gpu) == (model, path, gpu)]
        has = (any(row.source != ENDPOINT for row in some), any(row.ttft_s is not None for row in some))
        lines.append([model, path, gpu, *("yes" if one else "no" for one in has)])
    return lines


def judge(some: Sequence[Row], table: Table) -> list[Judged]:
    """These rows, predicted with these parameters."""
    return [Judged(row, predict(row, table)) for row in some]


def configuration(row: Row) -> str:
    """What rows of one curve have in common: all but the concurrency."""
    prompt, output = (int(np.max(tokens)) for tokens in (row.requests.prompt, row.requests.output))
    use = row.name.rpartition(" ")[0].rpartition("_")[0] if row.source == ENDPOINT else f"{prompt} {output}"
    return f"{row.source} {row.model} {row.copy.formats} {row.gpu} {row.copy.gpus} {use}"


def folds(known: Sequence[Row]) -> dict[str, str]:
    """The fold of each configuration: whole curves, dealt out at random."""
    names = sorted({configuration(row) for row in known})
    dealt = np.random.default_rng(7).permutation(len(names)) % FOLDS
    return {name: str(fold) for name, fold in zip(names, dealt, strict=True)}


def elsewhere(known: Sequence[Row], row: Row, label: Callable[[Row], str]) -> bool:
    """Whether a row's path is known without the rows that share its label."""
    return any(other.path == row.path and label(other) != label(row) for other in known)


def tokens(some: Iterable[Judged]) -> list[float]:
    """Errors of the time per token."""
    return [one.token_error for one in some]


def ttft(some: Iterable[Judged]) -> list[float]:
    """Errors of the time to the first token, where it is judged."""
    return [error for one in some if (error := one.ttft_error) is not None]


def by(
    some: Sequence[Judged], label: Callable[[Judged], str], what: Callable[[Iterable[Judged]], list[float]]
) -> dict[str, dict[str, float]]:
    """Errors by a label."""
    names = sorted({label(one) for one in some})
    return {name: errors(what([one for one in some if label(one) == name])) for name in names}


def errors(values: Iterable[float]) -> dict[str, float]:
    """How many, median, 90th percentile and mean of relative errors, by size, and the median with its sign."""
    signed = np.array(list(values))
    size = np.abs(signed)
    return {
        "n": int(size.size),
        "median": float(np.median(size)),
        "p90": float(np.quantile(size, 0.9)),
        "bias": float(np.median(signed)),
    }


def curves(some: Sequence[Judged]) -> list[list[Judged]]:
    """Rows of one configuration by rising concurrency, where there are at least two."""
    grouped: dict[str, list[Judged]] = {}
    for one in sorted(some, key=lambda one: one.row.clients):
        grouped.setdefault(configuration(one.row), []).append(one)
    return [curve for curve in grouped.values() if len({one.row.clients for one in curve}) > 1]


def growth(some: Sequence[Judged]) -> dict[str, float]:
    """Errors of the time per token over that at the lowest concurrency of a configuration."""
    return errors((1 + one.token_error) / (1 + curve[0].token_error) - 1 for curve in curves(some) for one in curve[1:])


def calibrated(some: Sequence[Judged]) -> dict[str, dict[str, float]]:
    """Errors left when a replica is scaled by the middle level of its curve, at the other levels."""
    pairs = [(curve[len(curve) // 2], one) for curve in curves(some) for one in curve]
    others = [(at, one) for at, one in pairs if one is not at]
    return {
        TOKEN: errors((1 + one.token_error) / (1 + at.token_error) - 1 for at, one in others),
        TTFT: errors(
            (1 + one.ttft_error) / (1 + at.ttft_error) - 1
            for at, one in others
            if one.ttft_error is not None and at.ttft_error is not None
        ),
    }
