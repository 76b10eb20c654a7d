"""What a real-time endpoint bills."""

from __future__ import annotations

from simulator.engine.replication import Case
from simulator.model.hardware import InstanceType
from simulator.model.usage import Usage
from simulator.model.workload import Workload
from simulator.patterns.common import Payloads, endpoint_usage, machine
from simulator.patterns.instances import volume_usage
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
    kind: InstanceType,
    instance_s: float,
    requests: Payloads,
    alarms: tuple[Usage, ...],
) -> tuple[Usage, ...]:
    """Instance-seconds, their volumes, payload of the requests, and alarms."""
    return (
        Usage(key="hosting_instance_s", dimension=deployment.instance_type, quantity=instance_s),
        *volume_usage(deployment.volume_size_in_gb, kind, instance_s),
        *endpoint_usage(workload, BILLING.data, requests),
        *alarms,
    )


def always_on_usage(case: Case, deployment: RealtimeDeployment) -> tuple[Usage, ...]:
    """What the initial instances bill over the horizon when they stay and every expected request is answered."""
    horizon_s = case.simulation.duration_s
    kind = machine(case, deployment.instance_type, "instance_type").kind
    requests = case.source.expected(0.0, horizon_s)
    answered = Payloads(received=requests, answered=requests, delivered=requests)
    return usage(case.workload, deployment, kind, deployment.initial_instance_count * horizon_s, answered, ())
