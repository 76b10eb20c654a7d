"""A form as a CloudFormation template.

CloudFormation names what it replaces (model, endpoint configuration): a replacement is created before the old one goes,
and two things of one name cannot be there at once. What the placement leaves open is a parameter; what it says is that
parameter's default.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from headroom.deploy.exports import yaml
from headroom.deploy.exports.unsaid import unsaid
from headroom.deploy.form import Form, NamedResource
from headroom.deploy.values import Part, templated
from simulator.patterns.resources import Parameter, ParameterKey, Ref, ResourceKind, references

_TYPES: Final[Mapping[ResourceKind, str]] = {
    "model": "AWS::SageMaker::Model",
    "endpoint_config": "AWS::SageMaker::EndpointConfig",
    "endpoint": "AWS::SageMaker::Endpoint",
    "scalable_target": "AWS::ApplicationAutoScaling::ScalableTarget",
    "scaling_policy": "AWS::ApplicationAutoScaling::ScalingPolicy",
    "alarm": "AWS::CloudWatch::Alarm",
    "topic": "AWS::SNS::Topic",
    "subscription": "AWS::SNS::Subscription",
    "schedule": "AWS::Scheduler::Schedule",
    "budget": "AWS::Budgets::Budget",
}
"""Scheduled actions are properties of their target. There is no type of transform jobs."""

_GIVES_NAME: Final[Mapping[ResourceKind, str]] = {
    "model": "ModelName",
    "endpoint_config": "EndpointConfigName",
    "endpoint": "EndpointName",
}
"""What Fn::GetAtt asks for; Ref gives the ARN of these."""

_PSEUDO: Final[Mapping[ParameterKey, str]] = {"account": "AWS::AccountId", "region": "AWS::Region"}
_OF_PARAMETERS: Final[Mapping[ParameterKey, tuple[str, str]]] = {
    "execution_role_arn": ("The role that SageMaker assumes.", r"^arn:aws[a-z-]*:iam::\d{12}:role/.+$"),
    "image": ("URI of the container image in ECR.", r"^\S+$"),
    "model_data_url": ("The model artefact in S3.", "^s3://.+$"),
    "input_s3_uri": ("Prefix of the input of transform jobs.", "^s3://.+$"),
    "output_s3_uri": ("Prefix of answers, without a slash at its end.", "^s3://.*[^/]$"),
    "scheduler_role_arn": ("The role that starts transform jobs.", r"^arn:aws[a-z-]*:iam::\d{12}:role/.+$"),
}


def camel(text: str) -> str:
    """fraud-scoring and execution_role_arn as FraudScoring and ExecutionRoleArn."""
    return "".join(part[:1].upper() + part[1:] for part in re.split(r"[-_]", text))


def cloudformation(form: Form) -> str:
    """The template as YAML."""
    return _head(form) + yaml.dump(template(form))


def template(form: Form) -> dict[str, Any]:
    """The template as values."""
    asked = {
        found.key
        for entry in form.resources
        for found in references(entry.parameters)
        if isinstance(found, Parameter) and found.key not in _PSEUDO and entry.resource.kind in _TYPES
    }
    described = {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": f"{form.name}, written by Headroom from plan {form.hash}",
        "Parameters": {camel(key): _parameter(form, key) for key in _OF_PARAMETERS if key in asked},
        "Resources": {
            logical_id(form, entry): _resource(form, entry) for entry in form.resources if entry.resource.kind in _TYPES
        },
        "Outputs": _outputs(form),
    }
    return {key: value for key, value in described.items() if value}


def logical_id(form: Form, entry: NamedResource) -> str:
    """With the deployment's name before it: CloudFormation begins the names that it invents with it."""
    return camel(form.name) + entry.logical_id


def _head(form: Form) -> str:
    notes = (*unsaid(form, "cloudformation"), *form.notes)
    return "".join(f"# {_one_line(note)}\n" for note in notes)


def _one_line(text: str) -> str:
    """A comment cannot end early, whatever a name holds."""
    return "".join(character if character.isprintable() else " " for character in text)


def _parameter(form: Form, key: ParameterKey) -> dict[str, Any]:
    description, pattern = _OF_PARAMETERS[key]
    parameter = {"Type": "String", "Description": description, "AllowedPattern": pattern}
    return {**parameter, "Default": form.given[key]} if key in form.given else parameter


def _outputs(form: Form) -> dict[str, Any]:
    if "Endpoint" not in form:
        return {}
    return {"EndpointName": {"Value": {"Fn::GetAtt": [logical_id(form, form["Endpoint"]), "EndpointName"]}}}


def _resource(form: Form, entry: NamedResource) -> dict[str, Any]:
    def said(parts: tuple[Part, ...]) -> Any:
        texts = [part if isinstance(part, str) else _said(form, entry, part) for part in parts]
        return texts[0] if len(texts) == 1 else {"Fn::Join": ["", texts]}

    properties = templated(entry.parameters, said)
    properties = _ADAPTED.get(entry.resource.kind, _as_it_is)(form, entry, properties)
    implied = {found.logical_id for found in references(entry.parameters) if isinstance(found, Ref)}
    after = [logical_id(form, form[name]) for name in entry.resource.after if name not in implied]
    resource = {"Type": _TYPES[entry.resource.kind], "DependsOn": after, "Properties": properties}
    return {key: value for key, value in resource.items() if value}


def _said(form: Form, entry: NamedResource, part: Ref | Parameter) -> Any:
    if isinstance(part, Parameter):
        return {"Ref": _PSEUDO.get(part.key) or camel(part.key)}
    if part.logical_id == entry.logical_id:
        return entry.name
    other = form[part.logical_id]
    if part.attribute == "Name" and other.resource.kind in _GIVES_NAME:
        return {"Fn::GetAtt": [logical_id(form, other), _GIVES_NAME[other.resource.kind]]}
    return {"Ref": logical_id(form, other)}


Adapt = Callable[[Form, NamedResource, dict[str, Any]], dict[str, Any]]


def _as_it_is(_form: Form, _entry: NamedResource, properties: dict[str, Any]) -> dict[str, Any]:
    return properties


def _unnamed(_form: Form, entry: NamedResource, properties: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in properties.items() if key != entry.kind.name}


def _endpoint(form: Form, _entry: NamedResource, properties: dict[str, Any]) -> dict[str, Any]:
    """A count that was scaled is kept in an update; CloudFormation leaves the property out of a creation."""
    return {**properties, "RetainAllVariantProperties": True} if "ScalableTarget" in form else properties


def _target(form: Form, entry: NamedResource, properties: dict[str, Any]) -> dict[str, Any]:
    """Scheduled actions are part of their target."""
    actions = [
        {
            name: value
            for name, value in templated(action.parameters, lambda _: "").items()
            if name in ("ScheduledActionName", "Schedule", "Timezone", "ScalableTargetAction")
        }
        for action in form.resources
        if action.resource.kind == "scheduled_action" and entry.logical_id in action.resource.after
    ]
    kept = {key: value for key, value in properties.items() if key != "Tags"}
    return {**kept, "ScheduledActions": actions} if actions else kept


def _topic(_form: Form, _entry: NamedResource, properties: dict[str, Any]) -> dict[str, Any]:
    return {"TopicName" if key == "Name" else key: value for key, value in properties.items()}


def _subscription(_form: Form, _entry: NamedResource, properties: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in properties.items() if key != "ReturnSubscriptionArn"}


def _budget(_form: Form, _entry: NamedResource, properties: dict[str, Any]) -> dict[str, Any]:
    limit = properties["Budget"]["BudgetLimit"]
    budget = {**properties["Budget"], "BudgetLimit": {**limit, "Amount": float(limit["Amount"])}}
    return {**{key: value for key, value in properties.items() if key != "AccountId"}, "Budget": budget}


_ADAPTED: Final[Mapping[ResourceKind, Adapt]] = {
    "model": _unnamed,
    "endpoint_config": _unnamed,
    "endpoint": _endpoint,
    "scalable_target": _target,
    "topic": _topic,
    "subscription": _subscription,
    "budget": _budget,
}
"""Where CloudFormation's properties are not the API's parameters."""
