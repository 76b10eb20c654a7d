"""Small changes of a deployment, one setting at a time, within the bounds that its fields declare.

A change that leaves these bounds is no neighbour. One that names no field is a mistake, and raises.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeVar

from simulator.patterns.base import BaseDeployment

Made = TypeVar("Made", bound=BaseDeployment)

COOLDOWNS_IN_S = (0.0, 60.0, 120.0, 300.0, 600.0, 1200.0)
COOLDOWNS_OUT_S = (0.0, 60.0, 300.0)


def neighbour(deployment: Made, **changes: Any) -> Made | None:
    """The changed deployment; None where a value is beyond the bounds of its field. Raises KeyError for a name that no
    field has. How fields must agree is for the caller to see to.
    """
    fields = type(deployment).model_fields
    inside = [_within(value, fields[name].metadata) for name, value in changes.items()]
    return deployment.model_copy(update=changes) if all(inside) else None


def _within(value: Any, bounds: list[Any]) -> bool:
    """Whether a number keeps what its field declares (ge, gt, le); other values have no bounds."""
    for bound in bounds:
        least, below, most = (getattr(bound, name, None) for name in ("ge", "gt", "le"))
        if (least is not None and value < least) or (below is not None and value <= below):
            return False
        if most is not None and value > most:
            return False
    return True


def neighbours(deployment: Made, changes: Iterable[Mapping[str, Any]]) -> Iterator[Made]:
    """The changed deployments that are within bounds and differ."""
    for change in changes:
        other = neighbour(deployment, **change)
        if other is not None and other != deployment:
            yield other


def policy_changes(policy: Any, times: tuple[float, ...]) -> Iterator[Any]:
    """A target tracking policy with other targets and other cooldowns."""
    for factor in times:
        yield policy.model_copy(update={"target_value": float(f"{policy.target_value * factor:.4g}")})
    for cooldown_s in COOLDOWNS_IN_S:
        yield policy.model_copy(update={"scale_in_cooldown_s": cooldown_s})
    for cooldown_s in COOLDOWNS_OUT_S:
        yield policy.model_copy(update={"scale_out_cooldown_s": cooldown_s})


def with_target_times(deployment: Made, policies: Mapping[str, Any], factor: float) -> Made | None:
    """With the target of its first target tracking policy, by the name of its field, multiplied; None without one."""
    for name, policy in policies.items():
        if policy:
            target = float(f"{policy.target_value * factor:.4g}")
            return neighbour(deployment, **{name: policy.model_copy(update={"target_value": target})})
    return None


def capacity_changes(deployment: Any) -> Iterator[dict[str, int]]:
    """One instance more or fewer at most or at least; the count at the start stays between the two."""
    initial, least, most = deployment.initial_instance_count, deployment.min_capacity, deployment.max_capacity
    for by in (-1, 1):
        if least <= min(initial, most + by):
            yield {"max_capacity": most + by, "initial_instance_count": min(initial, most + by)}
        if max(initial, least + by) <= most:
            yield {"min_capacity": least + by, "initial_instance_count": max(initial, least + by)}


def clock_changes(deployment: Any, least: int) -> Iterator[dict[str, Any]]:
    """One instance more or fewer at one of the times of the scheduled actions, never fewer than `least`."""
    actions = deployment.scheduled_actions
    for place, action in enumerate(actions):
        for count in (action.min_capacity - 1, action.min_capacity + 1):
            if count < least:
                continue
            other = action.model_copy(update={"min_capacity": count, "max_capacity": count})
            changed = (*actions[:place], other, *actions[place + 1 :])
            counts = [entry.min_capacity for entry in changed]
            yield {
                "scheduled_actions": changed,
                "min_capacity": min(counts),
                "max_capacity": max(*counts, 1),
                "initial_instance_count": counts[-1],
            }
