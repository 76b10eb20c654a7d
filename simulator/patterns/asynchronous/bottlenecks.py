"""Where the settings of an asynchronous endpoint may hold it up."""

from __future__ import annotations

from simulator.engine.replication import Case
from simulator.patterns.asynchronous.deployment import AsynchronousDeployment, slots_per_instance
from simulator.patterns.bottlenecks import Bottlenecks, TimeLimit, per_minute, work_beyond
from simulator.patterns.common import machine
from simulator.scaling.policies import capacities, is_scaled


def bottlenecks(case: Case, deployment: AsynchronousDeployment) -> Bottlenecks:
    """The time limit of the model, what an instance takes from the queue at once, and how it comes back from zero."""
    here = machine(case, deployment.instance_type, "instance_type")
    least = capacities(deployment)[0] if is_scaled(deployment) else None
    asleep = least == 0 and deployment.scaling is not None and not deployment.scaling.wake_from_zero
    return Bottlenecks(
        time_limit=TimeLimit(
            name="InvocationTimeoutSeconds",
            seconds=deployment.invocation_timeout_s,
            whose="setting",
            row="4.5",
            waits=False,
            work_beyond=work_beyond(case, here.factor, deployment.invocation_timeout_s),
        ),
        workers=slots_per_instance(deployment, here.workers),
        per_minute=per_minute(case, here),
        least_instances=least,
        wakes_above=deployment.scaling.target_value if deployment.scaling and asleep else None,
    )
