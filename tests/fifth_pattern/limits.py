"""What rules a relay out: the limits of the endpoint that does the same."""

from __future__ import annotations

from simulator.engine.replication import Case
from simulator.model.limits import BrokenLimit
from simulator.patterns.realtime import limits as endpoint
from tests.fifth_pattern.deployment import RelayDeployment, as_endpoint


def limits(case: Case, deployment: RelayDeployment) -> tuple[BrokenLimit, ...]:
    """Payload, time, instance type, GPU and memory."""
    return endpoint.limits(case, as_endpoint(deployment))
