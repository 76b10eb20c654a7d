"""Deployments of every pattern that use everything a form can hold."""

from __future__ import annotations

from simulator.patterns.asynchronous.deployment import AsynchronousDeployment, BacklogStepIn, BacklogTracking
from simulator.patterns.batch.deployment import BatchDeployment
from simulator.patterns.realtime.deployment import (
    InvocationsTracking,
    RealtimeDeployment,
    RealtimeStepIn,
    RealtimeStepOut,
)
from simulator.patterns.registry import Deployment
from simulator.patterns.serverless.deployment import ServerlessDeployment
from simulator.scaling.policies import ConcurrencyTracking, ProvisionedTracking, ScheduledAction, StepAdjustment

REALTIME = RealtimeDeployment(
    instance_type="ml.m5.large",
    initial_instance_count=2,
    min_capacity=2,
    max_capacity=6,
    routing_strategy="LEAST_OUTSTANDING_REQUESTS",
    scaling=InvocationsTracking(target_value=600),
    concurrency_scaling=ConcurrencyTracking(disable_scale_in=True),
    step_scale_out=RealtimeStepOut(
        step_adjustments=(StepAdjustment(), StepAdjustment(distance=500, scaling_adjustment=3))
    ),
    step_scale_in=RealtimeStepIn(),
    scheduled_actions=(
        ScheduledAction(min_capacity=3, max_capacity=6, timezone="Europe/Berlin"),
        ScheduledAction(schedule="cron(0 19 ? * MON-FRI *)", min_capacity=2, max_capacity=6),
    ),
)
SERVERLESS = ServerlessDeployment(provisioned_concurrency=2, max_capacity=8, scaling=ProvisionedTracking())
ASYNCHRONOUS = AsynchronousDeployment(
    instance_type="ml.m5.large",
    initial_instance_count=0,
    scaling=BacklogTracking(),
    step_scale_in=BacklogStepIn(),
)
BATCH = BatchDeployment(instance_type="ml.m5.large")
RICH: tuple[Deployment, ...] = (REALTIME, SERVERLESS, ASYNCHRONOUS, BATCH)
