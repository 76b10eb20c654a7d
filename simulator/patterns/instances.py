"""What the patterns that run on instances share in how they are shown and counted, and which faults touch them."""

from __future__ import annotations

from typing import Any, Protocol

from simulator.fields import quantity
from simulator.model.hardware import InstanceType
from simulator.model.usage import MONTH_S, Usage
from simulator.patterns.protocol import Account, NewAccountQuota, ZoneLoss
from simulator.scaling.policies import ScheduledAction, capacities, is_scaled

EVERYWHERE = frozenset({"slow_dependency", "traffic_spike"})
"""Kinds of faults that touch every pattern."""

OF_INSTANCES = EVERYWHERE | {"instance_loss", "zone_loss", "capacity_shortage"}
OF_ENDPOINTS = OF_INSTANCES | {"endpoint_update"}

# Facts rows 10.1 and 10.6.
INSTANCES_PER_ENDPOINT = 4
TYPE_QUOTA = {"ml.t2.medium": 2, "ml.m6g.large": 2, "ml.m6g.xlarge": 1}

OF_FETCHING = frozenset({"instance_image_mb_per_s", "instance_model_mb_per_s", "image_is_cached"})
"""Assumptions on how fast an instance has its image and its model."""
OF_SCALING = frozenset(
    {
        "provisioning_cpu_median_s",
        "provisioning_gpu_median_s",
        "provisioning_sigma",
        "provisioning_within_share",
        *OF_FETCHING,
        "alarm_delay_min_s",
        "alarm_delay_max_s",
        "bill_while_provisioning",
    }
)
"""Assumptions that make no difference to a fleet whose count never changes."""


OF_GPUS = frozenset({"gpu_memory_bound_share", "spread_efficiency"})
"""Assumptions on how fast one GPU is against another."""


class Fleet(Protocol):
    """A deployment on instances that stay, and may be scaled."""

    @property
    def instance_type(self) -> str:
        """Type of the instances."""

    @property
    def initial_instance_count(self) -> int:
        """Instances at the start."""

    @property
    def scaling(self) -> object | None:
        """Target tracking."""

    @property
    def scheduled_actions(self) -> tuple[ScheduledAction, ...]:
        """Changes of the bounds at certain times."""


def volume_size_in_gb() -> int:
    """The field of the volume that AWS attaches to each instance of an endpoint."""
    words = "Volume attached to each instance and paid for with it; a type with disks of its own (NVMe) has none."
    return quantity(30, "VolumeSizeInGB", words, unit="GB", ge=1, le=512, row="1.12")  # type: ignore[no-any-return]


def volume_usage(volume_gb: float, kind: InstanceType, instance_s: float) -> tuple[Usage, ...]:
    """What the volumes of instances use, nothing where the type has disks of its own (facts row 1.12)."""
    if kind.local_disk_gb:
        return ()
    return (Usage(key="endpoint_volume_gb_month", quantity=volume_gb * instance_s / MONTH_S),)


def instance_type(deployment: Fleet) -> str:
    """Type of the instances."""
    return deployment.instance_type


def between(deployment: object, initial: int) -> str:
    """How many there are, or between which numbers scaling keeps them."""
    if not is_scaled(deployment):
        return str(initial)
    least, most = capacities(deployment)
    return f"{least} to {most}"


def configuration(deployment: Fleet) -> str:
    """Like "1 to 4 x ml.m5.large"."""
    return f"{between(deployment, deployment.initial_instance_count)} × {deployment.instance_type}"


def size(deployment: Fleet) -> tuple[str | int, ...]:
    """Type and fixed count of the instances; a fleet that scales has 0 of these."""
    return deployment.instance_type, 0 if is_scaled(deployment) else deployment.initial_instance_count


def size_in_words(deployment: Fleet) -> str:
    """Like "3 x ml.m5.large", or "ml.m5.large, scaled"."""
    kind, count = size(deployment)
    return f"{count} × {kind}" if count else f"{kind}, scaled"


def most(deployment: Fleet) -> int:
    """The most instances that its configuration allows."""
    return capacities(deployment)[1] if is_scaled(deployment) else deployment.initial_instance_count


def least(deployment: Fleet) -> int:
    """The fewest instances that its configuration allows while it is there: a schedule may take it to none."""
    if not is_scaled(deployment):
        return deployment.initial_instance_count
    bounds: tuple[Any, ...] = (deployment, *deployment.scheduled_actions)
    return min((bound.min_capacity for bound in bounds if bound.max_capacity), default=0)


def in_name(deployment: Fleet) -> str:
    """The fleet in a name made from settings, like "2 to 4 x ml.m5.large"."""
    if not is_scaled(deployment):
        return f"{deployment.initial_instance_count} x {deployment.instance_type}"
    least, largest = capacities(deployment)
    if deployment.scheduled_actions and not deployment.scaling:
        counts = [action.min_capacity for action in deployment.scheduled_actions]
        least, largest = min(counts), max(counts)
    return f"{least} to {largest} x {deployment.instance_type}"


def by_the_clock(deployment: Fleet) -> str:
    """What a name says of scheduled actions."""
    return ", by the clock" if deployment.scheduled_actions else ""


def new_account(deployment: Fleet) -> tuple[NewAccountQuota, ...]:
    """Quotas of a new account that the fleet may grow beyond."""
    largest, kind = most(deployment), deployment.instance_type
    of_type = TYPE_QUOTA.get(kind, 0)
    quotas = []
    if largest > INSTANCES_PER_ENDPOINT:
        quotas.append(NewAccountQuota(f"{INSTANCES_PER_ENDPOINT} instances per endpoint", largest, "10.1"))
    if largest > of_type:
        quotas.append(NewAccountQuota(f"a quota of {of_type} for {kind}", largest, "10.6"))
    return tuple(quotas)


def idle(deployment: Fleet, kind: InstanceType | None, faults: bool) -> frozenset[str]:
    """Assumptions on scaling where nothing scales, and on provisioning of the processors that it does not have.

    A fleet without a scaling policy provisions nothing unless a fault takes instances away.
    """
    fixed = frozenset() if is_scaled(deployment) or faults else OF_SCALING
    if kind is not None and kind.accelerators:
        return fixed | {"provisioning_cpu_median_s"}
    return fixed | {"provisioning_gpu_median_s", "image_is_cached"}


ACCOUNT = Account(
    quota="endpoint",
    gauge="instances_billed",
    instance_type=instance_type,
    most=most,
    new_account=new_account,
)
"""How an endpoint on instances counts in its account."""

ZONE_LOSS = ZoneLoss(told="the instances in the other zones carry the load", row="1.44", least=least)
"""Of an endpoint on instances: SageMaker spreads two or more over zones, and replaces what is lost."""
