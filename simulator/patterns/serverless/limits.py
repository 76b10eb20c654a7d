"""What rules a serverless endpoint out: Region, payload, time, features, image, memory, start-up and concurrency."""

from __future__ import annotations

import math
from collections.abc import Iterator

from simulator.engine.replication import Case
from simulator.model.limits import BrokenLimit
from simulator.model.regions import SERVERLESS_CONCURRENCY
from simulator.patterns import hard_limits as hard
from simulator.patterns.serverless.cold_start import cold_start
from simulator.patterns.serverless.deployment import MEMORY_SIZES_IN_MB, MOST_CONCURRENCY, ServerlessDeployment
from simulator.patterns.serverless.speed import service_factor

TIME_LIMIT_S = 60.0  # facts row 1.3
START_LIMIT_S = 180.0  # facts row 3.5
IMAGE_LIMIT_MB = 10 * 1024.0  # facts row 1.11


def limits(case: Case, deployment: ServerlessDeployment) -> tuple[BrokenLimit, ...]:
    """Region, payload, time, features, image, memory, start-up and concurrency (facts sections 1 and 3)."""
    workload = case.workload
    mean_s = workload.service_time.mean_ms / 1000 * service_factor(case, deployment)
    return (
        *_region(case.region),
        *hard.users(workload),
        *hard.payload(workload, case.assumptions.serverless_max_payload_mb, "1.1"),
        *hard.duration(mean_s, TIME_LIMIT_S, "1.3"),
        *_features(case),
        *_sizes(case, deployment),
        *_concurrency(case, mean_s),
    )


def _region(region: str) -> Iterator[BrokenLimit]:
    if region not in SERVERLESS_CONCURRENCY:
        allowed = f"one of the {len(SERVERLESS_CONCURRENCY)} Regions that have serverless inference"
        yield BrokenLimit("Region", region, allowed, "aws", "3.62")


def _features(case: Case) -> Iterator[BrokenLimit]:
    if case.requirement.needs_gpu:
        yield BrokenLimit("GPU", "the model needs one", "no GPU on serverless endpoints", "aws", "1.30")
    if case.requirement.needs_vpc:
        yield BrokenLimit("VPC", "the container needs one", "no VPC on serverless endpoints", "aws", "1.31")


def _sizes(case: Case, deployment: ServerlessDeployment) -> Iterator[BrokenLimit]:
    workload, memory_mb = case.workload, deployment.memory_size_in_mb
    if workload.image_mb > IMAGE_LIMIT_MB:
        given, allowed = f"{workload.image_mb / 1024:.3g} GB", f"at most {IMAGE_LIMIT_MB / 1024:g} GB"
        yield BrokenLimit("container image", given, allowed, "aws", "1.11")
    if workload.memory_mb > memory_mb:
        given, allowed = f"{workload.memory_mb:g} MB", f"at most {memory_mb} MB, its MemorySizeInMB"
        fits_some = workload.memory_mb <= max(MEMORY_SIZES_IN_MB)
        yield BrokenLimit("memory", given, allowed, "setting" if fits_some else "aws", "1.5")
    start = cold_start(workload, case.assumptions, memory_mb)
    if start.median_s > START_LIMIT_S:
        yield BrokenLimit("cold start", f"median {start.median_s:.3g} s", f"at most {START_LIMIT_S:g} s", "aws", "3.5")


def _concurrency(case: Case, mean_s: float) -> Iterator[BrokenLimit]:
    rate_per_s, at_s = hard.peak_rate_per_s(case)
    in_work = rate_per_s * mean_s
    if in_work > MOST_CONCURRENCY:
        given = f"{math.ceil(in_work):,} requests in work at the peak"
        yield BrokenLimit("concurrency", given, f"at most {MOST_CONCURRENCY}", "aws", "1.6", at_s)
