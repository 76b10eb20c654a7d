"""What a serverless endpoint bills."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.model.usage import Usage
from simulator.model.workload import Workload
from simulator.patterns.common import Payloads, endpoint_usage
from simulator.patterns.protocol import Billing
from simulator.patterns.serverless.deployment import ServerlessDeployment

BILLING = Billing(
    compute={
        "Serverless compute": ("serverless_duration_s",),
        "Provisioned concurrency": ("serverless_pc_usage_s", "serverless_pc_duration_s"),
    },
    data=("serverless_data_in_gb", "serverless_data_out_gb"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvironmentTime:
    """Seconds that are billed: of work on demand, of environments kept ready, and of work on these."""

    on_demand_s: float
    kept_s: float
    provisioned_s: float


def usage(
    workload: Workload,
    deployment: ServerlessDeployment,
    time: EnvironmentTime,
    requests: Payloads,
    alarms: tuple[Usage, ...] = (),
) -> tuple[Usage, ...]:
    """Environment time at its memory, alarms, and payload of the requests that were executed."""
    memory = str(deployment.memory_size_in_mb)
    lines = [Usage(key="serverless_duration_s", dimension=memory, quantity=time.on_demand_s)]
    if deployment.provisioned_concurrency:
        lines.append(Usage(key="serverless_pc_usage_s", dimension=memory, quantity=time.kept_s))
        lines.append(Usage(key="serverless_pc_duration_s", dimension=memory, quantity=time.provisioned_s))
    return (*lines, *alarms, *endpoint_usage(workload, BILLING.data, requests))
