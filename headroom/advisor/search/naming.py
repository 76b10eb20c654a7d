"""Names of candidates: what a reader needs to tell one from the other."""

from __future__ import annotations

from simulator.patterns.registry import Deployment
from simulator.scaling.policies import POLICIES, capacities, is_scaled

_MOST = 80


def named(deployment: Deployment) -> Deployment:
    """The same deployment under a name made from its settings."""
    return deployment.model_copy(update={"name": _name(deployment)[:_MOST]})


def _name(deployment: Deployment) -> str:
    match deployment.pattern:
        case "realtime":
            rule = f", tracking {deployment.scaling.target_value:.4g}/min" if deployment.scaling else ""
            if deployment.concurrency_scaling:
                rule += f", tracking {deployment.concurrency_scaling.target_value:.4g} at once"
            return f"Real-time, {_fleet(deployment)}{rule}{_clock(deployment)}"
        case "asynchronous":
            rule = f", backlog {deployment.scaling.target_value:.4g}" if deployment.scaling else ""
            return f"Asynchronous, {_fleet(deployment)}{rule}{_clock(deployment)}"
        case "serverless":
            ready = f", {deployment.provisioned_concurrency} provisioned" if deployment.provisioned_concurrency else ""
            size = f"{deployment.memory_size_in_mb // 1024} GB"
            return f"Serverless, {size}, up to {deployment.max_concurrency} at once{ready}"
        case "batch":
            every = f"{deployment.schedule_every_s / 3600:.3g} h"
            return f"Batch transform, {deployment.instance_count} x {deployment.instance_type}, every {every}"


def kin(deployment: Deployment) -> tuple[object, ...]:
    """What candidates have in common that differ in fine settings only."""
    if deployment.pattern == "serverless":
        return deployment.pattern, deployment.memory_size_in_mb, deployment.provisioned_concurrency > 0
    if deployment.pattern == "batch":
        return deployment.pattern, deployment.instance_type
    policies = tuple(bool(getattr(deployment, name, None)) for name in POLICIES)
    return deployment.pattern, deployment.instance_type, policies


def _fleet(deployment: Deployment) -> str:
    assert deployment.pattern in ("realtime", "asynchronous")
    if not is_scaled(deployment):
        return f"{deployment.initial_instance_count} x {deployment.instance_type}"
    least, most = capacities(deployment)
    if deployment.scheduled_actions and not deployment.scaling:
        counts = [action.min_capacity for action in deployment.scheduled_actions]
        least, most = min(counts), max(counts)
    return f"{least} to {most} x {deployment.instance_type}"


def _clock(deployment: Deployment) -> str:
    return ", by the clock" if getattr(deployment, "scheduled_actions", ()) else ""
