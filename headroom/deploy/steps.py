"""A plan for an account: what is done, in which order, what each step means, costs and takes. An inert value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from headroom.deploy.confirm import Permit
from headroom.deploy.costs import Costs
from headroom.deploy.form import Form
from headroom.deploy.kinds import KINDS
from simulator.errors import Problem
from simulator.patterns.resources import ResourceKind

Do = Literal["create", "put", "wait", "update", "adjust", "delete"]
"""create: what is not there. put: change what is there, by the same call. wait: until an endpoint is settled. update:
an endpoint to another configuration. adjust: a serverless endpoint in place. delete: what is there.
"""
Aim = Literal["create", "update", "delete", "nothing"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step.

    logical_id: of the form; "" for what is not in it. operation: of AWS's API; "" for waiting. parameters: of the call
    where they are known when the plan is made; a step of the form takes them from there. sentence: what it does and
    means. minutes: about how long it takes. usd_per_hour: what is billed from here on more (or less, below 0).
    """

    do: Do
    kind: ResourceKind
    name: str
    sentence: str
    operation: str
    logical_id: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    minutes: float = 0.0
    usd_per_hour: float = 0.0

    @property
    def service(self) -> str:
        """boto3's name of the client."""
        return KINDS[self.kind].service


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that was looked at before anything is done. met: None where it could not be looked at."""

    what: str
    met: bool | None
    told: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeployPlan:
    """What would be done to an account, and what it would cost.

    caller: ARN of who would do it. endpoint: the address that stands in AWS's place, "" for AWS itself. checks: what
    was looked at. refusals: why it cannot be done. during_usd_per_hour: what is billed more while an update runs two
    fleets. hash: of everything in it, and of what was there when it was made.
    """

    aim: Aim
    name: str
    account: str
    region: str
    caller: str
    endpoint: str
    steps: tuple[Step, ...]
    hash: str
    costs: Costs | None = None
    checks: tuple[Check, ...] = ()
    refusals: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()
    during_usd_per_hour: float = 0.0
    form: Form | None = None
    permits: frozenset[Permit] = frozenset()

    @property
    def minutes(self) -> float:
        """About how long it takes."""
        return sum(step.minutes for step in self.steps)

    @property
    def possible(self) -> bool:
        """Whether nothing that was looked at is in its way."""
        return not self.refusals and all(check.met is not False for check in self.checks)
