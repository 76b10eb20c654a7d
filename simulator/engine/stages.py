"""Stages of a request before, inside and after the model: what each takes, refuses, loses and consumes.

STAGES is the one list, from the client inwards. The parts of a latency, the words for them and the bill lines of stages
come from it, and `stages_of` says which of them a case has; the driver and the accumulators apply those to any
pattern. A pattern measures four parts itself (MEASURED). docs/stages.md says how to add a stage.

What a stage draws for a request is a function of the seed and of the moment the request arrived (kernels/keyed.py), so
that the same request has the same network time in every deployment, in whatever order requests end.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from simulator.engine.replication import Case
from simulator.kernels import keyed
from simulator.model.usage import Usage

FloatArray = NDArray[np.float64]
Place = Literal["before", "inside", "after"]
Call = Literal["held", "deferred", "none"]
"""How a pattern is called: the caller holds the connection until the answer comes, it fetches the answer later, or
there are no calls (a job reads its input from S3)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A part of the latency: its name in `Outcome.parts_s`, a title, and words that end "... of the time is"."""

    key: str
    title: str
    words: str


MEASURED = (
    Part(key="retry", title="Retries", words="waiting to retry"),
    Part(key="queue", title="Queue", words="waiting in a queue"),
    Part(key="setup", title="Setup", words="cold start"),
    Part(key="service", title="Model", words="the model at work"),
)
"""What the kernels of the patterns measure, in the order of `kernels.fold.Sums.parts`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Law:
    """Time of a stage in seconds: a fixed part plus a log-normal one with this mean and coefficient of variation."""

    fixed_s: float = 0.0
    mean_s: float = 0.0
    cv: float = 0.0

    @property
    def average_s(self) -> float:
        """The mean, seconds."""
        return self.fixed_s + self.mean_s

    @property
    def varies(self) -> bool:
        """Whether two requests may differ."""
        return self.mean_s > 0 and self.cv > 0

    @property
    def least_s(self) -> float:
        """What every request needs at least, seconds; the whole time where it does not vary."""
        return self.fixed_s + (0.0 if self.varies else self.mean_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a stage does to the requests of one case.

    each_attempt: a request that is tried again goes through it again. limit_s: how long the outside waits for
    everything further in; then the request has timed out, while the work goes on and is billed. capacity_per_s, burst:
    calls that a token bucket lets through before the model; one more is refused at once (throttled), and nobody tries
    it again. failure_share: chance that a call fails, and the request with it. usage: what one call consumes.
    """

    law: Law = field(default_factory=Law)
    each_attempt: bool = False
    limit_s: float = math.inf
    capacity_per_s: float = math.inf
    burst: float = 1.0
    failure_share: float = 0.0
    usage: tuple[Usage, ...] = ()

    @property
    def turns_away(self) -> bool:
        """Whether calls may be refused or fail."""
        return self.capacity_per_s < math.inf or self.failure_share > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage(Part):
    """A stage that requests go through. place "inside": a worker is held meanwhile. stream: the number of its random
    stream, 50 or more, never changed, beside those of `replication.Stream`. terms(case): what it does, None where the
    case has no such stage.
    """

    place: Place
    stream: int
    terms: Callable[[Case], Terms | None]


def _network(case: Case) -> Terms | None:
    client = case.workload.client
    law = Law(
        fixed_s=client.network_ms / 1000,
        mean_s=client.network_varying_ms / 1000,
        cv=client.network_cv,
    )
    # Retries are made by whoever calls the endpoint: behind a front door that is not the far end of the network.
    return Terms(law=law, each_attempt=not client.gateway_timeout_s) if law != Law(cv=law.cv) else None


def _front_door(case: Case) -> Terms | None:
    timeout_s = case.workload.client.gateway_timeout_s
    return Terms(limit_s=timeout_s) if timeout_s else None


def _overhead(case: Case) -> Terms | None:
    return Terms(law=Law(fixed_s=case.assumptions.overhead_ms / 1000))


STAGES: tuple[Stage, ...] = (
    Stage(
        key="network",
        title="Network",
        words="the network between client and endpoint",
        place="before",
        stream=50,
        terms=_network,
    ),
    Stage(
        key="front_door",
        title="Front door",
        words="the front door",
        place="before",
        stream=51,
        terms=_front_door,
    ),
    Stage(
        key="overhead",
        title="Overhead",
        words="overhead of the service and the network",
        place="before",
        stream=52,
        terms=_overhead,
    ),
)


def parts() -> tuple[Part, ...]:
    """All parts that a latency can have: those of the patterns, then the stages."""
    return (*MEASURED, *STAGES)


def words_of(key: str) -> str:
    """The words for a part of `Outcome.parts_s`. Raises KeyError where it is none of `parts`."""
    return {part.key: part.words for part in parts()}[key]


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """A stage with its terms in one replication, and the key of its draws (kernels/keyed.py)."""

    stage: Stage
    terms: Terms
    key: np.uint64

    def times_s(self, arrival_s: FloatArray) -> FloatArray:
        """Time in the stage of requests that arrived then, float64[n], seconds, for one attempt each."""
        law = self.terms.law
        if not law.varies:
            return np.full(arrival_s.size, law.least_s)
        sigma2 = math.log1p(law.cv**2)
        times = np.empty(arrival_s.size)
        keyed.lognormal(arrival_s, self.key, math.log(law.mean_s) - sigma2 / 2, math.sqrt(sigma2), times)
        times += law.fixed_s
        return times

    def fails(self, arrival_s: FloatArray) -> NDArray[np.bool_]:
        """Whether the calls of requests that arrived then fail, bool[n]."""
        uniform = np.empty(arrival_s.size)
        keyed.uniform(arrival_s, self.key, uniform)
        return uniform < self.terms.failure_share


def stages_of(case: Case, call: Call = "held") -> tuple[Applied, ...]:
    """The stages of a case, from the client inwards, for a pattern that is called like this.

    A deferred answer is waited for by nobody: no limit holds, and the call crosses the network once. Without calls,
    only what is inside the model takes time: the others stay in the list, as 0. Raises ValueError where a stage that is
    not before the model has a capacity.
    """
    terms_of = [(stage, stage.terms(case)) for stage in STAGES]
    for stage, terms in terms_of:
        if terms and terms.capacity_per_s < math.inf and stage.place != "before":
            raise ValueError(f"a capacity is for stages before the model, which {stage.key} is not")
    return tuple(
        Applied(stage=stage, terms=_called(stage, terms, call), key=case.key(stage.stream))
        for stage, terms in terms_of
        if terms is not None
    )


def _called(stage: Stage, terms: Terms, call: Call) -> Terms:
    """The terms as far as they matter to a pattern that is called like this."""
    if call == "held" or stage.place == "inside":
        return terms
    return replace(terms, each_attempt=False, limit_s=math.inf) if call == "deferred" else Terms()


def each_attempt_s(case: Case) -> float:
    """Mean time that one more attempt of a request spends in stages, seconds."""
    return sum((applied.terms.law.average_s for applied in stages_of(case) if applied.terms.each_attempt), 0.0)
