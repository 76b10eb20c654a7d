"""Small changes of a relay."""

from __future__ import annotations

from collections.abc import Iterator

from simulator.engine.replication import Case
from simulator.patterns import neighbours as common
from simulator.patterns.candidates import Sought, Way
from tests.fifth_pattern.deployment import MOST_SERVERS, RelayDeployment


def neighbours(_case: Case, deployment: RelayDeployment) -> Iterator[RelayDeployment]:
    """One server more or fewer."""
    return common.neighbours(deployment, ({"servers": deployment.servers + by} for by in (-1, 1)))


def within_quotas(sought: Sought, deployment: RelayDeployment) -> bool:
    """Whether the account and the search space allow its servers."""
    return deployment.servers <= sought.most_instances(MOST_SERVERS)


def machine(deployment: RelayDeployment) -> str:
    """Type of the instances."""
    return deployment.instance_type


def way(_deployment: RelayDeployment) -> Way:
    """The number of servers stays."""
    return Way("servers", 0)
