"""The AWS on loopback as a server: strict shapes, lost answers, the audit log, its clock, and what moto answers."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
from datetime import UTC, datetime

import pytest

from tests.aws import given
from tests.aws.account import CREATING_S, Account
from tests.aws.client import Client
from tests.aws.server import Aws
from tests.aws.shapes import broken, compiled, model_of


def test_a_shape_is_held_as_awss_servers_hold_it(aws: Aws, client: Client):
    for changes, words in (
        ({"ModelName": "a_b"}, "regular expression pattern"),
        ({"ModelName": "a" * 80}, "length less than or equal to 63"),
        ({"ModelName": None}, "Member must not be null"),
        ({"PrimaryContainer": given.container(Mode="Both")}, "enum value set: [SingleModel, MultiModel]"),
    ):
        code, message = client.refused("sagemaker", "create_model", **given.model(**changes))
        assert code == "ValidationException"
        assert words in message


def test_what_boto3_would_not_even_send_is_refused_too():
    shape = model_of("sagemaker").operation_model("CreateModel").input_shape
    assert list(broken(shape, given.model(Extra=1))) == ["Unknown member 'extra'"]
    assert list(broken(shape, given.model(PrimaryContainer="text"))) == [
        "Value at 'primaryContainer' is not a structure"
    ]
    assert list(broken(shape, given.model(EnableNetworkIsolation=1)))
    assert not list(broken(shape, given.model()))


def test_a_number_outside_its_range_is_refused(aws: Aws, client: Client):
    given.sagemaker(client, "create_model", given.model())
    wanted = given.config("c", given.serverless(MaxConcurrency=500))
    assert "less than or equal to 200" in client.refused("sagemaker", "create_endpoint_config", **wanted)[1]


@pytest.mark.parametrize("service", ["sagemaker", "application-autoscaling", "service-quotas", "cloudwatch", "budgets"])
def test_every_pattern_of_the_models_compiles(service: str):
    model = model_of(service)
    shapes = [model.shape_for(name) for name in model.shape_names]
    patterns = [shape.metadata["pattern"] for shape in shapes if "pattern" in shape.metadata]
    assert all(compiled(pattern) for pattern in patterns)
    tag = model_of("sagemaker").shape_for("TagValue")
    assert not list(broken(tag, "Ä 1_.:/=+-@"))
    assert list(broken(tag, "<script>"))


def test_a_lost_answer_leaves_the_work_done(aws: Aws, client: Client):
    aws.account.lose_answer("CreateModel")
    assert client.refused("sagemaker", "create_model", **given.model())[0] == "InternalFailure"
    assert "m" in aws.account.models
    assert "already existing" in client.refused("sagemaker", "create_model", **given.model())[1]
    assert [call.outcome for call in aws.account.calls] == ["lost", "ValidationException"]


@pytest.mark.parametrize(
    ("service", "operation", "parameters"),
    [
        ("sagemaker", "list_models", {}),
        ("sts", "get_caller_identity", {}),
        ("s3", "get_bucket_location", {"Bucket": "headroom-models"}),
        ("cloudwatch", "describe_alarms", {}),
        ("scheduler", "list_schedules", {}),
        ("sns", "list_topics", {}),
    ],
)
def test_every_protocol_can_be_throttled(service: str, operation: str, parameters: dict, aws: Aws, client: Client):
    aws.account.fail("*", times=1)
    assert client.refused(service, operation, **parameters) == ("ThrottlingException", "Rate exceeded")
    client(service, operation, **parameters)
    assert [call.outcome for call in aws.account.calls] == ["ThrottlingException", "done"]


def test_the_audit_log_names_every_action_whoever_answers(aws: Aws, client: Client):
    client("sts", "get_caller_identity")
    client("iam", "get_role", RoleName="headroom-execution")
    client("s3", "head_object", Bucket="headroom-models", Key="model.tar.gz")
    client("sns", "create_topic", Name="t")
    client("scheduler", "list_schedules")
    given.sagemaker(client, "create_model", given.model())
    assert [call.action for call in aws.account.calls] == [
        "sts:GetCallerIdentity",
        "iam:GetRole",
        "s3:HeadObject",
        "sns:CreateTopic",
        "scheduler:ListSchedules",
        "sagemaker:CreateModel",
    ]
    assert aws.account.writes() == ["sns:CreateTopic", "sagemaker:CreateModel"]
    assert aws.account.calls[-1].parameters["ModelName"] == "m"


def test_time_passes_only_when_it_is_moved(aws: Aws, client: Client):
    given.sagemaker(client, "create_model", given.model())
    given.sagemaker(client, "create_endpoint_config", given.config())
    given.sagemaker(client, "create_endpoint", given.endpoint())
    assert [given.status(client) for _ in range(3)] == ["Creating"] * 3
    aws.account.s_per_call = CREATING_S / 4
    statuses = [given.status(client) for _ in range(4)]
    assert statuses == ["Creating"] * 3 + ["InService"]


def test_what_is_due_happens_in_order_each_at_its_time():
    account, seen = Account(), []
    start = account.now
    account.later(20, lambda: seen.append(account.now - start))
    account.later(10, lambda: account.later(5, lambda: seen.append(account.now - start)))
    account.advance(100)
    assert seen == [15, 20]
    assert account.now == start + 100


def test_the_metrics_come_in_pages_and_may_be_partial(aws: Aws, client: Client):
    now = aws.account.now
    times = [now - 60 * minute for minute in range(1, 6)]
    aws.metrics.put("AWS/SageMaker", "Invocations", {"EndpointName": "e"}, times, [1.0] * 5)
    aws.metrics.partial = 1
    metric = {
        "Namespace": "AWS/SageMaker",
        "MetricName": "Invocations",
        "Dimensions": [{"Name": "EndpointName", "Value": "e"}],
    }
    asked = {
        "MetricDataQueries": [{"Id": "q", "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Sum"}}],
        "StartTime": datetime.fromtimestamp(now - 300, UTC),
        "EndTime": datetime.fromtimestamp(now, UTC),
        "MaxDatapoints": 2,
    }
    values, codes = [], []
    token: dict[str, str] = {}
    while True:
        answer = client("cloudwatch", "get_metric_data", **asked, **token)
        values.append(len(answer["MetricDataResults"][0]["Values"]))
        codes.append(answer["MetricDataResults"][0]["StatusCode"])
        if "NextToken" not in answer:
            break
        token = {"NextToken": answer["NextToken"]}
    assert values == [2, 2, 1]
    assert codes == ["PartialData", "Complete", "Complete"]


def test_an_unchanged_program_reaches_it_through_its_environment(aws: Aws):
    program = "import boto3; print(boto3.client('sts').get_caller_identity()['Account'])"
    environment = {**os.environ, **aws.environment()}
    ran = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True, timeout=60
    )
    assert ran.stdout.strip() == aws.account.account
    assert aws.account.actions_called() == {"sts:GetCallerIdentity"}


def test_the_demo_prints_what_a_program_needs():
    command = [sys.executable, "-u", "-m", "tests.aws.server", "0", "60"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as demo:
        try:
            assert demo.stdout is not None
            lines = list(itertools.takewhile(lambda line: "model_data_url" not in line, demo.stdout))
            told = dict(line.removeprefix("export ").split("=") for line in lines if line.startswith("export "))
            client = Client(told["AWS_ENDPOINT_URL"].strip())
            assert client("sts", "get_caller_identity")["Account"] == Account().account
        finally:
            demo.terminate()
