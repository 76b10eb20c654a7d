"""One replication of a relay."""

from __future__ import annotations

from simulator.engine.accumulators import Result
from simulator.engine.replication import Case
from simulator.patterns.realtime import run as endpoint
from tests.fifth_pattern.deployment import RelayDeployment, as_endpoint


def run(case: Case, deployment: RelayDeployment) -> Result:
    """One replication."""
    return endpoint.run(case, as_endpoint(deployment))
