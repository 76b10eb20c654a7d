"""How a serverless endpoint is shown and counted in its account, and what it depends on."""

from __future__ import annotations

from simulator.model.hardware import InstanceType
from simulator.patterns.instances import between
from simulator.patterns.protocol import Account, Description, NewAccountQuota, ZoneLoss
from simulator.patterns.serverless.deployment import ServerlessDeployment
from simulator.scaling.policies import is_scaled

NEW_ACCOUNT_CONCURRENCY = 10  # facts row 10.5
ASSUMPTIONS = frozenset(
    {
        "overhead_ms",
        "serverless_mb_per_vcpu",
        "serverless_container_start_s",
        "serverless_image_mb_per_s",
        "serverless_model_mb_per_s",
        "serverless_cold_sigma",
        "serverless_bill_cold_start",
        "serverless_idle_s",
        "serverless_keep_warm_s",
        "serverless_keep_warm_sigma",
        "serverless_not_ready_after_s",
        "provisioned_concurrency_median_s",
    }
)


def name(deployment: ServerlessDeployment) -> str:
    """A name made from the settings, like "Serverless, 2 GB, up to 20 at once"."""
    ready = f", {deployment.provisioned_concurrency} provisioned" if deployment.provisioned_concurrency else ""
    size_gb = deployment.memory_size_in_mb // 1024
    return f"Serverless, {size_gb} GB, up to {deployment.max_concurrency} at once{ready}"


def configuration(deployment: ServerlessDeployment) -> str:
    """Like "2048 MB · MaxConcurrency 20, 5 provisioned"."""
    count = between(deployment, deployment.provisioned_concurrency)
    ready = f", {count} provisioned" if deployment.provisioned_concurrency else ""
    return f"{deployment.memory_size_in_mb} MB · MaxConcurrency {deployment.max_concurrency}{ready}"


def size(deployment: ServerlessDeployment) -> tuple[str | int, ...]:
    """Memory and provisioned concurrency."""
    return deployment.memory_size_in_mb, deployment.provisioned_concurrency


def size_in_words(deployment: ServerlessDeployment) -> str:
    """Like "2048 MB", or "2048 MB, 5 provisioned"."""
    memory, count = size(deployment)
    return f"{memory} MB, {count} provisioned" if count else f"{memory} MB"


def new_account(deployment: ServerlessDeployment) -> tuple[NewAccountQuota, ...]:
    """The concurrency of all serverless endpoints."""
    if deployment.max_concurrency <= NEW_ACCOUNT_CONCURRENCY:
        return ()
    what = f"a total serverless concurrency of only {NEW_ACCOUNT_CONCURRENCY}"
    return (NewAccountQuota(what, deployment.max_concurrency, "10.5"),)


def idle(deployment: ServerlessDeployment, _kind: InstanceType | None, faults: bool) -> frozenset[str]:
    """The start of provisioned concurrency, where its count never changes."""
    changes = is_scaled(deployment) or faults
    return frozenset() if changes else frozenset({"provisioned_concurrency_median_s"})


DESCRIPTION = Description(
    title="Serverless endpoint",
    short="Serverless",
    letter="S",
    symbol="diamond",
    dash="dash",
    light="#751800",
    dark="#F1B54A",
    capacity="Environments",
    name=name,
    configuration=configuration,
    size=size,
    size_in_words=size_in_words,
)
ACCOUNT = Account(
    quota="serverless",
    gauge="in_flight",
    instance_type=lambda _: "",
    most=lambda deployment: int(deployment.max_concurrency),
    new_account=new_account,
)
ZONE_LOSS = ZoneLoss(told="AWS runs it in the other zones", row="1.44")
