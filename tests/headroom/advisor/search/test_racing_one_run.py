"""Where one run is very large: few runs, within an amount of work, and what is not simulated says so."""

from __future__ import annotations

import pytest

from headroom.advisor.prepared import prepare
from headroom.advisor.search import racing_one_run
from headroom.advisor.search.planner import plan
from headroom.advisor.search.runs import Runs
from headroom.codec import to_json
from simulator.traffic.kinds import Constant
from tests.headroom.advisor.search.small import DAILY, WORLD, scenario

SEARCH = {"families": ("ml.c5", "ml.m5"), "patterns": ("realtime", "asynchronous", "batch")}


def planned():
    what = scenario(search=SEARCH, traffic=DAILY, simulation={"duration_s": 86_400.0, "replications": 1})
    return plan(what, WORLD)


@pytest.fixture
def few(monkeypatch):
    """Runs of the small scenario count as large, and two to three of them are allowed."""
    what = scenario(search=SEARCH, traffic=DAILY, simulation={"duration_s": 86_400.0, "replications": 1})
    requests = Runs(prepare(what, WORLD), None, lambda _: None).requests
    monkeypatch.setattr(racing_one_run, "LARGE_REQUESTS", requests / 2)
    monkeypatch.setattr(racing_one_run, "ALLOWED_REQUESTS", requests * 3.5)


def test_a_run_is_large_by_its_requests():
    def made(rate):
        return Runs(prepare(scenario(traffic=Constant(rate_per_s=rate)), WORLD), None, lambda _: None)

    assert not racing_one_run.is_large(made(10.0))
    assert racing_one_run.is_large(made(20_000.0))


@pytest.mark.usefixtures("few")
def test_few_runs_decide_and_the_winner_is_exact():
    found = planned()
    best = found.comparison.evaluations[found.comparison.best]
    assert best.outcome is not None
    assert best.meets
    assert found.simulated <= 4


@pytest.mark.usefixtures("few")
def test_what_cannot_win_is_not_simulated_and_says_so():
    found = planned()
    one = next(one for one in found.comparison.evaluations if one.deployment.pattern == "asynchronous")
    assert one.outcome is None
    assert not one.ruled_out
    assert "Not simulated" in one.warnings[0]
    assert one.deployment not in {point.deployment for point in found.points if point.exact}


@pytest.mark.usefixtures("few")
def test_the_same_plan_every_time():
    assert to_json(planned()) == to_json(planned())


def test_the_winner_is_the_one_of_many_runs(few, monkeypatch):
    limited = planned().comparison
    monkeypatch.undo()
    full = planned().comparison
    costs = [one.evaluations[one.best].cost_usd_per_month.value for one in (limited, full)]
    assert costs[0] <= costs[1] * 1.02
