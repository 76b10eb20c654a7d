"""What AWS has to create for a relay: the endpoint that does the same."""

from __future__ import annotations

from simulator.engine.replication import Case
from simulator.model.placement import Placement
from simulator.patterns.realtime import resources as endpoint
from simulator.patterns.resources import Blueprint
from tests.fifth_pattern.deployment import RelayDeployment, as_endpoint


def resources(case: Case, deployment: RelayDeployment, placement: Placement) -> Blueprint:
    """Of the endpoint."""
    return endpoint.resources(case, as_endpoint(deployment), placement)
