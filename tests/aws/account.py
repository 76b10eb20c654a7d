"""What the account on loopback knows: its clock, quotas, resources, faults, calls, and what is billed."""

from __future__ import annotations

import heapq
import itertools
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tests.aws.rules import RULES

ACCOUNT = "123456789012"
REGION = "eu-west-1"
START = datetime(2026, 11, 2, 9, 0, tzinfo=UTC).timestamp()
CREATING_S, UPDATING_S, DELETING_S, JOB_S = 300.0, 600.0, 60.0, 900.0
"""How long the changes of an endpoint and a transform job take on the virtual clock."""


class Refusal(Exception):
    """An error answer. rule: key in RULES; "" for what a fault asked for or a shape forbids."""

    def __init__(self, code: str, message: str, rule: str = "", status: int = 400) -> None:
        assert not rule or rule in RULES, f"{rule} is not in tests/aws/rules.py"
        super().__init__(message)
        self.code, self.message, self.rule, self.status = code, message, rule, status


@dataclass(frozen=True)
class Call:
    """One request in the audit log. outcome: "done", or the code of the error that was answered or "lost"."""

    at: float
    service: str
    operation: str
    parameters: dict[str, Any]
    outcome: str

    @property
    def action(self) -> str:
        return f"{self.service}:{self.operation}"

    @property
    def writes(self) -> bool:
        return not self.operation.startswith(("Describe", "List", "Get", "Head", "Simulate"))


@dataclass
class Fault:
    """How calls of an operation fail. after: the work is done and only the answer is lost.

    times: how often it happens; skip: calls that go well before.
    """

    operation: str
    code: str = "ThrottlingException"
    message: str = "Rate exceeded"
    status: int = 400
    after: bool = False
    times: int = 1
    skip: int = 0

    def strikes(self, operation: str) -> bool:
        """Whether it hits this call; counts."""
        if self.operation not in {operation, "*"} or self.times == 0:
            return False
        if self.skip:
            self.skip -= 1
            return False
        self.times -= 1
        return True


@dataclass
class Account:
    """The state behind the server. Everything happens at `now`, which only `advance` and the server's pace move."""

    account: str = ACCOUNT
    region: str = REGION
    now: float = START
    s_per_call: float = 0.0
    """How far each call moves the clock: what a program that waits by asking sees."""
    quotas: dict[str, float] = field(default_factory=dict)
    default_quota: float = 20.0
    serverless_quota: float = 200.0
    busy_every: int = 0
    """Of how many calls one is throttled; 0 for none."""
    faults: list[Fault] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    models: dict[str, dict[str, Any]] = field(default_factory=dict)
    configs: dict[str, dict[str, Any]] = field(default_factory=dict)
    endpoints: dict[str, dict[str, Any]] = field(default_factory=dict)
    jobs: dict[str, dict[str, Any]] = field(default_factory=dict)
    targets: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    policies: dict[tuple[str, str, str], dict[str, Any]] = field(default_factory=dict)
    actions: dict[tuple[str, str, str], dict[str, Any]] = field(default_factory=dict)
    activities: list[dict[str, Any]] = field(default_factory=list)
    tags: dict[str, dict[str, str]] = field(default_factory=dict)
    containers_fail: bool = False
    """Containers that start from now on do not answer the ping."""
    no_capacity: bool = False
    rollback: str = ""
    """How the next updates end: "" well, "silent" rolled back, "stuck" with a rollback that fails too."""
    reads: dict[str, Callable[..., Any]] = field(default_factory=dict)
    """How the account looks into the services that moto answers: "role", "object" and "topic"."""
    lock: threading.RLock = field(default_factory=threading.RLock, repr=False)
    _due: list[tuple[float, int, Callable[[], None]]] = field(default_factory=list)
    _order: Any = field(default_factory=itertools.count)

    def advance(self, seconds: float) -> None:
        """Let virtual time pass, and with it everything that was under way."""
        with self.lock:
            until = self.now + seconds
            while self._due and self._due[0][0] <= until:
                self.now, _, happen = heapq.heappop(self._due)
                happen()
            self.now = until

    def later(self, seconds: float, happen: Callable[[], None]) -> None:
        """Let something happen when that much virtual time has passed."""
        heapq.heappush(self._due, (self.now + seconds, next(self._order), happen))

    def arn(self, service: str, resource: str) -> str:
        return f"arn:aws:{service}:{self.region}:{self.account}:{resource}"

    def quota(self, instance_type: str, use: str) -> float:
        """The quota of a type; use: "endpoint" or "transform job"."""
        return self.quotas.get(f"{instance_type} for {use} usage", self.default_quota)

    def instances(self, instance_type: str, but: str = "") -> int:
        """Instances of a type that endpoints hold, without those of the endpoint `but`."""
        return sum(
            variant.get("DesiredInstanceCount", 0)
            for name, endpoint in self.endpoints.items()
            if name != but and endpoint["EndpointStatus"] != "Failed"
            for variant in endpoint["ProductionVariants"]
            if variant.get("InstanceType") == instance_type
        )

    def fail(self, operation: str, **how: Any) -> None:
        """Let the next call of an operation ("*": of any) fail; see `Fault`."""
        self.faults.append(Fault(operation, **how))

    def lose_answer(self, operation: str, **how: Any) -> None:
        """Let the next call of an operation be done, and its answer lost."""
        self.fail(operation, code="InternalFailure", message="lost", status=500, after=True, **how)

    def actions_called(self) -> set[str]:
        """What an identity needs to be allowed, to make the calls that were made."""
        return {call.action for call in self.calls}

    def writes(self) -> list[str]:
        """The calls that were to change something, in order."""
        return [call.action for call in self.calls if call.writes]

    def billable(self) -> list[str]:
        """In words, everything in SageMaker that costs money at this moment."""
        billed = []
        for name, endpoint in self.endpoints.items():
            if endpoint["EndpointStatus"] == "Failed":
                continue
            for variant in endpoint["ProductionVariants"]:
                count = variant.get("DesiredInstanceCount", 0)
                provisioned = (variant.get("DesiredServerlessConfig") or {}).get("ProvisionedConcurrency", 0)
                if count:
                    billed.append(f"endpoint {name}: {count} x {variant['InstanceType']}")
                if provisioned:
                    billed.append(f"endpoint {name}: provisioned concurrency {provisioned}")
        return [*billed, *(f"transform job {name}" for name in self.running_jobs())]

    def running_jobs(self) -> list[str]:
        """The names of the transform jobs that run or are being stopped."""
        return [name for name, job in self.jobs.items() if job["TransformJobStatus"] in {"InProgress", "Stopping"}]

    def left(self) -> list[str]:
        """In words, every resource of SageMaker and its scaling that exists, billed or not."""
        return [
            *(f"model {name}" for name in self.models),
            *(f"endpoint-config {name}" for name in self.configs),
            *(f"endpoint {name}" for name in self.endpoints),
            *(f"target {name} {dimension}" for name, dimension in self.targets),
            *(f"policy {name}" for *_, name in self.policies),
            *(f"action {name}" for *_, name in self.actions),
        ]
