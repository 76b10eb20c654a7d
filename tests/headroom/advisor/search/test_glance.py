"""The glance: candidates that are known already, held against a scenario that has changed."""

from __future__ import annotations

import pytest

from headroom.advisor.search.glance import MOST, glance, worth_a_glance
from headroom.advisor.search.screen import Effort, screen
from headroom.sharing.library import load_world
from headroom.sharing.presets import load_preset


@pytest.fixture(scope="module")
def world():
    return load_world()


def test_a_glance_at_what_a_screen_has_found_gives_the_same_figures(world):
    scenario = load_preset("dashboard")
    found = screen(scenario, world, Effort.COARSE)
    candidates = worth_a_glance(found)
    assert 1 <= len(candidates) <= MOST
    again = glance(scenario, world, candidates)
    assert found.best is not None
    assert again.best is not None
    before, after = found.patterns[found.best].best, again.patterns[again.best].best
    assert before is not None
    assert after is not None
    assert (after.deployment, after.cost_usd_per_month) == (before.deployment, before.cost_usd_per_month)


def test_candidates_that_a_change_rules_out_are_told_as_ruled_out(world):
    scenario = load_preset("dashboard")
    candidates = worth_a_glance(screen(scenario, world, Effort.COARSE))
    heavy = scenario.model_copy(update={"workload": scenario.workload.model_copy(update={"request_mb": 20.0})})
    serverless = next(plan for plan in glance(heavy, world, candidates).patterns if plan.pattern == "serverless")
    assert serverless.best is None
    assert serverless.forbidden
