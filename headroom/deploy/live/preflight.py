"""What can be looked at before anything is changed, so that money is not spent on what must fail. Reads only."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any, Final
from urllib.parse import unquote

from headroom.deploy.costs import SERVERLESS_QUOTA, Costs, QuotaNeed
from headroom.deploy.form import Form
from headroom.deploy.live.aws import Aws, Identity, Refused
from headroom.deploy.live.look import NAMESPACE
from headroom.deploy.steps import Check

_PRINCIPALS: Final = {"execution_role_arn": "sagemaker.amazonaws.com", "scheduler_role_arn": "scheduler.amazonaws.com"}
_ECR: Final = re.compile(r"\d{12}\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com(\.cn)?/.+")


def preflight(aws: Aws, form: Form, identity: Identity, costs: Costs, fleets: float) -> tuple[Check, ...]:
    """Every check. fleets: how many times what it starts with runs at once, more than 1 while an update does."""
    asked: tuple[Callable[[], Iterator[Check]], ...] = (
        lambda: _account(form, identity),
        lambda: _roles(aws, form, identity),
        lambda: _image(form),
        lambda: _model_data(aws, form),
        lambda: _quotas(aws, form, costs, fleets),
    )
    return tuple(check for checks in asked for check in checks())


def _account(form: Form, identity: Identity) -> Iterator[Check]:
    wanted = form.placement.account
    told = f"{identity.account}, as {identity.arn}"
    if wanted and wanted != identity.account:
        told = f"[deploy] says {wanted}; these credentials are of {told}"
    yield Check(what="account", met=not wanted or wanted == identity.account, told=told)


def _asked(form: Form, key: str) -> str:
    from simulator.patterns.resources import Parameter, references  # noqa: PLC0415

    used = any(
        isinstance(found, Parameter) and found.key == key
        for entry in form.resources
        for found in references(entry.parameters)
    )
    return form.given.get(key, "") if used else ""


def _roles(aws: Aws, form: Form, identity: Identity) -> Iterator[Check]:
    for key, principal in _PRINCIPALS.items():
        arn = _asked(form, key)
        if arn:
            yield _role(aws, key, arn, principal, identity)


def _role(aws: Aws, key: str, arn: str, principal: str, identity: Identity) -> Check:
    if arn.split(":")[4] != identity.account:
        return Check(what=key, met=False, told=f"{arn} is a role of another account than {identity.account}.")
    try:
        role = aws.read("iam", "GetRole", RoleName=arn.rpartition("/")[2])["Role"]
    except Refused as refused:
        if refused.absent:
            return Check(what=key, met=False, told=f"The role {arn} does not exist.")
        return _not_seen(key, refused)
    if role["Arn"] != arn:
        return Check(what=key, met=False, told=f"The role of that name is {role['Arn']}, not {arn}: mind its path.")
    trusted = _trusts(role["AssumeRolePolicyDocument"], principal)
    told = f"{arn} {'trusts' if trusted else 'does not trust'} {principal}"
    return Check(what=key, met=trusted, told=told + ("." if trusted else ": AWS could not assume it."))


def _trusts(document: Any, principal: str) -> bool:
    policy = json.loads(unquote(document)) if isinstance(document, str) else document
    for statement in policy.get("Statement", ()):
        named = statement.get("Principal", {})
        services = named.get("Service", ()) if isinstance(named, dict) else ()
        if statement.get("Effect") == "Allow" and principal in ([services] if isinstance(services, str) else services):
            return True
    return False


def _image(form: Form) -> Iterator[Check]:
    image = _asked(form, "image")
    matched = _ECR.fullmatch(image)
    if matched is None:
        yield Check(what="image", met=None, told=f"{image} is not in ECR: whether AWS can pull it was not looked at.")
        return
    same = matched[1] == form.region
    told = f"{image} is in {matched[1]}" + ("." if same else f": AWS pulls images of {form.region} only.")
    yield Check(what="image", met=same, told=told)


def _model_data(aws: Aws, form: Form) -> Iterator[Check]:
    uri = _asked(form, "model_data_url")
    if not uri:
        return
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    try:
        place = aws.read("s3", "GetBucketLocation", Bucket=bucket).get("LocationConstraint") or "us-east-1"
        aws.read("s3", "HeadObject", Bucket=bucket, Key=key)
    except Refused as refused:
        gone = refused.absent
        yield (
            Check(what="model data", met=False, told=f"There is no {uri}.")
            if gone
            else _not_seen("model data", refused)
        )
        return
    told = f"{uri} is there, in {place}" + ("." if place == form.region else f": AWS reads it from {form.region} only.")
    yield Check(what="model data", met=place == form.region, told=told)


def _not_seen(what: str, refused: Refused) -> Check:
    return Check(what=what, met=None, told=f"Not looked at: these credentials may not call {refused.operation}.")


def _quotas(aws: Aws, form: Form, costs: Costs, fleets: float) -> Iterator[Check]:
    if not costs.quotas:
        return
    wanted = {need.quota: need for need in costs.quotas}
    try:
        rows = aws.pages("service-quotas", "ListServiceQuotas", "Quotas", ServiceCode="sagemaker", MaxResults=100)
        known = {row["QuotaName"]: float(row["Value"]) for row in rows if row["QuotaName"] in wanted}
    except Refused as refused:
        yield _not_seen("quotas", refused)
        return
    used = _in_use(aws, form) if any(name.endswith("for endpoint usage") for name in wanted) else {}
    for name, need in wanted.items():
        if name not in known:
            yield Check(what=name, met=None, told="Not looked at: Service Quotas does not list it.")
        else:
            yield _quota(need, known[name], used.get(name, 0.0), fleets)


def _quota(need: QuotaNeed, quota: float, others: float, fleets: float) -> Check:
    """Held against what everything may grow to: quotas that hold the start alone fail on the busiest day."""
    most = need.most if need.quota == SERVERLESS_QUOTA else max(need.most, need.now * fleets)
    update = f", {need.now * fleets:g} while it is updated" if fleets > 1 else ""
    told = (
        f"{need.now:g} at the start, at most {need.most:g}{update}; others may use {others:g}; the quota is {quota:g}."
    )
    if need.now + others > quota or most + others > quota:
        told += " Ask for more in Service Quotas, which takes hours to days."
    return Check(what=need.quota, met=most + others <= quota, told=told)


def _in_use(aws: Aws, form: Form) -> dict[str, float]:
    """What the other endpoints of the account hold or may grow to, by quota."""
    most: dict[str, float] = {}
    service = "application-autoscaling"
    try:
        for target in aws.pages(service, "DescribeScalableTargets", "ScalableTargets", ServiceNamespace=NAMESPACE):
            most[target["ResourceId"]] = float(target["MaxCapacity"])
        endpoints = list(aws.pages("sagemaker", "ListEndpoints", "Endpoints"))
    except Refused as refused:
        if not refused.denied:
            raise
        return {}
    used: dict[str, float] = {}
    for row in endpoints:
        name = row["EndpointName"]
        if name == form.name or row["EndpointStatus"] in {"Failed", "Deleting"}:
            continue
        for variant, kind in _types(aws, name):
            allowed = most.get(f"endpoint/{name}/variant/{variant['VariantName']}", 0.0)
            quota = f"{kind} for endpoint usage"
            used[quota] = used.get(quota, 0.0) + max(allowed, float(variant.get("DesiredInstanceCount", 0)))
    return used


def _types(aws: Aws, endpoint: str) -> Iterator[tuple[dict[str, Any], str]]:
    """The variants of an endpoint with their instance types, which its configuration tells."""
    try:
        described = aws.read("sagemaker", "DescribeEndpoint", EndpointName=endpoint)
        config = aws.read("sagemaker", "DescribeEndpointConfig", EndpointConfigName=described["EndpointConfigName"])
    except Refused as refused:
        if refused.absent or refused.denied:
            return
        raise
    types = {variant["VariantName"]: variant.get("InstanceType", "") for variant in config["ProductionVariants"]}
    for variant in described.get("ProductionVariants", ()):
        if types.get(variant["VariantName"]):
            yield variant, types[variant["VariantName"]]
