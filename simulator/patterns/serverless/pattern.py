"""A serverless endpoint as one pattern: its folder answers what each layer asks."""

from __future__ import annotations

from simulator.patterns.protocol import Pattern
from simulator.patterns.serverless.deployment import ServerlessDeployment
from simulator.patterns.serverless.limits import limits
from simulator.patterns.serverless.run import run

SERVERLESS = Pattern(
    key="serverless", title="Serverless endpoint", deployment=ServerlessDeployment, limits=limits, run=run
)
