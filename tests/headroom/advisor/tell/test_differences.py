"""Two candidates held against one another: every input that differs, and results that can or cannot be told apart."""

from __future__ import annotations

from headroom.advisor.evaluate import evaluate
from headroom.advisor.tell.differences import SAME, inputs, results
from headroom.sharing.library import load_world
from simulator.model.requirement import Requirement
from simulator.patterns.realtime.deployment import RealtimeDeployment
from simulator.patterns.serverless.deployment import ServerlessDeployment
from simulator.traffic.kinds import Constant, Profile
from tests.headroom.ui.small import scenario


def test_equal_inputs_do_not_differ_and_names_are_no_inputs():
    assert list(inputs(scenario(), scenario("Other name"))) == []


def test_fields_that_differ_are_named_with_their_unit_and_both_values():
    one, other = scenario(), scenario(rate_per_s=7.5)
    (found,) = inputs(one, other)
    assert (found.what, found.left, found.right) == ("Traffic: Rate (1/s)", "2", "7.5")


def test_parts_of_different_kinds_are_named_by_their_kind():
    (found,) = inputs(Constant(), Profile(), "Traffic")
    assert (found.left, found.right) == ("constant", "profile")
    pattern, configuration = inputs(RealtimeDeployment(), ServerlessDeployment())
    assert (pattern.left, pattern.right) == ("Real-time endpoint", "Serverless endpoint")
    assert (configuration.left, configuration.right) == ("1 × ml.m5.xlarge", "2048 MB · MaxConcurrency 20")


def test_flags_read_as_words():
    (found,) = inputs(Requirement(), Requirement(needs_gpu=True))
    assert (found.left, found.right) == ("no", "yes")


def test_results_say_which_is_more_and_what_cannot_be_told_apart():
    given, world = scenario(), load_world()
    one, other = (evaluate(given, deployment, world) for deployment in given.deployments)
    found = {line.what: line for line in results(one, other, "p99")}
    assert found["Cost a month"].remark.endswith(" on the right")
    assert {line.remark for line in results(one, one, "p99")} == {SAME, ""}
    twin = evaluate(given, ServerlessDeployment(memory_size_in_mb=6144), world)
    assert "p99 latency" in {line.what for line in results(other, twin, "p99")}
