"""An endpoint that is not there at times: deleted by a schedule, and created again by it.

AWS takes a real-time endpoint without inference components to one instance at the fewest (facts row 1.15). Who does not
want to pay at night deletes it in the evening and creates it in the morning. Meanwhile calls fail with 400.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from simulator.engine.replication import Case
from simulator.patterns import autoscaling
from simulator.patterns.realtime.deployment import RealtimeDeployment
from simulator.traffic.kinds import WEEK_S


def is_deleted_at_times(deployment: RealtimeDeployment) -> bool:
    """Whether a scheduled action takes it to no instance at all."""
    return any(action.max_capacity == 0 for action in deployment.scheduled_actions)


def instances_at_the_start(case: Case, deployment: RealtimeDeployment) -> int:
    """InitialInstanceCount, but where the schedule deletes the endpoint: what its last action left within the week
    before the start of the warm-up.
    """
    if not is_deleted_at_times(deployment):
        return deployment.initial_instance_count
    starts_s = -case.simulation.warmup_s
    before = autoscaling.changes_between(deployment.scheduled_actions, case, starts_s - WEEK_S, starts_s)
    return before[-1].bounds.clamp(deployment.initial_instance_count) if before else deployment.initial_instance_count


def as_it_starts(case: Case, deployment: RealtimeDeployment) -> Case:
    """The same; what is created anew finds no cached image (facts row 2.37)."""
    if not is_deleted_at_times(deployment):
        return case
    return replace(case, assumptions=case.assumptions.model_copy(update={"image_is_cached": False}))


def told(deployment: RealtimeDeployment) -> Iterator[str]:
    """What such a schedule means."""
    if is_deleted_at_times(deployment):
        yield (
            "Its schedule takes it to no instance, which AWS does not do for such an endpoint: it has to be deleted"
            " then and created again, by you, and is there once its instances are. Calls meanwhile fail with 400 and"
            " are not tried again (facts rows 1.15, 2.30, 2.33)."
        )
