"""Series of different horizons on one clock: what is a mean stays a mean, and a peak is never lost."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headroom.advisor.portfolio.common_clock import Axis, common_axis, lead_s, means, notes, peaks
from simulator.engine.accumulators import bin_length_s
from simulator.model.simulation import Simulation
from simulator.model.workload import Workload
from simulator.scenario import Scenario

DAY = Axis(step_s=3600, cells=24)
WEEK = Axis(step_s=3600, cells=168)
DAY_S = 86_400.0


def lasting(days: float, **more: object) -> Simulation:
    return Simulation(duration_s=days * DAY_S, **more)


def edges(axis: Axis) -> np.ndarray:
    return np.arange(axis.cells + 1) * axis.step_s


def test_the_clock_is_a_day_or_whole_weeks() -> None:
    assert common_axis([lasting(1), lasting(0.25)], [300, 300]).length_s == DAY_S
    assert common_axis([lasting(1), lasting(2)], [300, 600]).length_s == 7 * DAY_S
    assert common_axis([lasting(1), lasting(8)], [300, 3600]).length_s == 14 * DAY_S


def test_it_is_as_fine_as_the_finest_series_within_reason() -> None:
    assert common_axis([lasting(1)], [300]) == Axis(step_s=300, cells=288)
    assert common_axis([lasting(1), lasting(7)], [300, 3600]) == Axis(step_s=300, cells=2016)
    assert common_axis([lasting(1), lasting(31)], [300, 10_800]) == Axis(step_s=1800, cells=1680)


def test_a_day_is_repeated_on_every_day_of_the_week() -> None:
    values = np.arange(24.0)
    found = means(values, 3600, lasting(1), edges(WEEK))
    assert found == pytest.approx(np.tile(values, 7))
    assert peaks(values, 3600, lasting(1), WEEK) == pytest.approx(np.tile(values, 7))


def test_a_week_lies_at_its_own_weekday() -> None:
    values = np.arange(168.0)
    assert means(values, 3600, lasting(7, starts_on=3), edges(WEEK)) == pytest.approx(np.roll(values, 72))
    assert peaks(values, 3600, lasting(7, starts_on=3), WEEK) == pytest.approx(np.roll(values, 72))


def test_a_time_zone_ahead_of_utc_comes_earlier() -> None:
    kolkata = lasting(1, timezone="Asia/Kolkata")
    assert lead_s(kolkata) == -5.5 * 3600
    values = np.zeros(24)
    values[9] = 6.0  # 09:00 to 10:00 there is 03:30 to 04:30 UTC
    assert means(values, 3600, kolkata, edges(DAY))[[3, 4]] == pytest.approx([3, 3])
    assert peaks(values, 3600, kolkata, DAY).nonzero()[0].tolist() == [3, 4]


def test_coarse_bins_fill_every_cell_they_touch() -> None:
    assert peaks(np.array([1.0, 5.0]), 43_200, lasting(1), DAY) == pytest.approx([1.0] * 12 + [5.0] * 12)


def test_fine_bins_keep_their_peak() -> None:
    values = np.zeros(288)
    values[13] = 7.0
    assert peaks(values, 300, lasting(1), DAY)[1] == 7.0


def test_a_last_bin_cut_short_by_the_horizon_keeps_its_peak() -> None:
    """33.3 bins of 300 s: the last one is 100 s long and lies between two looks of a step."""
    simulation = Simulation(duration_s=10_000)
    values = np.zeros(34)
    values[-1] = 7.0
    axis = Axis(step_s=300, cells=288)
    found = peaks(values, 300, simulation, axis)
    seen = [cell for cell in range(axis.cells) if _touches(cell, axis, simulation, 9_900.0, 10_000.0)]
    assert found.nonzero()[0].tolist() == seen


def _touches(cell: int, axis: Axis, simulation: Simulation, from_s: float, to_s: float) -> bool:
    """Second by second."""
    moments_s = np.arange(cell * axis.step_s, (cell + 1) * axis.step_s) - lead_s(simulation)
    within_s = np.mod(moments_s, simulation.duration_s)
    return bool(((within_s >= from_s) & (within_s < to_s)).any())


@given(st.floats(1, 31), st.integers(0, 6), st.data())
def test_nothing_is_lost_and_peaks_are_above_means(days: float, starts_on: int, data: st.DataObject) -> None:
    simulation = lasting(days, starts_on=starts_on)
    bin_s = bin_length_s(simulation.duration_s)
    size = int(np.ceil(simulation.duration_s / bin_s))
    values = np.array(data.draw(st.lists(st.floats(0, 100), min_size=size, max_size=size)))
    axis = common_axis([simulation], [bin_s])
    found = means(values, bin_s, simulation, edges(axis))
    above = peaks(values, bin_s, simulation, axis)
    assert (above >= found - 1e-6).all()
    assert above.max() <= values.max()
    if simulation.duration_s == axis.length_s:
        assert found.mean() == pytest.approx(values.mean())


def test_the_notes_say_what_is_stretched() -> None:
    def named(name: str, simulation: Simulation) -> Scenario:
        return Scenario(workload=Workload(name=name), simulation=simulation)

    said = list(notes([named("A", lasting(1, starts_on=1)), named("B", lasting(7)), named("C", lasting(3))], WEEK))
    assert said[0] == "A: one day was simulated, a Tuesday, and stands for every day of the week."
    assert said[1].startswith("C: 3 d were simulated, repeated end to end and cut off")
    assert len(said) == 2
    assert "repeated end to end." in next(notes([named("D", lasting(0.5))], DAY))
