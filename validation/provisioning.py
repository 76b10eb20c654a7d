"""How long endpoints took to come into service in public notebooks, fitted; and the spread of Lambda's cold starts.

The notebooks printed one mark each 30 s, so a time is known to lie in the 30 s before its last mark. The log-normal is
fitted by maximum likelihood on these intervals; its intervals come from 400 bootstrap samples with a fixed seed.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from simulator.model.assumptions import Assumptions
from simulator.model.startup import more_to_fetch_s
from simulator.model.workload import Workload

FOLDER = Path(__file__).parent / "data"
TICK_S = 30.0
SAMPLES = 400
GPU_IMAGE_MB = 10_000.0
"""Taken for the images of the notebooks, which were first starts: AWS's own with CUDA have some 10 GB compressed."""
QWEN_GB = 16.0
"""Weights of Qwen3-8B in bf16."""

FloatArray = NDArray[np.float64]


def ticks(kind: str) -> FloatArray:
    """Marks printed, one entry for each endpoint of a class."""
    with (FOLDER / "endpoint_creation_times.csv").open(encoding="utf-8") as file:
        return np.array([float(row["poll_ticks_30s"]) for row in csv.DictReader(file) if row["class"] == kind])


def normal_cdf(z: FloatArray) -> FloatArray:
    """The distribution function of the standard normal."""
    return np.array([0.5 * math.erfc(-value / math.sqrt(2)) for value in np.atleast_1d(z)])


def fit(marks: FloatArray) -> tuple[float, float]:
    """Median in seconds and sigma of the log-normal of greatest likelihood, by a grid that is refined."""
    values, counts = np.unique(marks, return_counts=True)
    high, low = np.log(values * TICK_S), np.log(np.maximum(values - 1, 1e-9) * TICK_S)

    def loss(mu: float, sigma: float) -> float:
        share = normal_cdf((high - mu) / sigma) - normal_cdf((low - mu) / sigma)
        return -float(counts @ np.log(np.maximum(share, 1e-300)))

    mu, sigma, step = float(np.log(np.median(marks) * TICK_S)), 0.5, 0.2
    while step > 1e-4:
        near = [(mu + a * step, max(sigma + b * step, 0.02)) for a in (-1, 0, 1) for b in (-1, 0, 1)]
        best = min(near, key=lambda at: loss(*at))
        if best == (mu, sigma):
            step /= 2
        mu, sigma = best
    return math.exp(mu), sigma


def distance(marks: FloatArray, median_s: float, sigma: float) -> float:
    """Kolmogorov and Smirnov's distance, at the marks, where the share of shorter times is known."""
    values = np.unique(marks)
    seen = np.array([np.mean(marks <= value) for value in values])
    return float(np.max(np.abs(seen - normal_cdf((np.log(values * TICK_S) - math.log(median_s)) / sigma))))


def of_class(kind: str, default_median_s: float, default_sigma: float) -> dict[str, object]:
    """The fit of one class against the defaults."""
    marks = ticks(kind)
    median_s, sigma = fit(marks)
    rng = np.random.default_rng(7)
    drawn = [fit(rng.choice(marks, marks.size)) for _ in range(SAMPLES)]
    medians, sigmas = np.array(drawn).T
    return {
        "class": kind,
        "n": int(marks.size),
        "median_s": median_s,
        "median_95": [float(q) for q in np.quantile(medians, (0.025, 0.975))],
        "sigma": sigma,
        "sigma_95": [float(q) for q in np.quantile(sigmas, (0.025, 0.975))],
        "ks_fit": distance(marks, median_s, sigma),
        "default_median_s": default_median_s,
        "default_sigma": default_sigma,
        "ks_default": distance(marks, default_median_s, default_sigma),
        "ks_95": 1.358 / math.sqrt(marks.size),
        "seen": [[float(value * TICK_S), float(np.mean(marks <= value))] for value in np.unique(marks)],
    }


def cold_start_spread() -> dict[str, float]:
    """Sigma of the logarithm of Lambda's start-up times: within a runtime, package, memory and architecture, and of
    the medians between them.
    """
    with (FOLDER / "lambda-init-durations" / "summary.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    within = np.array([float(row["sigma_of_log"]) for row in rows])
    between = np.log([float(row["median_ms"]) for row in rows])
    return {
        "cells": len(rows),
        "samples": sum(int(row["samples"]) for row in rows),
        "within_p10": float(np.quantile(within, 0.1)),
        "within_median": float(np.median(within)),
        "within_p90": float(np.quantile(within, 0.9)),
        "between": float(np.std(between, ddof=1)),
        "default": Assumptions().serverless_cold_sigma,
    }


def scale_out() -> list[dict[str, object]]:
    """Published times of a GPU scale-out, its image not cached and cached, and where the defaults put them for an image
    and a model of these sizes: their quantile.
    """
    defaults = Assumptions()
    with (FOLDER / "sagemaker_scaleout_2026-06.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    sigma = defaults.provisioning_sigma

    def median_s(row: dict[str, str], *, cached: bool) -> float:
        image_mb, model_mb = (
            float(row["container_image_gb_compressed"]) * 1000,
            float(row["model_gb"] or QWEN_GB) * 1000,
        )
        workload = Workload(image_mb=image_mb, model_mb=model_mb)
        return defaults.provisioning_gpu_median_s + more_to_fetch_s(workload, defaults, cached=cached)

    return [
        {
            "case": row["case"],
            "instance_type": row["instance_type"],
            "before_s": float(row["before_total_s"]),
            "after_s": float(row["after_total_s"]),
            "quantile_before": _quantile(float(row["before_total_s"]), median_s(row, cached=False), sigma),
            "quantile_after": _quantile(float(row["after_total_s"]), median_s(row, cached=True), sigma),
        }
        for row in rows
    ]


def _quantile(time_s: float, median_s: float, sigma: float) -> float:
    return float(normal_cdf(np.array([math.log(time_s / median_s) / sigma]))[0])


def report() -> dict[str, object]:
    """All of it as plain values."""
    defaults = Assumptions()
    first_gpu = more_to_fetch_s(Workload(image_mb=GPU_IMAGE_MB), defaults, cached=False)
    medians: Sequence[tuple[str, float]] = (
        ("cpu", defaults.provisioning_cpu_median_s),
        ("gpu", defaults.provisioning_gpu_median_s + first_gpu),
    )
    return {
        "classes": [of_class(kind, median_s, defaults.provisioning_sigma) for kind, median_s in medians],
        "cold_start_spread": cold_start_spread(),
        "scale_out": scale_out(),
    }
