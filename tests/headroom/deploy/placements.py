"""Placements for the tests of forms and exports: nothing given, and everything."""

from __future__ import annotations

from simulator.model.placement import EnvironmentVariable, Placement, Tag

ACCOUNT = "123456789012"
FULL = Placement(
    endpoint_name="tested",
    account=ACCOUNT,
    execution_role_arn=f"arn:aws:iam::{ACCOUNT}:role/execution",
    image=f"{ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com/model:1",
    model_data_url="s3://models-of-ours/model.tar.gz",
    input_s3_uri="s3://data-of-ours/in/",
    output_s3_uri="s3://data-of-ours/out/",
    scheduler_role_arn=f"arn:aws:iam::{ACCOUNT}:role/scheduler",
    environment=(EnvironmentVariable(name="MODEL_SERVER_WORKERS", value="4"),),
    idle_alarm_hours=6,
    budget_usd_per_month=500,
    notify_email="team@example.com",
    owner="platform",
    delete_after="2027-01-31",
    tags=(Tag(key="cost-centre", value="4711"),),
)
"""Everything is said but a VPC and isolation, which not every pattern has."""
OPEN = Placement()
"""Nothing is said."""
