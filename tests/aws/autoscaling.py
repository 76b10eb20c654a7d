"""Application Auto Scaling of SageMaker's variants, and the quotas that Service Quotas answers."""

from __future__ import annotations

import hashlib
from typing import Any

from tests.aws.account import Account, Refusal
from tests.aws.endpoints import forget_target

Given = dict[str, Any]
INSTANCES = "sagemaker:variant:DesiredInstanceCount"
PROVISIONED = "sagemaker:variant:DesiredProvisionedConcurrency"


def _key(given: Given) -> tuple[str, str]:
    return given["ResourceId"], given["ScalableDimension"]


def _variant(account: Account, given: Given) -> tuple[Given, Given]:
    parts = given["ResourceId"].split("/")
    endpoint = account.endpoints.get(parts[1]) if len(parts) == 4 and parts[::2] == ["endpoint", "variant"] else None
    variants = endpoint["ProductionVariants"] if endpoint else []
    variant = next((variant for variant in variants if variant["VariantName"] == parts[3]), None)
    if endpoint is None or variant is None or endpoint["EndpointStatus"] in {"Creating", "Failed", "Deleting"}:
        message = f"The variant of {given['ResourceId']} does not exist or is not in service."
        raise Refusal("ValidationException", message, "target is there")
    return endpoint, variant


def register_scalable_target(account: Account, given: Given) -> Given:
    known = account.targets.get(_key(given))
    if known is None and ("MinCapacity" not in given or "MaxCapacity" not in given):
        message = "MinCapacity and MaxCapacity are required to register a scalable target."
        raise Refusal("ValidationException", message, "first registration")
    merged = {**(known or {}), **given}
    endpoint, variant = _variant(account, given)
    serverless = "DesiredServerlessConfig" in variant
    if merged["MinCapacity"] > merged["MaxCapacity"]:
        raise Refusal("ValidationException", "MaxCapacity must not be less than MinCapacity.", "min at most max")
    if (given["ScalableDimension"] == PROVISIONED) != serverless:
        message = f"Scalable dimension {given['ScalableDimension']} does not fit {given['ResourceId']}."
        raise Refusal("ValidationException", message, "dimension")
    if (variant.get("InstanceType") or "").startswith("ml.t2."):
        raise Refusal("ValidationException", "Automatic scaling does not support burstable types.", "burstable")
    if merged["MinCapacity"] == 0 and not endpoint.get("AsyncInferenceConfig"):
        raise Refusal("ValidationException", "Minimum capacity must be greater than 0 for this variant.", "zero")
    arn = account.arn("application-autoscaling", f"scalable-target/{_digest('/'.join(_key(given)))}")
    merged |= {"ScalableTargetARN": arn, "CreationTime": (known or {}).get("CreationTime", account.now)}
    role = "aws-service-role/sagemaker.application-autoscaling.amazonaws.com/AWSServiceRoleForApplicationAutoScaling"
    merged["RoleARN"] = f"arn:aws:iam::{account.account}:role/{role}_SageMakerEndpoint"
    account.targets[_key(given)] = merged
    if known is None:
        account.tags[arn] = dict(given.get("Tags", {}))
    return {"ScalableTargetARN": arn}


def _target(account: Account, given: Given) -> None:
    if _key(given) not in account.targets:
        message = (
            f"No scalable target registered for service namespace: sagemaker, resource ID: {given['ResourceId']}, "
            f"scalable dimension: {given['ScalableDimension']}"
        )
        raise Refusal("ObjectNotFoundException", message, "target first")


def deregister_scalable_target(account: Account, given: Given) -> Given:
    _target(account, given)
    account.tags.pop(account.targets[_key(given)]["ScalableTargetARN"], None)
    forget_target(account, *_key(given))
    return {}


def put_scaling_policy(account: Account, given: Given) -> Given:
    _target(account, given)
    name = given["PolicyName"]
    arn = account.arn("autoscaling", f"scalingPolicy:1:resource/sagemaker/{given['ResourceId']}:policyName/{name}")
    account.policies[(*_key(given), name)] = {**given, "PolicyARN": arn, "CreationTime": account.now, "Alarms": []}
    return {"PolicyARN": arn, "Alarms": []}


def put_scheduled_action(account: Account, given: Given) -> Given:
    _target(account, given)
    name = given["ScheduledActionName"]
    arn = account.arn("autoscaling", f"scheduledAction:1:resource/sagemaker/{given['ResourceId']}:{name}")
    action = {**given, "ScheduledActionARN": arn, "CreationTime": account.now}
    account.actions[(*_key(given), name)] = action
    return {}


def _delete(stored: dict[tuple[str, str, str], Given], given: Given, name: str) -> Given:
    key = (*_key(given), name)
    if key not in stored:
        raise Refusal("ObjectNotFoundException", f"No {name} found for {given['ResourceId']}", "not found")
    del stored[key]
    return {}


def delete_scaling_policy(account: Account, given: Given) -> Given:
    return _delete(account.policies, given, given["PolicyName"])


def delete_scheduled_action(account: Account, given: Given) -> Given:
    return _delete(account.actions, given, given["ScheduledActionName"])


def _matching(rows: Any, given: Given, names: str = "") -> list[Given]:
    resource, dimension = given.get("ResourceId"), given.get("ScalableDimension")
    wanted = given.get(names)
    ids = given.get("ResourceIds")
    return [
        row
        for row in rows
        if resource in {None, row["ResourceId"]}
        and dimension in {None, row["ScalableDimension"]}
        and (ids is None or row["ResourceId"] in ids)
        and (wanted is None or row[names.removesuffix("s")] in wanted)
    ]


def describe_scalable_targets(account: Account, given: Given) -> Given:
    return {"ScalableTargets": _matching(account.targets.values(), given)}


def describe_scaling_policies(account: Account, given: Given) -> Given:
    return {"ScalingPolicies": _matching(account.policies.values(), given, "PolicyNames")}


def describe_scheduled_actions(account: Account, given: Given) -> Given:
    return {"ScheduledActions": _matching(account.actions.values(), given, "ScheduledActionNames")}


def describe_scaling_activities(account: Account, given: Given) -> Given:
    return {"ScalingActivities": _matching(account.activities, given)}


def list_tags_for_resource(account: Account, given: Given) -> Given:
    if given["ResourceARN"] not in account.tags:
        raise Refusal("ResourceNotFoundException", f"{given['ResourceARN']} not found", "not found")
    return {"Tags": account.tags[given["ResourceARN"]]}


def tag_resource(account: Account, given: Given) -> Given:
    list_tags_for_resource(account, given)
    account.tags[given["ResourceARN"]].update(given["Tags"])
    return {}


OPERATIONS = {
    "RegisterScalableTarget": register_scalable_target,
    "DeregisterScalableTarget": deregister_scalable_target,
    "DescribeScalableTargets": describe_scalable_targets,
    "PutScalingPolicy": put_scaling_policy,
    "DeleteScalingPolicy": delete_scaling_policy,
    "DescribeScalingPolicies": describe_scaling_policies,
    "PutScheduledAction": put_scheduled_action,
    "DeleteScheduledAction": delete_scheduled_action,
    "DescribeScheduledActions": describe_scheduled_actions,
    "DescribeScalingActivities": describe_scaling_activities,
    "ListTagsForResource": list_tags_for_resource,
    "TagResource": tag_resource,
}


def list_service_quotas(account: Account, given: Given) -> Given:
    """The quotas that the account was given, and the default of every type that runs or is asked for."""
    if given["ServiceCode"] != "sagemaker":
        raise Refusal("NoSuchResourceException", f"The service {given['ServiceCode']} has no quotas here.")
    rows = [
        _quota(name, account.quotas.get(name, account.default_quota))
        for name in (f"{kind} for {use} usage" for kind in _types() for use in ("endpoint", "transform job"))
    ]
    total = "Maximum total concurrency that can be allocated across all serverless endpoints"
    rows.append(_quota(total, account.serverless_quota))
    start, size = int(given.get("NextToken") or 0), given.get("MaxResults", 100)
    more = str(start + size) if start + size < len(rows) else None
    return {"Quotas": rows[start : start + size], "NextToken": more}


def _types() -> list[str]:
    from tests.aws.shapes import model_of  # noqa: PLC0415 - the model is large, and few tests ask for quotas

    kinds: list[str] = model_of("sagemaker").shape_for("ProductionVariantInstanceType").metadata["enum"]
    return kinds


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:20]


def _quota(name: str, value: float) -> Given:
    code = f"L-{_digest(name)[:8].upper()}"
    return {
        "ServiceCode": "sagemaker",
        "ServiceName": "Amazon SageMaker",
        "QuotaName": name,
        "QuotaCode": code,
        "Value": value,
        "Unit": "None",
        "Adjustable": True,
        "GlobalQuota": False,
    }


QUOTA_OPERATIONS = {"ListServiceQuotas": list_service_quotas}
