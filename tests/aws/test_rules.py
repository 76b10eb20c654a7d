"""Each rule of the AWS on loopback in one test, by its name in the table."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.aws import given
from tests.aws.account import ACCOUNT, CREATING_S, DELETING_S, REGION, UPDATING_S
from tests.aws.autoscaling import PROVISIONED
from tests.aws.client import Client
from tests.aws.rules import RULES, table
from tests.aws.server import Aws

SHOWN: dict[str, Callable[[Aws, Client], object]] = {}


def shows(rule: str) -> Callable[[Callable[[Aws, Client], object]], Callable[[Aws, Client], object]]:
    def keep(test: Callable[[Aws, Client], object]) -> Callable[[Aws, Client], object]:
        SHOWN[rule] = test
        return test

    return keep


def refused(client: Client, operation: str, parameters: dict, words: str, service: str = "sagemaker") -> None:
    _, message = client.refused(service, operation, **parameters)
    assert words in message


@shows("role trust")
def _role(aws: Aws, client: Client):
    stranger = aws.add_role("stranger", {"Version": "2012-10-17", "Statement": []})
    refused(client, "create_model", given.model(ExecutionRoleArn=stranger), "Could not assume role")
    refused(client, "create_model", given.model(ExecutionRoleArn=f"{given.ROLE_ARN}-not"), "Could not assume role")


@shows("image region")
def _image(_aws: Aws, client: Client):
    image = given.IMAGE.replace(REGION, "us-east-1")
    refused(
        client,
        "create_model",
        given.model(PrimaryContainer=given.container(Image=image)),
        f"does not match expected region of {REGION}",
    )


@shows("model data")
def _data(_aws: Aws, client: Client):
    missing = given.container(ModelDataUrl="s3://headroom-models/other.tar.gz")
    refused(client, "create_model", given.model(PrimaryContainer=missing), "Could not find model data")


@shows("name taken")
def _taken(aws: Aws, client: Client):
    given.running(aws, client)
    refused(client, "create_model", given.model(), "already existing model")
    refused(client, "create_endpoint_config", given.config(), "already existing endpoint configuration")
    refused(client, "create_endpoint", given.endpoint(), "already existing endpoint")
    given.sagemaker(client, "create_transform_job", given.job())
    assert client.refused("sagemaker", "create_transform_job", **given.job())[0] == "ResourceInUse"


@shows("model exists")
def _model(_aws: Aws, client: Client):
    refused(client, "create_endpoint_config", given.config(), "Could not find model")
    refused(client, "create_transform_job", given.job(), "Could not find model")


@shows("config exists")
def _config(_aws: Aws, client: Client):
    refused(client, "create_endpoint", given.endpoint(), "Could not find endpoint configuration")


@shows("not found")
def _absent(_aws: Aws, client: Client):
    for operation, name in (
        ("describe_endpoint", "EndpointName"),
        ("describe_endpoint_config", "EndpointConfigName"),
        ("describe_model", "ModelName"),
        ("describe_transform_job", "TransformJobName"),
        ("delete_model", "ModelName"),
        ("delete_endpoint", "EndpointName"),
    ):
        refused(client, operation, {name: "nobody"}, "Could not find")


@shows("quota")
def _quota(aws: Aws, client: Client):
    aws.account.quotas |= {"ml.g6.xlarge for endpoint usage": 2, "ml.m5.xlarge for transform job usage": 0}
    given.running(aws, client, given.variant(InitialInstanceCount=2))
    more = given.endpoint(EndpointName="f")
    refused(client, "create_endpoint", more, "with current utilization of 2 Instances and a request delta of 2")
    refused(client, "create_transform_job", given.job(), "is 0 Instances")


@shows("serverless quota")
def _serverless_quota(aws: Aws, client: Client):
    aws.account.serverless_quota = 15
    given.running(aws, client, given.serverless())
    refused(client, "create_endpoint", given.endpoint(EndpointName="f"), "utilization of 10 and a request delta of 10")


@shows("capacity")
def _capacity(aws: Aws, client: Client):
    aws.account.no_capacity = True
    given.running(aws, client)
    endpoint = client("sagemaker", "describe_endpoint", EndpointName="e")
    assert endpoint["EndpointStatus"] == "Failed"
    assert "InsufficientInstanceCapacity" in endpoint["FailureReason"]


@shows("health check")
def _ping(aws: Aws, client: Client):
    given.running(aws, client)
    aws.account.containers_fail = True
    given.sagemaker(client, "create_endpoint_config", given.config("d"))
    given.sagemaker(client, "update_endpoint", given.endpoint(EndpointConfigName="d"))
    statuses = [given.status(client)]
    for _ in range(2):
        aws.account.advance(UPDATING_S)
        statuses.append(given.status(client))
    assert statuses == ["Updating", "RollingBack", "InService"]
    endpoint = client("sagemaker", "describe_endpoint", EndpointName="e")
    assert endpoint["EndpointConfigName"] == "c"
    assert "ping" in endpoint["FailureReason"]


@shows("silent rollback")
def _silent(aws: Aws, client: Client):
    given.running(aws, client)
    aws.account.rollback = "silent"
    given.sagemaker(client, "create_endpoint_config", given.config("d"))
    given.sagemaker(client, "update_endpoint", given.endpoint(EndpointConfigName="d"))
    aws.account.advance(2 * UPDATING_S)
    endpoint = client("sagemaker", "describe_endpoint", EndpointName="e")
    assert (endpoint["EndpointStatus"], endpoint["EndpointConfigName"]) == ("InService", "c")
    assert "FailureReason" not in endpoint


@shows("in progress")
def _progress(_aws: Aws, client: Client):
    given.sagemaker(client, "create_model", given.model())
    given.sagemaker(client, "create_endpoint_config", given.config())
    given.sagemaker(client, "create_endpoint", given.endpoint())
    refused(client, "delete_endpoint", {"EndpointName": "e"}, "in-progress endpoint")
    refused(client, "update_endpoint", given.endpoint(), "in-progress endpoint")


@shows("update of failed")
def _failed(aws: Aws, client: Client):
    aws.account.containers_fail = True
    given.running(aws, client)
    refused(client, "update_endpoint", given.endpoint(), "in status Failed")
    client("sagemaker", "delete_endpoint", EndpointName="e")


def _refuses_config(client: Client, variant: dict, words: str) -> None:
    given.sagemaker(client, "create_model", given.model())
    refused(client, "create_endpoint_config", given.config("c", variant), words)


@shows("memory steps")
def _memory(_aws: Aws, client: Client):
    _refuses_config(client, given.serverless(MemorySizeInMB=1500), "Memory size 1500 is not supported")


@shows("provisioned fits")
def _provisioned(_aws: Aws, client: Client):
    _refuses_config(client, given.serverless(ProvisionedConcurrency=11), "less than or equal to MaxConcurrency")


@shows("serverless alone")
def _alone(_aws: Aws, client: Client):
    _refuses_config(
        client, given.serverless() | {"InstanceType": "ml.m5.large"}, "cannot be given with ServerlessConfig"
    )


@shows("batch payload")
def _payload(_aws: Aws, client: Client):
    given.sagemaker(client, "create_model", given.model())
    refused(client, "create_transform_job", given.job(MaxConcurrentTransforms=3, MaxPayloadInMB=50), "100 MB")


@shows("variant unique")
def _unique(_aws: Aws, client: Client):
    given.sagemaker(client, "create_model", given.model())
    twice = given.config("c", given.variant(), given.variant())
    refused(client, "create_endpoint_config", twice, "must be unique")


@shows("update same config")
def _same(aws: Aws, client: Client):
    given.running(aws, client)
    refused(client, "update_endpoint", given.endpoint(), "must differ")


@shows("variant is scaled")
def _scaled(aws: Aws, client: Client):
    given.running(aws, client)
    client("application-autoscaling", "register_scalable_target", **given.target())
    other = given.config("d", given.variant(InstanceType="ml.m7i.large"))
    given.sagemaker(client, "create_endpoint_config", other)
    refused(client, "update_endpoint", given.endpoint(EndpointConfigName="d"), "Deregister it first")


@shows("counts are reset")
def _reset(aws: Aws, client: Client):
    given.running(aws, client)
    for name, retain in (("d", True), ("f", False)):
        variant = {"VariantName": "AllTraffic", "DesiredInstanceCount": 3}
        wanted = {"EndpointName": "e", "DesiredWeightsAndCapacities": [variant]}
        given.sagemaker(client, "update_endpoint_weights_and_capacities", wanted)
        aws.account.advance(UPDATING_S)
        given.sagemaker(client, "create_endpoint_config", given.config(name))
        update = given.endpoint(EndpointConfigName=name, RetainAllVariantProperties=retain)
        given.sagemaker(client, "update_endpoint", update)
        aws.account.advance(UPDATING_S)
        described = client("sagemaker", "describe_endpoint", EndpointName="e")
        assert described["ProductionVariants"][0]["DesiredInstanceCount"] == (3 if retain else 1)


@shows("alarms for rollback")
def _alarms(aws: Aws, client: Client):
    given.running(aws, client)
    given.sagemaker(client, "create_endpoint_config", given.config("d"))
    deployment = {"AutoRollbackConfiguration": {"Alarms": [{"AlarmName": "nobody"}]}}
    update = given.endpoint(EndpointConfigName="d", DeploymentConfig=deployment)
    refused(client, "update_endpoint", update, "Alarm nobody does not exist")


ROLLING = {
    "MaximumBatchSize": {"Type": "CAPACITY_PERCENT", "Value": 50},
    "WaitIntervalInSeconds": 60,
}


@shows("rolling")
def _rolling(aws: Aws, client: Client):
    given.running(aws, client, given.serverless())
    given.sagemaker(client, "create_endpoint_config", given.config("d", given.serverless(MaxConcurrency=5)))
    update = given.endpoint(EndpointConfigName="d", DeploymentConfig={"RollingUpdatePolicy": ROLLING})
    refused(client, "update_endpoint", update, "Rolling updates are not supported")


@shows("both policies")
def _both(aws: Aws, client: Client):
    given.running(aws, client)
    given.sagemaker(client, "create_endpoint_config", given.config("d"))
    routing = {"TrafficRoutingConfiguration": {"Type": "ALL_AT_ONCE", "WaitIntervalInSeconds": 0}}
    both = {"RollingUpdatePolicy": ROLLING, "BlueGreenUpdatePolicy": routing}
    refused(client, "update_endpoint", given.endpoint(EndpointConfigName="d", DeploymentConfig=both), "not both")


@shows("sns publish")
def _sns(_aws: Aws, client: Client):
    given.sagemaker(client, "create_model", given.model())
    topic = f"arn:aws:sns:{REGION}:{ACCOUNT}:nobody"
    output = {**given.OUTPUT, "NotificationConfig": {"SuccessTopic": topic}}
    wanted = given.config(AsyncInferenceConfig={"OutputConfig": output})
    refused(client, "create_endpoint_config", wanted, "sns Publish")


def _refuses_target(aws: Aws, client: Client, words: str, *variants: dict, **changes: object) -> None:
    given.running(aws, client, *variants)
    refused(client, "register_scalable_target", given.target(**changes), words, "application-autoscaling")


@shows("first registration")
def _first(aws: Aws, client: Client):
    _refuses_target(aws, client, "are required", MinCapacity=None)
    client("application-autoscaling", "register_scalable_target", **given.target())
    client("application-autoscaling", "register_scalable_target", **given.target(MinCapacity=None, MaxCapacity=3))


@shows("min at most max")
def _order(aws: Aws, client: Client):
    _refuses_target(aws, client, "must not be less", MinCapacity=5)


@shows("target is there")
def _there(_aws: Aws, client: Client):
    refused(client, "register_scalable_target", given.target(), "does not exist", "application-autoscaling")


@shows("zero")
def _zero(aws: Aws, client: Client):
    _refuses_target(aws, client, "greater than 0", MinCapacity=0)
    wanted = given.config("d", AsyncInferenceConfig={"OutputConfig": given.OUTPUT})
    given.sagemaker(client, "create_endpoint_config", wanted)
    given.sagemaker(client, "create_endpoint", given.endpoint(EndpointName="f", EndpointConfigName="d"))
    aws.account.advance(CREATING_S)
    other = given.target(ResourceId="endpoint/f/variant/AllTraffic", MinCapacity=0)
    client("application-autoscaling", "register_scalable_target", **other)


@shows("dimension")
def _dimension(aws: Aws, client: Client):
    _refuses_target(aws, client, "does not fit", ScalableDimension=PROVISIONED)


@shows("burstable")
def _burstable(aws: Aws, client: Client):
    _refuses_target(aws, client, "burstable", given.variant(InstanceType="ml.t2.medium"))


@shows("target first")
def _target(aws: Aws, client: Client):
    given.running(aws, client)
    code, _ = client.refused("application-autoscaling", "put_scaling_policy", **given.policy())
    assert code == "ObjectNotFoundException"


def _scaled_endpoint(aws: Aws, client: Client) -> None:
    given.running(aws, client)
    client("application-autoscaling", "register_scalable_target", **given.target())
    client("application-autoscaling", "put_scaling_policy", **given.policy())
    assert "policy p" in aws.account.left()


@shows("deregister cascades")
def _cascade(aws: Aws, client: Client):
    _scaled_endpoint(aws, client)
    gone = given.target(MinCapacity=None, MaxCapacity=None)
    client("application-autoscaling", "deregister_scalable_target", **gone)
    assert not aws.account.targets
    assert not aws.account.policies


@shows("delete cascades")
def _delete_cascade(aws: Aws, client: Client):
    _scaled_endpoint(aws, client)
    client("sagemaker", "delete_endpoint", EndpointName="e")
    assert not aws.account.targets
    assert not aws.account.policies


@shows("orphans")
def _orphans(aws: Aws, client: Client):
    given.running(aws, client)
    client("sagemaker", "delete_endpoint", EndpointName="e")
    aws.account.advance(DELETING_S)
    assert aws.account.left() == ["model m", "endpoint-config c"]


@shows("config in use")
@shows("model in use")
def _in_use(aws: Aws, client: Client):
    given.running(aws, client)
    client("sagemaker", "delete_model", ModelName="m")
    client("sagemaker", "delete_endpoint_config", EndpointConfigName="c")
    assert given.status(client) == "InService"


@shows("endpoint in service")
def _invoke(aws: Aws, client: Client):
    refused(client, "invoke_endpoint", {"EndpointName": "e", "Body": b"{}"}, "not found", "sagemaker-runtime")
    given.running(aws, client)
    client("sagemaker-runtime", "invoke_endpoint", EndpointName="e", Body=b"{}")


@shows("stop running only")
def _stop(aws: Aws, client: Client):
    given.sagemaker(client, "create_model", given.model())
    given.sagemaker(client, "create_transform_job", given.job())
    client("sagemaker", "stop_transform_job", TransformJobName="j")
    aws.account.advance(3600)
    refused(client, "stop_transform_job", {"TransformJobName": "j"}, "Stopped")


V = {"EndpointName": "e", "VariantName": "AllTraffic"}


def _values(aws: Aws, client: Client, stat: str, period: int = 60, dimensions: dict = V, back: float = 600) -> list:
    metric = {
        "Namespace": "AWS/SageMaker",
        "MetricName": "ModelLatency",
        "Dimensions": [{"Name": key, "Value": value} for key, value in dimensions.items()],
    }
    query = {"Id": "q", "MetricStat": {"Metric": metric, "Period": period, "Stat": stat}}
    start, end = (datetime.fromtimestamp(at, UTC) for at in (aws.account.now - back, aws.account.now))
    answer = client("cloudwatch", "get_metric_data", MetricDataQueries=[query], StartTime=start, EndTime=end)
    return answer["MetricDataResults"][0]["Values"]


@shows("period by age")
def _age(aws: Aws, client: Client):
    aws.metrics.put("AWS/SageMaker", "ModelLatency", V, [aws.account.now], [5.0])
    aws.account.advance(16 * 86_400)
    assert _values(aws, client, "Sum", 60, back=17 * 86_400) == []
    assert _values(aws, client, "Sum", 300, back=17 * 86_400) == [5.0]


@shows("exact dimensions")
def _dimensions(aws: Aws, client: Client):
    aws.metrics.put("AWS/SageMaker", "ModelLatency", V, [aws.account.now - 30], [5.0])
    assert _values(aws, client, "Sum") == [5.0]
    assert _values(aws, client, "Sum", dimensions={"EndpointName": "e"}) == []


@shows("raw percentiles")
def _percentiles(aws: Aws, client: Client):
    start = aws.account.now
    aws.metrics.put("AWS/SageMaker", "ModelLatency", V, [start] * 101, range(101))
    aws.account.advance(120)
    assert _values(aws, client, "p90") == [90.0]
    assert _values(aws, client, "TC(9:19)") == [10.0]
    statistics = {"SampleCount": 2.0, "Sum": 4.0, "Minimum": 1.0, "Maximum": 3.0}
    datum = {
        "MetricName": "ModelLatency",
        "Dimensions": [{"Name": key, "Value": value} for key, value in V.items()],
        "Timestamp": datetime.fromtimestamp(start + 60, UTC),
        "StatisticValues": statistics,
    }
    client("cloudwatch", "put_metric_data", Namespace="AWS/SageMaker", MetricData=[datum])
    assert _values(aws, client, "Average") == [2.0, 50.0]
    assert _values(aws, client, "p90") == [90.0]


@shows("billed while")
def _billed(aws: Aws, client: Client):
    given.sagemaker(client, "create_model", given.model())
    given.sagemaker(client, "create_endpoint_config", given.config())
    given.sagemaker(client, "create_endpoint", given.endpoint())
    assert aws.account.billable() == ["endpoint e: 1 x ml.g6.xlarge"]
    aws.account.containers_fail = True
    aws.account.advance(CREATING_S)
    assert aws.account.billable() == []


def test_every_rule_of_the_table_is_shown():
    assert set(SHOWN) == set(RULES)


@pytest.mark.parametrize("rule", sorted(SHOWN))
def test_rule(rule: str, aws: Aws, client: Client):
    SHOWN[rule](aws, client)
    assert aws.account.calls


def test_the_page_has_the_table():
    assert table() in Path("docs/test-aws.md").read_text(encoding="utf-8")
