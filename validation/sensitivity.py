"""What cost and p99 do when an assumption without a published value is moved, one at a time, from low to high."""

from __future__ import annotations

from dataclasses import dataclass

from advisor.evaluate import evaluate
from sharing.presets import load_preset
from simulator.scenario import Deployment, Scenario
from validation.runs import world

PRESETS = {"classification-api": 1, "bursty-function": 5}
"""Replications of each; all runs of a deployment see the same draws."""


@dataclass(frozen=True, slots=True)
class Range:
    """An assumption, the values it is moved between, and the patterns it touches."""

    field: str
    low: float | bool
    high: float | bool
    patterns: tuple[str, ...]


REAL, LESS, LATER, BATCH = "realtime", "serverless", "asynchronous", "batch"
RANGES = (
    Range("overhead_ms", 5.0, 25.0, (REAL, LESS, LATER)),
    Range("provisioning_cpu_median_s", 120.0, 360.0, (REAL, LATER)),
    Range("provisioning_sigma", 0.25, 0.75, (REAL, LATER, BATCH)),
    Range("alarm_delay_min_s", 0.0, 120.0, (REAL, LATER)),
    Range("alarm_delay_max_s", 60.0, 300.0, (REAL, LATER)),
    Range("bill_while_provisioning", False, True, (REAL, LATER, BATCH)),
    Range("serverless_mb_per_vcpu", 1400.0, 2400.0, (LESS,)),
    Range("serverless_container_start_s", 1.0, 10.0, (LESS,)),
    Range("serverless_image_mb_per_s", 53.0, 500.0, (LESS,)),
    Range("serverless_model_mb_per_s", 50.0, 210.0, (LESS,)),
    Range("serverless_cold_sigma", 0.2, 0.9, (LESS,)),
    Range("serverless_bill_cold_start", False, True, (LESS,)),
    Range("serverless_keep_warm_s", 60.0, 900.0, (LESS,)),
    Range("serverless_quiet_s", 120.0, 640.0, (LESS,)),
    Range("serverless_life_max_s", 1800.0, 7300.0, (LESS,)),
    Range("s3_mb_per_s", 50.0, 210.0, (LATER, BATCH)),
    Range("batch_start_median_s", 120.0, 360.0, (BATCH,)),
    Range("minibatch_overhead_ms", 5.0, 25.0, (BATCH,)),
)

LEFT_OUT = {
    "realtime_max_payload_mb": "a limit: published, with sources that disagree; no effect on cost or latency",
    "serverless_max_payload_mb": "the same",
    "provisioning_gpu_median_s": "acts on GPU fleets as its CPU twin does on these presets, which have no GPU",
    "always_on_utilisation": "sizes the always-on baseline only, not a deployment",
    "serverless_life_min_s": "moved with serverless_life_max_s",
    "high_resolution_delay_min_s": "acts on policies with 10 s metrics only, which these presets do not have",
    "high_resolution_delay_max_s": "the same",
    "shortage_probability": "0 unless asked for: a what-if, not an unknown of the default",
    "shortage_s": "the same",
    "image_is_cached": "the same; acts on accelerators only",
    "instances_per_endpoint_quota": "the same",
    "provisioned_concurrency_median_s": "acts on scaled provisioned concurrency only, which these presets do not have",
}


def measure(scenario: Scenario, deployment: Deployment, changes: dict[str, float | bool]) -> tuple[float, float]:
    """Cost in USD a month and p99 in seconds with changed assumptions."""
    changed = scenario.model_copy(update={"assumptions": scenario.assumptions.model_copy(update=changes)})
    found = evaluate(changed, deployment, world())
    cost, latency = found.cost_usd_per_month, found.latency_s.get("p99")
    if cost is None or latency is None:
        raise ValueError(f"{deployment.name} of {scenario.workload.name} is ruled out")
    return cost.value, latency.value


def scenario_of(preset: str) -> Scenario:
    """A preset with the replications that are made here."""
    scenario = load_preset(preset)
    simulation = scenario.simulation.model_copy(update={"replications": PRESETS[preset]})
    return scenario.model_copy(update={"simulation": simulation})


def rows(preset: str) -> list[dict[str, object]]:
    """One row for each deployment and assumption that touches it."""
    scenario = scenario_of(preset)
    found: list[dict[str, object]] = []
    for deployment in scenario.deployments:
        cost, p99_s = measure(scenario, deployment, {})
        for moved in RANGES:
            if deployment.pattern not in moved.patterns:
                continue
            ends = [measure(scenario, deployment, {moved.field: value}) for value in (moved.low, moved.high)]
            found.append(
                {
                    "preset": preset,
                    "deployment": deployment.name,
                    "assumption": moved.field,
                    "default": getattr(scenario.assumptions, moved.field),
                    "low": moved.low,
                    "high": moved.high,
                    "cost": cost,
                    "cost_low": ends[0][0],
                    "cost_high": ends[1][0],
                    "p99_s": p99_s,
                    "p99_low_s": ends[0][1],
                    "p99_high_s": ends[1][1],
                }
            )
    return found


def report() -> dict[str, object]:
    """All of it as plain values."""
    return {"rows": [row for preset in PRESETS for row in rows(preset)]}
