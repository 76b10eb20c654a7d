"""What the choice would be if one Availability Zone were enough: the difference is what availability costs."""

from __future__ import annotations

from dataclasses import replace

from headroom.advisor.prepared import PreparedScenario
from headroom.advisor.search.ranking import Ranking
from headroom.advisor.search.screen import point, screen_prepared
from headroom.advisor.search.types import Point


def best_in_one_zone(prepared: PreparedScenario) -> Point | None:
    """The best by the fast answer with no zone to spare; None where nothing meets the rest of the requirement."""
    requirement = prepared.scenario.requirement.model_copy(update={"min_zones": 1})
    scenario = prepared.scenario.model_copy(update={"requirement": requirement})
    case = replace(prepared.case, requirement=requirement)
    screened = screen_prepared(replace(prepared, scenario=scenario, case=case))
    best = None if screened.best is None else screened.patterns[screened.best].best
    return None if best is None else point(Ranking(scenario), best)
