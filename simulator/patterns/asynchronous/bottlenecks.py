"""Where the settings of an asynchronous endpoint may hold it up."""

from __future__ import annotations

from simulator.engine.replication import Case
from simulator.patterns.asynchronous.deployment import AsynchronousDeployment, slots_per_instance
from simulator.patterns.asynchronous.limits import time_limits
from simulator.patterns.bottlenecks import Bottlenecks, first_limit, per_minute
from simulator.patterns.common import machine
from simulator.scaling.policies import capacities, is_scaled


def bottlenecks(case: Case, deployment: AsynchronousDeployment) -> Bottlenecks:
    """The time limit of the model, what an instance takes from the queue at once, and how it comes back from zero."""
    here = machine(case, deployment.instance_type, "instance_type")
    least = capacities(deployment)[0] if is_scaled(deployment) else None
    asleep = least == 0 and deployment.scaling is not None and not deployment.scaling.wake_from_zero
    return Bottlenecks(
        time_limit=first_limit(case, here.factor, time_limits(case, deployment)),
        workers=slots_per_instance(deployment, here.workers),
        per_minute=per_minute(case, here),
        least_instances=least,
        wakes_above=deployment.scaling.target_value if deployment.scaling and asleep else None,
    )
