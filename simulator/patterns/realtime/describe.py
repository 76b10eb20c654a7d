"""How a real-time endpoint is shown and counted in its account, and what it depends on."""

from __future__ import annotations

from simulator.model.hardware import InstanceType
from simulator.patterns import instances
from simulator.patterns.protocol import Description
from simulator.patterns.realtime.deployment import RealtimeDeployment

_FAST_METRIC = frozenset({"high_resolution_delay_min_s", "high_resolution_delay_max_s"})
ASSUMPTIONS = instances.OF_SCALING | instances.OF_GPUS | _FAST_METRIC | {"overhead_ms"}


def name(deployment: RealtimeDeployment) -> str:
    """A name made from the settings, like "Real-time, 1 to 4 x ml.m5.large, tracking 900/min"."""
    rule = f", tracking {deployment.scaling.target_value:.4g}/min" if deployment.scaling else ""
    if deployment.concurrency_scaling:
        rule += f", tracking {deployment.concurrency_scaling.target_value:.4g} at once"
    return f"Real-time, {instances.in_name(deployment)}{rule}{instances.by_the_clock(deployment)}"


def idle(deployment: RealtimeDeployment, kind: InstanceType | None, faults: bool) -> frozenset[str]:
    """Those of any fleet, and delays of the metric of 10 s where nothing tracks it."""
    return instances.idle(deployment, kind, faults) | (set() if deployment.concurrency_scaling else _FAST_METRIC)


DESCRIPTION = Description(
    title="Real-time endpoint",
    short="Real-time",
    letter="R",
    symbol="circle",
    dash="solid",
    light="#688FF4",
    dark="#1DFFF6",
    capacity="Instances",
    name=name,
    configuration=instances.configuration,
    size=instances.size,
    size_in_words=instances.size_in_words,
)
