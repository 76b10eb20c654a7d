"""The life of endpoints on the virtual clock: nine statuses, updates that end well, are rolled back, or stick."""

from __future__ import annotations

import copy
from typing import Any

from tests.aws.account import CREATING_S, DELETING_S, UPDATING_S, Account, Refusal
from tests.aws.sagemaker import check_quota, could_not_find, describe_endpoint_config, remember_tags

Given = dict[str, Any]
PING = (
    "The {variant} variant did not pass the ping health check. Please check CloudWatch logs for this endpoint: "
    "/aws/sagemaker/Endpoints/{name}"
)
CAPACITY = (
    "Unable to provision requested ML compute capacity due to InsufficientInstanceCapacity error. Please retry using "
    "a different ML instance type or after some time."
)


def create_endpoint(account: Account, given: Given) -> Given:
    name = given["EndpointName"]
    arn = account.arn("sagemaker", f"endpoint/{name}")
    if name in account.endpoints:
        raise Refusal("ValidationException", f'Cannot create already existing endpoint "{arn}".', "name taken")
    config = _config(account, given)
    variants = [_variant(variant) for variant in config["ProductionVariants"]]
    _check_quotas(account, name, variants, 1.0)
    endpoint = {
        "EndpointName": name,
        "EndpointArn": arn,
        "EndpointConfigName": config["EndpointConfigName"],
        "EndpointStatus": "Creating",
        "ProductionVariants": variants,
        "AsyncInferenceConfig": config.get("AsyncInferenceConfig"),
        "CreationTime": account.now,
        "LastModifiedTime": account.now,
        "serving": False,
    }
    account.endpoints[name] = endpoint
    remember_tags(account, arn, given)
    account.later(CREATING_S, lambda: _created(account, endpoint))
    return {"EndpointArn": arn}


def _config(account: Account, given: Given) -> Given:
    name = given["EndpointConfigName"]
    if name not in account.configs:
        arn = account.arn("sagemaker", f"endpoint-config/{name}")
        raise Refusal("ValidationException", f'Could not find endpoint configuration "{arn}".', "config exists")
    return account.configs[name]


def _variant(variant: Given) -> Given:
    """A variant of a configuration as an endpoint describes it."""
    count, serverless = variant.get("InitialInstanceCount", 0), variant.get("ServerlessConfig")
    weight = variant.get("InitialVariantWeight", 1.0)
    kept = {"VariantName": variant["VariantName"], "CurrentWeight": weight, "DesiredWeight": weight}
    if serverless is not None:
        return {
            **kept,
            "CurrentServerlessConfig": copy.deepcopy(serverless),
            "DesiredServerlessConfig": copy.deepcopy(serverless),
        }
    kept |= {"CurrentInstanceCount": count, "DesiredInstanceCount": count, "InstanceType": variant.get("InstanceType")}
    return kept


def _check_quotas(account: Account, name: str, variants: list[Given], fleets: float) -> None:
    """Hold the wanted instances against the quotas; fleets: 1 for a new endpoint, more while two fleets run."""
    wanted: dict[str, float] = {}
    for variant in variants:
        if variant.get("InstanceType"):
            kind = variant["InstanceType"]
            wanted[kind] = wanted.get(kind, 0) + variant["DesiredInstanceCount"] * fleets
    for kind, count in wanted.items():
        check_quota(account, kind, "endpoint", account.instances(kind), count)
    used = sum(
        variant["DesiredServerlessConfig"]["MaxConcurrency"]
        for other, endpoint in account.endpoints.items()
        if other != name
        for variant in endpoint["ProductionVariants"]
        if "DesiredServerlessConfig" in variant
    )
    more = sum(
        variant["DesiredServerlessConfig"]["MaxConcurrency"]
        for variant in variants
        if "DesiredServerlessConfig" in variant
    )
    if more and used + more > account.serverless_quota:
        message = (
            "The account-level service limit 'Maximum total concurrency that can be allocated across all serverless "
            f"endpoints' is {account.serverless_quota:g}, with current utilization of {used} and a request delta of "
            f"{more}."
        )
        raise Refusal("ResourceLimitExceeded", message, "serverless quota")


def _created(account: Account, endpoint: Given) -> None:
    if endpoint["EndpointStatus"] != "Creating":
        return
    trouble = _trouble(account, endpoint, endpoint["ProductionVariants"])
    endpoint["EndpointStatus"] = "Failed" if trouble else "InService"
    endpoint["serving"] = not trouble
    endpoint["LastModifiedTime"] = account.now
    if trouble:
        endpoint["FailureReason"] = trouble


def _trouble(account: Account, endpoint: Given, variants: list[Given]) -> str:
    if account.no_capacity and any("InstanceType" in variant for variant in variants):
        return CAPACITY
    if account.containers_fail:
        return PING.format(variant=variants[0]["VariantName"], name=endpoint["EndpointName"])
    return ""


def describe_endpoint(account: Account, given: Given) -> Given:
    name = given["EndpointName"]
    if name not in account.endpoints:
        raise could_not_find("endpoint", account.arn("sagemaker", f"endpoint/{name}"))
    return account.endpoints[name]


def _check_settled(endpoint: Given, doing: str) -> None:
    if endpoint["EndpointStatus"] in {"Creating", "Updating", "SystemUpdating", "RollingBack", "Deleting"}:
        message = f'Cannot {doing} in-progress endpoint "{endpoint["EndpointArn"]}".'
        raise Refusal("ValidationException", message, "in progress")


def update_endpoint(account: Account, given: Given) -> Given:
    endpoint = describe_endpoint(account, given)
    _check_settled(endpoint, "update")
    if endpoint["EndpointStatus"] == "Failed":
        message = f'Cannot update endpoint "{endpoint["EndpointArn"]}" in status Failed.'
        raise Refusal("ValidationException", message, "update of failed")
    config = _config(account, given)
    if config["EndpointConfigName"] == endpoint["EndpointConfigName"]:
        message = "The endpoint configuration must differ from the one in use."
        raise Refusal("ValidationException", message, "update same config")
    fresh = [_variant(variant) for variant in config["ProductionVariants"]]
    _check_scaled(account, endpoint, fresh)
    if given.get("RetainAllVariantProperties"):
        _retain(endpoint["ProductionVariants"], fresh)
    deployment = given.get("DeploymentConfig", {})
    _check_deployment(account, deployment, fresh)
    rolling = deployment.get("RollingUpdatePolicy", {}).get("MaximumBatchSize", {}).get("Value", 100) / 100
    _check_quotas(account, endpoint["EndpointName"], fresh, rolling)
    endpoint.update(EndpointStatus="Updating", LastModifiedTime=account.now, LastDeploymentConfig=deployment or None)
    endpoint.pop("FailureReason", None)
    endpoint["PendingDeploymentSummary"] = {"EndpointConfigName": config["EndpointConfigName"]}
    seconds = UPDATING_S + _waits(deployment)
    account.later(seconds, lambda: _updated(account, endpoint, config["EndpointConfigName"], fresh))
    return {"EndpointArn": endpoint["EndpointArn"]}


def _check_scaled(account: Account, endpoint: Given, fresh: list[Given]) -> None:
    types = {variant["VariantName"]: variant.get("InstanceType") for variant in fresh}
    for variant in endpoint["ProductionVariants"]:
        resource = f"endpoint/{endpoint['EndpointName']}/variant/{variant['VariantName']}"
        if not any(target == resource for target, _ in account.targets):
            continue
        if types.get(variant["VariantName"]) != variant.get("InstanceType"):
            message = (
                f"Variant {variant['VariantName']} is registered as a scalable target, so its instance type cannot "
                "change. Deregister it first."
            )
            raise Refusal("ValidationException", message, "variant is scaled")


def _retain(old: list[Given], fresh: list[Given]) -> None:
    kept = {variant["VariantName"]: variant for variant in old}
    for variant in fresh:
        for key in ("DesiredInstanceCount", "CurrentInstanceCount", "DesiredWeight", "CurrentWeight"):
            if key in variant and key in kept.get(variant["VariantName"], {}):
                variant[key] = kept[variant["VariantName"]][key]


def _check_deployment(account: Account, deployment: Given, fresh: list[Given]) -> None:
    rolling = deployment.get("RollingUpdatePolicy")
    if rolling and deployment.get("BlueGreenUpdatePolicy"):
        raise Refusal("ValidationException", "Give one update policy, not both.", "both policies")
    if rolling and (len(fresh) > 1 or "InstanceType" not in fresh[0]):
        message = "Rolling updates are not supported for serverless or multi-variant endpoints."
        raise Refusal("ValidationException", message, "rolling")
    for alarm in deployment.get("AutoRollbackConfiguration", {}).get("Alarms", ()):
        if not account.reads["alarm"](alarm["AlarmName"]):
            raise Refusal("ValidationException", f"Alarm {alarm['AlarmName']} does not exist.", "alarms for rollback")


def _waits(deployment: Given) -> float:
    policy = deployment.get("BlueGreenUpdatePolicy", {})
    routing = policy.get("TrafficRoutingConfiguration", {})
    steps = 1.0
    if routing.get("Type") == "LINEAR":
        steps = 100 / routing.get("LinearStepSize", {}).get("Value", 100)
    rolling: float = deployment.get("RollingUpdatePolicy", {}).get("WaitIntervalInSeconds", 0)
    waits: float = routing.get("WaitIntervalInSeconds", 0) * steps + policy.get("TerminationWaitInSeconds", 0)
    return waits + rolling


def _updated(account: Account, endpoint: Given, config: str, fresh: list[Given]) -> None:
    if endpoint["EndpointStatus"] != "Updating":
        return
    trouble = _trouble(account, endpoint, fresh)
    endpoint.pop("PendingDeploymentSummary", None)
    if account.rollback or trouble:
        endpoint["EndpointStatus"] = "RollingBack"
        silent, stuck = account.rollback == "silent", account.rollback == "stuck"
        account.later(UPDATING_S, lambda: _rolled_back(account, endpoint, "" if silent else trouble, stuck))
        return
    endpoint.update(
        EndpointStatus="InService",
        EndpointConfigName=config,
        ProductionVariants=fresh,
        AsyncInferenceConfig=account.configs.get(config, {}).get("AsyncInferenceConfig"),
        LastModifiedTime=account.now,
    )


def _rolled_back(account: Account, endpoint: Given, reason: str, stuck: bool) -> None:
    endpoint.update(EndpointStatus="UpdateRollbackFailed" if stuck else "InService", LastModifiedTime=account.now)
    if reason or stuck:
        endpoint["FailureReason"] = reason or "The rollback failed."


def update_endpoint_weights_and_capacities(account: Account, given: Given) -> Given:
    endpoint = describe_endpoint(account, given)
    _check_settled(endpoint, "update")
    fresh = copy.deepcopy(endpoint["ProductionVariants"])
    by_name = {variant["VariantName"]: variant for variant in fresh}
    for wanted in given["DesiredWeightsAndCapacities"]:
        variant = by_name[wanted["VariantName"]]
        if "DesiredInstanceCount" in wanted:
            more = wanted["DesiredInstanceCount"] - variant["DesiredInstanceCount"]
            running = account.instances(variant["InstanceType"])
            check_quota(account, variant["InstanceType"], "endpoint", running, more)
            variant["DesiredInstanceCount"] = variant["CurrentInstanceCount"] = wanted["DesiredInstanceCount"]
        if "ServerlessUpdateConfig" in wanted:
            serverless = {**variant["DesiredServerlessConfig"], **wanted["ServerlessUpdateConfig"]}
            if serverless.get("ProvisionedConcurrency", 0) > serverless["MaxConcurrency"]:
                message = "ProvisionedConcurrency must be less than or equal to MaxConcurrency."
                raise Refusal("ValidationException", message, "provisioned fits")
            variant["DesiredServerlessConfig"] = variant["CurrentServerlessConfig"] = serverless
    config = endpoint["EndpointConfigName"]
    endpoint.update(EndpointStatus="Updating", LastModifiedTime=account.now)
    account.later(UPDATING_S / 4, lambda: _updated(account, endpoint, config, fresh))
    return {"EndpointArn": endpoint["EndpointArn"]}


def delete_endpoint(account: Account, given: Given) -> Given:
    endpoint = describe_endpoint(account, given)
    _check_settled(endpoint, "delete")
    name = endpoint["EndpointName"]
    for variant in endpoint["ProductionVariants"]:
        forget_target(account, f"endpoint/{name}/variant/{variant['VariantName']}")
    endpoint.update(EndpointStatus="Deleting", serving=False)

    def gone() -> None:
        account.endpoints.pop(name, None)
        account.tags.pop(endpoint["EndpointArn"], None)

    account.later(DELETING_S, gone)
    return {}


def forget_target(account: Account, resource: str, dimension: str = "") -> None:
    """Drop the scalable target of a resource (of one dimension), with its policies and actions."""
    stores: tuple[dict[Any, Given], ...] = (account.targets, account.policies, account.actions)
    for stored in stores:
        for key in [key for key in stored if key[0] == resource and dimension in {"", key[1]}]:
            del stored[key]


def invoke(account: Account, given: Given) -> Given:
    endpoint = account.endpoints.get(given["EndpointName"])
    if endpoint is None or not endpoint["serving"]:
        message = f"Endpoint {given['EndpointName']} of account {account.account} not found."
        raise Refusal("ValidationError", message, "endpoint in service")
    if account.containers_fail:
        raise Refusal("ModelError", "Received server error (500) from primary.", status=424)
    describe_endpoint_config(account, {"EndpointConfigName": endpoint["EndpointConfigName"]})
    return endpoint


OPERATIONS = {
    "CreateEndpoint": create_endpoint,
    "DescribeEndpoint": describe_endpoint,
    "UpdateEndpoint": update_endpoint,
    "UpdateEndpointWeightsAndCapacities": update_endpoint_weights_and_capacities,
    "DeleteEndpoint": delete_endpoint,
}
