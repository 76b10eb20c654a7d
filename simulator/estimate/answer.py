"""The fast answer of any deployment."""

from __future__ import annotations

from dataclasses import replace

from simulator.engine.replication import Case
from simulator.engine.replication_count import planned_replications
from simulator.estimate.figures import Quick
from simulator.estimate.sampled import affordable, counted
from simulator.estimate.unmodelled import unmodelled
from simulator.patterns.asynchronous.estimate import asynchronous
from simulator.patterns.batch.estimate import batch
from simulator.patterns.realtime.estimate import realtime
from simulator.patterns.registry import Deployment
from simulator.patterns.serverless.estimate import serverless


def fast(case: Case, deployment: Deployment) -> Quick:
    """What the exact run would say of a deployment that no hard limit rules out, within about 0.3 s.

    Pure: the same case and deployment give the same answer. Raises InvalidScenario where a name is not known.
    """
    few = affordable(case, deployment)
    return counted(case, deployment, few) if few else reckon(case, deployment)


def reckon(case: Case, deployment: Deployment, most_replications: int | None = None, *, rough: bool = False) -> Quick:
    """The fast answer by formulas alone, however few the requests.

    For a search: of fewer replications of the load, and rough, which is faster and less exact than it says.
    """
    simulation = case.simulation
    planned = planned_replications(case.expected_requests(), simulation.replications)
    quick = _reckoned(case, deployment, min(planned, most_replications or planned), rough=rough)
    missing = unmodelled(case, deployment)
    if not missing:
        return quick
    reasons = (*quick.reasons, f"not sure: the fast answer leaves out {', '.join(missing)}")
    return replace(quick, sure=False, reasons=reasons)


def _reckoned(case: Case, deployment: Deployment, replications: int, *, rough: bool) -> Quick:
    match deployment.pattern:
        case "realtime":
            return realtime(case, deployment, replications, rough=rough)
        case "serverless":
            return serverless(case, deployment, replications)
        case "asynchronous":
            return asynchronous(case, deployment, replications, rough=rough)
        case "batch":
            return batch(case, deployment, replications)
