"""Small changes of a candidate, one setting at a time: what the chains leave out, and finer steps of what they have."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from headroom.advisor.search.sizing import most_instances
from headroom.advisor.search.surrogate import Asker
from simulator.fields import Spec
from simulator.patterns.registry import Deployment
from simulator.patterns.serverless.deployment import MOST_CONCURRENCY
from simulator.traffic.kinds import Jobs

COOLDOWNS_IN_S = (0.0, 60.0, 120.0, 300.0, 600.0, 1200.0)
COOLDOWNS_OUT_S = (0.0, 60.0, 300.0)
PAYLOADS_MB = (1, 2, 6, 12, 25, 50, 100)
TIMES = (0.8, 0.9, 0.95, 1.05, 1.1, 1.25)
BACKLOG_TIMES = (0.5, 0.8, 1.25, 2.0)
OBJECT_TIMES = (0.25, 0.5, 2.0, 4.0)
EVERY_TIMES = (0.5, 0.8, 1.25, 2.0)


def moves(deployment: Deployment, asker: Asker) -> Iterator[Deployment]:
    """Candidates that differ in one setting, within the limits of the search space."""
    for changes in _changes(deployment, in_data_sets=isinstance(asker.scenario.workload.traffic, Jobs)):
        made = _made(deployment, changes)
        if made is not None and made != deployment and _allowed(made, asker):
            yield made


def _changes(deployment: Deployment, *, in_data_sets: bool) -> Iterator[dict[str, Any]]:
    match deployment.pattern:
        case "realtime" | "asynchronous":
            yield from _fleet(deployment)
        case "serverless":
            yield from ({"provisioned_concurrency": deployment.provisioned_concurrency + by} for by in (-1, 1))
        case "batch":
            yield from _jobs(deployment)
            if not in_data_sets:  # which start their own jobs
                yield from ({"schedule_every_s": _every_s(deployment, factor)} for factor in EVERY_TIMES)


def _fleet(deployment: Any) -> Iterator[dict[str, Any]]:
    if deployment.scheduled_actions:
        yield from _clock(deployment)
    name = next((one for one in ("scaling", "concurrency_scaling") if getattr(deployment, one, None)), None)
    if name is None:
        return
    scaling = getattr(deployment, name)
    times = TIMES if deployment.pattern == "realtime" else BACKLOG_TIMES
    for factor in times:
        yield {name: _with(scaling, target_value=float(f"{scaling.target_value * factor:.4g}"))}
    for cooldown_s in COOLDOWNS_IN_S:
        yield {name: _with(scaling, scale_in_cooldown_s=cooldown_s)}
    for cooldown_s in COOLDOWNS_OUT_S:
        yield {name: _with(scaling, scale_out_cooldown_s=cooldown_s)}
    for by in (-1, 1):
        most = deployment.max_capacity + by
        yield {"max_capacity": most, "initial_instance_count": min(deployment.initial_instance_count, most)}
        least = deployment.min_capacity + by
        yield {"min_capacity": least, "initial_instance_count": max(deployment.initial_instance_count, least)}


def _clock(deployment: Any) -> Iterator[dict[str, Any]]:
    """One instance more or fewer at one of the times."""
    actions = deployment.scheduled_actions
    for at, action in enumerate(actions):
        for count in (action.min_capacity - 1, action.min_capacity + 1):
            if count < 0:
                continue
            other = action.model_copy(update={"min_capacity": count, "max_capacity": count})
            found = (*actions[:at], other, *actions[at + 1 :])
            counts = [one.min_capacity for one in found]
            yield {
                "scheduled_actions": found,
                "min_capacity": min(counts),
                "max_capacity": max(*counts, 1),
                "initial_instance_count": counts[-1],
            }


def _jobs(deployment: Any) -> Iterator[dict[str, Any]]:
    for by in (-1, 1):
        yield {"instance_count": deployment.instance_count + by}
    for factor in OBJECT_TIMES:
        yield {"input_objects": max(deployment.instance_count, round(deployment.input_objects * factor))}
    for payload in PAYLOADS_MB:
        yield {"max_payload_in_mb": payload, "max_concurrent_transforms": 0}
    yield {"batch_strategy": "SingleRecord" if deployment.batch_strategy == "MultiRecord" else "MultiRecord"}


def _every_s(deployment: Any, factor: float) -> float:
    return float(max(900, round(deployment.schedule_every_s * factor)))


def _with(part: Spec, **values: Any) -> Spec:
    return part.model_copy(update=values)


def _made(deployment: Deployment, changes: dict[str, Any]) -> Deployment | None:
    """The changed deployment, None when its rules forbid it."""
    try:
        return type(deployment).model_validate({**dict(deployment), **changes})
    except ValueError:  # a count below its least, bounds that cross
        return None


def _allowed(deployment: Deployment, asker: Asker) -> bool:
    search = asker.scenario.search
    match deployment.pattern:
        case "serverless":
            return deployment.max_concurrency <= (search.serverless_concurrency_quota or MOST_CONCURRENCY)
        case "batch":
            most = most_instances(asker, 100)
            return deployment.instance_count <= min(most, search.transform_instances_quota or most)
        case _:
            return max(deployment.max_capacity, deployment.initial_instance_count) <= most_instances(asker, 1000)
