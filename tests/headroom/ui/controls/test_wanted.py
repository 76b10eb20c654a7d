"""When an answer is wanted: every choice is read back, with its limit in a unit that can be read."""

from __future__ import annotations

import pytest

from headroom.sharing.presets import load_preset
from headroom.ui.controls import wanted
from simulator.model.workload import Workload
from simulator.scenario import Scenario
from simulator.traffic.kinds import Constant, Jobs


@pytest.mark.parametrize("traffic", [Constant(), Jobs()], ids=["requests", "data sets"])
@pytest.mark.parametrize("key", wanted.CHOICES)
def test_a_choice_is_read_back_with_its_limit(key, traffic):
    scenario = wanted.with_wanted(Scenario(workload=Workload(traffic=traffic)), key)
    choice = wanted.CHOICES[key]
    assert wanted.wanted_of(scenario) == key
    assert wanted.limit_of(scenario) == pytest.approx(choice.usual * choice.seconds)
    assert scenario.requirement.answer_may_be_deferred == choice.deferred
    changed = wanted.with_limit(scenario, 2 * choice.usual * choice.seconds)
    assert wanted.limit_of(changed) == pytest.approx(2 * choice.usual * choice.seconds)
    assert wanted.limit_of(wanted.with_limit(scenario, 0.0)) == 0


def test_a_job_by_morning_has_a_deadline_and_no_limit_of_latency():
    scenario = wanted.with_wanted(Scenario(workload=Workload(traffic=Jobs())), wanted.MORNING)
    assert scenario.requirement.deadline_s == 6 * 3600
    assert scenario.requirement.latency_limit_s == 0


@pytest.mark.parametrize(
    ("preset", "key", "unit"),
    [
        ("dashboard", wanted.AT_ONCE, "s"),
        ("classification-api", wanted.AT_ONCE, "ms"),
        ("documents", wanted.MINUTES, "min"),
        ("nightly-profiles", wanted.MORNING, "h"),
    ],
)
def test_presets_are_read(preset, key, unit):
    scenario = load_preset(preset)
    assert wanted.wanted_of(scenario) == key
    assert wanted.unit_of(key, wanted.limit_of(scenario))[0] == unit
