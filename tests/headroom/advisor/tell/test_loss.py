"""Why one lost, in both forms: of a deployment that is compared, and of a pattern in a plan."""

from __future__ import annotations

from headroom.advisor.answer import Answer
from headroom.advisor.tell.loss import Loss, of_deployment, of_pattern
from simulator.model.requirement import Requirement
from simulator.model.simulation import Simulation
from simulator.patterns.realtime.deployment import RealtimeDeployment
from simulator.scenario import Scenario
from simulator.search_space import SearchSpace
from tests.headroom.advisor.outcomes import instances, judged, outcome, world

CHEAP = Scenario(requirement=Requirement(latency_limit_s=0.5, min_zones=1), simulation=Simulation(replications=2))
FAST = CHEAP.model_copy(update={"search": SearchSpace(goal="latency")})


def run(instance_count: float, latency_s: float, left_out: tuple[str, ...] = ()) -> Answer:
    made = outcome(usages=[instances(instance_count)] * 2, latency_s=[latency_s])
    return judged(CHEAP, RealtimeDeployment(), made, world(left_out))


def both(scenario: Scenario, answer: Answer, best: Answer | None) -> tuple[str, str]:
    loss = Loss(scenario=scenario, answer=answer, best=best)
    return of_deployment(loss, "Mine", "Best"), of_pattern(loss)


def test_who_is_slower_where_the_fastest_is_wanted_lost_by_that_and_both_say_so() -> None:
    compared, planned = both(FAST, run(1, 0.4), run(2, 0.1))
    assert compared == (
        "Mine meets every clause, but takes 400 ms where the best takes 100 ms, and it costs $167.90 a month less than"
        " Best."
    )
    assert planned == (
        "meets every clause, but takes 400 ms where the best takes 100 ms, and costs $167.90 (50 %) a month less"
    )


def test_who_is_faster_by_less_than_counts_lost_by_its_price() -> None:
    compared, planned = both(FAST, run(2, 0.1), run(1, 0.1008))
    assert "is faster by no more than 1 % (" in compared
    assert "it costs $167.90 a month more than Best." in compared
    assert "is faster by no more than 1 % (" in planned


def test_where_cost_is_the_goal_nothing_is_said_of_latency() -> None:
    assert both(CHEAP, run(2, 0.4), run(1, 0.1)) == (
        "Mine meets every clause, and it costs $167.90 a month more than Best.",
        "meets every clause, but costs $167.90 (100 %) a month more",
    )


def test_what_has_no_price_cannot_be_ranked_and_both_name_the_price() -> None:
    why = "cannot be ranked: it meets every clause, but a price is missing for Real-time instances (ml.m5.xlarge)"
    assert both(CHEAP, run(1, 0.1, ("hosting_instance_s",)), run(1, 0.1)) == (f"Mine {why}.", why)


def test_a_miss_is_told_with_its_price() -> None:
    compared, planned = both(CHEAP, run(1, 0.9), run(2, 0.1))
    why = "p99 latency is 902 ms, at most 500 ms is allowed; on average 80 % of the time is the model at work"
    assert compared == f"Mine does not meet the requirement: {why}; it costs $167.90 a month less than Best."
    assert planned == f"costs $167.90 (50 %) a month less, but {why}"


def test_where_nothing_is_best_there_is_nothing_to_compare_with() -> None:
    compared, planned = both(CHEAP, run(1, 0.9), None)
    assert compared.endswith("is the model at work.")
    assert planned.endswith("is the model at work")


def test_an_overload_is_told_by_its_fate_and_its_hour() -> None:
    made = outcome(latency_s=[0.1] * 900, fates={"throttled": 100}, peak_hour=12)
    compared, planned = both(CHEAP, judged(CHEAP, RealtimeDeployment(), made, world()), None)
    why = "5.26 % of requests end without an answer, at most 0.1 % may; all of them: throttled (429), most at 12:00"
    assert (compared, planned) == (f"Mine does not meet the requirement: {why}.", why)
