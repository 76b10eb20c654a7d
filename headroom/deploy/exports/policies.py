"""IAM policies of exactly one form: who may create, change and delete it, what its role may do, who may assume that.

Names that CloudFormation invents begin with the logical id in the template, which begins with the deployment's name.
Scalable targets have ids of AWS's own: their statement is narrowed by dimension, not by endpoint.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

from headroom.deploy.exports.cloudformation import camel
from headroom.deploy.form import Form
from simulator.patterns.resources import Parameter, ResourceKind, references

Statement = dict[str, Any]
_READS: Final = (
    "sagemaker:DescribeModel", "sagemaker:DescribeEndpoint", "sagemaker:DescribeEndpointConfig", "sagemaker:ListTags",
    "sagemaker:ListModels", "sagemaker:ListEndpoints", "sagemaker:ListEndpointConfigs", "sts:GetCallerIdentity",
    "servicequotas:GetServiceQuota", "servicequotas:ListServiceQuotas", "cloudwatch:GetMetricData", "tag:GetResources",
)  # fmt: skip
"""Of every plan: what is there, whose it is, what is allowed, and how it does."""
_SLR = "aws-service-role/sagemaker.application-autoscaling.amazonaws.com/"
_SCALING_ROLE = f"{_SLR}AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint"
MOST_CHARACTERS = 6144
"""Of a managed policy, blanks not counted."""


def deployer_policy(form: Form) -> str:
    """What deploy.py, deploy.sh, Headroom and CloudFormation or Terraform need for this form, and nothing else."""
    return _policy(_deployer(form))


def execution_role_policy(form: Form) -> str:
    """What the role that SageMaker assumes needs: image, model, logs, and where input and answers lie."""
    return _policy(_execution(form))


def trust_policy(form: Form) -> str:
    """Who may assume that role: SageMaker, for this account where it is known."""
    return _policy(_assumed(form, "sagemaker.amazonaws.com"))


def scheduler_role_policy(form: Form) -> str:
    """What the role needs by which EventBridge Scheduler starts the transform jobs; no statement without a schedule."""
    jobs = [_arn(form, "sagemaker", f"transform-job/{form.name}-*")]
    return _policy([_allow("StartJobs", ["sagemaker:CreateTransformJob"], jobs)] if "Schedule" in form else [])


def _policy(statements: Iterator[Statement] | list[Statement]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)}, indent=2) + "\n"


def _allow(sid: str, actions: list[str], resources: list[str] | str, **conditions: Any) -> Statement:
    condition = {"Condition": conditions} if conditions else {}
    return {"Sid": sid, "Effect": "Allow", "Action": sorted(actions), "Resource": resources, **condition}


def account_of(form: Form) -> str:
    """The account as said, or that of the role; "*" where neither is known."""
    role = form.given.get("execution_role_arn", "")
    return form.given.get("account") or (role.split(":")[4] if role else "*")


def _partition(form: Form) -> str:
    return form.given.get("execution_role_arn", "arn:aws").split(":")[1]


def _arn(form: Form, service: str, resource: str, *, region: bool = True) -> str:
    return f"arn:{_partition(form)}:{service}:{form.region if region else ''}:{account_of(form)}:{resource}"


def _has(form: Form, kind: ResourceKind) -> bool:
    return any(entry.resource.kind == kind for entry in form.resources)


def _named(form: Form, kind: str, title: str) -> list[str]:
    """Resources of SageMaker by our names, which end in eight digits, and by those that CloudFormation invents, whose
    ARNs have small letters.
    """
    invented = camel(form.name) + title
    names = (f"{form.name}-????????", f"{invented}-*", f"{invented.lower()}-*")
    return [_arn(form, "sagemaker", f"{kind}/{name}") for name in names]


def _deployer(form: Form) -> Iterator[Statement]:
    yield _allow("Read", [*_READS, *_more_reads(form)], "*")
    models = _named(form, "model", "Model")
    yield _allow("Models", ["sagemaker:CreateModel", "sagemaker:DeleteModel"], models)
    tagged = list(models)
    if _has(form, "endpoint"):
        configs = _named(form, "endpoint-config", "EndpointConfig")
        endpoint = [_arn(form, "sagemaker", f"endpoint/{form.name}")]
        yield _allow("Configure", ["sagemaker:CreateEndpointConfig"], configs, **_ceiling(form))
        yield _allow("Unconfigure", ["sagemaker:DeleteEndpointConfig"], configs)
        yield _allow("Serve", ["sagemaker:CreateEndpoint", "sagemaker:UpdateEndpoint"], [*endpoint, *configs])
        ends = ["sagemaker:DeleteEndpoint", "sagemaker:UpdateEndpointWeightsAndCapacities"]
        yield _allow("End", ends, endpoint)
        tagged += [*configs, *endpoint]
    if _has(form, "transform_job"):
        jobs = [_arn(form, "sagemaker", f"transform-job/{form.name}-*")]
        yield _allow("Transform", ["sagemaker:CreateTransformJob"], jobs, **_ceiling(form))
        yield _allow("StopJobs", ["sagemaker:StopTransformJob"], jobs)
        tagged += jobs
    yield _allow("Tag", ["sagemaker:AddTags"], tagged)
    yield from _passed_roles(form)
    yield from _scaling(form)
    yield from _beside(form)
    yield from _by_cloudformation(form)


def _more_reads(form: Form) -> Iterator[str]:
    """Reads that have no resource, or whose resource is not known before."""
    if _has(form, "scalable_target"):
        for what in ("ScalableTargets", "ScalingPolicies", "ScheduledActions", "ScalingActivities"):
            yield f"application-autoscaling:Describe{what}"
        yield "application-autoscaling:ListTagsForResource"
    if _has(form, "transform_job") or _has(form, "schedule"):
        yield from ("sagemaker:DescribeTransformJob", "sagemaker:ListTransformJobs")
    if _has(form, "alarm") or _has(form, "scaling_policy"):
        yield from ("cloudwatch:DescribeAlarms", "cloudwatch:ListTagsForResource")
    if form.given.get("execution_role_arn") is None:
        yield from ("iam:GetRole", "iam:SimulatePrincipalPolicy")
    if form.given.get("model_data_url") is not None:
        yield from ("s3:GetBucketLocation", "s3:ListBucket", "s3:GetObject")
    if _has(form, "topic"):
        yield "sns:ListTopics"


def _ceiling(form: Form) -> dict[str, Any]:
    """No other instance type, and no larger serverless variant, than the form's own."""
    for entry in form.resources:
        if entry.resource.kind == "endpoint_config":
            variant = entry.parameters["ProductionVariants"][0]
            if "ServerlessConfig" in variant:
                serverless = variant["ServerlessConfig"]
                return {
                    "NumericLessThanEquals": {
                        "sagemaker:ServerlessMaxConcurrency": serverless["MaxConcurrency"],
                        "sagemaker:ServerlessMemorySize": serverless["MemorySizeInMB"],
                    }
                }
            return _only(variant["InstanceType"])
        if entry.resource.kind == "transform_job":
            return _only(entry.parameters["TransformResources"]["InstanceType"])
    return {}


def _only(instance_type: str) -> dict[str, Any]:
    """ForAllValues holds where there is no value, so that there has to be one."""
    key = "sagemaker:InstanceTypes"
    return {"ForAllValues:StringEquals": {key: [instance_type]}, "Null": {key: "false"}}


def _passed_roles(form: Form) -> Iterator[Statement]:
    role = form.given.get("execution_role_arn")
    service = {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}
    sid = "PassRole" if role else "PassAnyRoleUntilYoursIsNamed"
    yield _allow(sid, ["iam:PassRole"], [role or "*"], **service)
    if role:
        yield _allow("LookAtRole", ["iam:GetRole", "iam:SimulatePrincipalPolicy"], [role])
    if "Schedule" in form:
        starter = form.given.get("scheduler_role_arn")
        service = {"StringEquals": {"iam:PassedToService": "scheduler.amazonaws.com"}}
        sid = "PassSchedulerRole" if starter else "PassAnySchedulerRoleUntilYoursIsNamed"
        yield _allow(sid, ["iam:PassRole"], [starter or "*"], **service)


def _scaling(form: Form) -> Iterator[Statement]:
    targets = [entry for entry in form.resources if entry.resource.kind == "scalable_target"]
    if not targets:
        return
    calls = ["RegisterScalableTarget", "DeregisterScalableTarget", "PutScalingPolicy", "DeleteScalingPolicy",
             "PutScheduledAction", "DeleteScheduledAction"]  # fmt: skip
    dimension = {
        "application-autoscaling:service-namespace": "sagemaker",
        "application-autoscaling:scalable-dimension": targets[0].parameters["ScalableDimension"],
    }
    every = [_arn(form, "application-autoscaling", "scalable-target/*")]
    yield _allow("Scale", [f"application-autoscaling:{call}" for call in calls], every, StringEquals=dimension)
    yield _allow("TagTarget", ["application-autoscaling:TagResource"], every)
    service = {"StringEquals": {"iam:AWSServiceName": "sagemaker.application-autoscaling.amazonaws.com"}}
    role = [f"arn:{_partition(form)}:iam::{account_of(form)}:role/{_SCALING_ROLE}"]
    yield _allow("ScalingRoleOnce", ["iam:CreateServiceLinkedRole"], role, **service)


def _beside(form: Form) -> Iterator[Statement]:
    """Alarms, topics, the schedule and the budget."""
    if _has(form, "alarm") or _has(form, "scaling_policy"):
        # Target tracking makes its alarms with the caller's permissions.
        alarms = [_arn(form, "cloudwatch", f"alarm:{name}-*") for name in ("TargetTracking", form.name)]
        calls = ["cloudwatch:PutMetricAlarm", "cloudwatch:DeleteAlarms", "cloudwatch:TagResource"]
        yield _allow("Alarms", calls, alarms)
    if _has(form, "topic"):
        calls = ["CreateTopic", "DeleteTopic", "GetTopicAttributes", "ListSubscriptionsByTopic", "ListTagsForResource"]
        calls += ["Subscribe", "TagResource"]
        yield _allow("Topics", [f"sns:{call}" for call in calls], [_arn(form, "sns", f"{form.name}-*")])
    if "Schedule" in form:
        calls = ["CreateSchedule", "UpdateSchedule", "DeleteSchedule", "GetSchedule"]
        schedule = [_arn(form, "scheduler", f"schedule/default/{form.name}")]
        yield _allow("Schedule", [f"scheduler:{call}" for call in calls], schedule)
    if "Budget" in form:
        calls = ["ModifyBudget", "ViewBudget", "TagResource", "ListTagsForResource"]
        budget = [_arn(form, "budgets", f"budget/{form['Budget'].name}", region=False)]
        yield _allow("Budget", [f"budgets:{call}" for call in calls], budget)


def _by_cloudformation(form: Form) -> Iterator[Statement]:
    calls = ["CreateChangeSet", "DescribeChangeSet", "ExecuteChangeSet", "DeleteChangeSet", "DescribeStacks",
             "DescribeStackEvents", "DeleteStack"]  # fmt: skip
    stack = [_arn(form, "cloudformation", f"stack/{form.name}*/*")]
    yield _allow("ByCloudFormation", [f"cloudformation:{call}" for call in calls], stack)


def _assumed(form: Form, service: str) -> list[Statement]:
    statement: Statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    account = account_of(form)
    if account != "*":
        statement["Condition"] = {"StringEquals": {"aws:SourceAccount": account}}
    return [statement]


def _execution(form: Form) -> Iterator[Statement]:
    image = form.given.get("image", "")
    registry, _, repository = image.partition("/")
    parts = registry.split(".")
    known = len(parts) > 4 and parts[1:3] == ["dkr", "ecr"]
    name = repository.partition("@")[0].partition(":")[0]
    repositories = [f"arn:{_partition(form)}:ecr:{parts[3]}:{parts[0]}:repository/{name}"] if known else ["*"]
    pull = ["ecr:BatchCheckLayerAvailability", "ecr:GetDownloadUrlForLayer", "ecr:BatchGetImage"]
    yield _allow("Pull", pull, repositories)
    yield _allow("LogIn", ["ecr:GetAuthorizationToken", "cloudwatch:PutMetricData"], "*")
    log = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"]
    yield _allow("Log", log, [_arn(form, "logs", "log-group:/aws/sagemaker/*")])
    yield from _of_s3(form)
    if _has(form, "topic") and "SuccessTopic" in form:
        topics = [_arn(form, "sns", form[name].name) for name in ("SuccessTopic", "ErrorTopic")]
        yield _allow("Notify", ["sns:Publish"], topics)
    if _has(form, "endpoint"):
        # A guarded update rolls back by alarms, which the role has to see.
        yield _allow("SeeAlarms", ["cloudwatch:DescribeAlarms"], [_arn(form, "cloudwatch", f"alarm:{form.name}-*")])
    if form.placement.subnets:
        calls = ["CreateNetworkInterface", "CreateNetworkInterfacePermission", "DeleteNetworkInterface",
                 "DeleteNetworkInterfacePermission", "DescribeNetworkInterfaces", "DescribeVpcs", "DescribeDhcpOptions",
                 "DescribeSubnets", "DescribeSecurityGroups"]  # fmt: skip
        yield _allow("Vpc", [f"ec2:{call}" for call in calls], "*")
    if form.placement.kms_key_id.startswith("arn:"):
        calls = ["kms:Decrypt", "kms:GenerateDataKey", "kms:CreateGrant", "kms:DescribeKey"]
        yield _allow("Key", calls, [form.placement.kms_key_id])


def _of_s3(form: Form) -> Iterator[Statement]:
    asked = {
        found.key for entry in form.resources for found in references(entry.parameters) if isinstance(found, Parameter)
    }
    given = {key: uri for key, uri in form.given.items() if key in asked}
    reads = [uri for key in ("model_data_url", "input_s3_uri") if (uri := given.get(key))]
    writes = [uri for key in ("output_s3_uri",) if (uri := given.get(key))]
    if reads:
        # The answers of asynchronous endpoints, and the input that the client puts beside them, lie under one prefix.
        yield _allow("ReadData", ["s3:GetObject"], [_objects(form, uri) for uri in (*reads, *writes)])
    if writes:
        yield _allow(
            "WriteAnswers", ["s3:PutObject", "s3:AbortMultipartUpload"], [_objects(form, uri) for uri in writes]
        )
    buckets = sorted({_bucket(form, uri) for uri in (*reads, *writes)})
    if buckets:
        yield _allow("ListBuckets", ["s3:ListBucket", "s3:GetBucketLocation"], buckets)


def _bucket(form: Form, uri: str) -> str:
    return f"arn:{_partition(form)}:s3:::{uri.removeprefix('s3://').partition('/')[0]}"


def _objects(form: Form, uri: str) -> str:
    path = uri.removeprefix("s3://")
    is_object = path.rpartition("/")[2].endswith((".gz", ".tar"))
    return f"arn:{_partition(form)}:s3:::{path if is_object else path.rstrip('/') + '/*'}"
