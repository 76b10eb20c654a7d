"""The tail in a sentence: whole numbers that add up, and the slowest are never rounded away."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headroom.advisor.tell.tail import FEWEST, tail
from simulator.model.requirement import Requirement
from simulator.patterns.realtime.deployment import RealtimeDeployment
from simulator.scenario import Scenario
from tests.headroom.advisor.outcomes import judged, outcome, world

SCENARIO = Scenario(requirement=Requirement(latency_limit_s=0.4, min_zones=1))


def told(latencies_s, **more) -> str:
    return tail(SCENARIO, judged(SCENARIO, RealtimeDeployment(), outcome(latency_s=latencies_s, **more), world()))


def test_groups_are_those_within_the_limit_a_little_later_and_much_later():
    text = told([0.2] * 994 + [0.9] * 5 + [12.0])
    assert text == "of 1,000 requests 994 within 400 ms, 5 within 910 ms, 1 waits 12 s"


def test_nothing_is_said_of_what_answered_nothing():
    assert told([]) == ""


@given(st.lists(st.floats(0.01, 100.0), min_size=1, max_size=300))
def test_the_numbers_add_up(latencies_s):
    text = told(latencies_s)
    [(number, rest)] = re.findall(r"of ([\d,]+) requests (.*)", text)
    parts = [int(found.replace(",", "")) for found in re.findall(r"([\d,]+) (?:within|waits?|without)", rest)]
    assert sum(parts) == int(number.replace(",", ""))
    assert int(number.replace(",", "")) >= FEWEST


@pytest.mark.parametrize("slow", [1, 3])
def test_one_in_ten_thousand_is_told_of_ten_thousand(slow):
    text = told([0.2] * (10_000 - slow) + [9.0] * slow)
    assert text.startswith("of 10,000 requests")
    assert f"{slow} wait" in text
