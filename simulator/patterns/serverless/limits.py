"""What rules a serverless endpoint out: Region, payload, time, container, features, image, memory, start, places."""

from __future__ import annotations

import math
from collections.abc import Iterator

from simulator.engine.replication import Case
from simulator.model.limits import BrokenLimit, TimeLimit, Whose
from simulator.model.regions import SERVERLESS_CONCURRENCY
from simulator.model.workload import Workload
from simulator.patterns import container
from simulator.patterns import hard_limits as hard
from simulator.patterns.serverless.cold_start import cold_start
from simulator.patterns.serverless.deployment import MEMORY_SIZES_IN_MB, MOST_CONCURRENCY, ServerlessDeployment
from simulator.patterns.serverless.speed import service_factor

TIME_LIMIT_S = 60.0  # facts row 1.3
START_LIMIT_S = 180.0  # facts row 3.5
IMAGE_LIMIT_MB = 10 * 1024**3 / 1e6  # facts row 3.12: 10,737,418,240 bytes, unpacked
IMAGE_NEAR = 0.8
"""An estimated size beyond this part of the limit may be beyond the limit in truth."""
DISK_LIMIT_MB = 5 * 1024.0  # facts row 1.12


def limits(case: Case, deployment: ServerlessDeployment) -> tuple[BrokenLimit, ...]:
    """Region, payload, time, features, image, memory, start-up and concurrency (facts sections 1 and 3)."""
    workload = case.workload
    mean_s = workload.service_time.mean_ms / 1000 * service_factor(case, deployment)
    return (
        *_region(case.region),
        *hard.users(workload),
        *hard.payload(workload, case.assumptions.serverless_max_payload_mb, "1.1"),
        *container.sizes(workload, workload.largest_request_mb, workload.response_mb),
        *hard.duration(mean_s, work_limits(workload)),
        *_features(case),
        *_sizes(case, deployment),
        *_concurrency(case, mean_s),
    )


def _region(region: str) -> Iterator[BrokenLimit]:
    if region not in SERVERLESS_CONCURRENCY:
        allowed = f"one of the {len(SERVERLESS_CONCURRENCY)} Regions that have serverless inference"
        yield BrokenLimit("Region", region, allowed, "aws", "3.62")


def work_limits(workload: Workload) -> tuple[TimeLimit, ...]:
    """What ends the work on a request: AWS, and the container's own server."""
    by_aws = TimeLimit(name="AWS's limit for InvokeEndpoint", seconds=TIME_LIMIT_S, whose="aws", row="1.3")
    return (by_aws, *container.time_limit(workload))


def worth_knowing(case: Case, _deployment: ServerlessDeployment) -> Iterator[str]:
    """An image of which only an estimate of the unpacked size is within the limit."""
    workload = case.workload
    size_mb = _unpacked_mb(case)
    if not workload.image_unpacked_mb and size_mb > IMAGE_NEAR * IMAGE_LIMIT_MB:
        yield (
            f"The image has {workload.image_mb:g} MB compressed, about {size_mb / 1e3:.3g} GB unpacked (times"
            f" {case.assumptions.image_unpacked_factor:g}, an assumption); AWS refuses more than 10.7 GB unpacked. Look"
            " at `docker images` and enter workload.image_unpacked_mb (facts rows 3.12, 3.13)."
        )


def _unpacked_mb(case: Case) -> float:
    """Size of the image with all its layers unpacked, as given or estimated."""
    workload = case.workload
    return workload.image_unpacked_mb or workload.image_mb * case.assumptions.image_unpacked_factor


def _features(case: Case) -> Iterator[BrokenLimit]:
    if case.requirement.needs_gpu:
        yield BrokenLimit("GPU", "the model needs one", "no GPU on serverless endpoints", "aws", "1.30")
    if case.requirement.needs_vpc:
        yield BrokenLimit("VPC", "the container needs one", "no VPC on serverless endpoints", "aws", "1.31")


def _sizes(case: Case, deployment: ServerlessDeployment) -> Iterator[BrokenLimit]:
    workload, memory_mb = case.workload, deployment.memory_size_in_mb
    image_mb = _unpacked_mb(case)
    if image_mb > IMAGE_LIMIT_MB:
        given = f"{image_mb / 1e3:.3g} GB"
        if not workload.image_unpacked_mb:
            factor = case.assumptions.image_unpacked_factor
            given = f"about {given}, {factor:g} times the {workload.image_mb:g} MB compressed"
        yield BrokenLimit("container image, unpacked", given, f"at most {IMAGE_LIMIT_MB / 1e3:.3g} GB", "aws", "3.12")
    disk_mb = workload.model_mb + workload.installed_mb
    if disk_mb > DISK_LIMIT_MB:
        given = f"{disk_mb / 1024:.3g} GB of model and of what is installed at the start"
        yield BrokenLimit("disk", given, f"at most {DISK_LIMIT_MB / 1024:g} GB", "aws", "1.12")
    if workload.memory_mb > memory_mb:
        largest_mb = max(MEMORY_SIZES_IN_MB)
        fits_some = workload.memory_mb <= largest_mb
        allowed = f"{memory_mb:,} MB, its MemorySizeInMB" if fits_some else f"{largest_mb:,} MB, the largest there is"
        whose: Whose = "setting" if fits_some else "aws"
        yield BrokenLimit("memory", f"{workload.memory_mb:,g} MB", f"at most {allowed}", whose, "1.5")
    start = cold_start(workload, case.assumptions, memory_mb)
    if start.median_s > START_LIMIT_S:
        yield BrokenLimit("cold start", f"median {start.median_s:.3g} s", f"at most {START_LIMIT_S:g} s", "aws", "3.5")


def _concurrency(case: Case, mean_s: float) -> Iterator[BrokenLimit]:
    rate_per_s, at_s = hard.peak_rate_per_s(case)
    in_work = rate_per_s * mean_s
    if in_work > MOST_CONCURRENCY:
        given = f"{math.ceil(in_work):,} requests in work at the peak"
        yield BrokenLimit("concurrency", given, f"at most {MOST_CONCURRENCY}", "aws", "1.6", at_s)
