"""A relay as one pattern: its folder answers what each layer asks."""

from __future__ import annotations

from simulator.patterns.instances import OF_ENDPOINTS
from simulator.patterns.protocol import Pattern, Searching, Surrogate
from tests.fifth_pattern.candidates import candidates
from tests.fifth_pattern.deployment import RelayDeployment
from tests.fifth_pattern.describe import ACCOUNT, ASSUMPTIONS, DESCRIPTION
from tests.fifth_pattern.estimate import MODELLED, asking_ms, relay
from tests.fifth_pattern.limits import limits
from tests.fifth_pattern.neighbours import machine, neighbours, way, within_quotas
from tests.fifth_pattern.resources import resources
from tests.fifth_pattern.run import run
from tests.fifth_pattern.usage import BILLING

RELAY = Pattern(
    key="relay",
    description=DESCRIPTION,
    deployment=RelayDeployment,
    limits=limits,
    run=run,
    resources=resources,
    request_work=1.0,
    surrogate=Surrogate(reckon=relay, asking_ms=asking_ms, modelled=MODELLED),
    searching=Searching(
        candidates=candidates, neighbours=neighbours, within_quotas=within_quotas, machine=machine, way=way
    ),
    billing=BILLING,
    account=ACCOUNT,
    touched_by=OF_ENDPOINTS,
    assumptions=ASSUMPTIONS,
)
