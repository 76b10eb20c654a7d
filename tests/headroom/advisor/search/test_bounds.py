"""What a candidate may turn out to be: never worse than what is said of it, and better by its error at most."""

from __future__ import annotations

import pytest

from headroom.advisor import order
from headroom.advisor.prepared import prepare
from headroom.advisor.search import bounds
from headroom.advisor.search.ranking import Ranking
from headroom.advisor.search.surrogate import SurrogateMemo
from simulator.patterns.realtime.deployment import RealtimeDeployment
from tests.headroom.advisor.search.small import WORLD, scenario

DEPLOYMENT = RealtimeDeployment(initial_instance_count=1, scaling=None)


def asked(limit_s: float, **requirement):
    what = scenario({"latency_limit_s": limit_s, **requirement}, traffic={"kind": "constant", "rate_per_s": 12.0})
    return Ranking(what), SurrogateMemo(prepare(what, WORLD)).ask(DEPLOYMENT)


@pytest.fixture(scope="module")
def latency() -> tuple[float, float]:
    """Value and relative error of the required percentile."""
    ranking, answer = asked(1.0)
    assert answer.estimate is not None
    figure = answer.estimate.latency_s[ranking.percentile]
    return figure.value, min(figure.error, 0.33)


def test_a_latency_may_be_met_from_its_value_less_its_error_on(latency):
    value_s, error = latency
    assert error > 0
    for limit_s, may in ((value_s * (1 - error) * 1.0001, True), (value_s * (1 - error) * 0.9999, False)):
        ranking, answer = asked(limit_s)
        assert not answer.meets
        assert bounds.may_be_met(ranking, answer, "latency") is may
        assert bounds.promised(ranking, answer).meets is may


def test_errors_may_be_half_of_what_is_said():
    crowded = scenario({"max_error_share": 0.0}, traffic={"kind": "constant", "rate_per_s": 200.0})
    answer = SurrogateMemo(prepare(crowded, WORLD)).ask(DEPLOYMENT)
    assert answer.estimate is not None
    share = answer.estimate.error_share.value
    assert share > 0.1
    for limit, may in ((share * 0.51, True), (share * 0.49, False)):
        allowing = crowded.model_copy(
            update={"requirement": crowded.requirement.model_copy(update={"max_error_share": limit})}
        )
        assert bounds.may_be_met(Ranking(allowing), answer, "errors") is may


def test_a_cost_may_be_less_by_two_per_cent_at_most():
    _, answer = asked(1.0)
    assert 0.98 * order.cost_usd(answer) <= bounds.least_usd(answer) <= order.cost_usd(answer)


def test_what_may_win_promises_to_meet_and_is_cheaper():
    ranking, answer = asked(1.0)
    promise = bounds.promised(ranking, answer)
    assert promise.meets
    assert bounds.may_win(ranking, answer, [])
    assert not bounds.may_win(ranking, answer, [promise])
    impossible, answer = asked(0.001)
    assert not bounds.may_win(impossible, answer, [])
