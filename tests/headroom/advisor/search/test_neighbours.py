"""Neighbours of a candidate: which settings are changed, one at a time. A setting left out makes the search poorer."""

from __future__ import annotations

import pytest

from headroom.advisor.prepared import prepare
from headroom.advisor.search.spaces import neighbours
from headroom.advisor.search.surrogate import SurrogateMemo
from simulator.patterns.asynchronous.deployment import AsynchronousDeployment, BacklogTracking
from simulator.patterns.batch.deployment import BatchDeployment
from simulator.patterns.neighbours import neighbour
from simulator.patterns.realtime.deployment import InvocationsTracking, RealtimeDeployment
from simulator.patterns.registry import Deployment
from simulator.patterns.serverless.deployment import ServerlessDeployment
from simulator.scaling.policies import ProvisionedTracking, ScheduledAction
from simulator.traffic.kinds import Constant, Jobs, Traffic
from tests.headroom.advisor.search.small import WORLD, scenario

FLEET = {"min_capacity", "max_capacity", "initial_instance_count"}
BY_THE_CLOCK = tuple(ScheduledAction(min_capacity=count, max_capacity=count) for count in (3, 2))


def changed_settings(deployment: Deployment) -> set[str]:
    """The fields in which some neighbour differs."""
    before = deployment.model_dump()
    return {
        name
        for neighbour in neighbours(SurrogateMemo(prepare(scenario(), WORLD)), deployment)
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
    policies = [
        neighbour.model_dump()["scaling"]
        for neighbour in neighbours(SurrogateMemo(prepare(scenario(), WORLD)), deployment)
    ]
    tried = {name: {policy[name] for policy in policies} for name in policies[0]}
    assert tried["target_value"] == {500.0, 400.0, 475.0, 510.0, 525.0, 550.0, 625.0}
    assert tried["scale_in_cooldown_s"] == {0.0, 60.0, 120.0, 300.0, 600.0, 1200.0}
    assert tried["scale_out_cooldown_s"] == {0.0, 60.0, 300.0}


def test_provisioned_concurrency_goes_one_up_and_one_down() -> None:
    deployment = ServerlessDeployment(max_concurrency=4, provisioned_concurrency=2)
    found = [neighbour.model_dump() for neighbour in neighbours(SurrogateMemo(prepare(scenario(), WORLD)), deployment)]
    assert [neighbour["provisioned_concurrency"] for neighbour in found] == [1, 3]


def test_a_change_beyond_the_bounds_of_its_field_is_no_neighbour() -> None:
    assert neighbour(ServerlessDeployment(), provisioned_concurrency=-1) is None
    assert neighbour(BatchDeployment(), max_payload_in_mb=101) is None
    changed = neighbour(BatchDeployment(), max_payload_in_mb=100)
    assert changed == BatchDeployment(max_payload_in_mb=100)


def test_a_change_of_what_is_no_field_is_a_mistake_and_raises() -> None:
    with pytest.raises(KeyError, match="max_payload_mb"):
        neighbour(BatchDeployment(), max_payload_mb=50)


@pytest.mark.parametrize("traffic", [Constant(rate_per_s=0.1), Jobs(records=100, at_s=0)], ids=lambda kind: kind.kind)
@pytest.mark.parametrize(
    "deployment",
    [
        RealtimeDeployment(scaling=InvocationsTracking(), initial_instance_count=1, min_capacity=1, max_capacity=1),
        RealtimeDeployment(scaling=InvocationsTracking(), max_capacity=1000, initial_instance_count=1000),
        RealtimeDeployment(scheduled_actions=BY_THE_CLOCK[:1], initial_instance_count=3),
        AsynchronousDeployment(scaling=BacklogTracking(), initial_instance_count=0, min_capacity=0, max_capacity=1),
        AsynchronousDeployment(scaling=None, scheduled_actions=BY_THE_CLOCK, initial_instance_count=3),
        ServerlessDeployment(max_concurrency=1, provisioned_concurrency=1),
        ServerlessDeployment(scaling=ProvisionedTracking(), provisioned_concurrency=1, min_capacity=1, max_capacity=1),
        BatchDeployment(instance_count=100, input_objects=1, schedule_every_s=900),
        BatchDeployment(instance_count=1, input_objects=100_000, schedule_every_s=7 * 86_400),
    ],
    ids=lambda deployment: deployment.pattern,
)
def test_every_neighbour_keeps_the_rules_of_its_pattern(deployment: Deployment, traffic: Traffic) -> None:
    what = scenario(traffic=traffic, simulation={"duration_s": 86_400.0})
    for other in neighbours(SurrogateMemo(prepare(what, WORLD)), deployment):
        assert type(other).model_validate(other.model_dump()) == other


@pytest.mark.parametrize("kind", [RealtimeDeployment, AsynchronousDeployment])
def test_no_neighbour_may_reach_more_instances_than_the_search_allows(kind) -> None:
    """Though it would begin with fewer."""
    deployment = kind(initial_instance_count=2, min_capacity=2, max_capacity=4)
    if kind is RealtimeDeployment:
        deployment = deployment.model_copy(update={"scaling": InvocationsTracking(target_value=500)})
    for most, reached in ((4, {3, 4}), (0, {3, 4, 5})):
        surrogate = SurrogateMemo(prepare(scenario(search={"max_instances": most}), WORLD))
        assert {one.model_dump()["max_capacity"] for one in neighbours(surrogate, deployment)} == reached
