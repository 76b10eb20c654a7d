"""One step done so that it can be done again: looked at first, written down before and after, told apart when lost."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from headroom.deploy.differences import differences
from headroom.deploy.form import Form
from headroom.deploy.kinds import KINDS
from headroom.deploy.live import waiting
from headroom.deploy.live.aws import Aws, Identity, InDoubt, Refused, Writer
from headroom.deploy.live.journal import Journal
from headroom.deploy.live.look import Found, look, topic_arn
from headroom.deploy.live.observe import IN_PROGRESS, belongs
from headroom.deploy.names import DEPLOYMENT_TAG
from headroom.deploy.steps import Step
from simulator.errors import HeadroomError

_TRIES: Final = 4


class NotOurs(HeadroomError):
    """Something of this name is there that Headroom did not make for this deployment."""


class NotAsWanted(HeadroomError):
    """AWS took the call and something else is there than was wanted."""


@dataclass(slots=True)
class Hands:
    """All that doing a step needs. form: None while a deployment is removed by its name alone."""

    aws: Aws
    writer: Writer
    identity: Identity
    journal: Journal
    tell: Callable[[str], None]
    form: Form | None = None
    arns: dict[str, str] | None = None


def do(hands: Hands, step: Step) -> None:
    """Do one step. Raises HeadroomError when AWS refuses it or something else comes of it."""
    {
        "create": _create,
        "put": _put,
        "wait": _wait,
        "update": _change,
        "adjust": _change,
        "delete": delete,
    }[step.do](hands, step)


def _parameters(hands: Hands, step: Step) -> dict[str, Any]:
    if step.parameters or hands.form is None:
        return dict(step.parameters)
    return hands.form.request(step.logical_id, hands.arns or {})


def _identity_of(hands: Hands, step: Step, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters that find what a create makes."""
    kind = KINDS[step.kind]
    if step.kind == "alarm":
        return {"AlarmNames": [step.name]}
    if step.kind == "topic":
        return {"TopicArn": topic_arn(hands.identity, hands.aws.region, step.name)}
    if step.kind == "subscription":
        return {"TopicArn": parameters["TopicArn"], "Endpoint": parameters["Endpoint"]}
    everything = {**parameters, **parameters.get("Budget", {})}
    return {key: everything[key] for key in kind.identified_by}


def _create(hands: Hands, step: Step) -> None:
    parameters = _parameters(hands, step)
    identity = _identity_of(hands, step, parameters)
    for attempt in range(_TRIES):
        if _adopted(hands, step, parameters, identity):
            return
        hands.journal.write("before", step)
        try:
            answer = hands.writer.write(step.service, step.operation, **parameters)
        except InDoubt:
            hands.tell(f"The answer to {step.operation} was lost: looking whether it was done.")
        except Refused as refused:
            hands.journal.write("failed", step, str(refused))
            if not refused.exists:
                raise
        else:
            hands.journal.write("after", step)
            _remember(hands, step, answer)
            return
        hands.aws.pace.sleep(1.0 + attempt)
    if not _adopted(hands, step, parameters, identity):
        raise NotAsWanted(f"{step.operation} of {step.name} got no answer {_TRIES} times, and it is not there.")


def _remember(hands: Hands, step: Step, answer: Mapping[str, Any]) -> None:
    if step.logical_id and hands.arns is not None:
        hands.arns[step.logical_id] = str(answer.get(KINDS[step.kind].arn, ""))


def _adopted(hands: Hands, step: Step, parameters: Mapping[str, Any], identity: Mapping[str, Any]) -> bool:
    """Whether it is there already, as wanted and this deployment's. Raises NotOurs or NotAsWanted where it is not."""
    found = look(hands.aws, step.kind, step.name, identity)
    if found is None:
        return False
    if not _ours(hands, found):
        raise NotOurs(
            f"There is a {KINDS[step.kind].title} {step.name} that is not of this deployment. It was left alone."
        )
    told = differences(step.kind, parameters, found.description)
    if told and KINDS[step.kind].hashed:
        raise NotAsWanted(f"{step.name} is there with {told[0].place} {told[0].there}, not {told[0].wanted}.")
    if told:
        return False
    hands.journal.write("after" if _in_doubt(hands, step) else "kept", step)
    if step.logical_id and hands.arns is not None:
        hands.arns[step.logical_id] = found.arn
    return True


def _in_doubt(hands: Hands, step: Step) -> bool:
    """Whether this plan has sent the call before, so that what is there is its own."""
    return any((line.kind, line.name) == (step.kind, step.name) for line in hands.journal.touched())


def _ours(hands: Hands, found: Found) -> bool:
    if hands.form is not None:
        return belongs(found, hands.form)
    return DEPLOYMENT_TAG in found.tags


def _put(hands: Hands, step: Step) -> None:
    """Change what is there; the same call again does no harm."""
    parameters = _parameters(hands, step)
    if step.kind == "budget":
        parameters = {"AccountId": parameters["AccountId"], "NewBudget": parameters["Budget"]}
    if step.kind == "scalable_target":
        parameters = {key: value for key, value in parameters.items() if key != "Tags"}
    _repeat(hands, step, parameters)


def _repeat(hands: Hands, step: Step, parameters: Mapping[str, Any]) -> None:
    for attempt in range(_TRIES):
        hands.journal.write("before", step)
        try:
            answer = hands.writer.write(step.service, step.operation, **parameters)
        except InDoubt:
            if attempt == _TRIES - 1:
                raise
            hands.aws.pace.sleep(1.0 + attempt)
        else:
            hands.journal.write("after", step)
            _remember(hands, step, answer)
            return


def _change(hands: Hands, step: Step) -> None:
    """Update an endpoint, or adjust it in place. Whether a lost one was done is seen from its status."""
    endpoint = waiting.settled(hands.aws, step.name, hands.tell)
    if endpoint is None:
        raise NotAsWanted(f"The endpoint {step.name} is not there any more.")
    hands.journal.write("before", step)
    for attempt in range(_TRIES):
        try:
            hands.writer.write(step.service, step.operation, **step.parameters)
            break
        except InDoubt:
            hands.tell(f"The answer to {step.operation} was lost: looking whether it was done.")
            now = look(hands.aws, "endpoint", step.name, {"EndpointName": step.name})
            if now is not None and _changed(endpoint, now.description):
                break
            if attempt == _TRIES - 1:
                raise
            hands.aws.pace.sleep(1.0 + attempt)
    hands.journal.write("after", step)


def _changed(before: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    """Whether a settled endpoint was told to change meanwhile."""
    return now["EndpointStatus"] in IN_PROGRESS or now["LastModifiedTime"] != before["LastModifiedTime"]


def _wait(hands: Hands, step: Step) -> None:
    endpoint = waiting.settled(hands.aws, step.name, hands.tell)
    if endpoint is None:
        raise NotAsWanted(f"The endpoint {step.name} is not there any more.")
    status, reason = endpoint["EndpointStatus"], endpoint.get("FailureReason", "")
    if status != "InService":
        logs = f"Its log group is /aws/sagemaker/Endpoints/{step.name}."
        raise NotAsWanted(f"The endpoint {step.name} is {waiting.TOLD.get(status, status)}. {reason} {logs}")


def delete(hands: Hands, step: Step) -> None:
    """Delete one thing and see that it is gone; what is not there is deleted already."""
    identity = dict(step.parameters)
    for attempt in range(_TRIES):
        if look(hands.aws, step.kind, step.name, identity) is None:
            break
        if step.kind == "endpoint" and _gone_meanwhile(hands, step):
            break
        hands.journal.write("before", step)
        try:
            hands.writer.write(step.service, step.operation, **identity)
            break
        except InDoubt:
            hands.tell(f"The answer to {step.operation} was lost: looking whether it was done.")
        except Refused as refused:
            if refused.absent:
                break
            if "in-progress" not in refused.message or attempt == _TRIES - 1:
                hands.journal.write("failed", step, str(refused))
                raise
        hands.aws.pace.sleep(1.0 + attempt)
    _see_it_gone(hands, step)
    hands.journal.write("after", step)


def _gone_meanwhile(hands: Hands, step: Step) -> bool:
    """Wait until an endpoint can be deleted: while it is created or updated AWS refuses that."""
    return waiting.settled(hands.aws, step.name, hands.tell) is None


def _see_it_gone(hands: Hands, step: Step) -> None:
    if step.kind == "transform_job":
        waiting.stopped(hands.aws, step.name)
    elif step.kind == "endpoint":
        left = waiting.settled(hands.aws, step.name, hands.tell)
        if left is not None:
            status = left["EndpointStatus"]
            raise NotAsWanted(f"The endpoint {step.name} was not deleted: it is {waiting.TOLD.get(status, status)}.")
    elif look(hands.aws, step.kind, step.name, dict(step.parameters)) is not None:
        raise NotAsWanted(f"The {KINDS[step.kind].title} {step.name} is still there although AWS took its deletion.")
