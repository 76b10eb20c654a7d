"""What can be configured of a relay: machines in a row, each with its own queue."""

from __future__ import annotations

from typing import Literal

from simulator.fields import choice, quantity
from simulator.patterns.base import BaseDeployment
from simulator.patterns.realtime.deployment import RealtimeDeployment
from simulator.traffic.kinds import Name

MOST_SERVERS = 200


class RelayDeployment(BaseDeployment):
    """One configuration of a relay. Its fields have names that no other pattern has, but for the instance type."""

    pattern: Literal["relay"] = "relay"
    name: Name = choice("Relay", "Name", "A name for this configuration.")
    instance_type: Name = choice("ml.m5.xlarge", "InstanceType", "Type of the instances.")
    servers: int = quantity(2, "Servers", "Instances at all times.", ge=1, le=MOST_SERVERS)


def as_endpoint(deployment: RelayDeployment) -> RealtimeDeployment:
    """The real-time endpoint that does the same, by which a relay is simulated."""
    return RealtimeDeployment(instance_type=deployment.instance_type, initial_instance_count=deployment.servers)
