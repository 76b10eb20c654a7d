"""One replication of any deployment, with what faults use told apart: they happen once, not with every day of a month.

The same replication is run without the faults, on the same draws. What it uses is a horizon's; what the faults use
more, or less, is the difference of the two, and counts once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from simulator.engine.accumulators import Result
from simulator.engine.replication import Case
from simulator.model.faults import touching
from simulator.model.usage import Usage
from simulator.patterns.protocol import Pattern
from simulator.patterns.registry import BY_KEY, Deployment


def replicate(case: Case, deployment: Deployment) -> Result:
    """Run one replication of a deployment; its usage is that without faults, and once what they add."""
    pattern = BY_KEY[deployment.pattern]
    if not has_one_offs(case, pattern):
        return pattern.run(case, deployment)
    calm = pattern.run(replace(case.calm(), progress=_half(case.progress, 0)), deployment)
    result = pattern.run(replace(case, progress=_half(case.progress, 1)), deployment)
    return replace(result, usage=apart(calm.usage, result.usage))


def has_one_offs(case: Case, pattern: Pattern) -> bool:
    """Whether any fault within the horizon touches the pattern."""
    horizon_s = case.simulation.duration_s
    return any(fault.at_s < horizon_s for fault in touching(case.faults, pattern.touched_by))


def apart(calm: Sequence[Usage], faulty: Sequence[Usage]) -> tuple[Usage, ...]:
    """The usage of a horizon without faults, and what another one with faults used beyond it, once; less is negative.

    The lines are the same for any two runs of a deployment.
    """
    return (*calm, *_once(calm, faulty))


def _once(calm: Sequence[Usage], faulty: Sequence[Usage]) -> Iterator[Usage]:
    """One line for each of those that grow with time: what stands for a month has no part in a fault."""
    usual = {(line.key, line.dimension): line.quantity for line in calm if line.per == "horizon"}
    for line in faulty:
        if line.per == "horizon":
            more = line.quantity - usual[line.key, line.dimension]
            yield Usage(key=line.key, dimension=line.dimension, quantity=more, per="once")


def _half(progress: Callable[[float], None], part: int) -> Callable[[float], None]:
    return lambda share: progress((part + share) / 2)
