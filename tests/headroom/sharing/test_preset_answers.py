"""The answers shipped with the presets are those of today's engine and prices."""

from __future__ import annotations

from datetime import date

import pytest

from headroom.sharing.library import load_world
from headroom.sharing.preset_answers import answer_to, answers
from headroom.sharing.presets import load_preset, preset_keys
from headroom.sharing.sent_answer import checked
from scripts.make_preset_answers import answer
from simulator.simulate import ENGINE_VERSION

REMEDY = "run `python -m scripts.make_preset_answers`"


@pytest.fixture(scope="module")
def world():
    return load_world()


@pytest.mark.parametrize("key", preset_keys())
def test_every_preset_has_an_answer_of_this_engine_and_these_prices(world, key):
    known = answer_to(load_preset(key), engine=ENGINE_VERSION, prices=world.prices.version)
    assert known is not None, REMEDY
    assert known.chosen is not None


def test_another_scenario_engine_or_price_list_has_none(world):
    preset = load_preset("dashboard")
    assert answer_to(preset, engine="0", prices=world.prices.version) is None
    assert answer_to(preset, engine=ENGINE_VERSION, prices="other") is None
    changed = preset.model_copy(update={"region": "eu-west-1"})
    assert answer_to(changed, engine=ENGINE_VERSION, prices=world.prices.version) is None
    assert len(answers()) == len(preset_keys())


@pytest.mark.slow
def test_an_answer_is_what_a_plan_says_today(world):
    known = answer_to(load_preset("dashboard"), engine=ENGINE_VERSION, prices=world.prices.version)
    assert known is not None, REMEDY
    now = answer("dashboard", world, None, date(2026, 11, 29))
    assert checked(known, now) == "same", REMEDY
    assert now.points == known.points, REMEDY
