"""The first rung that does: the same as trying every rung in turn, whatever the guess, with far fewer questions."""

from __future__ import annotations

import pytest

from headroom.advisor.prepared import prepare
from headroom.advisor.search.ladders import first_feasible
from headroom.advisor.search.ranking import Ranking
from headroom.advisor.search.surrogate import SurrogateMemo
from simulator.patterns.candidates import Ladder
from simulator.patterns.realtime.deployment import RealtimeDeployment
from tests.headroom.advisor.search.small import WORLD, scenario

# 120 requests a second of 60 ms on two workers an instance: four instances carry them, and more make them faster.
BUSY = scenario(traffic={"kind": "constant", "rate_per_s": 120.0})
MOST = 40
USD = 100.0


def fixed(count: int) -> RealtimeDeployment:
    return RealtimeDeployment(initial_instance_count=count, scaling=None)


def ladder(guess: int, least: int = 1, most: int = MOST) -> Ladder:
    return Ladder(
        what="fixed", make=fixed, least=least, most=most, guess=guess, usd=lambda count: USD * count, floor=0.0
    )


@pytest.fixture(scope="module")
def surrogate() -> SurrogateMemo:
    return SurrogateMemo(prepare(BUSY, WORLD))


@pytest.fixture(scope="module")
def first(surrogate: SurrogateMemo) -> int:
    ranking = Ranking(BUSY)
    return next(count for count in range(1, MOST + 1) if ranking.feasible(surrogate.ask(fixed(count))))


@pytest.mark.parametrize("guess", [0, 1, 2, 3, 4, 5, 6, 9, 20, 39, 40, 99])
def test_from_any_guess_it_is_the_first_of_all_that_do(surrogate, first, guess):
    assert 2 < first < 20
    place, answer = first_feasible(ladder(guess), surrogate, Ranking(BUSY), below_usd=float("inf"))
    assert place == first
    assert answer == surrogate.ask(fixed(first))


def test_it_asks_about_few(first):
    surrogate = SurrogateMemo(prepare(BUSY, WORLD))
    first_feasible(ladder(MOST), surrogate, Ranking(BUSY), below_usd=float("inf"))
    assert len(surrogate.answers) <= 12


def test_only_what_costs_less_is_asked_about(first):
    surrogate = SurrogateMemo(prepare(BUSY, WORLD))
    assert first_feasible(ladder(1), surrogate, Ranking(BUSY), below_usd=USD * first) == (0, None)
    assert max(deployment.model_dump()["initial_instance_count"] for deployment in surrogate.answers) < first
    assert first_feasible(ladder(1), surrogate, Ranking(BUSY), below_usd=USD * first + 1)[0] == first
    asked = len(surrogate.answers)
    assert first_feasible(ladder(1), surrogate, Ranking(BUSY), below_usd=USD) == (0, None)
    assert len(surrogate.answers) == asked


def test_a_ladder_of_which_nothing_does_gives_nothing(surrogate, first):
    assert first_feasible(ladder(1, most=first - 1), surrogate, Ranking(BUSY), below_usd=float("inf")) == (0, None)


def test_where_the_first_rung_does_it_is_taken(surrogate, first):
    assert (
        first_feasible(ladder(first, least=first + 3), surrogate, Ranking(BUSY), below_usd=float("inf"))[0] == first + 3
    )


def test_when_the_work_is_done_it_stops_after_one_question():
    surrogate = SurrogateMemo(prepare(BUSY, WORLD))
    first_feasible(ladder(MOST), surrogate, Ranking(BUSY), below_usd=float("inf"), until_ms=0.0)
    assert len(surrogate.answers) == 1
