"""An asynchronous endpoint as one pattern: its folder answers what each layer asks."""

from __future__ import annotations

from simulator.patterns.asynchronous.deployment import CALL, AsynchronousDeployment
from simulator.patterns.asynchronous.limits import limits
from simulator.patterns.asynchronous.run import run
from simulator.patterns.protocol import Pattern

ASYNCHRONOUS = Pattern(
    key="asynchronous",
    title="Asynchronous endpoint",
    deployment=AsynchronousDeployment,
    limits=limits,
    run=run,
    call=CALL,
)
