"""How a relay is shown and counted in its account, and what it depends on."""

from __future__ import annotations

from simulator.patterns.protocol import Account, Description
from tests.fifth_pattern.deployment import RelayDeployment

ASSUMPTIONS = frozenset({"overhead_ms"})


def configuration(deployment: RelayDeployment) -> str:
    """Like "2 x ml.m5.xlarge"."""
    return f"{deployment.servers} × {deployment.instance_type}"


DESCRIPTION = Description(
    title="Relay of machines",
    short="Relay",
    letter="Y",
    symbol="star",
    dash="longdash",
    light="#EB63A6",
    dark="#CDF2A9",
    capacity="Servers",
    name=lambda deployment: f"Relay, {deployment.servers} x {deployment.instance_type}",
    configuration=configuration,
    size=lambda deployment: (deployment.instance_type, deployment.servers),
    size_in_words=configuration,
)
ACCOUNT = Account(
    quota="endpoint",
    gauge="instances_billed",
    instance_type=lambda deployment: str(deployment.instance_type),
    most=lambda deployment: int(deployment.servers),
    new_account=lambda _: (),
)
