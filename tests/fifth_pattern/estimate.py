"""The analytic answer of a relay."""

from __future__ import annotations

from dataclasses import replace

from simulator.engine.replication import Case
from simulator.estimate.figures import Estimate
from simulator.patterns.realtime import estimate as endpoint
from tests.fifth_pattern.deployment import RelayDeployment, as_endpoint

MODELLED = frozenset({"instance_type", "servers"})


def relay(case: Case, deployment: RelayDeployment, replications: int, *, rough: bool = False) -> Estimate:
    """The fast answer; at most so many replications of the load. rough: with coarser queues."""
    return replace(endpoint.realtime(case, as_endpoint(deployment), replications, rough=rough), pattern="relay")


def asking_ms(case: Case, deployment: RelayDeployment, replications: int) -> float:
    """Milliseconds of one core that this answer takes, about."""
    return endpoint.asking_ms(case, as_endpoint(deployment), replications)
