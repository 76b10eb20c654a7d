"""One clock for workloads whose horizons differ: series of each outcome, laid over a common week (or day).

The clock begins on Monday 00:00 UTC. It is a day long when no horizon is longer than a day, else as many whole weeks as
the longest horizon needs. A horizon lies on it at its own weekday and time zone, and what it simulated is taken to
repeat end to end, as the monthly bill takes it. Where that is a stretch, `notes` says so.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from headroom.advisor.tell import words
from simulator.model.simulation import Simulation
from simulator.scaling.schedule import Clock
from simulator.scenario import Scenario
from simulator.traffic.kinds import DAY_S, WEEK_S

FloatArray = NDArray[np.float64]

HOUR_S = 3600.0
MOST_CELLS = 2016  # a week in steps of 300 s, the bins of a day's outcome
_STEPS_S = (60.0, 120.0, 300.0, 600.0, 900.0, 1800.0, 3600.0)
_SAME_MOMENT_S = 1e-3
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """The common clock: `cells` steps of step_s seconds from Monday 00:00 UTC."""

    step_s: float
    cells: int

    @property
    def length_s(self) -> float:
        """Seconds until everything repeats."""
        return self.step_s * self.cells

    @property
    def hours(self) -> int:
        """Whole hours of the clock."""
        return round(self.length_s / HOUR_S)

    def time(self, cell: int) -> str:
        """The clock at the start of a cell: "12:40", "Tue 12:40"."""
        return words.time_of_day(cell * self.step_s, 0, self.length_s)


def common_axis(simulations: Sequence[Simulation], bins_s: Sequence[float]) -> Axis:
    """The clock of these workloads: as fine as the finest series, at most MOST_CELLS steps unless of an hour."""
    longest_s = max((simulation.duration_s for simulation in simulations), default=DAY_S)
    length_s = DAY_S if longest_s <= DAY_S else WEEK_S * math.ceil(longest_s / WEEK_S)
    finest_s = min(bins_s, default=HOUR_S)
    fitting = (step_s for step_s in _STEPS_S if step_s >= finest_s and length_s / step_s <= MOST_CELLS)
    step_s = next(fitting, HOUR_S)
    return Axis(step_s=step_s, cells=round(length_s / step_s))


def lead_s(simulation: Simulation) -> float:
    """Seconds from the clock's start to the start of the horizon, negative where the time zone is ahead of UTC."""
    first = Clock(starts_on=simulation.starts_on, timezone=simulation.timezone).moment(0.0)
    return (first - Clock().moment(0.0)).total_seconds()


def means(values: FloatArray, bin_s: float, simulation: Simulation, edges_s: FloatArray) -> FloatArray:
    """Time averages between the edges of a quantity given by its averages over the bins of the horizon."""
    horizon_s = simulation.duration_s
    ends_s = np.minimum(np.arange(values.size + 1) * bin_s, horizon_s)
    sums = np.concatenate([[0.0], np.cumsum(values * np.diff(ends_s))])
    rounds, within_s = np.divmod(edges_s - lead_s(simulation), horizon_s)
    until = rounds * sums[-1] + np.interp(within_s, ends_s, sums)
    rates: FloatArray = np.maximum(np.diff(until) / np.diff(edges_s), 0.0)
    return rates


def peaks(values: FloatArray, bin_s: float, simulation: Simulation, axis: Axis) -> FloatArray:
    """The largest value of every bin that a cell of the clock touches: at least what was seen there."""
    starts_s = np.arange(axis.cells) * axis.step_s - lead_s(simulation)
    last_s = axis.step_s - _SAME_MOMENT_S
    looks_s = np.append(np.arange(0.0, last_s, bin_s), last_s)
    within_s = np.mod(starts_s[:, None] + looks_s, simulation.duration_s)
    indices = np.minimum((within_s / bin_s).astype(np.int64), values.size - 1)
    # A last bin that the horizon cuts short may lie between two looks: of every cell that goes over the end.
    goes_over = within_s[:, 0] + last_s >= simulation.duration_s
    maxima: FloatArray = np.maximum(values[indices].max(axis=1), np.where(goes_over, values[-1], 0.0))
    return maxima


def notes(scenarios: Sequence[Scenario], axis: Axis) -> Iterator[str]:
    """What putting these workloads on one clock takes for granted, a sentence for each workload it stretches."""
    for scenario in scenarios:
        horizon_s, name = scenario.simulation.duration_s, scenario.workload.name
        if horizon_s == axis.length_s:
            continue
        if horizon_s == DAY_S:
            day = _WEEKDAYS[scenario.simulation.starts_on]
            yield f"{name}: one day was simulated, a {day}, and stands for every day of the week."
        elif axis.length_s % horizon_s:
            yield (
                f"{name}: {words.seconds(horizon_s)} were simulated, repeated end to end and cut off at the end of the"
                f" common clock of {words.seconds(axis.length_s)}; its hours meet those of the others only roughly."
            )
        else:
            yield f"{name}: {words.seconds(horizon_s)} were simulated and are repeated end to end."
