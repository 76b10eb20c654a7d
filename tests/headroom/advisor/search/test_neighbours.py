"""Neighbours of a candidate: which settings are changed, one at a time. A setting left out makes the search poorer."""

from __future__ import annotations

import pytest

from headroom.advisor.search.neighbours import moves
from headroom.advisor.search.surrogate import Asker
from simulator.patterns.asynchronous.deployment import AsynchronousDeployment, BacklogTracking
from simulator.patterns.batch.deployment import BatchDeployment
from simulator.patterns.realtime.deployment import InvocationsTracking, RealtimeDeployment
from simulator.patterns.registry import Deployment
from simulator.patterns.serverless.deployment import ServerlessDeployment
from simulator.scaling.policies import ScheduledAction
from tests.headroom.advisor.search.small import WORLD, scenario

FLEET = {"min_capacity", "max_capacity", "initial_instance_count"}
BY_THE_CLOCK = tuple(ScheduledAction(min_capacity=count, max_capacity=count) for count in (3, 2))


def changed_settings(deployment: Deployment) -> set[str]:
    """The fields in which some neighbour differs."""
    before = deployment.model_dump()
    return {
        name
        for neighbour in moves(deployment, Asker(scenario(), WORLD))
        for name, value in neighbour.model_dump().items()
        if value != before[name]
    }


@pytest.mark.parametrize(
    ("deployment", "settings"),
    [
        (
            RealtimeDeployment(
                initial_instance_count=2, min_capacity=2, max_capacity=4, scaling=InvocationsTracking(target_value=500)
            ),
            FLEET | {"scaling"},
        ),
        (
            AsynchronousDeployment(
                initial_instance_count=2, min_capacity=2, max_capacity=4, scaling=BacklogTracking(target_value=5)
            ),
            FLEET | {"scaling"},
        ),
        (
            RealtimeDeployment(
                initial_instance_count=2,
                min_capacity=2,
                max_capacity=3,
                scaling=None,
                scheduled_actions=BY_THE_CLOCK,
            ),
            FLEET | {"scheduled_actions"},
        ),
        (ServerlessDeployment(max_concurrency=4, provisioned_concurrency=2), {"provisioned_concurrency"}),
        (
            BatchDeployment(instance_count=2, input_objects=8, max_concurrent_transforms=3),
            {
                "instance_count",
                "input_objects",
                "max_payload_in_mb",
                "max_concurrent_transforms",
                "batch_strategy",
                "schedule_every_s",
            },
        ),
    ],
)
def test_every_setting_that_the_search_may_turn_is_turned(deployment: Deployment, settings: set[str]) -> None:
    assert changed_settings(deployment) == settings


def test_a_target_and_both_cooldowns_are_turned() -> None:
    deployment = RealtimeDeployment(
        initial_instance_count=2, min_capacity=2, max_capacity=4, scaling=InvocationsTracking(target_value=500)
    )
    policies = [neighbour.model_dump()["scaling"] for neighbour in moves(deployment, Asker(scenario(), WORLD))]
    tried = {name: {policy[name] for policy in policies} for name in policies[0]}
    assert tried["target_value"] == {500.0, 400.0, 450.0, 475.0, 525.0, 550.0, 625.0}
    assert tried["scale_in_cooldown_s"] == {0.0, 60.0, 120.0, 300.0, 600.0, 1200.0}
    assert tried["scale_out_cooldown_s"] == {0.0, 60.0, 300.0}


def test_provisioned_concurrency_goes_one_up_and_one_down() -> None:
    deployment = ServerlessDeployment(max_concurrency=4, provisioned_concurrency=2)
    neighbours = [neighbour.model_dump() for neighbour in moves(deployment, Asker(scenario(), WORLD))]
    assert [neighbour["provisioned_concurrency"] for neighbour in neighbours] == [1, 3]
