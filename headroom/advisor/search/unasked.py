"""What the search leaves out unless it is named: fleets of burstable types, whose CPU credits are not simulated."""

from __future__ import annotations

from collections.abc import Iterator

from headroom.advisor import order
from headroom.advisor.answer import Answer
from headroom.advisor.evaluate import estimate
from headroom.advisor.monthly import MONTH_S
from headroom.advisor.prepared import PreparedScenario
from headroom.advisor.search.naming import named
from headroom.advisor.search.surrogate import SurrogateMemo
from simulator import simulate as simulator
from simulator.patterns.registry import ALWAYS_ON

_MOST = 4
"""Instances of one type that are tried."""


def cheapest_burstable(prepared: PreparedScenario, best: Answer) -> Answer | None:
    """The cheapest fixed fleet of a burstable type that meets by the fast answer and costs less than `best`.

    None where there is none, where a family is named, or where the goal is not cost, or no real-time endpoint.
    """
    search = prepared.scenario.search
    if search.families or search.goal != "cost" or (search.patterns and ALWAYS_ON.key not in search.patterns):
        return None
    for usd, name, count in sorted(_fleets(prepared)):
        if usd >= order.cost_usd(best):
            return None
        values = {"instance_type": name, "initial_instance_count": count}
        deployment = named(ALWAYS_ON.deployment.model_validate(values))
        if not simulator.limits(prepared.case, deployment):
            answer = estimate(prepared, deployment)
            if answer.meets and order.cost_usd(answer) < order.cost_usd(best):
                return answer
    return None


def _fleets(prepared: PreparedScenario) -> Iterator[tuple[float, str, int]]:
    """USD a month for the instances alone, instance type and count."""
    surrogate = SurrogateMemo(prepared, replications=1, rough=True)
    for name, kind in prepared.world.hardware.items():
        usd_per_s = surrogate.unit_usd(ALWAYS_ON.billing.machines, name) if kind.baseline_vcpu else None
        if usd_per_s is not None:
            yield from ((count * usd_per_s * MONTH_S, name, count) for count in range(1, _MOST + 1))
