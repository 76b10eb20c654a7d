"""A piece of work: the order for it, the job that does it, and the status that a viewer may see."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from typing import Any, Literal, NamedTuple

from headroom.advisor.answer import Answer
from headroom.work.protocol import Payload
from headroom.work.tasks import KINDS, TaskKind
from simulator.patterns.registry import Deployment

State = Literal["waiting", "compiling", "running", "done", "failed", "stopped"]
ENDED: tuple[State, ...] = ("done", "failed", "stopped")


class WorkOrder(NamedTuple):
    """An order of one piece of work: the key of its result, the kind of work and the payload of that kind."""

    key: str
    kind: str
    payload: Payload

    @property
    def work(self) -> TaskKind:
        """The kind of work that the order names."""
        return KINDS[self.kind]


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """The part of a job that viewers may see. place: its place in the queue, 1 next; 0 when it does not wait.

    partial: the newest preliminary result; partials: how many there were. result: None unless the state is "done".
    """

    key: str
    state: State
    share: float
    place: int
    seconds: float
    message: str
    partial: Any
    partials: int
    result: Any

    @property
    def ended(self) -> bool:
        """Whether nothing more happens to the job by itself."""
        return self.state in ENDED

    @property
    def evaluation(self) -> Answer | None:
        """The result when it is the answer of a deployment, else None."""
        return self.result if isinstance(self.result, Answer) else None


@dataclass(slots=True)
class WorkJob:
    """A piece of work on its way, changed only under the pool's lock; others read `Status` values.

    stopped_for: who watched the job when it was stopped; for anybody else it is begun anew.
    """

    order: WorkOrder
    state: State = "waiting"
    share: float = 0.0
    message: str = ""
    since_s: float = field(default_factory=time.monotonic)
    partial: Any = None
    partials: int = 0
    result: Any = None
    stopped_for: frozenset[str] = frozenset()

    @property
    def ended(self) -> bool:
        """Whether nothing more happens to the job by itself."""
        return self.state in ENDED

    def enter(self, state: State) -> None:
        """Change the job to this state; its seconds count from now."""
        self.state, self.since_s = state, time.monotonic()

    def status(self, place: int) -> Status:
        """Return what a viewer may know of the job now. place: its place in the queue, 0 when it does not wait."""
        return Status(
            key=self.order.key,
            state=self.state,
            share=self.share,
            place=place,
            seconds=time.monotonic() - self.since_s,
            message=self.message,
            partial=self.partial,
            partials=self.partials,
            result=self.result,
        )


def with_deployment(status: Status, deployment: Deployment) -> Status:
    """Return the status with its result renamed to this viewer's deployment; names do not change what is simulated."""
    if status.evaluation is None:
        return status
    return replace(status, result=replace(status.evaluation, deployment=deployment))
