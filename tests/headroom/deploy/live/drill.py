"""What the drills of deployments share: small deployments of every pattern, and a deployer on the AWS on loopback."""

from __future__ import annotations

import dataclasses
from functools import cache
from pathlib import Path

import boto3
import pytest

from headroom.advisor.prepared import PreparedScenario, prepare
from headroom.deploy.live.aws import Aws as Account
from headroom.deploy.live.aws import Pace
from headroom.deploy.live.deployer import Deployer, Wish
from headroom.deploy.live.journal import VARIABLE
from headroom.deploy.live.observe import Live
from headroom.deploy.steps import DeployPlan
from headroom.deploy.updates import UpdateChoice
from simulator.model.placement import Placement
from simulator.model.workload import Workload
from simulator.patterns.asynchronous.deployment import AsynchronousDeployment
from simulator.patterns.base import BaseDeployment
from simulator.patterns.batch.deployment import BatchDeployment
from simulator.patterns.realtime.deployment import InvocationsTracking, RealtimeDeployment
from simulator.patterns.serverless.deployment import ServerlessDeployment
from simulator.scaling.policies import ProvisionedTracking, ScheduledAction
from simulator.scenario import Scenario
from tests.aws.account import ACCOUNT, REGION
from tests.aws.server import BUCKET, ROLE, Aws
from tests.headroom.advisor.search.small import WORLD

NAME = "tested"
REALTIME = RealtimeDeployment(
    instance_type="ml.m5.large",
    initial_instance_count=2,
    max_capacity=4,
    scaling=InvocationsTracking(target_value=600),
    scheduled_actions=(ScheduledAction(),),
)
SERVERLESS = ServerlessDeployment(
    provisioned_concurrency=2, scaling=ProvisionedTracking(), min_capacity=1, max_capacity=5
)
ASYNCHRONOUS = AsynchronousDeployment(instance_type="ml.m5.xlarge")
BATCH = BatchDeployment(instance_type="ml.m5.large")
ONE_OF_EACH: tuple[BaseDeployment, ...] = (REALTIME, SERVERLESS, ASYNCHRONOUS, BATCH)
"""One deployment of every pattern, with all that it can have beside it."""

by_pattern = pytest.mark.parametrize("deployment", ONE_OF_EACH, ids=lambda deployment: deployment.pattern)

PLACEMENT = Placement(
    endpoint_name=NAME,
    account=ACCOUNT,
    execution_role_arn=f"arn:aws:iam::{ACCOUNT}:role/{ROLE}",
    image=f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/model:1",
    model_data_url=f"s3://{BUCKET}/model.tar.gz",
    input_s3_uri=f"s3://{BUCKET}/in/",
    output_s3_uri=f"s3://{BUCKET}/out/",
    scheduler_role_arn=f"arn:aws:iam::{ACCOUNT}:role/scheduler",
    owner="platform",
)
TOLD = PLACEMENT.model_copy(update={"idle_alarm_hours": 6, "notify_email": "team@example.com"})
"""With an idle alarm and who is told of it."""
SCHEDULER_TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "scheduler.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}
UPDATE = UpdateChoice(p99_s=0.4, error_share=0.001)


@cache
def prepared() -> PreparedScenario:
    return prepare(Scenario(schema=1, region=REGION, workload=Workload(name="Small test")), WORLD)


def wish(deployment: BaseDeployment, placement: Placement = PLACEMENT, choice: UpdateChoice = UPDATE) -> Wish:
    return Wish(
        prepared=prepared(),
        deployment=deployment,
        placement=placement,
        prices=WORLD.prices,
        on=WORLD.on,
        choice=choice,
    )


@dataclasses.dataclass
class Drill:
    """A deployer whose time is the virtual time of the AWS on loopback. said: every sentence that it told."""

    aws: Aws
    deployer: Deployer
    said: list[str]

    def plan(self, wanted: Wish) -> DeployPlan:
        return self.deployer.plan(wanted)

    def apply(self, wanted: Wish) -> Live:
        """Plan, agree and do."""
        plan = self.deployer.plan(wanted)
        return self.deployer.apply(wanted, plan, plan.name)

    def destroy(self, name: str = NAME) -> None:
        plan = self.deployer.plan_destroy(name)
        self.deployer.destroy(plan, name)

    @property
    def billable(self) -> list[str]:
        return self.aws.account.billable()

    def everything(self) -> list[str]:
        """All that exists, in our services and in those of moto."""
        return self.aws.left()


class Killed(BaseException):
    """The process ended here; nothing of the program may catch it."""


def kill_at(monkeypatch: pytest.MonkeyPatch, number: int, *, after: bool) -> None:
    """End the process at the call of this number, from 0, that changes something: before or after it is done."""
    send, left = Account._send, iter(range(number, -1, -1))

    def sending(self: Account, service: str, operation: str, parameters: dict[str, object]) -> dict[str, object]:
        strikes = not operation.startswith(("Describe", "List", "Get", "Head")) and next(left, 1) == 0
        if strikes and not after:
            raise Killed
        answer = send(self, service, operation, parameters)
        if strikes:
            raise Killed
        return answer

    monkeypatch.setattr(Account, "_send", sending)


@cache
def account_on(aws: Aws) -> Account:
    """The account of a server, whose clients are made once."""
    session = boto3.Session("made-up", "made-up", region_name=REGION)
    pace = Pace(sleep=aws.advance, now=lambda: aws.account.now, poll_s=30.0)
    return Account(session, REGION, pace)


@pytest.fixture
def drill(aws: Aws, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Drill:
    """A fresh account and a deployer on it."""
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    monkeypatch.setenv("AWS_ENDPOINT_URL", aws.url)
    aws.add_role("scheduler", SCHEDULER_TRUST)
    said: list[str] = []
    return Drill(aws, Deployer(account_on(aws), said.append), said)
