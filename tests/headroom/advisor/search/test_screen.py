"""The screen: looser limits never cost more, limits prune, the goal is kept, and it says what is forbidden."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headroom.advisor.answer import Answer
from headroom.advisor.explore.vary import vary
from headroom.advisor.order import cost_usd
from headroom.advisor.prepared import prepare
from headroom.advisor.search.planner import look_deeply
from headroom.advisor.search.screen import Effort, efficient, screen, screen_prepared
from headroom.advisor.search.surrogate import SurrogateMemo
from headroom.advisor.search.types import Screen
from headroom.codec import from_json, to_json
from headroom.sharing.presets import load_preset
from simulator.errors import InvalidScenario
from simulator.estimate.figures import Estimate
from simulator.model.hardware import family_of, is_arm64
from simulator.patterns.asynchronous.deployment import AsynchronousDeployment
from simulator.patterns.batch.deployment import BatchDeployment
from simulator.patterns.registry import BY_KEY, Deployment
from simulator.patterns.serverless.deployment import ServerlessDeployment
from simulator.patterns.serverless.neighbours import FREE_PLACES
from simulator.scenario import Scenario
from simulator.search_space import SearchSpace
from simulator.traffic.kinds import Constant
from tests.headroom.advisor.search.small import DAILY, WORLD, scenario


def winner(found: Screen) -> Answer:
    assert found.best is not None
    best = found.patterns[found.best].best
    assert best is not None
    return best


def usd_of(said: Answer) -> float:
    assert said.cost_usd_per_month is not None
    return said.cost_usd_per_month.value


def quick_of(said: Answer) -> Estimate:
    assert said.estimate is not None
    return said.estimate


def type_of(deployment: Deployment) -> str:
    return BY_KEY[deployment.pattern].account.instance_type(deployment)


def best_usd(what: Scenario, effort: Effort = Effort.FULL) -> float:
    return usd_of(winner(screen(what, WORLD, effort)))


def test_a_pattern_that_cannot_meet_is_shown_at_its_best():
    """Jobs cannot answer on the connection: one instance each hour misses by less than a hundred each day, for less."""
    [jobs] = screen(scenario(search={"patterns": ("batch",)}), WORLD).patterns
    assert jobs.best is not None
    assert isinstance(jobs.best.deployment, BatchDeployment)
    assert jobs.best.deployment.schedule_every_s == 3600
    assert jobs.best.deployment.instance_count <= 2


def test_a_fleet_behind_a_queue_that_cannot_win_breaks_nothing_else():
    """Instances that are there in time answer in time, though in S3; a fleet that sleeps until it is woken does not."""
    what = scenario(traffic=DAILY, simulation={"duration_s": 86_400.0}, search={"patterns": ("asynchronous",)})
    [fleet] = screen(what, WORLD).patterns
    assert fleet.best is not None
    assert [clause.key for clause in fleet.best.clauses if not clause.met] == ["deferred"]
    assert isinstance(fleet.best.deployment, AsynchronousDeployment)
    assert fleet.best.deployment.scaling is None


def test_every_allowed_pattern_has_a_plan_in_order():
    found = screen(scenario(), WORLD)
    assert [one.pattern for one in found.patterns] == ["realtime", "serverless", "asynchronous", "batch"]
    assert found.screened == sum(one.screened for one in found.patterns)
    assert all(one.best is None or one.best.deployment.pattern == one.pattern for one in found.patterns)


def test_the_winner_meets_and_is_the_cheapest_of_the_patterns():
    found = screen(scenario(), WORLD)
    meeting = [usd_of(one.best) for one in found.patterns if one.best and one.best.meets]
    assert usd_of(winner(found)) == min(meeting)


@settings(max_examples=8, deadline=None)
@given(st.floats(0.2, 1.0), st.floats(1.0, 4.0))
def test_a_looser_limit_never_costs_more(limit_s, times):
    search = {"patterns": ("realtime",), "families": ("ml.m5",)}
    strict = scenario({"latency_limit_s": limit_s}, search)
    loose = scenario({"latency_limit_s": limit_s * times}, search)
    assert best_usd(loose) <= best_usd(strict) * (1 + 1e-9)


@settings(max_examples=8, deadline=None)
@given(st.floats(0.5, 60.0), st.floats(1.0, 3.0))
def test_more_traffic_never_costs_less(rate, times):
    search = {"patterns": ("realtime",), "families": ("ml.c5",)}
    less, more = (scenario(search=search, traffic=Constant(rate_per_s=one)) for one in (rate, rate * times))
    assert best_usd(less) <= best_usd(more) * (1 + 1e-9)


def test_limits_prune():
    families = ("ml.c5", "ml.g5")
    search = {"families": families, "max_instances": 2, "serverless_concurrency_quota": 7}
    for point in screen(scenario(search=search, traffic=DAILY), WORLD).points:
        one = point.deployment
        account = BY_KEY[one.pattern].account
        if isinstance(one, ServerlessDeployment):
            assert account.most(one) <= 7
            continue
        assert family_of(account.instance_type(one)) in families
        assert account.most(one) <= 2


def test_patterns_that_are_not_allowed_are_not_looked_at():
    found = screen(scenario(search={"patterns": ("batch", "serverless")}), WORLD)
    assert [one.pattern for one in found.patterns] == ["serverless", "batch"]


def test_a_family_that_does_not_exist_is_named():
    with pytest.raises(InvalidScenario, match=r"search\.families\[0\]"):
        screen(scenario(search={"families": ("ml.m55",)}), WORLD)


def test_burstable_types_are_looked_at_only_when_they_are_named():
    found = screen(scenario(search={"patterns": ("realtime",)}), WORLD)
    assert all(family_of(type_of(one.deployment)) != "ml.t2" for one in found.points)
    named = screen(scenario(search={"patterns": ("realtime",), "families": ("ml.t2",)}), WORLD)
    assert named.points
    assert all(family_of(type_of(one.deployment)) == "ml.t2" for one in named.points)


def test_graviton_types_are_looked_at_only_when_the_container_runs_there():
    def types(**search):
        points = screen(scenario(search={"patterns": ("realtime",), **search}), WORLD).points
        return {type_of(one.deployment) for one in points}

    assert types()
    assert not any(is_arm64(one) for one in types())
    assert any(is_arm64(one) for one in types(arm64=True))
    assert all(is_arm64(one) for one in types(families=("ml.c6g",)))


def test_graviton_is_a_g_behind_the_generation():
    graviton = {family_of(one) for one in WORLD.hardware if is_arm64(one)}
    assert {"ml.c6g", "ml.c6gd", "ml.c6gn", "ml.c7g", "ml.m6g", "ml.r7gd", "ml.r8g"} <= graviton
    assert not graviton & {"ml.g4dn", "ml.g5", "ml.g6", "ml.g6e", "ml.c6i", "ml.p6-b200", "ml.inf1"}


def test_a_serverless_endpoint_has_room_for_more_than_was_seen():
    what = scenario(search={"patterns": ("serverless",)}, traffic=Constant(rate_per_s=2))
    found = screen(what, WORLD).patterns[0].best
    assert found is not None
    assert isinstance(found.deployment, ServerlessDeployment)
    tighter = found.deployment.model_copy(update={"max_concurrency": found.deployment.max_concurrency // 2})
    surrogate = SurrogateMemo(prepare(what, WORLD))
    assert surrogate.ask(tighter).meets
    assert quick_of(surrogate.ask(tighter)).error_share.value <= quick_of(found).error_share.value


def test_room_is_twice_as_much_and_never_more_than_is_allowed():
    assert [FREE_PLACES.roomy(places, 200) for places in (1, 3, 10, 40, 100, 150)] == [2, 10, 20, 100, 200, 200]
    assert FREE_PLACES.roomy(5, 7) == 7


def test_a_burst_that_no_scaling_follows_still_finds_a_fleet():
    # Twenty times the bursty function: fleets that are scaled promise to be cheap, and none of them does.
    bursty = vary(load_preset("bursty-function"), "volume", 20.0)
    what = bursty.model_copy(update={"search": SearchSpace(patterns=("realtime",))})
    for effort in (Effort.COARSE, Effort.FULL):
        found = screen(what, WORLD, effort)
        assert found.best is not None


def test_what_hard_limits_forbid_is_said():
    found = screen(scenario({"needs_gpu": True}, {"patterns": ("serverless",)}), WORLD)
    assert found.best is None
    assert found.patterns[0].best is None
    assert found.patterns[0].forbidden[0].what == "GPU"


def test_the_least_latency_that_a_budget_allows():
    cheap = scenario(search={"patterns": ("realtime",), "families": ("ml.c5",)})
    usd = best_usd(cheap)
    search = {"patterns": ("realtime",), "families": ("ml.c5",), "goal": "latency"}
    latencies = []
    for times in (1.2, 2.0, 8.0):
        budget = usd * times
        best = winner(screen(scenario({"monthly_budget_usd": budget}, search), WORLD))
        assert usd_of(best) <= budget
        latencies.append(quick_of(best).latency_s["p99"].value)
    assert latencies[0] >= latencies[1] * 0.98
    assert latencies[1] >= latencies[2] * 0.98


def test_a_coarse_screen_asks_less():
    what = scenario(traffic=DAILY)
    assert screen(what, WORLD, Effort.COARSE).screened < screen(what, WORLD).screened


def test_the_efficient_points_are_not_dominated():
    points = screen(scenario(traffic=DAILY), WORLD).points
    found = [points[at] for at in efficient(points)]
    assert found
    for one in found:
        assert one.latency_s is not None
        assert not any(
            other.meets_rest
            and other.latency_s is not None
            and other.latency_s.value < one.latency_s.value
            and other.cost_usd_per_month.value < one.cost_usd_per_month.value
            for other in points
        )


def test_a_screen_turns_into_json_and_back():
    found = screen(scenario(), WORLD)
    data = json.loads(json.dumps(to_json(found), allow_nan=False))
    assert to_json(from_json(Screen, data)) == data


def test_the_same_search_finds_the_same():
    assert to_json(screen(scenario(), WORLD)) == to_json(screen(scenario(), WORLD))


@pytest.mark.slow
def test_what_is_best_on_one_type_is_tried_on_the_next_before_the_work_runs_out():
    documents = load_preset("documents")
    found, _, _ = look_deeply(prepare(documents, WORLD), "asynchronous")
    assert found.best is not None
    small = found.best.deployment.model_copy(update={"instance_type": "ml.r5.large", "max_capacity": 3})
    surrogate = SurrogateMemo(prepare(documents, WORLD), replications=3, rough=False)
    assert found.best.meets
    assert cost_usd(found.best) <= cost_usd(surrogate.ask(small))


def test_the_nearest_miss_is_of_a_sensible_size():
    """Of machines that cost the same for their power, and miss about as much, the small one."""
    seldom = scenario(search={"patterns": ("asynchronous",)}, traffic=Constant(rate_per_s=0.001))
    best = screen(seldom, WORLD).patterns[0].best
    assert best is not None
    assert not best.meets
    assert cost_usd(best) < 100


@pytest.mark.parametrize("later", [False, True])
def test_patterns_that_may_meet_are_told_of_before_the_others_are_looked_at(later):
    told: list[Screen] = []
    prepared = prepare(scenario({"answer_may_be_deferred": later}), WORLD)
    whole = screen_prepared(prepared, Effort.COARSE, told.append)
    (first,) = told
    able = [key for key, pattern in BY_KEY.items() if later or not pattern.s3_row]
    assert [plan.pattern for plan in first.patterns] == able
    assert [plan.pattern for plan in whole.patterns] == list(BY_KEY)
    assert winner(first) == winner(whole)
