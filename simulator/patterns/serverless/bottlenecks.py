"""Where the settings of a serverless endpoint may hold it up."""

from __future__ import annotations

from simulator.engine.replication import Case
from simulator.patterns.bottlenecks import Bottlenecks, first_limit
from simulator.patterns.serverless.deployment import ServerlessDeployment
from simulator.patterns.serverless.limits import work_limits
from simulator.patterns.serverless.speed import service_factor


def bottlenecks(case: Case, deployment: ServerlessDeployment) -> Bottlenecks:
    """The time limit of a call; what is refused beyond MaxConcurrency is told by `Pattern.room`."""
    factor = service_factor(case, deployment)
    return Bottlenecks(time_limit=first_limit(case, factor, work_limits(case.workload)))
