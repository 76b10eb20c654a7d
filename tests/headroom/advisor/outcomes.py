"""Small real outcomes and a small world, made by hand, so that the advisor is tested without the engines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

import numpy as np

from headroom.advisor.answer import Answer
from headroom.advisor.evaluate import judge
from headroom.advisor.evidence import TAIL, Simulated
from headroom.advisor.prepared import prepare
from headroom.advisor.world import World
from pricing.book import PriceBook
from pricing.keys import BY_KEY
from pricing.rates import Rate
from simulator.engine.aggregate import percentile_name
from simulator.engine.gauges import CountName
from simulator.engine.histogram import Histogram, bucket
from simulator.engine.outcome import FloatArray, JobRun, Outcome, Sample, Series
from simulator.kernels.buckets import BUCKETS
from simulator.kernels.fates import FATES, Fate
from simulator.model.hardware import InstanceType
from simulator.model.usage import Usage, UsageName
from simulator.patterns.registry import Deployment
from simulator.scenario import Scenario

DAY_S = 86_400.0
ON = date(2026, 10, 4)
NO_JOBS: tuple[JobRun, ...] = ()

_PRICES = {
    ("hosting_instance_s", "ml.m5.xlarge"): ("0.23", "observed"),
    ("async_instance_s", "ml.m5.xlarge"): ("0.23", "derived"),
    ("batch_instance_s", "ml.m5.xlarge"): ("0.23", "derived"),
    ("serverless_duration_s", "2048"): ("0.00004", "observed"),
    ("internet_out_gb", ""): ("0.09", "observed"),
    ("endpoint_volume_gb_month", ""): ("0.14", "observed"),
    ("realtime_data_in_gb", ""): ("0.016", "observed"),
    ("realtime_data_out_gb", ""): ("0.016", "observed"),
}


def price_book(left_out: Sequence[str] = ()) -> PriceBook:
    """The prices of us-east-1, without those of the usage keys left out."""
    return PriceBook.of(
        Rate(
            usage=usage,
            region="us-east-1",
            dimension=dimension,
            usd=Decimal(usd),
            per=BY_KEY[usage].rate_unit,
            from_date=ON,
            source="test",
            origin="made for a test",
            evidence=evidence,  # type: ignore[arg-type]
        )
        for (usage, dimension), (usd, evidence) in _PRICES.items()
        if usage not in left_out
    )


def instance(name: str, vcpu: int = 4, gpu_count: int = 0, *, batch: bool = True) -> InstanceType:
    return InstanceType(
        name=name,
        vcpu=vcpu,
        baseline_vcpu=0,
        memory_mb=16 * 1024,
        gpu_count=gpu_count,
        gpu_model="NVIDIA T4" if gpu_count else "",
        gpu_memory_mb=16_384 if gpu_count else 0,
        gpu_bandwidth_gb_s=320 if gpu_count else 0,
        gpu_fp16_tflops=65 if gpu_count else 0,
        neuron_devices=0,
        neuron_memory_mb=0,
        hosting=True,
        batch_transform=batch,
    )


def world(left_out: Sequence[str] = ()) -> World:
    kinds = (
        instance("ml.m5.xlarge"),
        instance("ml.t2.medium", vcpu=2, batch=False),
        instance("ml.g4dn.xlarge", gpu_count=1),
    )
    return World(hardware={kind.name: kind for kind in kinds}, traces={}, prices=price_book(left_out), on=ON)


def instances(count: float, key: UsageName = "hosting_instance_s", horizon_s: float = DAY_S) -> tuple[Usage, ...]:
    """So many ml.m5.xlarge over the whole horizon: 0.23 x 730 = 167.90 USD a month each."""
    return (Usage(key=key, quantity=count * horizon_s, dimension="ml.m5.xlarge"),)


def outcome(
    *,
    pattern: str = "realtime",
    latency_s: Sequence[float] = (0.1,),
    fates: Mapping[Fate, int] | None = None,
    usages: Sequence[tuple[Usage, ...]] = (),
    horizon_s: float = DAY_S,
    jobs: tuple[JobRun, ...] = NO_JOBS,
    longest_job_s: Sequence[float | None] = (),
    peak_hour: int = 0,
    parts_s: Mapping[str, float] | None = None,
    cold_starts: int = 0,
) -> Outcome:
    """One replication for each usage; every replication answers the same latencies and has the same other fates.

    fates: other fates than completed, over all replications, all of them in one hour of the first day.
    """
    usages = usages or (instances(1), instances(1))
    n = len(usages)
    longest = tuple(longest_job_s) or (None,) * n
    counts = np.bincount(bucket(np.array(latency_s, dtype=np.float64)), minlength=BUCKETS).astype(np.int64)
    other = dict.fromkeys(FATES, 0) | dict(fates or {})
    completed = len(latency_s) * n
    offered = completed + sum(other.values())
    bins = int(np.ceil(horizon_s / 3600))
    by_hour: dict[CountName, FloatArray] = {fate: np.zeros(bins) for fate in FATES}
    for fate, number in other.items():
        by_hour[fate][peak_hour] = number / n
    histogram = Histogram(counts)
    return Outcome(
        pattern=pattern,
        horizon_s=horizon_s,
        replications=n,
        offered=offered,
        fates=other | {"completed": completed},
        attempts=offered,
        successes_by_attempt=(completed,),
        cold_starts=cold_starts,
        latency=Histogram(counts * n),
        parts_s=dict(parts_s or {"retry": 0.0, "queue": 0.01, "setup": 0.0, "service": 0.08, "overhead": 0.01}),
        utilisation=0.4,
        series=Series(
            bin_s=3600.0,
            counts=by_hour,
            means={},
            peaks={},
            latency_s={},
            heat=np.zeros((1, bins)),
            heat_edges_s=np.array([0.1, 0.2]),
        ),
        jobs=jobs,
        longest_job_s=None if None in longest else max(one for one in longest if one is not None),
        usage=tuple(
            Usage(
                key=lines[0].key,
                dimension=lines[0].dimension,
                per=lines[0].per,
                quantity=sum(x.quantity for x in lines) / n,
            )
            for lines in zip(*usages, strict=True)
        ),
        samples=tuple(
            Sample(
                completed=len(latency_s),
                quantiles_s={percentile_name(percent): histogram.quantile(percent) for percent in TAIL},
                beyond={percentile_name(percent): histogram.beyond(histogram.index(percent)) for percent in TAIL},
                error_share=1 - completed / offered if offered else 0.0,
                utilisation=0.4,
                longest_job_s=one,
                usage=usage,
            )
            for usage, one in zip(usages, longest, strict=True)
        ),
    )


def judged(scenario: Scenario, deployment: Deployment, outcome: Outcome, world: World) -> Answer:
    """The answer for an outcome that was made by hand."""
    return judge(prepare(scenario, world), deployment, Simulated(outcome))
