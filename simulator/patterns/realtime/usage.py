"""What a real-time endpoint bills."""

from __future__ import annotations

from simulator.model.usage import Usage
from simulator.model.workload import Workload
from simulator.patterns.common import Payloads, endpoint_usage
from simulator.patterns.protocol import Billing
from simulator.patterns.realtime.deployment import RealtimeDeployment

BILLING = Billing(
    compute={"Instances": ("hosting_instance_s",)},
    data=("realtime_data_in_gb", "realtime_data_out_gb"),
    machines="hosting_instance_s",
)


def usage(
    workload: Workload,
    deployment: RealtimeDeployment,
    instance_s: float,
    requests: Payloads,
    alarms: tuple[Usage, ...],
) -> tuple[Usage, ...]:
    """Instance-seconds, payload of the requests, and alarms."""
    return (
        Usage(key="hosting_instance_s", dimension=deployment.instance_type, quantity=instance_s),
        *endpoint_usage(workload, BILLING.data, requests),
        *alarms,
    )
