"""The intermediate form: everything that AWS has to create for one deployment, named, tagged, checked and in order.

Exports and direct deployments are made from a `Form` and from nothing else. Its parameters are those of boto3's calls.
References stay in them, so that a template can say them in its own way; `Form.request` replaces them for a call.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from headroom.advisor.prepared import PreparedScenario
from headroom.deploy import names
from headroom.deploy.kinds import KINDS, Kind
from headroom.deploy.order import in_order, needs
from headroom.deploy.rules import rule_problems
from headroom.deploy.shapes import shape_problems
from headroom.deploy.values import Known, Unknown, plain, unknown
from simulator.errors import InvalidScenario, Problem
from simulator.model.placement import Placement
from simulator.patterns import endpoint_resources as of_endpoint
from simulator.patterns.base import BaseDeployment
from simulator.patterns.registry import BY_KEY
from simulator.patterns.resources import Blueprint, Parameter, ParameterKey, Ref, Resource, references


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedResource:
    """One thing to create. name: "" where the kind has none (a scalable target, a subscription).

    parameters: of the call that creates it, name and tags included, with references in them. needs: logical ids of what
    has to be there before.
    """

    logical_id: str
    name: str
    resource: Resource
    needs: frozenset[str]

    @property
    def kind(self) -> Kind:
        """How its kind is created, described and deleted."""
        return KINDS[self.resource.kind]

    @property
    def parameters(self) -> Mapping[str, Any]:
        """Of the call that creates it; frozen, with `Ref`, `Parameter`, `Join` and `Json` in it."""
        return self.resource.parameters


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """All that one deployment needs in AWS.

    name: of the deployment there: of its endpoint, or of the schedule of its jobs; all names begin with it. region: of
    the scenario. resources: in the order in which they are created; deleted the other way round. tags: on everything
    that takes tags. hash: tells this plan from any other. given: what the placement says, by the key of a parameter;
    open: keys of what it leaves open, which a call needs and a template asks for. notes: what has to be done or known
    beside the resources, in sentences.
    """

    name: str
    region: str
    deployment: BaseDeployment
    placement: Placement
    resources: tuple[NamedResource, ...]
    tags: Mapping[str, str]
    hash: str
    given: Mapping[str, str]
    open: tuple[ParameterKey, ...]
    notes: tuple[str, ...]

    def __getitem__(self, logical_id: str) -> NamedResource:
        """The resource of that logical id; raises KeyError."""
        return next(entry for entry in self.resources if entry.logical_id == logical_id)

    def __contains__(self, logical_id: str) -> bool:
        return any(entry.logical_id == logical_id for entry in self.resources)

    def request(
        self, logical_id: str, arns: Mapping[str, str], given: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        """The parameters of the call that creates a resource, as boto3 takes them.

        arns: of the resources that are there, by logical id (the member `kind.arn` of the answer that created them).
        given: texts for what the placement leaves open. Raises InvalidScenario where something is still unknown.
        """
        known = Known(self.names, {**self.given, **(given or {})}, arns)
        request: dict[str, Any] = plain(self[logical_id].parameters, known)
        missing = unknown(request)
        if missing:
            raise InvalidScenario(_missing(logical_id, entry) for entry in missing)
        return request

    def deletion(self, logical_id: str, arns: Mapping[str, str]) -> dict[str, Any]:
        """The parameters of the call that deletes a resource; of `describe` too where that takes single names."""
        entry = self[logical_id]
        if entry.kind.by_arn:
            return {entry.kind.by_arn: arns[logical_id]}
        if entry.resource.kind == "alarm":
            return {"AlarmNames": [entry.name]}
        everything = {**entry.parameters, **entry.parameters.get("Budget", {})}
        wanted = {key: everything[key] for key in entry.kind.identified_by}
        found: dict[str, Any] = plain(wanted, Known(self.names, self.given, arns))
        return found

    @property
    def names(self) -> dict[str, str]:
        """Names by logical id, of what has one."""
        return {entry.logical_id: entry.name for entry in self.resources if entry.name}


def make_form(prepared: PreparedScenario, deployment: BaseDeployment, placement: Placement) -> Form:
    """The form of one deployment of a scenario. Raises InvalidScenario with every problem: settings that AWS has no
    parameter for, and what its API would refuse.
    """
    blueprint = BY_KEY[deployment.pattern].resources(prepared.case, deployment, placement)
    name = placement.endpoint_name or names.default_name(prepared.scenario.workload.name)
    resources = in_order((*blueprint.resources, *_beside(blueprint, placement, name)))
    given = _given(placement, prepared.scenario.region)
    named = _named(resources, name, given)
    content = [(entry.logical_id, entry.name, entry.parameters) for entry in named]
    plan = names.digest([prepared.scenario.region, given, content])
    tags = names.tags_of(placement, name, plan)
    form = Form(
        name=name,
        region=prepared.scenario.region,
        deployment=deployment,
        placement=placement,
        resources=tuple(_tagged(entry, tags) for entry in named),
        tags=tags,
        hash=plan,
        given=given,
        open=_open(resources, given),
        notes=(*blueprint.notes, *_notes(placement)),
    )
    of_settings = (replace(problem, where=f"{deployment.name}.{problem.where}") for problem in blueprint.problems)
    problems = (*of_settings, *form_problems(form))
    if problems:
        raise InvalidScenario(problems)
    return form


def form_problems(form: Form) -> tuple[Problem, ...]:
    """What AWS would refuse of a form: by its own shapes, and by rules that its shapes do not say."""
    known = Known(form.names, form.given, {})
    requests = {entry.logical_id: plain(entry.parameters, known) for entry in form.resources}
    shaped = (
        problem
        for entry in form.resources
        for problem in shape_problems(
            entry.kind.service, entry.kind.create, requests[entry.logical_id], entry.logical_id
        )
    )
    kinds = {entry.logical_id: entry.resource.kind for entry in form.resources}
    return (*shaped, *rule_problems(kinds, requests))


def _beside(blueprint: Blueprint, placement: Placement, name: str) -> tuple[Resource, ...]:
    """What the placement asks for beside the deployment: who is told, and a budget."""
    wanted = {found.logical_id for part in blueprint.resources for found in references(part.parameters)
              if isinstance(found, Ref)}  # fmt: skip
    found: list[Resource] = []
    if "AlertTopic" in wanted:
        found.append(of_endpoint.topic("AlertTopic"))
        if placement.notify_email:
            subscriber = {"Protocol": "email", "Endpoint": placement.notify_email, "ReturnSubscriptionArn": True}
            parameters = {"TopicArn": Ref("AlertTopic", "Arn"), **subscriber}
            found.append(Resource(logical_id="AlertSubscription", kind="subscription", parameters=parameters))
    if placement.budget_usd_per_month:
        found.append(_budget(placement, name))
    return tuple(found)


def _budget(placement: Placement, name: str) -> Resource:
    """Tells of the forecast and of the cost itself when they pass the limit."""
    told = {"SubscriptionType": "EMAIL", "Address": placement.notify_email}
    notifications = [
        {
            "Notification": {
                "NotificationType": kind,
                "ComparisonOperator": "GREATER_THAN",
                "Threshold": 100.0,
                "ThresholdType": "PERCENTAGE",
            },
            "Subscribers": [told],
        }
        for kind in ("ACTUAL", "FORECASTED")
    ]
    budget = {
        "BudgetLimit": {"Amount": f"{placement.budget_usd_per_month:.2f}", "Unit": "USD"},
        "TimeUnit": "MONTHLY",
        "BudgetType": "COST",
        "CostFilters": {"TagKeyValue": [f"user:{names.DEPLOYMENT_TAG}${name}"]},
    }
    parameters = {"AccountId": Parameter("account"), "Budget": budget, "NotificationsWithSubscribers": notifications}
    return Resource(logical_id="Budget", kind="budget", parameters=parameters)


def _given(placement: Placement, region: str) -> dict[str, str]:
    """What is known of the parameters; places in S3 without a slash at the end."""
    texts = {
        "account": placement.account,
        "region": region,
        "execution_role_arn": placement.execution_role_arn,
        "image": placement.image,
        "model_data_url": placement.model_data_url,
        "input_s3_uri": placement.input_s3_uri,
        "output_s3_uri": placement.output_s3_uri.rstrip("/"),
        "scheduler_role_arn": placement.scheduler_role_arn,
    }
    return {key: text for key, text in texts.items() if text}


def _open(resources: tuple[Resource, ...], given: Mapping[str, str]) -> tuple[ParameterKey, ...]:
    asked = [found.key for part in resources for found in references(part.parameters) if isinstance(found, Parameter)]
    return tuple(dict.fromkeys(key for key in asked if key not in given))


def _named(resources: tuple[Resource, ...], name: str, given: Mapping[str, str]) -> tuple[NamedResource, ...]:
    """Names in order of creation: the hash of what cannot change covers the names of what it refers to."""
    known: dict[str, str] = {}
    found: list[NamedResource] = []
    for resource in resources:
        kind = KINDS[resource.kind]
        parameters: Mapping[str, Any] = resource.parameters
        own = ""
        if kind.name:
            content = _settled(resource, known, given)
            own = known[resource.logical_id] = names.name_of(resource, name, content)
            parameters = _called(parameters, kind.name.split("."), own)
        part = replace(resource, parameters=parameters)
        found.append(NamedResource(logical_id=resource.logical_id, name=own, resource=part, needs=needs(resource)))
    return tuple(found)


def _called(parameters: Mapping[str, Any], place: list[str], name: str) -> dict[str, Any]:
    """The parameters with a name in its place, which may lie inside another parameter."""
    first, *inner = place
    if not inner:
        return {first: name, **parameters}
    return {**parameters, first: _called(parameters[first], inner, name)}


def _settled(resource: Resource, known: Mapping[str, str], given: Mapping[str, str]) -> Any:
    """The content of a resource with what is known in it."""
    content = plain(resource.parameters, Known(known, given, {}))
    return _with_references(content)


def _with_references(value: Any) -> Any:
    if isinstance(value, Unknown):
        return value.of
    if isinstance(value, dict):
        return {key: _with_references(item) for key, item in value.items()}
    return [_with_references(item) for item in value] if isinstance(value, list) else value


def _tagged(entry: NamedResource, tags: Mapping[str, str]) -> NamedResource:
    listed = [{"Key": key, "Value": value} for key, value in tags.items()]
    ways: dict[str, dict[str, Any]] = {
        "list": {"Tags": listed},
        "map": {"Tags": dict(tags)},
        "resource tags": {"ResourceTags": listed},
        "": {},
    }
    more = ways[entry.kind.tags]
    return replace(entry, resource=replace(entry.resource, parameters={**entry.parameters, **more}))


def _notes(placement: Placement) -> tuple[str, ...]:
    notes = []
    if placement.idle_alarm_hours and not placement.notify_email:
        notes.append("Nobody is subscribed to the topic of the idle alarm: name notify_email, or subscribe yourself.")
    if placement.notify_email:
        notes.append(f"{placement.notify_email} has to confirm the subscription that AWS sends.")
    if placement.budget_usd_per_month:
        notes.append(
            f"The budget counts what carries the tag {names.DEPLOYMENT_TAG}: activate it as a cost allocation tag in"
            " Billing, which takes up to a day."
        )
    return tuple(notes)


def _missing(logical_id: str, missing: Unknown) -> Problem:
    if isinstance(missing.of, Parameter):
        return Problem(f"deploy.{missing.of.key}", "nothing", f"a text: {logical_id} needs it", "Add it to [deploy].")
    return Problem(logical_id, "nothing", f"the ARN of {missing.of.logical_id}, which is created before it")
