"""The size of a deployment: its instance type or memory size, and what is always paid for.

That is a fixed number of instances, the instances of a job, or provisioned concurrency. How far a fleet may scale, its
targets and cooldowns are no part of it.
"""

from __future__ import annotations

from simulator.patterns.registry import Deployment
from simulator.scaling.policies import is_scaled


def size(deployment: Deployment) -> tuple[str | int, ...]:
    """Equal for deployments of one size. A fleet that scales counts 0 fixed instances."""
    match deployment.pattern:
        case "serverless":
            return "serverless", deployment.memory_size_in_mb, deployment.provisioned_concurrency
        case "batch":
            return "batch", deployment.instance_type, deployment.instance_count
        case _:
            count = 0 if is_scaled(deployment) else deployment.initial_instance_count
            return deployment.pattern, deployment.instance_type, count


def described(deployment: Deployment) -> str:
    """The size in words: "2048 MB", "3 × ml.m5.large", "ml.m5.large, scaled"."""
    pattern, kind, count = size(deployment)
    if pattern == "serverless":
        return f"{kind} MB, {count} provisioned" if count else f"{kind} MB"
    return f"{count} × {kind}" if count else f"{kind}, scaled"
