"""From what is wanted and what is there to the steps between the two. Reads nothing and changes nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from headroom.deploy.confirm import Permit, subject_of
from headroom.deploy.costs import Costs
from headroom.deploy.form import Form, NamedResource
from headroom.deploy.kinds import KINDS
from headroom.deploy.live.aws import Identity
from headroom.deploy.live.look import Found, Inventory
from headroom.deploy.live.observe import IN_PROGRESS, Live, belongs, drift, request_of, serves
from headroom.deploy.names import digest
from headroom.deploy.steps import Aim, Check, DeployPlan, Step
from headroom.deploy.updates import (
    UpdateChoice,
    deployment_config,
    in_place,
    more_fleets,
    rollback_alarms,
    update_minutes,
)
from simulator.errors import Problem

_MINUTES: Final = {"endpoint": 8.0}
_PUT: Final = {"schedule": "UpdateSchedule", "budget": "UpdateBudget"}
"""Operations that change what is there, of kinds whose create does not."""
_NOT_PUT: Final = frozenset({"model", "endpoint_config", "endpoint", "transform_job", "topic", "subscription"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What a plan is made from. place: caller's ARN and the address in AWS's place."""

    form: Form
    live: Live
    costs: Costs
    choice: UpdateChoice
    caller: str
    endpoint: str


def plan_apply(question: Question, checks: tuple[Check, ...] = ()) -> DeployPlan:
    """What has to be done so that the form is there, whatever is there now."""
    form, live = question.form, question.live
    refusals = tuple(_refusals(form, live))
    updates = live.endpoint is not None and "EndpointConfig" in form and not serves(form, live)
    steps = () if refusals else tuple(_steps(question, updates=updates and not _pending(form, live)))
    aim: Aim = "nothing" if not steps else "update" if updates else "create"
    return _plan(question, aim, steps, refusals, checks)


def _plan(
    question: Question, aim: Aim, steps: tuple[Step, ...], refusals: tuple[Problem, ...], checks: tuple[Check, ...]
) -> DeployPlan:
    form, live = question.form, question.live
    beside = any(step.operation == "UpdateEndpoint" for step in steps)
    content = [form.hash, live.identity.account, question.endpoint, [_fingerprint(step) for step in steps]]
    return DeployPlan(
        aim=aim,
        name=form.name,
        account=live.identity.account,
        region=form.region,
        caller=question.caller,
        endpoint=question.endpoint,
        steps=steps,
        hash=digest(content),
        costs=question.costs,
        checks=checks,
        refusals=refusals,
        notes=(*form.notes, *_unseen(live)),
        during_usd_per_hour=more_fleets(question.choice) * question.costs.usd_per_hour if beside else 0.0,
        form=form,
        permits=permits(steps, form) | _undoing(form, live, steps) | _restoring(steps, live),
    )


def _fingerprint(step: Step) -> list[Any]:
    return [step.do, step.kind, step.name, dict(step.parameters)]


def _unseen(live: Live) -> Iterator[str]:
    for title in live.inventory.unseen:
        yield f"These credentials may not look for a {title}: what is left of an earlier plan is not found."


def _refusals(form: Form, live: Live) -> Iterator[Problem]:
    for logical_id, found in live.found.items():
        if not belongs(found, form):
            yield Problem(
                found.name or logical_id,
                f"a {KINDS[found.kind].title} that does not carry the tag of this deployment",
                "a name that nothing else has",
                "Headroom touches nothing that it did not make: choose another endpoint_name in [deploy].",
            )
    endpoint = live.endpoint
    if endpoint is None or not belongs(endpoint, form):
        return
    if endpoint.status in {"Failed", "OutOfService", "UpdateRollbackFailed"}:
        reason = endpoint.description.get("FailureReason") or "AWS gives no reason."
        todo = f"{reason} Remove it first: headroom deploy destroy {form.name}."
        yield Problem(form.name, f"an endpoint in status {endpoint.status}", "one in service, or none", todo)
    elif endpoint.status in IN_PROGRESS and not serves(form, live) and not _pending(form, live):
        yield Problem(
            form.name,
            f"an endpoint in status {endpoint.status}",
            "one that nobody is changing",
            "Wait until it is settled, then plan again.",
        )


def _pending(form: Form, live: Live) -> bool:
    """Whether an update to the form's configuration is under way."""
    pending = live.endpoint.description.get("PendingDeploymentSummary") if live.endpoint else None
    return pending is not None and pending["EndpointConfigName"] == form["EndpointConfig"].name


def _steps(question: Question, *, updates: bool) -> Iterator[Step]:
    form, live = question.form, question.live
    if live.endpoint is not None and live.endpoint.status in IN_PROGRESS:
        yield _waiting(form, "Wait until the endpoint is settled: a change is under way.")
    replaced = _in_place_change(form, live) if updates else None
    before = [entry for entry in form.resources if entry.resource.kind in {"topic", "subscription", "model"}]
    if updates:
        fresh = [] if replaced else [entry for entry in form.resources if entry.resource.kind == "endpoint_config"]
        for entry in [*before, *fresh]:
            yield from _of_resource(question, entry)
        yield from _updating(question, replaced)
        done = {entry.logical_id for entry in before} | {"EndpointConfig", "Endpoint"}
    else:
        done = {"EndpointConfig"} if live.endpoint is not None and serves(form, live) else set()
    for entry in form.resources:
        if entry.logical_id not in done:
            yield from _of_resource(question, entry)
    yield from _leftovers(form, live, keep_serving=bool(replaced) or serves(form, live))


def _of_resource(question: Question, entry: NamedResource) -> Iterator[Step]:
    """The step that brings one resource about; none where it is there as wanted."""
    form, live = question.form, question.live
    kind, there = entry.resource.kind, live.found.get(entry.logical_id)
    if there is None or _goes_with_its_target(question, entry):
        yield _create(question, entry)
        if kind == "endpoint":
            yield _waiting(form, "Wait until the endpoint is in service with this configuration.")
        return
    wanted = request_of(form, entry, live)
    if kind in _NOT_PUT or (wanted is not None and entry.logical_id not in drift(form, live)):
        return
    yield Step(
        do="put",
        kind=kind,
        name=there.name,
        logical_id=entry.logical_id,
        operation=_PUT.get(kind, entry.kind.create),
        sentence=f"Change the {entry.kind.title} {entry.name}".strip() + ", which differs from the plan.",
    )


def _create(question: Question, entry: NamedResource) -> Step:
    kind = entry.resource.kind
    name = entry.name or _name_of_unnamed(question, entry)
    billed = f" From here on {entry.kind.billed} are billed." if entry.kind.billed else " It costs nothing by itself."
    hourly = question.costs.usd_per_hour if kind in {"endpoint", "transform_job"} else 0.0
    return Step(
        do="create",
        kind=kind,
        name=name,
        logical_id=entry.logical_id,
        operation=entry.kind.create,
        sentence=f"Create the {entry.kind.title} {entry.name}".strip() + f".{billed}",
        usd_per_hour=hourly,
    )


def _name_of_unnamed(question: Question, entry: NamedResource) -> str:
    if "ResourceId" in entry.parameters:
        endpoint = question.form["Endpoint"].name
        return f"endpoint/{endpoint}/variant/AllTraffic"
    return question.form.names["AlertTopic"]


def _goes_with_its_target(question: Question, entry: NamedResource) -> bool:
    """Whether a target, policy or action is taken away while the type of its variant changes, and has to come back."""
    return entry.resource.kind in {"scalable_target", "scaling_policy", "scheduled_action"} and bool(
        _suspended(question.form, question.live)
    )


def _waiting(form: Form, sentence: str) -> Step:
    return Step(
        do="wait", kind="endpoint", name=form.name, operation="", sentence=sentence, minutes=_MINUTES["endpoint"]
    )


def _type(config: Mapping[str, Any]) -> Any:
    return config["ProductionVariants"][0].get("InstanceType")


def _suspended(form: Form, live: Live) -> tuple[Found, ...]:
    """Targets that have to go before the endpoint is updated: AWS refuses another type under one, and one that the form
    does not want would scale what replaces it.
    """
    if live.endpoint is None or serves(form, live) or _pending(form, live):
        return ()
    targets = tuple(found for found in live.inventory.found if found.kind == "scalable_target")
    wanted = dict(form["EndpointConfig"].parameters)
    changes = live.serving is None or _type(wanted) != _type(live.serving.description)
    return targets if changes or "ScalableTarget" not in form else ()


def _in_place_change(form: Form, live: Live) -> dict[str, Any] | None:
    if live.serving is None or live.endpoint is None:
        return None
    places = tuple(difference.place for difference in drift(form, live)["Endpoint"])
    return in_place(dict(form["EndpointConfig"].parameters), live.serving.description, places)


def _updating(question: Question, replaced: dict[str, Any] | None) -> Iterator[Step]:
    form, live, choice = question.form, question.live, question.choice
    if replaced:
        told = ", ".join(f"{key} {value}" for key, value in replaced.items())
        wanted = {"VariantName": "AllTraffic", "ServerlessUpdateConfig": replaced}
        yield Step(
            do="adjust",
            kind="endpoint",
            name=form.name,
            operation="UpdateEndpointWeightsAndCapacities",
            parameters={"EndpointName": form.name, "DesiredWeightsAndCapacities": [wanted]},
            sentence=f"Change the endpoint in place to {told}: no second one runs beside it.",
        )
        yield _waiting(form, "Wait until the change is in force.")
        return
    alarms = rollback_alarms(form, choice)
    for alarm in alarms:
        told = f"Create the alarm {alarm['AlarmName']}: above {alarm['Threshold']:g} it rolls the update back."
        yield Step(
            do="create",
            kind="alarm",
            name=alarm["AlarmName"],
            operation="PutMetricAlarm",
            parameters=alarm,
            sentence=told,
        )
    for target in _suspended(form, live):
        yield _delete(target, "AWS changes no instance type under it; it comes back after the update.")
    keeps = "ScalableTarget" in form and not _suspended(form, live)
    parameters = {
        "EndpointName": form.name,
        "EndpointConfigName": form["EndpointConfig"].name,
        "RetainAllVariantProperties": keeps,
        "DeploymentConfig": deployment_config(choice, tuple(alarm["AlarmName"] for alarm in alarms)),
    }
    part = f", {choice.share} % at a time" if choice.way in {"linear", "rolling"} else ""
    first = f", {choice.share} % of it first" if choice.way == "canary" else ""
    second = "a second fleet runs beside the first" if choice.way != "rolling" else "a part of a second fleet runs"
    yield Step(
        do="update",
        kind="endpoint",
        name=form.name,
        operation="UpdateEndpoint",
        parameters=parameters,
        sentence=f"Update the endpoint, {choice.way}{first}{part}: meanwhile {second}, and is billed.",
        usd_per_hour=more_fleets(choice) * question.costs.usd_per_hour,
    )
    wait = _waiting(form, "Wait until the new configuration is in service; a status alone does not say so.")
    yield Step(
        do="wait", kind="endpoint", name=form.name, operation="", sentence=wait.sentence, minutes=update_minutes(choice)
    )
    for alarm in alarms:
        identity = {"AlarmNames": [alarm["AlarmName"]]}
        rolled = Found(kind="alarm", name=alarm["AlarmName"], identity=identity, description={})
        yield _delete(rolled, "it was for the update.")


def _delete(found: Found, why: str) -> Step:
    kind = KINDS[found.kind]
    return Step(
        do="delete",
        kind=found.kind,
        name=found.name,
        operation=kind.delete,
        parameters=dict(found.identity),
        sentence=f"Delete the {kind.title} {found.name}: {why}",
        minutes=2.0 if found.kind == "endpoint" else 0.0,
    )


def _leftovers(form: Form, live: Live, *, keep_serving: bool) -> Iterator[Step]:
    """What belongs to the deployment and is not in its form any more."""
    wanted = {(entry.resource.kind, entry.name) for entry in form.resources}
    suspended = {found.name for found in _suspended(form, live)}
    if keep_serving and live.endpoint is not None and live.serving is not None:
        wanted |= {("endpoint_config", live.serving.name)}
        wanted |= {("model", variant["ModelName"]) for variant in live.serving.description["ProductionVariants"]}
    for found in live.inventory.found:
        of_target = found.kind in {"scalable_target", "scaling_policy", "scheduled_action"}
        target = found.name if found.kind == "scalable_target" else found.identity.get("ResourceId")
        if of_target and (target in suspended or (found.kind == "scalable_target" and "ScalableTarget" in form)):
            continue
        if (found.kind, found.name) not in wanted and found.kind not in {"endpoint", "transform_job"}:
            yield _delete(found, "it is of an earlier plan.")


def permits(steps: tuple[Step, ...], form: Form | None = None) -> frozenset[Permit]:
    """What the steps may change, by operation and name."""
    found = set()
    for step in steps:
        if not step.operation:
            continue
        if step.parameters:
            found.add((step.operation, subject_of(step.operation, dict(step.parameters))))
        elif form is not None:
            found.add((step.operation, step.name))
    return frozenset(found)


def _undoing(form: Form, live: Live, steps: tuple[Step, ...]) -> frozenset[Permit]:
    """What taking back the plan's own creations changes, those of a run that was killed included: never the endpoint
    that is in service, nor what it uses.
    """
    created = {(step.kind, step.name) for step in steps if step.do == "create"}
    if live.endpoint is None or not serves(form, live):
        used = {live.serving.name} if live.serving else set()
        used |= (
            {entry["ModelName"] for entry in live.serving.description["ProductionVariants"]} if live.serving else set()
        )
        made = {(entry.resource.kind, entry.name) for entry in form.resources if entry.name and entry.name not in used}
        created |= made if live.endpoint is None else {(kind, name) for kind, name in made if KINDS[kind].hashed}
    return frozenset((KINDS[kind].delete, name) for kind, name in created if KINDS[kind].delete)


def _restoring(steps: tuple[Step, ...], live: Live) -> frozenset[Permit]:
    """What putting a suspended target back changes, where the update that it gave way to is rolled back."""
    if not any(step.do == "delete" and step.kind == "scalable_target" for step in steps):
        return frozenset()
    scaling = [
        found
        for found in live.inventory.found
        if found.kind in {"scalable_target", "scaling_policy", "scheduled_action"}
    ]
    return frozenset((KINDS[found.kind].create, found.name) for found in scaling)


def plan_destroy(name: str, inventory: Inventory, identity: Identity, region: str, endpoint: str) -> DeployPlan:
    """What has to be removed so that nothing of a deployment is left. endpoint: the address in AWS's place."""
    steps = tuple(_delete(entry, _why(entry)) for entry in inventory.found)
    content = [name, identity.account, region, endpoint, [[step.kind, step.name] for step in steps]]
    return DeployPlan(
        aim="delete" if steps else "nothing",
        name=name,
        steps=steps,
        hash=digest(content),
        notes=tuple(f"These credentials may not look for a {title}: one may be left." for title in inventory.unseen),
        permits=permits(steps),
        account=identity.account,
        region=region,
        caller=identity.arn,
        endpoint=endpoint,
    )


def _why(found: Found) -> str:
    billed = KINDS[found.kind].billed
    return f"this ends {billed}." if billed else "it is of no use any more."
