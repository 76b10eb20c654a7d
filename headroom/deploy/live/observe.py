"""What is in the account of what a form wants: read before a plan is made, and again after it is done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from headroom.deploy.differences import Difference, differences, serving_differences
from headroom.deploy.form import Form, NamedResource
from headroom.deploy.kinds import KINDS
from headroom.deploy.live.aws import Aws, Identity
from headroom.deploy.live.look import Found, Inventory, everything_of, is_of, look, model_of_schedule, topic_arn
from headroom.deploy.names import DEPLOYMENT_TAG
from simulator.patterns.resources import ResourceKind

IN_PROGRESS = frozenset({"Creating", "Updating", "SystemUpdating", "RollingBack", "Deleting"})
"""Statuses of an endpoint that end by themselves. The others: InService, OutOfService, Failed, UpdateRollbackFailed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Live:
    """What is there. found: by logical id of the form. serving: the configuration that the endpoint names, None where
    there is no endpoint or its configuration is gone. inventory: all that belongs to the deployment.
    """

    identity: Identity
    found: Mapping[str, Found]
    serving: Found | None
    inventory: Inventory

    @property
    def endpoint(self) -> Found | None:
        """The endpoint, where there is one."""
        return self.found.get("Endpoint")

    @property
    def arns(self) -> dict[str, str]:
        """ARNs by logical id, of what is there."""
        return {logical_id: found.arn for logical_id, found in self.found.items() if found.arn}


def observe(aws: Aws, form: Form, identity: Identity) -> Live:
    """What is there of a form, and what else belongs to its deployment."""
    topics = {
        entry.logical_id: topic_arn(identity, form.region, entry.name)
        for entry in form.resources
        if entry.resource.kind == "topic"
    }
    found = {}
    for entry in form.resources:
        there = look(
            aws, entry.resource.kind, entry.name or _unnamed(entry, form, topics), _identity(entry, form, topics)
        )
        if there is not None:
            found[entry.logical_id] = there
    endpoint = found.get("Endpoint")
    serving = None
    if endpoint is not None:
        name = endpoint.description["EndpointConfigName"]
        serving = look(aws, "endpoint_config", name, {"EndpointConfigName": name})
    inventory = everything_of(aws, identity, form.name, kinds_of(form))
    return Live(identity=identity, found=found, serving=serving, inventory=inventory)


def kinds_of(form: Form) -> frozenset[ResourceKind]:
    """The kinds in which something of this deployment may be, now or from an earlier plan of the same pattern."""
    kinds = {entry.resource.kind for entry in form.resources}
    return frozenset(kinds | ({"alarm", "scalable_target"} if "endpoint" in kinds else set()))


def _identity(entry: NamedResource, form: Form, arns: Mapping[str, str]) -> dict[str, Any]:
    identity = form.deletion(entry.logical_id, arns)
    if entry.resource.kind == "subscription":
        identity["Endpoint"] = entry.parameters["Endpoint"]
    return identity


def _unnamed(entry: NamedResource, form: Form, arns: Mapping[str, str]) -> str:
    """What a resource without a name is called here: its target's resource id, its topic."""
    identity = form.deletion(entry.logical_id, arns)
    text = str(identity.get("ResourceId") or identity.get("TopicArn"))
    return text.rpartition(":")[2]


def belongs(found: Found, form: Form) -> bool:
    """Whether what is there is this deployment's, so that it may be changed: by tag, or by what it says of itself."""
    if KINDS[found.kind].tags in {"list", "map"}:
        return is_of(found, form.name)
    if found.kind == "schedule":
        return model_of_schedule(found).startswith(f"{form.name}-")
    if found.kind == "budget":
        return f"user:{DEPLOYMENT_TAG}${form.name}" in str(found.description.get("CostFilters"))
    return True  # policies, actions and subscriptions hang on a target or topic, which is judged


def request_of(form: Form, entry: NamedResource, live: Live) -> dict[str, Any] | None:
    """What is wanted of a resource as a call's parameters; None while the ARN of something before it is not known."""
    known = set(live.arns)
    return form.request(entry.logical_id, live.arns) if _arns_needed(entry) <= known else None


def _arns_needed(entry: NamedResource) -> set[str]:
    from simulator.patterns.resources import Ref, references  # noqa: PLC0415

    return {
        found.logical_id
        for found in references(entry.parameters)
        if isinstance(found, Ref) and found.attribute == "Arn"
    }


def drift(form: Form, live: Live) -> dict[str, tuple[Difference, ...]]:
    """Every difference between a form and what is there, by logical id; of what is not there one difference."""
    found: dict[str, tuple[Difference, ...]] = {}
    same_service = serves(form, live)
    for entry in form.resources:
        there = live.found.get(entry.logical_id)
        if there is None:
            if not (same_service and entry.resource.kind == "endpoint_config"):
                found[entry.logical_id] = (Difference("", f"{entry.kind.title} {entry.name}".strip(), "not there"),)
            continue
        wanted = request_of(form, entry, live)
        told = differences(entry.resource.kind, wanted, there.description) if wanted is not None else ()
        if entry.resource.kind == "endpoint" and not same_service:
            told = _service_difference(form, live)
        if told:
            found[entry.logical_id] = told
    return found


def _service_difference(form: Form, live: Live) -> tuple[Difference, ...]:
    assert live.endpoint is not None
    config = form.request("EndpointConfig", live.arns | _absent_arns(form, live))
    if live.serving is None:
        used = live.endpoint.description["EndpointConfigName"]
        return (Difference("EndpointConfigName", config["EndpointConfigName"], f"{used}, which is deleted"),)
    return serving_differences(config, live.serving.description, live.endpoint.description)


def _absent_arns(form: Form, live: Live) -> dict[str, str]:
    """ARNs of topics that are not there, which are known before they are."""
    return {
        entry.logical_id: topic_arn(live.identity, form.region, entry.name)
        for entry in form.resources
        if entry.resource.kind == "topic"
    }


def serves(form: Form, live: Live) -> bool:
    """Whether the endpoint serves what the form wants, under whatever name its configuration has."""
    return live.endpoint is not None and "EndpointConfig" in form and not _service_difference(form, live)
