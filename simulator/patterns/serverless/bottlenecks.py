"""Where the settings of a serverless endpoint may hold it up."""

from __future__ import annotations

from simulator.engine.replication import Case
from simulator.patterns.bottlenecks import Bottlenecks, TimeLimit, work_beyond
from simulator.patterns.serverless.deployment import ServerlessDeployment
from simulator.patterns.serverless.limits import TIME_LIMIT_S
from simulator.patterns.serverless.speed import service_factor


def bottlenecks(case: Case, deployment: ServerlessDeployment) -> Bottlenecks:
    """The time limit of a call; what is refused beyond MaxConcurrency is told by `Pattern.room`."""
    return Bottlenecks(
        time_limit=TimeLimit(
            name="AWS's limit for InvokeEndpoint",
            seconds=TIME_LIMIT_S,
            whose="aws",
            row="1.3",
            waits=False,
            work_beyond=work_beyond(case, service_factor(case, deployment), TIME_LIMIT_S),
        )
    )
