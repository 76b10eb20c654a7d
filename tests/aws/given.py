"""Good requests, of which a test changes one thing."""

from __future__ import annotations

from typing import Any

from tests.aws.account import ACCOUNT, CREATING_S, REGION
from tests.aws.autoscaling import INSTANCES
from tests.aws.client import Client
from tests.aws.server import BUCKET, ROLE, Aws

ROLE_ARN = f"arn:aws:iam::{ACCOUNT}:role/{ROLE}"
IMAGE = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/model:1"
OUTPUT = {"S3OutputPath": f"s3://{BUCKET}/answers"}


def container(**changes: Any) -> dict[str, Any]:
    return {"Image": IMAGE, "ModelDataUrl": f"s3://{BUCKET}/model.tar.gz"} | changes


def model(**changes: Any) -> dict[str, Any]:
    return {"ModelName": "m", "ExecutionRoleArn": ROLE_ARN, "PrimaryContainer": container()} | changes


def variant(**changes: Any) -> dict[str, Any]:
    usual = {"VariantName": "AllTraffic", "ModelName": "m", "InstanceType": "ml.g6.xlarge", "InitialInstanceCount": 1}
    return {key: value for key, value in (usual | changes).items() if value is not None}


def serverless(**changes: Any) -> dict[str, Any]:
    config = {"MemorySizeInMB": 2048, "MaxConcurrency": 10} | changes
    return variant(InstanceType=None, InitialInstanceCount=None, ServerlessConfig=config)


def config(name: str = "c", *variants: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {"EndpointConfigName": name, "ProductionVariants": list(variants) or [variant()]} | changes


def endpoint(**changes: Any) -> dict[str, Any]:
    return {"EndpointName": "e", "EndpointConfigName": "c"} | changes


def target(**changes: Any) -> dict[str, Any]:
    usual = {
        "ServiceNamespace": "sagemaker",
        "ResourceId": "endpoint/e/variant/AllTraffic",
        "ScalableDimension": INSTANCES,
        "MinCapacity": 1,
        "MaxCapacity": 4,
    }
    return {key: value for key, value in (usual | changes).items() if value is not None}


def policy(**changes: Any) -> dict[str, Any]:
    tracking = {
        "TargetValue": 100.0,
        "PredefinedMetricSpecification": {"PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"},
    }
    named = {"PolicyName": "p", "PolicyType": "TargetTrackingScaling"}
    chosen = target(MinCapacity=None, MaxCapacity=None)
    return {**chosen, **named, "TargetTrackingScalingPolicyConfiguration": tracking} | changes


def job(**changes: Any) -> dict[str, Any]:
    source = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": f"s3://{BUCKET}/in"}}
    return {
        "TransformJobName": "j",
        "ModelName": "m",
        "TransformInput": {"DataSource": source},
        "TransformOutput": OUTPUT,
        "TransformResources": {"InstanceType": "ml.m5.xlarge", "InstanceCount": 1},
    } | changes


def sagemaker(client: Client, operation: str, given: dict[str, Any]) -> dict[str, Any]:
    return client("sagemaker", operation, **given)


def running(aws: Aws, client: Client, *variants: dict[str, Any], **changes: Any) -> None:
    """Bring endpoint e with configuration c and model m into service."""
    sagemaker(client, "create_model", model())
    sagemaker(client, "create_endpoint_config", config("c", *variants, **changes))
    sagemaker(client, "create_endpoint", endpoint())
    aws.account.advance(CREATING_S)


def status(client: Client) -> str:
    return str(client("sagemaker", "describe_endpoint", EndpointName="e")["EndpointStatus"])
