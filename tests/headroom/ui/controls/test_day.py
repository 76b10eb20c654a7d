"""Shapes of a day: what a choice makes is read back as that choice; how much comes can be changed in any traffic."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headroom.sharing.presets import PRESETS, load_preset
from headroom.ui.controls import day
from simulator.scenario import Scenario
from simulator.traffic.kinds import KINDS, Jobs


@given(key=st.sampled_from(list(day.SHAPES)), much=st.floats(0.001, 1e5))
def test_a_shape_is_read_back_with_how_much_comes(key, much):
    traffic = day.SHAPES[key].make(much)
    assert day.shape_of(traffic) == key
    expected = max(1, round(much)) if isinstance(traffic, Jobs) else much
    assert day.much_of(traffic) == pytest.approx(expected)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
@given(much=st.floats(0.01, 1e4))
def test_any_kind_of_traffic_can_be_made_more_or_less(kind, much):
    changed = day.with_much(kind(), much)
    assert type(changed) is kind
    expected = max(1, round(much)) if kind is Jobs else much
    assert day.much_of(changed) == pytest.approx(expected)


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.key)
def test_how_much_comes_is_shown_as_a_number_that_can_be_read(preset):
    traffic = load_preset(preset.key).workload.traffic
    assert day.shape_of(traffic) in (*day.SHAPES, day.OWN)
    amount = day.amount_of(traffic)
    assert amount.value >= 0.1
    assert day.with_much(traffic, amount.value * amount.per_unit) == pytest.approx(traffic) or day.much_of(
        day.with_much(traffic, amount.value * amount.per_unit)
    ) == pytest.approx(day.much_of(traffic))


@pytest.mark.parametrize("key", day.SHAPES)
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_traffic_can_take_every_shape(kind, key):
    assert day.shape_of(day.reshaped(kind(), key)) == key


def test_a_shape_that_is_none_of_them_is_ones_own():
    traffic = load_preset("dashboard").workload.traffic
    assert day.shape_of(traffic) == day.OWN
    assert day.shape_of(Scenario().workload.traffic) == "flat"
