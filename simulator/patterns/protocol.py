"""What a pattern is: a value with a key, a title, the shape of its deployments and two functions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from simulator.engine.accumulators import Result
from simulator.engine.replication import Case
from simulator.engine.stages import Call
from simulator.fields import Spec
from simulator.model.limits import BrokenLimit


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """One SageMaker inference pattern.

    limits(case, deployment): the hard limits of AWS that rule the deployment out, without simulating it.
    run(case, deployment): one replication. call: how the client gets its answer, which decides on the stages of its
    requests (engine/stages.py).
    """

    key: str
    title: str
    deployment: type[Spec]
    limits: Callable[[Case, Any], tuple[BrokenLimit, ...]]
    run: Callable[[Case, Any], Result]
    call: Call = "held"
