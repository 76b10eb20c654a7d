"""How long environments are kept: the three rules by default, a fixed time or rules of one's own where given."""

from __future__ import annotations

import math

import pytest

from simulator.model.assumptions import Assumptions
from simulator.model.keep_warm import KeepWarm, keep_warm, superseded
from validation import lambda_logs


def test_the_default_is_the_three_rules_found_in_request_logs() -> None:
    three = lambda_logs.THREE
    kept = keep_warm(Assumptions())
    assert (kept.spare_s, kept.idle_s) == pytest.approx((three.keep, three.quiet))
    assert kept.life_s == pytest.approx((three.life, lambda_logs.OLDEST_S))


def test_one_setting_moves_all_three() -> None:
    kept = keep_warm(Assumptions(serverless_idle_s=320))
    assert (kept.spare_s, kept.idle_s) == pytest.approx((650.0, 320.0))
    assert kept.life_s == pytest.approx((2000.0, 3650.0))


def test_a_fixed_time_is_the_only_rule() -> None:
    kept = keep_warm(Assumptions(serverless_keep_warm_s=900))
    assert kept == KeepWarm(spare_s=900.0)
    assert math.isinf(kept.idle_s)
    assert not kept.is_mortal


def test_rules_of_ones_own_join_a_fixed_time_and_replace_those_of_the_default() -> None:
    own = {"serverless_quiet_s": 100.0, "serverless_life_min_s": 500.0, "serverless_life_max_s": 700.0}
    fixed = keep_warm(Assumptions(serverless_keep_warm_s=900, **own))
    assert fixed == KeepWarm(spare_s=900.0, idle_s=100.0, life_s=(500.0, 700.0))
    assert keep_warm(Assumptions(**own)) == KeepWarm(spare_s=1300.0, idle_s=100.0, life_s=(500.0, 700.0))


def test_a_least_life_beyond_the_most_is_the_most() -> None:
    kept = keep_warm(Assumptions(serverless_life_min_s=900, serverless_life_max_s=700))
    assert kept.life_s == (700.0, 700.0)


def test_what_is_superseded_makes_no_difference() -> None:
    for assumptions in (Assumptions(), Assumptions(serverless_keep_warm_s=300)):
        (field,) = superseded(assumptions)
        if assumptions.serverless_keep_warm_s:
            assert keep_warm(assumptions.model_copy(update={field: 77.0})) == keep_warm(assumptions)
        else:
            assert field == "serverless_keep_warm_s"


def test_the_rules_in_words() -> None:
    assert str(keep_warm(Assumptions())) == (
        "How long environments are kept is an assumption: an environment is gone after 1,300 s idle, all are gone once "
        "nothing has been in flight for 640 s, each is replaced after a life of 4,000 to 7,300 s"
    )
    assert str(keep_warm(Assumptions(serverless_keep_warm_s=300))).endswith("is gone after 300 s idle")
