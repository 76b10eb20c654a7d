"""What is there: each kind of resource looked up by name, with its tags, and everything of one deployment."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from headroom.deploy.kinds import KINDS
from headroom.deploy.live.aws import Aws, Identity, Refused
from headroom.deploy.names import DEPLOYMENT_TAG
from simulator.patterns.resources import ResourceKind

NAMESPACE: Final = "sagemaker"
EVERY: Final[frozenset[ResourceKind]] = frozenset(KINDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One thing that is there. name: of a scalable target its resource id. identity: the parameters that delete it.

    tags: {} for kinds that have none.
    """

    kind: ResourceKind
    name: str
    identity: Mapping[str, Any]
    description: Mapping[str, Any]
    arn: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def status(self) -> str:
        """The status of an endpoint or a transform job; "" of other kinds."""
        return str(self.description.get("EndpointStatus") or self.description.get("TransformJobStatus") or "")


def topic_arn(identity: Identity, region: str, name: str) -> str:
    """The ARN that the topic of this name has."""
    return f"arn:{identity.partition}:sns:{region}:{identity.account}:{name}"


def _first(rows: list[dict[str, Any]]) -> dict[str, Any] | None:
    return rows[0] if rows else None


def _one(aws: Aws, kind: ResourceKind, identity: Mapping[str, Any]) -> dict[str, Any]:
    return aws.read(KINDS[kind].service, KINDS[kind].describe, **identity)


def _target(aws: Aws, _kind: ResourceKind, given: Mapping[str, Any]) -> dict[str, Any] | None:
    asked = {"ResourceIds": [given["ResourceId"]], "ScalableDimension": given["ScalableDimension"]}
    answer = aws.read("application-autoscaling", "DescribeScalableTargets", ServiceNamespace=NAMESPACE, **asked)
    return _first(answer["ScalableTargets"])


def _of_target(member: str, key: str) -> Callable[[Aws, ResourceKind, Mapping[str, Any]], dict[str, Any] | None]:
    def describe(aws: Aws, kind: ResourceKind, given: Mapping[str, Any]) -> dict[str, Any] | None:
        asked = {name: given[name] for name in ("ServiceNamespace", "ResourceId", "ScalableDimension")}
        answer = aws.read("application-autoscaling", KINDS[kind].describe, **asked, **{f"{key}s": [given[key]]})
        return _first(answer[member])

    return describe


def _alarm(aws: Aws, _kind: ResourceKind, given: Mapping[str, Any]) -> dict[str, Any] | None:
    return _first(aws.read("cloudwatch", "DescribeAlarms", AlarmNames=given["AlarmNames"]).get("MetricAlarms", []))


def _subscription(aws: Aws, _kind: ResourceKind, given: Mapping[str, Any]) -> dict[str, Any] | None:
    rows = aws.pages("sns", "ListSubscriptionsByTopic", "Subscriptions", TopicArn=given["TopicArn"])
    return next((row for row in rows if row["Endpoint"] == given["Endpoint"]), None)


def _budget(aws: Aws, _kind: ResourceKind, given: Mapping[str, Any]) -> dict[str, Any] | None:
    return dict(aws.read("budgets", "DescribeBudget", **given)["Budget"])


_DESCRIBED: Final[Mapping[ResourceKind, Callable[[Aws, ResourceKind, Mapping[str, Any]], dict[str, Any] | None]]] = {
    "scalable_target": _target,
    "scaling_policy": _of_target("ScalingPolicies", "PolicyName"),
    "scheduled_action": _of_target("ScheduledActions", "ScheduledActionName"),
    "alarm": _alarm,
    "subscription": _subscription,
    "budget": _budget,
}
"""How a kind is described whose operation is not asked by the name alone."""

_ARNS: Final[Mapping[ResourceKind, str]] = {"alarm": "AlarmArn", "schedule": "Arn", "topic": "TopicArn"}


def describe(aws: Aws, kind: ResourceKind, identity: Mapping[str, Any]) -> dict[str, Any] | None:
    """The description of one thing; None where it is not there."""
    try:
        return _DESCRIBED.get(kind, _one)(aws, kind, identity)
    except Refused as refused:
        if refused.absent:
            return None
        raise


def look(aws: Aws, kind: ResourceKind, name: str, identity: Mapping[str, Any]) -> Found | None:
    """One thing with its tags; None where it is not there."""
    description = describe(aws, kind, identity)
    if description is None:
        return None
    arn = str(description.get(_ARNS.get(kind, KINDS[kind].arn)) or identity.get("TopicArn") or "")
    tags = _tags(aws, kind, arn) if KINDS[kind].tags in {"list", "map"} else {}
    return Found(kind=kind, name=name, identity=dict(identity), description=description, arn=arn, tags=tags)


def _tags(aws: Aws, kind: ResourceKind, arn: str) -> dict[str, str]:
    service = KINDS[kind].service
    if service == "sagemaker":
        rows: Any = list(aws.pages("sagemaker", "ListTags", "Tags", ResourceArn=arn))
    else:
        asked = {"ResourceArn": arn} if service == "sns" else {"ResourceARN": arn}
        rows = aws.read(service, "ListTagsForResource", **asked).get("Tags", [])
    return dict(rows) if isinstance(rows, dict) else {row["Key"]: row["Value"] for row in rows}


@dataclass(frozen=True, slots=True)
class Inventory:
    """What belongs to a deployment, in the order in which it can be removed. unseen: titles of kinds that these
    credentials may not look for.
    """

    found: tuple[Found, ...]
    unseen: tuple[str, ...] = ()


def everything_of(aws: Aws, identity: Identity, name: str, kinds: frozenset[ResourceKind] = EVERY) -> Inventory:
    """All that belongs to the deployment of this name, of these kinds.

    It belongs to it when the tag says so or, of kinds without tags, when it hangs on something whose tag does.
    """
    found: list[Found] = []
    unseen: list[str] = []
    for kind, of_kind in _LOOKS.items():
        if kind not in kinds:
            continue
        try:
            found += of_kind(aws, identity, name)
        except Refused as refused:
            if not refused.denied:
                raise
            unseen.append(KINDS[kind].title)
    return Inventory(tuple(found), tuple(unseen))


def is_of(found: Found, name: str) -> bool:
    """Whether its tag says that it belongs to the deployment."""
    return found.tags.get(DEPLOYMENT_TAG) == name


def _schedules(aws: Aws, _identity: Identity, name: str) -> Iterator[Found]:
    found = look(aws, "schedule", name, {"Name": name})
    if found and model_of_schedule(found).startswith(f"{name}-"):
        yield found


def model_of_schedule(found: Found) -> str:
    """The model of the jobs that a schedule starts; "" where it starts none."""
    try:
        return str(json.loads(found.description["Target"]["Input"]).get("ModelName", ""))
    except (KeyError, ValueError, AttributeError):
        return ""


def _jobs(aws: Aws, identity: Identity, name: str) -> Iterator[Found]:
    ours = {found.name for found in _models(aws, identity, name)}
    rows = aws.pages("sagemaker", "ListTransformJobs", "TransformJobSummaries", NameContains=name)
    for row in rows:
        if row["TransformJobStatus"] not in {"InProgress", "Stopping"} or not row["TransformJobName"].startswith(name):
            continue
        found = look(aws, "transform_job", row["TransformJobName"], {"TransformJobName": row["TransformJobName"]})
        if found and (is_of(found, name) or found.description["ModelName"] in ours):
            yield found


def _endpoints(aws: Aws, _identity: Identity, name: str) -> Iterator[Found]:
    found = look(aws, "endpoint", name, {"EndpointName": name})
    if found and is_of(found, name):
        yield found


_ON_TARGETS: Final[tuple[tuple[ResourceKind, str, str], ...]] = (
    ("scheduled_action", "ScheduledActions", "ScheduledActionName"),
    ("scaling_policy", "ScalingPolicies", "PolicyName"),
)


def _scaling(aws: Aws, _identity: Identity, name: str) -> Iterator[Found]:
    service = "application-autoscaling"
    targets = aws.pages(service, "DescribeScalableTargets", "ScalableTargets", ServiceNamespace=NAMESPACE)
    for target in [row for row in targets if row["ResourceId"].startswith(f"endpoint/{name}/variant/")]:
        of_target = {key: target[key] for key in ("ServiceNamespace", "ResourceId", "ScalableDimension")}
        registered = look(aws, "scalable_target", target["ResourceId"], of_target)
        if registered is None or not is_of(registered, name):
            continue
        for kind, member, key in _ON_TARGETS:
            for row in aws.pages(service, KINDS[kind].describe, member, **of_target):
                yield Found(kind=kind, name=row[key], identity={key: row[key], **of_target}, description=row)
        yield registered


def _listed(aws: Aws, kind: ResourceKind, rows: Iterator[dict[str, Any]], name: str) -> Iterator[Found]:
    key = KINDS[kind].name
    for row in rows:
        if row[key].startswith(f"{name}-"):
            asked = {"AlarmNames": [row[key]]} if kind == "alarm" else {key: row[key]}
            found = look(aws, kind, row[key], asked)
            if found and is_of(found, name):
                yield found


def _alarms(aws: Aws, _identity: Identity, name: str) -> Iterator[Found]:
    rows = aws.pages("cloudwatch", "DescribeAlarms", "MetricAlarms", AlarmNamePrefix=f"{name}-")
    yield from _listed(aws, "alarm", rows, name)


def _configs(aws: Aws, _identity: Identity, name: str) -> Iterator[Found]:
    rows = aws.pages("sagemaker", "ListEndpointConfigs", "EndpointConfigs", NameContains=f"{name}-")
    yield from _listed(aws, "endpoint_config", rows, name)


def _models(aws: Aws, _identity: Identity, name: str) -> Iterator[Found]:
    rows = aws.pages("sagemaker", "ListModels", "Models", NameContains=f"{name}-")
    yield from _listed(aws, "model", rows, name)


def _topics(aws: Aws, _identity: Identity, name: str) -> Iterator[Found]:
    for row in aws.pages("sns", "ListTopics", "Topics"):
        called = str(row["TopicArn"]).rpartition(":")[2]
        if called.startswith(f"{name}-"):
            found = look(aws, "topic", called, {"TopicArn": row["TopicArn"]})
            if found and is_of(found, name):
                yield found


def _budgets(aws: Aws, identity: Identity, name: str) -> Iterator[Found]:
    called = f"{name}-budget"
    found = look(aws, "budget", called, {"AccountId": identity.account, "BudgetName": called})
    if found and f"user:{DEPLOYMENT_TAG}${name}" in json.dumps(found.description.get("CostFilters", {})):
        yield found


_LOOKS: Final[Mapping[ResourceKind, Callable[[Aws, Identity, str], Iterator[Found]]]] = {
    "schedule": _schedules,
    "transform_job": _jobs,
    "scalable_target": _scaling,
    "alarm": _alarms,
    "endpoint": _endpoints,
    "endpoint_config": _configs,
    "model": _models,
    "topic": _topics,
    "budget": _budgets,
}
"""In the order of removal. Policies and scheduled actions come with their target, subscriptions with their topic."""
