"""What cost and p99 do when an assumption without a published value is moved, one at a time, from low to high."""

from __future__ import annotations

from collections.abc import Mapping

from headroom.advisor.evaluate import evaluate
from headroom.advisor.explore import ranges
from headroom.advisor.explore.ranges import FIXED
from headroom.sharing.presets import load_preset
from simulator.patterns.registry import BY_KEY, Deployment
from simulator.scenario import Scenario
from validation.runs import world

PRESETS = {"classification-api": 1, "bursty-function": 5}
"""Replications of each; all runs of a deployment see the same draws."""


LEFT_OUT: Mapping[str, str] = {
    **FIXED,
    "provisioning_gpu_median_s": "acts on GPU fleets as its CPU twin does on these presets, which have no GPU",
    "instance_image_mb_per_s": "acts on images of more than a few GB only, which these presets do not have",
    "instance_model_mb_per_s": "acts on models of that size only",
    "image_is_cached": "acts on accelerators only, which these presets do not have",
    "gpu_memory_bound_share": "acts between GPUs only, which these presets do not have",
    "spread_efficiency": "acts on models that are spread over several GPUs only",
    "high_resolution_delay_min_s": "acts on policies with 10 s metrics only, which these presets do not have",
    "high_resolution_delay_max_s": "acts on the same policies",
    "serverless_keep_warm_s": "a fixed time in place of serverless_idle_s, which these presets do not ask for",
    "provisioned_concurrency_median_s": "acts on scaled provisioned concurrency only, which these presets do not have",
}
RANGES = tuple(moved for moved in ranges.RANGES if moved.field not in LEFT_OUT)
"""Of the table that headroom/advisor/explore/ranges.py keeps, what touches these presets."""


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
            if moved.field not in BY_KEY[deployment.pattern].assumptions:
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
