"""How transform jobs are shown and counted in their account, and what they depend on."""

from __future__ import annotations

from simulator.patterns.batch.deployment import BatchDeployment
from simulator.patterns.instances import OF_GPUS
from simulator.patterns.protocol import Account, Description, NewAccountQuota, ZoneLoss

NEW_ACCOUNT_INSTANCES = 4  # facts row 10.3
ASSUMPTIONS = frozenset(
    {
        "provisioning_sigma",
        "bill_while_provisioning",
        "s3_mb_per_s",
        "batch_start_median_s",
        "minibatch_overhead_ms",
        *OF_GPUS,
        "instance_image_mb_per_s",
        "instance_model_mb_per_s",
    }
)


def name(deployment: BatchDeployment) -> str:
    """A name made from the settings, like "Batch transform, 2 x ml.m5.large, every 24 h"."""
    every = f"{deployment.schedule_every_s / 3600:.3g} h"
    return f"Batch transform, {deployment.instance_count} x {deployment.instance_type}, every {every}"


def configuration(deployment: BatchDeployment) -> str:
    """Like "2 x ml.m5.large"."""
    return f"{deployment.instance_count} × {deployment.instance_type}"


def size(deployment: BatchDeployment) -> tuple[str | int, ...]:
    """Type and number of the instances of a job."""
    return deployment.instance_type, deployment.instance_count


def new_account(deployment: BatchDeployment) -> tuple[NewAccountQuota, ...]:
    """The instances of all transform jobs."""
    if deployment.instance_count <= NEW_ACCOUNT_INSTANCES:
        return ()
    what = f"{NEW_ACCOUNT_INSTANCES} instances across transform jobs"
    return (NewAccountQuota(what, deployment.instance_count, "10.3"),)


DESCRIPTION = Description(
    title="Batch transform",
    short="Batch",
    letter="B",
    symbol="triangle-up",
    dash="dashdot",
    light="#56076E",
    dark="#DB5951",
    capacity="Instances",
    name=name,
    configuration=configuration,
    size=size,
    size_in_words=configuration,
)
ACCOUNT = Account(
    quota="transform",
    gauge="instances_billed",
    instance_type=lambda deployment: str(deployment.instance_type),
    most=lambda deployment: int(deployment.instance_count),
    new_account=new_account,
)
ZONE_LOSS = ZoneLoss(told="its jobs fail, and are run again in the other zones", row="")
