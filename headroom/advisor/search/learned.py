"""What exact runs have shown of the fast answer: how far it errs for each way of scaling, so that the next are chosen
by better figures.

The correction of a candidate is the mean of the logarithms of exact over fast, of those of the same way that were
simulated, weighted by how near they are: alike are those that the fast answer gives the same latency, as they are as
busy. What is near to one that was simulated is known nearly as well (interpolation by inverse distance: D. Shepard,
Proc. 23rd ACM National Conference, 1968; correcting a cheap model by few runs of a dear one: M. C. Kennedy and
A. O'Hagan, Biometrika 87(1), 2000).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from headroom.advisor.answer import Answer
from headroom.advisor.evaluate import judge
from headroom.advisor.evidence import Estimated
from headroom.advisor.prepared import PreparedScenario
from headroom.advisor.search.naming import same_way
from simulator.engine.aggregate import percentile_name
from simulator.estimate.figures import Estimate, Figure
from simulator.patterns.registry import BY_KEY, COMPUTE, Deployment

_NEAR = 0.05
"""Distance, in logarithms of latency, within which candidates count as the same."""

_OTHER_MACHINE = 0.1
"""Distance that another machine adds."""

_OTHER_SETTING = 0.2
"""Distance that each other setting adds, such as a cooldown."""

_UNTOLD = 0.6
"""Distance of the fast answer as it is, which runs that are farther away do little to correct."""

_KNOWN = 0.25
"""Distance up to which what was seen of one holds for the other."""

_USAGE_ERROR, _LATENCY_ERROR = 0.1, 0.5
"""What a correction may be off by for each unit of distance to the nearest that was simulated."""

_OF_LIMIT = 0.1
"""Of the errors that are allowed: shares below this much count as none."""

_SHOWN = ("name", "instance_type", "initial_instance_count", "max_capacity", "target_value")

_MOST, _MOST_LATENCY = math.log(10.0), math.log(1.5)
"""Most of a correction: a fleet that is overwhelmed once says nothing of one that is not."""


class Seen(NamedTuple):
    """One candidate that was simulated: its latency by the fast answer, and logarithms of exact over fast."""

    latency_s: float
    usage: float
    latency: float
    errors: float


class Factors(NamedTuple):
    """What to multiply figures of a fast answer by. nearest: distance to the nearest candidate that was simulated."""

    usage: float
    latency: float
    errors: float
    nearest: float


@dataclass(slots=True)
class Learned:
    """What the exact runs of one search have shown. seen: by way of scaling, then by deployment."""

    prepared: PreparedScenario
    seen: dict[tuple[str, str], dict[Deployment, Seen]] = field(default_factory=dict)

    def see(self, fast: Answer, exact: Answer) -> None:
        """Hold an exact run against the fast answer; what ended without an answer in either says nothing."""
        fast_s, exact_s = self._latency_s(fast), self._latency_s(exact)
        fast_usd, exact_usd = _compute_usd(fast), _compute_usd(exact)
        if min(fast_s, exact_s, fast_usd, exact_usd) <= 0:
            return
        self.seen.setdefault(same_way(fast.deployment), {})[fast.deployment] = Seen(
            latency_s=fast_s,
            usage=_bounded(math.log(exact_usd / fast_usd)),
            latency=_bounded(math.log(exact_s / fast_s), _MOST_LATENCY),
            errors=_bounded(math.log(self._errors(exact) / self._errors(fast))),
        )

    def corrected(self, fast: Answer) -> Answer:
        """The fast answer with the figures that runs of the same way let expect, judged anew."""
        factors = self._factors(fast.deployment, self._latency_s(fast))
        if factors is None or fast.estimate is None:
            return fast
        estimate = _scaled(fast.estimate, BY_KEY[fast.deployment.pattern].compute, factors)
        most_error, spare = _LATENCY_ERROR * (_NEAR + factors.nearest), self._spare
        errors = (estimate.error_share.value + spare) * factors.errors - spare
        estimate = replace(
            estimate,
            latency_s={
                name: Figure(value=figure.value * factors.latency, error=min(figure.error, most_error))
                for name, figure in estimate.latency_s.items()
            },
            error_share=replace(estimate.error_share, value=min(1.0, max(0.0, errors))),
        )
        return judge(self.prepared, fast.deployment, Estimated(estimate))

    def figures(self, deployment: Deployment, cost: Figure, latency: Figure | None) -> tuple[Figure, Figure | None]:
        """Monthly cost and latency of the fast answer, corrected."""
        factors = None if latency is None else self._factors(deployment, latency.value)
        if factors is None or latency is None:
            return cost, latency
        return (
            replace(cost, value=cost.value * factors.usage),
            replace(latency, value=latency.value * factors.latency),
        )

    def _factors(self, deployment: Deployment, latency_s: float) -> Factors | None:
        seen = self.seen.get(same_way(deployment))
        if not seen or latency_s <= 0:
            return None
        distances = [_distance(deployment, latency_s, other, run) for other, run in seen.items()]
        weights = [1 / (_NEAR + distance) ** 2 for distance in distances]
        total = math.fsum(weights) + 1 / (_NEAR + _UNTOLD) ** 2

        def mean(logarithms: list[float]) -> float:
            return math.exp(math.fsum(map(math.prod, zip(weights, logarithms, strict=True))) / total)

        runs = seen.values()
        return Factors(
            usage=mean([run.usage for run in runs]),
            latency=mean([run.latency for run in runs]),
            errors=mean([run.errors for run in runs]),
            nearest=min(distances),
        )

    def known(self, fast: Answer) -> bool:
        """Whether one that is nearly the same was simulated, so that the corrected figures are to be relied on."""
        seen, latency_s = self.seen.get(same_way(fast.deployment), {}), self._latency_s(fast)
        return latency_s > 0 and any(
            _distance(fast.deployment, latency_s, deployment, run) <= _KNOWN for deployment, run in seen.items()
        )

    @property
    def _spare(self) -> float:
        return max(_OF_LIMIT * self.prepared.scenario.requirement.max_error_share, 1e-6)

    def _errors(self, answer: Answer) -> float:
        return (answer.error_share.value if answer.error_share else 0.0) + self._spare

    def _latency_s(self, answer: Answer) -> float:
        latency = answer.latency_s.get(percentile_name(self.prepared.scenario.requirement.latency_percentile))
        return 0.0 if latency is None else latency.value


def _scaled(estimate: Estimate, compute: frozenset[str], factors: Factors) -> Estimate:
    usage = tuple(
        replace(line, quantity=line.quantity * factors.usage) if line.key in compute else line
        for line in estimate.usage
    )
    error = min(estimate.usage_error, _USAGE_ERROR * (_NEAR + factors.nearest))
    return replace(estimate, usage=usage, usage_error=error)


def _distance(deployment: Deployment, latency_s: float, other: Deployment, run: Seen) -> float:
    return (
        abs(math.log(latency_s / run.latency_s))
        + _OTHER_MACHINE * (_machine(deployment) != _machine(other))
        + _OTHER_SETTING * _settings_apart(deployment, other)
    )


def _settings_apart(deployment: Deployment, other: Deployment) -> int:
    """How many settings differ beside the machine, names, and targets, which show in the latency."""
    ours, others = _flat(deployment.model_dump()), _flat(other.model_dump())
    return sum(
        ours.get(name) != others.get(name) for name in ours.keys() | others.keys() if name.split(".")[-1] not in _SHOWN
    )


def _flat(values: Mapping[str, Any], path: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in values.items():
        flat.update(_flat(value, f"{path}{name}.") if isinstance(value, dict) else {path + name: value})
    return flat


def _machine(deployment: Deployment) -> str | int:
    return BY_KEY[deployment.pattern].searching.machine(deployment)


def _compute_usd(answer: Answer) -> float:
    lines = answer.bill.lines if answer.bill else ()
    return math.fsum(float(line.amount_usd) for line in lines if line.usage in COMPUTE and line.amount_usd is not None)


def _bounded(logarithm: float, most: float = _MOST) -> float:
    return max(-most, min(most, logarithm))
