"""What an asynchronous endpoint bills."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.model.hardware import InstanceType
from simulator.model.usage import Usage
from simulator.model.workload import Workload
from simulator.patterns.asynchronous.deployment import AsynchronousDeployment, sends_inline
from simulator.patterns.autoscaling import alarm_usage
from simulator.patterns.common import Payloads, endpoint_usage
from simulator.patterns.instances import volume_usage
from simulator.patterns.protocol import Billing

BILLING = Billing(
    compute={"Instances": ("async_instance_s",)},
    data=("async_data_in_gb", "async_data_out_gb"),
    machines="async_instance_s",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Requests:
    """How many were sent, were answered and came to any end; payloads: those that were worked on."""

    offered: float
    completed: float
    ended: float
    payloads: Payloads


def usage(
    workload: Workload,
    deployment: AsynchronousDeployment,
    kind: InstanceType,
    instance_s: float,
    requests: Requests,
    alarms: float,
) -> tuple[Usage, ...]:
    """Instances with their volumes, payload, notifications and alarms; and S3: the client writes the input and reads
    the answer, the endpoint reads the input and writes the answer. Inputs that go in the call are neither written nor
    read.
    """
    in_s3 = not sends_inline(workload, deployment)
    return (
        Usage(key="async_instance_s", dimension=deployment.instance_type, quantity=instance_s),
        *volume_usage(deployment.volume_size_in_gb, kind, instance_s),
        *endpoint_usage(workload, BILLING.data, requests.payloads),
        Usage(key="s3_put_requests", quantity=requests.offered * in_s3 + requests.completed),
        Usage(key="s3_get_requests", quantity=requests.payloads.received * in_s3 + requests.completed),
        Usage(key="sns_publish_requests", quantity=requests.ended if deployment.notify else 0.0),
        *alarm_usage(alarms, 0.0),
    )
