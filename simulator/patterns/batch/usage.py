"""What transform jobs bill."""

from __future__ import annotations

from simulator.model.usage import Usage
from simulator.model.workload import Workload
from simulator.patterns.batch.deployment import BatchDeployment
from simulator.patterns.common import MB_PER_GB
from simulator.patterns.protocol import Billing

BILLING = Billing(compute={"Instances": ("batch_instance_s",)}, machines="batch_instance_s")


def usage(
    workload: Workload, deployment: BatchDeployment, instance_s: float, objects: float, answered: float
) -> tuple[Usage, ...]:
    """S3: the client writes the input and reads the output, the job reads the input and writes the output."""
    out_gb = answered * workload.response_mb / MB_PER_GB
    return (
        Usage(key="batch_instance_s", dimension=deployment.instance_type, quantity=instance_s),
        Usage(key="s3_put_requests", quantity=2.0 * objects),
        Usage(key="s3_get_requests", quantity=2.0 * objects),
        Usage(key="internet_out_gb", quantity=out_gb * workload.internet_egress_share),
    )
