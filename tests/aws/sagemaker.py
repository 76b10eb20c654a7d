"""SageMaker's control plane for models, configurations and transform jobs; endpoints are in endpoints.py."""

from __future__ import annotations

import json
from typing import Any

from tests.aws.account import JOB_S, Account, Refusal

Given = dict[str, Any]
MEMORY_STEPS = (1024, 2048, 3072, 4096, 5120, 6144)


def remember_tags(account: Account, arn: str, given: Given) -> None:
    account.tags[arn] = {tag["Key"]: tag["Value"] for tag in given.get("Tags", ())}


def could_not_find(what: str, arn: str) -> Refusal:
    return Refusal("ValidationException", f'Could not find {what} "{arn}".', "not found")


def check_role(account: Account, arn: str) -> None:
    """Refuse a role that does not exist or that SageMaker may not assume."""
    role = account.reads["role"](arn)
    trust = role["trust"] if role else {}
    trust = json.loads(trust) if isinstance(trust, str) else trust
    for statement in trust.get("Statement", ()):
        services = statement.get("Principal", {}).get("Service", ())
        if "sagemaker.amazonaws.com" in ([services] if isinstance(services, str) else services):
            return
    raise Refusal(
        "ValidationException",
        f"Could not assume role {arn}. Please ensure that the role exists and allows principal "
        "'sagemaker.amazonaws.com' to assume the role.",
        "role trust",
    )


def create_model(account: Account, given: Given) -> Given:
    name = given["ModelName"]
    arn = account.arn("sagemaker", f"model/{name}")
    if name in account.models:
        raise Refusal("ValidationException", f'Cannot create already existing model "{arn}".', "name taken")
    if "ExecutionRoleArn" in given:
        check_role(account, given["ExecutionRoleArn"])
    primary = [given["PrimaryContainer"]] if "PrimaryContainer" in given else []
    for container in [*primary, *given.get("Containers", ())]:
        _check_container(account, container)
    account.models[name] = {**given, "ModelArn": arn, "CreationTime": account.now}
    remember_tags(account, arn, given)
    return {"ModelArn": arn}


def _check_container(account: Account, container: Given) -> None:
    image = container.get("Image", "")
    parts = image.split("/")[0].split(".")
    if ".dkr.ecr." in image and parts[3] != account.region:
        raise Refusal(
            "ValidationException",
            f'Region of "{image}" does not match expected region of {account.region}. '
            "Cross region ECR image pulls are not allowed.",
            "image region",
        )
    source = container.get("ModelDataSource", {}).get("S3DataSource", {}).get("S3Uri", "")
    data = container.get("ModelDataUrl") or source
    if data and not account.reads["object"](data):
        raise Refusal("ValidationException", f"Could not find model data at {data}.", "model data")


def describe_model(account: Account, given: Given) -> Given:
    name = given["ModelName"]
    if name not in account.models:
        raise could_not_find("model", account.arn("sagemaker", f"model/{name}"))
    return account.models[name]


def delete_model(account: Account, given: Given) -> Given:
    describe_model(account, given)
    account.tags.pop(account.models.pop(given["ModelName"])["ModelArn"], None)
    return {}


def create_endpoint_config(account: Account, given: Given) -> Given:
    name = given["EndpointConfigName"]
    arn = account.arn("sagemaker", f"endpoint-config/{name}")
    if name in account.configs:
        raise Refusal(
            "ValidationException", f'Cannot create already existing endpoint configuration "{arn}".', "name taken"
        )
    names = [variant["VariantName"] for variant in given["ProductionVariants"]]
    if len(set(names)) < len(names):
        raise Refusal("ValidationException", "Variant names must be unique.", "variant unique")
    for variant in given["ProductionVariants"]:
        _check_variant(account, variant)
    if "ExecutionRoleArn" in given:
        check_role(account, given["ExecutionRoleArn"])
    topics = given.get("AsyncInferenceConfig", {}).get("OutputConfig", {}).get("NotificationConfig", {})
    for topic in (topics.get("SuccessTopic"), topics.get("ErrorTopic")):
        if topic and not account.reads["topic"](topic):
            message = f"Please ensure that the role exists and has sns Publish permissions for topic {topic}."
            raise Refusal("ValidationException", message, "sns publish")
    account.configs[name] = {**given, "EndpointConfigArn": arn, "CreationTime": account.now}
    remember_tags(account, arn, given)
    return {"EndpointConfigArn": arn}


def _check_variant(account: Account, variant: Given) -> None:
    model = variant.get("ModelName", "")
    if model not in account.models:
        raise Refusal(
            "ValidationException",
            f'Could not find model "{account.arn("sagemaker", f"model/{model}")}".',
            "model exists",
        )
    serverless = variant.get("ServerlessConfig")
    if serverless is None:
        return
    if "InstanceType" in variant or "InitialInstanceCount" in variant:
        message = "InstanceType and InitialInstanceCount cannot be given with ServerlessConfig."
        raise Refusal("ValidationException", message, "serverless alone")
    if serverless["MemorySizeInMB"] not in MEMORY_STEPS:
        allowed = ", ".join(map(str, MEMORY_STEPS))
        message = f"Memory size {serverless['MemorySizeInMB']} is not supported. Supported: {allowed}."
        raise Refusal("ValidationException", message, "memory steps")
    if serverless.get("ProvisionedConcurrency", 0) > serverless["MaxConcurrency"]:
        message = "ProvisionedConcurrency must be less than or equal to MaxConcurrency."
        raise Refusal("ValidationException", message, "provisioned fits")


def describe_endpoint_config(account: Account, given: Given) -> Given:
    name = given["EndpointConfigName"]
    if name not in account.configs:
        raise could_not_find("endpoint configuration", account.arn("sagemaker", f"endpoint-config/{name}"))
    return account.configs[name]


def delete_endpoint_config(account: Account, given: Given) -> Given:
    describe_endpoint_config(account, given)
    account.tags.pop(account.configs.pop(given["EndpointConfigName"])["EndpointConfigArn"], None)
    return {}


def create_transform_job(account: Account, given: Given) -> Given:
    name = given["TransformJobName"]
    arn = account.arn("sagemaker", f"transform-job/{name}")
    if name in account.jobs:
        raise Refusal("ResourceInUse", f"Job name must be unique within an account and region: {arn}", "name taken")
    if given["ModelName"] not in account.models:
        raise Refusal("ValidationException", f"Could not find model {given['ModelName']}.", "model exists")
    if given.get("MaxConcurrentTransforms", 1) * given.get("MaxPayloadInMB", 6) > 100:
        message = "MaxConcurrentTransforms x MaxPayloadInMB must not exceed 100 MB."
        raise Refusal("ValidationException", message, "batch payload")
    resources = given["TransformResources"]
    running = sum(
        job["TransformResources"]["InstanceCount"]
        for job in account.jobs.values()
        if job["TransformJobStatus"] == "InProgress"
        and job["TransformResources"]["InstanceType"] == resources["InstanceType"]
    )
    check_quota(account, resources["InstanceType"], "transform job", running, resources["InstanceCount"])
    job = {**given, "TransformJobArn": arn, "TransformJobStatus": "InProgress", "CreationTime": account.now}
    account.jobs[name] = job
    remember_tags(account, arn, given)
    account.later(JOB_S, lambda: _end_job(account, job))
    return {"TransformJobArn": arn}


def _end_job(account: Account, job: Given) -> None:
    if job["TransformJobStatus"] != "InProgress":
        return
    job["TransformEndTime"] = account.now
    job["TransformJobStatus"] = "Failed" if account.containers_fail else "Completed"
    if account.containers_fail:
        job["FailureReason"] = "AlgorithmError: the container did not answer the ping"


def check_quota(account: Account, instance_type: str, use: str, running: float, more: float) -> None:
    """Refuse `more` instances of a type beside those that run, when its quota has no room for them."""
    quota = account.quota(instance_type, use)
    if more > 0 and running + more > quota:
        raise Refusal(
            "ResourceLimitExceeded",
            f"The account-level service limit '{instance_type} for {use} usage' is {quota:g} Instances, with current "
            f"utilization of {running:g} Instances and a request delta of {more:g} Instances. Please use AWS Service "
            "Quotas to request an increase for this quota.",
            "quota",
        )


def describe_transform_job(account: Account, given: Given) -> Given:
    if given["TransformJobName"] not in account.jobs:
        message = f"Could not find requested job with name: {given['TransformJobName']}"
        raise Refusal("ValidationException", message, "not found")
    return account.jobs[given["TransformJobName"]]


def stop_transform_job(account: Account, given: Given) -> Given:
    job = describe_transform_job(account, given)
    if job["TransformJobStatus"] != "InProgress":
        raise Refusal("ValidationException", f"The job is {job['TransformJobStatus']}.", "stop running only")
    job["TransformJobStatus"] = "Stopping"

    def stopped() -> None:
        job.update(TransformJobStatus="Stopped", TransformEndTime=account.now)

    account.later(60.0, stopped)
    return {}


def _listed(rows: dict[str, Given], given: Given, fields: dict[str, str]) -> list[Given]:
    part = given.get("NameContains", "")
    chosen = [row for name, row in rows.items() if part.lower() in name.lower()]
    status = given.get("StatusEquals")
    key = next((key for key in fields.values() if key.endswith("Status")), "")
    return [row for row in chosen if status is None or row[key] == status]


def _page(rows: list[Given], given: Given) -> tuple[list[Given], str | None]:
    start, size = int(given.get("NextToken") or 0), given.get("MaxResults", 10)
    more = str(start + size) if start + size < len(rows) else None
    return rows[start : start + size], more


def list_models(account: Account, given: Given) -> Given:
    rows, more = _page(_listed(account.models, given, {}), given)
    return {"Models": rows, "NextToken": more}


def list_endpoint_configs(account: Account, given: Given) -> Given:
    rows, more = _page(_listed(account.configs, given, {}), given)
    return {"EndpointConfigs": rows, "NextToken": more}


def list_endpoints(account: Account, given: Given) -> Given:
    rows, more = _page(_listed(account.endpoints, given, {"status": "EndpointStatus"}), given)
    return {"Endpoints": rows, "NextToken": more}


def list_transform_jobs(account: Account, given: Given) -> Given:
    rows, more = _page(_listed(account.jobs, given, {"status": "TransformJobStatus"}), given)
    return {"TransformJobSummaries": rows, "NextToken": more}


def list_tags(account: Account, given: Given) -> Given:
    if given["ResourceArn"] not in account.tags:
        raise could_not_find("resource", given["ResourceArn"])
    return {"Tags": [{"Key": key, "Value": value} for key, value in account.tags[given["ResourceArn"]].items()]}


def add_tags(account: Account, given: Given) -> Given:
    list_tags(account, given)
    account.tags[given["ResourceArn"]].update({tag["Key"]: tag["Value"] for tag in given["Tags"]})
    return list_tags(account, given)


OPERATIONS = {
    "CreateModel": create_model,
    "DescribeModel": describe_model,
    "DeleteModel": delete_model,
    "ListModels": list_models,
    "CreateEndpointConfig": create_endpoint_config,
    "DescribeEndpointConfig": describe_endpoint_config,
    "DeleteEndpointConfig": delete_endpoint_config,
    "ListEndpointConfigs": list_endpoint_configs,
    "ListEndpoints": list_endpoints,
    "CreateTransformJob": create_transform_job,
    "DescribeTransformJob": describe_transform_job,
    "StopTransformJob": stop_transform_job,
    "ListTransformJobs": list_transform_jobs,
    "ListTags": list_tags,
    "AddTags": add_tags,
}
