"""The patterns SageMaker offers. PATTERNS is the one list that forms, command line, tables, docs and tests iterate."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from simulator.patterns.asynchronous.deployment import AsynchronousDeployment
from simulator.patterns.asynchronous.pattern import ASYNCHRONOUS
from simulator.patterns.batch.deployment import BatchDeployment
from simulator.patterns.batch.pattern import BATCH
from simulator.patterns.protocol import Pattern
from simulator.patterns.realtime.deployment import RealtimeDeployment
from simulator.patterns.realtime.pattern import REALTIME
from simulator.patterns.serverless.deployment import ServerlessDeployment
from simulator.patterns.serverless.pattern import SERVERLESS

PATTERNS: tuple[Pattern, ...] = (REALTIME, SERVERLESS, ASYNCHRONOUS, BATCH)
BY_KEY: Mapping[str, Pattern] = {pattern.key: pattern for pattern in PATTERNS}

Deployment = Annotated[
    RealtimeDeployment | ServerlessDeployment | AsynchronousDeployment | BatchDeployment,
    Field(discriminator="pattern"),
]
