"""What the path of a fleet gives the fast answer: its figures over time, and how far what is paid for may be off."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from simulator.engine.replication import Case
from simulator.engine.replication_count import planned_replications
from simulator.estimate import fleet_path
from simulator.estimate.figures import OverTime
from simulator.estimate.load import Ground


def over_time(path: fleet_path.Path, load: Ground, places: int) -> OverTime:
    """Arrivals, capacity and billed instances of a fleet, averaged over each minute of the horizon."""
    steps = load.edges_s[load.edges_s >= 0] if load.edges_s[0] < 0 else load.edges_s
    cumulative_in_service = np.concatenate(([0.0], np.cumsum(path.in_service * path.length_s)))
    cumulative_billed = np.concatenate(([0.0], np.cumsum(path.billed * path.length_s)))
    lengths = np.diff(steps)
    return OverTime(
        step_s=60.0,
        rate_per_s=load.expected_between(steps) / lengths,
        slots=np.diff(np.interp(steps, path.edges_s, cumulative_in_service)) / lengths * places,
        capacity=np.diff(np.interp(steps, path.edges_s, cumulative_billed)) / lengths,
    )


def fleet_error(case: Case, paths: Sequence[fleet_path.Path], grounds: Sequence[Ground]) -> float:
    """Two standard errors of what the exact run adds: replications that are left out, and arrivals that are not the
    same ones.
    """
    if np.all(paths[0].billed == paths[0].billed[0]):
        return 0.0
    runs = planned_replications(float(grounds[0].expected.sum()), case.simulation.replications)
    if all(load.same for load in grounds) and len(paths) == runs:
        return 0.004
    billed_s = [path.integral(path.billed) for path in paths]
    if len(billed_s) == 1:
        return 0.01
    return 0.002 + float(2.8 * np.std(billed_s, ddof=1) / math.sqrt(len(billed_s)) / np.mean(billed_s))
