"""What the container limits by itself, whatever AWS would let through, and what is assumed of it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

from pydantic.fields import FieldInfo

from simulator.engine.replication import Case
from simulator.model.limits import BrokenLimit, TimeLimit
from simulator.model.workload import Workload
from simulator.patterns.common import Machine

USUAL_BODY_MB = 6.5
"""Largest request and answer of TorchServe and Multi Model Server unless they are told otherwise (facts row 2.64)."""


def sizes(workload: Workload, request_mb: float, response_mb: float) -> Iterator[BrokenLimit]:
    """A call of so many MB, and its answer, must fit what the container itself accepts."""
    for what, size_mb, allowed_mb in (
        ("request to the container", request_mb, workload.container_max_request_mb),
        ("answer of the container", response_mb, workload.container_max_response_mb),
    ):
        if allowed_mb and size_mb > allowed_mb:
            yield BrokenLimit(what, f"{size_mb:.5g} MB", f"at most {allowed_mb:g} MB", "container", "2.64")


def time_limit(workload: Workload) -> Iterator[TimeLimit]:
    """When the container's own server ends a call that is worked on; nothing where it does not."""
    if workload.container_timeout_s:
        name = "the time-out of the container's own server"
        yield TimeLimit(name=name, seconds=workload.container_timeout_s, whose="container", row="2.55")


def cut_off_s(workload: Workload) -> float:
    """The same in seconds; infinite where it never ends one."""
    return workload.container_timeout_s or math.inf


def shortest(time_limits: Iterable[TimeLimit]) -> float:
    """Seconds after which the first of them ends a call."""
    return min(limit.seconds for limit in time_limits)


def configured(seconds: float, field: FieldInfo) -> TimeLimit:
    """A time limit that is this field of a deployment, and whether it is AWS's own default or the user's choice."""
    note = "AWS's default" if seconds == field.default else "as configured"
    row = field.json_schema_extra["row"] if isinstance(field.json_schema_extra, dict) else ""
    return TimeLimit(name=str(field.title), seconds=seconds, whose="setting", row=str(row), note=note)


def assumed(case: Case, here: Machine, request_mb: float, response_mb: float) -> Iterator[str]:
    """What is taken of the container without being told, in sentences; request_mb, response_mb: of its largest call."""
    workload = case.workload
    for what, size_mb, limit_mb, field in (
        ("Requests", request_mb, workload.container_max_request_mb, "container_max_request_mb"),
        ("Answers", response_mb, workload.container_max_response_mb, "container_max_response_mb"),
    ):
        if size_mb > USUAL_BODY_MB and not limit_mb:
            yield (
                f"{what} of {size_mb:.3g} MB go through the container, which may refuse them by itself with 413:"
                f" TorchServe and Multi Model Server do beyond {USUAL_BODY_MB:g} MB unless they are told otherwise."
                f" Enter what yours accepts as workload.{field} (facts row 2.64)."
            )
    if not workload.container_workers:
        workers = f"{here.workers} worker{'' if here.workers == 1 else 's'} on each {here.kind.name}"
        each = "GPU" if case.requirement.needs_gpu and here.kind.gpu_count else "vCPU"
        yield (
            f"{workers}, one per {each}: an assumption. How many requests your container works on at once is"
            " workload.container_workers (facts rows 2.53, 2.59)."
        )
