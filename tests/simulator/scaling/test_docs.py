"""What docs/scaling.md shows is what the program does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from headroom.sharing.toml_file import read_scenario
from simulator.model.assumptions import Assumptions
from simulator.model.workload import Workload
from simulator.patterns.realtime.deployment import RealtimeDeployment
from simulator.scaling.schedule import FIRST_MONDAY, At, AtTime, Clock, Cron, Rate, parse, times_s
from simulator.simulate import simulate
from tests.engine import make_case

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "scaling.md").read_text(encoding="utf-8")


def test_the_file_is_a_scenario_that_runs():
    found = re.search(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    assert found
    office, warm = read_scenario(found[1]).deployments
    assert isinstance(office, RealtimeDeployment)
    assert len(office.scheduled_actions) == 2
    for deployment in (office, warm):
        assert simulate(make_case(Workload()), deployment).completed


@pytest.mark.parametrize("text", sorted(set(re.findall(r"`((?:at|rate|cron)\([^`)]*[^`]*\))`", PAGE)) - {"at()"}))
def test_every_schedule_on_the_page_can_be_read(text):
    assert isinstance(parse(text), At | AtTime | Rate | Cron)


def test_the_example_of_two_time_zones():
    clock = Clock(timezone="America/New_York")
    assert times_s(parse("cron(0 8 ? * MON *)"), "Europe/Berlin", clock, 0.0, 86_400.0) == [2 * 3600.0]
    assert f"Monday {FIRST_MONDAY.day} January {FIRST_MONDAY.year}" in PAGE


def test_the_numbers_of_the_assumptions():
    assumptions = Assumptions()
    assert (assumptions.high_resolution_delay_min_s, assumptions.high_resolution_delay_max_s) == (10, 20)
    assert (assumptions.alarm_delay_min_s, assumptions.alarm_delay_max_s) == (60, 120)
    assert (assumptions.provisioned_concurrency_median_s, assumptions.shortage_s) == (210, 1200)
