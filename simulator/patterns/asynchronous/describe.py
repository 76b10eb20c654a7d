"""How an asynchronous endpoint is shown and counted in its account, and what it depends on."""

from __future__ import annotations

from simulator.patterns import instances
from simulator.patterns.asynchronous.deployment import AsynchronousDeployment
from simulator.patterns.protocol import Description

ASSUMPTIONS = instances.OF_SCALING | instances.OF_GPUS | {"overhead_ms", "s3_mb_per_s"}


def name(deployment: AsynchronousDeployment) -> str:
    """A name made from the settings, like "Asynchronous, 0 to 4 x ml.m5.large, backlog 5"."""
    rule = f", backlog {deployment.scaling.target_value:.4g}" if deployment.scaling else ""
    return f"Asynchronous, {instances.in_name(deployment)}{rule}{instances.by_the_clock(deployment)}"


DESCRIPTION = Description(
    title="Asynchronous endpoint",
    short="Asynchronous",
    letter="A",
    symbol="square",
    dash="dot",
    light="#A18F3D",
    dark="#9C73DD",
    capacity="Instances",
    name=name,
    configuration=instances.configuration,
    size=instances.size,
    size_in_words=instances.size_in_words,
)
