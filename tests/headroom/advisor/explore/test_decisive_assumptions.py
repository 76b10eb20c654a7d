from __future__ import annotations

import json
from functools import cache

import pytest

from headroom.advisor.answer import Comparison
from headroom.advisor.compare import compare
from headroom.advisor.explore import decisive_assumptions
from headroom.advisor.explore.decisive_assumptions import Hinges, choice, hinges
from headroom.advisor.explore.ranking_at import Entry
from headroom.advisor.explore.tornado import moved
from headroom.codec import from_json, to_json
from simulator.model.requirement import Requirement
from simulator.patterns.asynchronous.deployment import AsynchronousDeployment
from simulator.patterns.realtime.deployment import RealtimeDeployment
from simulator.patterns.serverless.deployment import ServerlessDeployment
from simulator.search_space import SearchSpace
from simulator.traffic.kinds import Constant
from tests.headroom.advisor.explore.cases import steady, world

DEPLOYMENTS = (
    ServerlessDeployment(memory_size_in_mb=1024),
    RealtimeDeployment(instance_type="ml.m5.large"),
    AsynchronousDeployment(instance_type="ml.m5.large"),
)


@cache
def compared() -> Comparison:
    """Seldom enough that most calls are cold: some 2 s by the assumptions, 8 s are allowed."""
    scenario = steady(
        1 / 600, requirement=Requirement(latency_limit_s=8, max_error_share=0.02, min_zones=1), deployments=DEPLOYMENTS
    )
    return compare(scenario, world())


@cache
def found() -> Hinges:
    return hinges(compared(), world())


def test_a_slow_start_of_the_container_turns_the_choice() -> None:
    assert compared().best == 0
    turns = {one.field: one for one in found().found}
    turn = turns["serverless_container_start_s"]
    assert (turn.value, turn.to) == (1.0, 10.0)
    assert turn.wins is not None
    assert turn.wins.pattern == "realtime"
    assert "p99 latency is" in turn.why


def test_what_is_told_to_turn_it_does_when_all_is_simulated_again() -> None:
    for one in found().found:
        again = compare(moved(compared().scenario, one.field, one.to), world())
        assert again.best is not None
        assert one.wins is not None
        assert again.evaluations[again.best].deployment == one.wins.deployment


def test_the_sentence_names_the_value_that_turns_it() -> None:
    said = (
        "with Cold start: container at 10 s (assumed: 1 s) Real-time is chosen, because with Serverless p99 latency is"
    )
    assert said in found().sentence
    assert f" of {found().moved}: " in found().sentence


def test_nothing_turns_where_one_is_far_ahead() -> None:
    scenario = steady(1.0, deployments=DEPLOYMENTS)
    sure = hinges(compare(scenario, world()), world())
    assert sure.found == ()
    assert sure.sentence.startswith(
        f"None of {sure.moved} assumptions, moved alone within its plausible range, changes"
    )


def test_nothing_that_may_win_is_nothing_to_move() -> None:
    scenario = steady(1.0, deployments=DEPLOYMENTS[2:])
    assert hinges(compare(scenario, world()), world()).moved == 0


@pytest.mark.parametrize(("goal", "best"), [("cost", 1), ("latency", 0)])
def test_the_choice_follows_the_goal(goal: str, best: int) -> None:
    made = [
        Entry(pattern="realtime", deployment=None, cost_usd_per_month=cost, latency_s=late, meets=ok, why="")
        for cost, late, ok in ((20.0, 0.1, True), (10.0, 0.2, True), (1.0, 0.01, False))
    ]
    scenario = steady(1.0, workload=steady(1.0).workload.model_copy(update={"traffic": Constant()}))
    space = SearchSpace.model_validate({"goal": goal})
    assert choice(scenario.model_copy(update={"search": space}), made) == best


def test_json_keeps_it() -> None:
    assert from_json(Hinges, json.loads(json.dumps(to_json(found()), allow_nan=False))) == found()


def test_what_scales_alike_and_is_plainly_dearer_is_not_moved_and_nothing_changes(monkeypatch) -> None:
    fleets = tuple(RealtimeDeployment(name=kind, instance_type=kind) for kind in ("ml.m5.large", "ml.m5.xlarge"))
    requirement = Requirement(latency_limit_s=8, max_error_share=0.02, min_zones=1)
    comparison = compare(steady(1 / 600, requirement=requirement, deployments=fleets), world())
    made: list[str] = []
    moved_as_always = decisive_assumptions._moved

    def noted(*arguments):
        made.append(arguments[2].deployment.name)
        return moved_as_always(*arguments)

    monkeypatch.setattr(decisive_assumptions, "_moved", noted)
    sooner = hinges(comparison, world())
    assert set(made) == {"ml.m5.large"}
    monkeypatch.setattr(decisive_assumptions, "_PLAINLY_DEARER", 1e9)
    assert hinges(comparison, world()) == sooner
    assert "ml.m5.xlarge" in made
