"""The patterns SageMaker offers. PATTERNS is the one list that forms, command line, tables, docs and tests iterate."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Union

from pydantic import Field

from simulator.patterns.asynchronous.pattern import ASYNCHRONOUS
from simulator.patterns.base import BaseDeployment
from simulator.patterns.batch.pattern import BATCH
from simulator.patterns.protocol import Pattern
from simulator.patterns.realtime.pattern import REALTIME
from simulator.patterns.serverless.pattern import SERVERLESS

PATTERNS: tuple[Pattern, ...] = (REALTIME, SERVERLESS, ASYNCHRONOUS, BATCH)
BY_KEY: Mapping[str, Pattern] = {pattern.key: pattern for pattern in PATTERNS}
COMPUTE = frozenset[str]().union(*(pattern.compute for pattern in PATTERNS))
"""Usage that decides what a deployment costs; a gap in the rest (payload, S3, alarms) does not stop a comparison."""

MACHINES = tuple(pattern.billing.machines for pattern in PATTERNS if pattern.billing.machines)
"""Usage keys that have a price for each instance type."""

ALWAYS_ON = REALTIME
"""What the always-on baseline is: instances that are there whether requests come or not."""


if TYPE_CHECKING:
    Deployment = BaseDeployment
else:
    _DEPLOYMENTS = tuple(pattern.deployment for pattern in PATTERNS)
    # The key of the pattern says which of them a dict is. A union that is not written out has no other spelling.
    Deployment = Annotated[Union[_DEPLOYMENTS], Field(discriminator="pattern")]  # noqa: UP007
