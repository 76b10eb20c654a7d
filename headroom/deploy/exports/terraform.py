"""A form as Terraform in JSON: `main.tf.json`. Its names are those of the API's parameters in small letters.

What cannot be changed has a name that ends in a hash of its content, and is created before the old one goes. Where the
placement leaves something open there are variables, and the hash takes their values in.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from headroom.deploy.exports.unsaid import unsaid
from headroom.deploy.form import Form, NamedResource
from headroom.deploy.values import Part, templated
from simulator.patterns.resources import Parameter, Ref, ResourceKind

PROVIDER = ">= 6.0, < 7.0"
LACKS: Final = frozenset({"MetricsConfig", "VariantInstanceProvisionTimeoutInSeconds", "ReturnSubscriptionArn"})
"""Parameters that the provider has no argument for; `unsaid` says what follows."""
_TYPES: Final[Mapping[ResourceKind, str]] = {
    "model": "aws_sagemaker_model",
    "endpoint_config": "aws_sagemaker_endpoint_configuration",
    "endpoint": "aws_sagemaker_endpoint",
    "scalable_target": "aws_appautoscaling_target",
    "scaling_policy": "aws_appautoscaling_policy",
    "scheduled_action": "aws_appautoscaling_scheduled_action",
    "alarm": "aws_cloudwatch_metric_alarm",
    "topic": "aws_sns_topic",
    "subscription": "aws_sns_topic_subscription",
    "schedule": "aws_scheduler_schedule",
    "budget": "aws_budgets_budget",
}
_MAPS: Final = frozenset({"Environment", "Tags", "Dimensions"})
"""What are maps, and no blocks."""
_RENAMED: Final = {"StepAdjustments": "step_adjustment"}


def snake(name: str) -> str:
    """MemorySizeInMB as memory_size_in_mb, S3OutputPath as s3_output_path."""
    name = _RENAMED.get(name, name)
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


def literal(text: str) -> str:
    """A text in which Terraform finds nothing to interpolate."""
    return text.replace("${", "$${").replace("%{", "%%{")


def terraform(form: Form) -> str:
    """The text of main.tf.json."""
    return json.dumps(configuration(form), indent=2) + "\n"


def configuration(form: Form) -> dict[str, Any]:
    """The file as values."""
    resources: dict[str, dict[str, Any]] = {}
    for entry in form.resources:
        if entry.resource.kind in _TYPES:
            resources.setdefault(_TYPES[entry.resource.kind], {})[snake(entry.logical_id)] = _resource(form, entry)
    described = {
        "//": [f"{form.name}, written by Headroom from plan {form.hash}", *unsaid(form, "terraform"), *form.notes],
        "terraform": {
            "required_version": ">= 1.5",
            "required_providers": {"aws": {"source": "hashicorp/aws", "version": PROVIDER}},
        },
        "provider": {"aws": {"region": literal(form.region)}},
        "data": {"aws_caller_identity": {"current": {}}} if "account" in form.open else {},
        "variable": {key: {"type": "string"} for key in form.open if key != "account"},
        "resource": resources,
        "output": {"endpoint_name": {"value": _address(form, "Endpoint", "name")}} if "Endpoint" in form else {},
    }
    return {key: value for key, value in described.items() if value}


def _address(form: Form, logical_id: str, attribute: str) -> str:
    kind = form[logical_id].resource.kind
    return f"${{{_TYPES[kind]}.{snake(logical_id)}.{attribute}}}"


def _variable(form: Form, part: Parameter) -> str:
    if part.key in form.given:
        return literal(form.given[part.key])
    return "${data.aws_caller_identity.current.account_id}" if part.key == "account" else f"${{var.{part.key}}}"


def _resource(form: Form, entry: NamedResource) -> dict[str, Any]:
    def said(parts: tuple[Part, ...]) -> str:
        return "".join(_said(form, entry, part) for part in parts)

    values = templated(entry.parameters, said, literal)
    if entry.kind.hashed:
        values[entry.kind.name] = _name(form, entry)
    adapted = _ADAPTED.get(entry.resource.kind, _as_it_is)(form, entry, values)
    body = _body(adapted)
    after = [f"{_TYPES[form[name].resource.kind]}.{snake(name)}" for name in entry.resource.after]
    if after:
        body["depends_on"] = after
    if entry.kind.hashed:
        body["lifecycle"] = [{"create_before_destroy": True}]
    return body


def _said(form: Form, entry: NamedResource, part: Part) -> str:
    if isinstance(part, str):
        return literal(part)
    if isinstance(part, Parameter):
        return _variable(form, part)
    return entry.name if part.logical_id == entry.logical_id else _address(form, part.logical_id, _attribute(part))


def _attribute(part: Ref) -> str:
    return "name" if part.attribute == "Name" else "arn"


def _name(form: Form, entry: NamedResource) -> str:
    """The same name as everywhere; with variables, their values are hashed too, as deploy.py and deploy.sh do."""
    if not form.open:
        return entry.name
    stem, _, digest = entry.name.rpartition("-")
    values = "|".join([digest, *(_variable(form, Parameter(key)) for key in form.open)])
    # An expression within a template within an expression is allowed, so the variables stay as they are.
    return f'{stem}-${{substr(sha256("{values}"), 0, 8)}}'


def _body(values: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments; structures are blocks, which are lists in JSON."""
    return {
        snake(key): value if key in _MAPS and isinstance(value, Mapping) else _value(value)
        for key, value in values.items()
        if key not in LACKS
    }


def _value(value: Any) -> Any:
    if isinstance(value, Mapping):
        return [_body(value)]
    if isinstance(value, list):
        return [_body(item) if isinstance(item, Mapping) else item for item in value]
    return value


Adapt = Callable[[Form, NamedResource, dict[str, Any]], dict[str, Any]]


def _renamed(values: Mapping[str, Any], **names: str) -> dict[str, Any]:
    """The values under the names of the provider, with tags as a map."""
    found = {names.get(key, key): value for key, value in values.items()}
    if isinstance(found.get("Tags"), list):
        found["Tags"] = {tag["Key"]: tag["Value"] for tag in found["Tags"]}
    return found


def _as_it_is(_form: Form, entry: NamedResource, values: dict[str, Any]) -> dict[str, Any]:
    return _renamed(values, **({entry.kind.name: "Name"} if entry.kind.name else {}))


def _config(form: Form, entry: NamedResource, values: dict[str, Any]) -> dict[str, Any]:
    return _renamed(_as_it_is(form, entry, values), KmsKeyId="KmsKeyArn")


def _alarm(_form: Form, _entry: NamedResource, values: dict[str, Any]) -> dict[str, Any]:
    """Dimensions are a map; its keys are CloudWatch's."""
    dimensions = {dimension["Name"]: dimension["Value"] for dimension in values["Dimensions"]}
    renamed = _renamed({key: value for key, value in values.items() if key != "Dimensions"})
    return {**renamed, "Dimensions": dimensions}


def _budget(_form: Form, _entry: NamedResource, values: dict[str, Any]) -> dict[str, Any]:
    budget = values["Budget"]
    return {
        "AccountId": values["AccountId"],
        "Name": budget["BudgetName"],
        "BudgetType": budget["BudgetType"],
        "TimeUnit": budget["TimeUnit"],
        "LimitAmount": budget["BudgetLimit"]["Amount"],
        "LimitUnit": budget["BudgetLimit"]["Unit"],
        "CostFilter": [{"Name": name, "Values": found} for name, found in budget["CostFilters"].items()],
        "Notification": [
            {
                **told["Notification"],
                "SubscriberEmailAddresses": [subscriber["Address"] for subscriber in told["Subscribers"]],
            }
            for told in values["NotificationsWithSubscribers"]
        ],
        "Tags": {tag["Key"]: tag["Value"] for tag in values["ResourceTags"]},
    }


_ADAPTED: Final[Mapping[ResourceKind, Adapt]] = {
    "endpoint_config": _config,
    "alarm": _alarm,
    "budget": _budget,
}
"""Where the provider's arguments are not the API's parameters."""
