"""How long simulating will take, roughly, known before it begins: for whoever waits, and for what must be quick."""

from __future__ import annotations

import math

from headroom.advisor.prepared import PreparedScenario
from simulator import simulate as simulator
from simulator.engine.replication_count import planned_replications
from simulator.patterns.registry import Deployment
from simulator.scaling.policies import is_scaled

LONG_S, ABSURD_S = 60.0, 3600.0
"""From when on it is said how long work takes, and from when on it is not begun unless it is meant."""
_REQUEST_S = 1 / 8e6
_CONTROL_S = 25e-6
_CONTROL_EVERY_S = 60.0
"""CPU time of a request (bench/RESULTS.md) and of a look of the controller of a fleet, once a minute; both rough."""
_FINALISTS = 4
"""Deployments that a search simulates with all replications; more where requests are few, which takes little then."""


def run_s(prepared: PreparedScenario, deployment: Deployment) -> float:
    """CPU seconds of one replication of a deployment."""
    simulation = prepared.case.simulation
    looks = (simulation.duration_s + simulation.warmup_s) / _CONTROL_EVERY_S if is_scaled(deployment) else 0.0
    return prepared.case.expected_requests() * _REQUEST_S + looks * _CONTROL_S


def evaluate_s(prepared: PreparedScenario, *deployments: Deployment) -> float:
    """CPU seconds of these deployments, one after the other; those that hard limits rule out take no time."""
    allowed = [deployment for deployment in deployments if not simulator.limits(prepared.case, deployment)]
    return _replications(prepared) * math.fsum(run_s(prepared, deployment) for deployment in allowed)


def plan_s(prepared: PreparedScenario) -> float:
    """CPU seconds of the exact runs of a search; the fast answers before take some seconds more."""
    return _FINALISTS * _replications(prepared) * prepared.case.expected_requests() * _REQUEST_S


def _replications(prepared: PreparedScenario) -> int:
    return planned_replications(prepared.case.expected_requests(), prepared.case.simulation.replications)
