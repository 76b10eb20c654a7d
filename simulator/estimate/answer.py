"""The fast answer of any deployment."""

from __future__ import annotations

from dataclasses import replace

from simulator.engine.replication import Case
from simulator.engine.replication_count import planned_replications
from simulator.estimate.figures import Estimate
from simulator.estimate.outwards import usage_of_calls
from simulator.estimate.sampled import affordable, counted
from simulator.estimate.unmodelled import unmodelled
from simulator.patterns.registry import BY_KEY, Deployment
from simulator.patterns.replicate import apart, has_one_offs


def fast(case: Case, deployment: Deployment) -> Estimate:
    """What the exact run would say of a deployment that no hard limit rules out, within about 0.3 s.

    Pure: the same case and deployment give the same answer. Raises InvalidScenario where a name is not known.
    """
    replications = affordable(case, deployment)
    return counted(case, deployment, replications) if replications else reckon(case, deployment)


def reckon(
    case: Case, deployment: Deployment, most_replications: int | None = None, *, rough: bool = False
) -> Estimate:
    """Estimate a deployment by formulas alone, however few its requests are.

    A search uses fewer replications of the load and rough formulas, which are faster but err by more than they say.
    """
    simulation = case.simulation
    planned = planned_replications(case.expected_requests(), simulation.replications)
    pattern = BY_KEY[deployment.pattern]
    quick = pattern.surrogate.reckon(case, deployment, min(planned, most_replications or planned), rough=rough)
    usage = usage_of_calls(case, pattern.call, quick.offered)
    quick = replace(quick, usage=(*quick.usage, *usage))
    if has_one_offs(case, pattern):
        calm = reckon(case.calm(), deployment, most_replications, rough=rough)
        quick = replace(quick, usage=apart(calm.usage, quick.usage))
    missing = unmodelled(case, deployment)
    if not missing:
        return quick
    reasons = (*quick.reasons, f"not sure: the fast answer leaves out {', '.join(missing)}")
    return replace(quick, sure=False, reasons=reasons)
