"""A form as a shell script for the AWS CLI, which creates and destroys.

Every request is JSON in a here-document, with names, ARNs and what is left open as shell variables in it. What the user
wrote is JSON text there, in which the shell finds nothing to expand, and a quoted word everywhere else.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable, Iterator, Mapping
from importlib.resources import files
from typing import Any, Final

from botocore import xform_name

from headroom.deploy.form import Form, NamedResource
from headroom.deploy.names import DEPLOYMENT_TAG
from headroom.deploy.values import Part, templated
from simulator.patterns.resources import Parameter, ResourceKind

_END = "END_OF_REQUEST"
_TAIL = """
case ${1:-} in
  create) create ;;
  destroy) destroy ;;
  *) echo 'usage: deploy.sh create|destroy' >&2; exit 2 ;;
esac
"""


def shell_script(form: Form) -> str:
    """The text of deploy.sh."""
    filled = {
        "TITLE": form.name,
        "HASH": form.hash,
        "NOTES": "".join(f"# {ascii(note)[1:-1]}\n" for note in form.notes),
        "REGION": shlex.quote(form.region),
        "TAG": shlex.quote(DEPLOYMENT_TAG),
        "DEPLOYMENT": shlex.quote(form.name),
    }
    head = (files("headroom.deploy.exports") / "script.sh").read_text(encoding="utf-8")
    head = re.sub("@([A-Z]+)@", lambda found: filled[found[1]], head)
    lines = [*_asked(form), *_names(form), *(line for entry in form.resources for line in _request(form, entry))]
    return head + "\n".join(["", *lines, "", *_create(form), "", *_destroy(form)]) + "\n" + _TAIL


def _asked(form: Form) -> Iterator[str]:
    """What is left open comes from the environment, of characters that can stand in JSON and in names."""
    for key in form.open:
        variable = key.upper()
        if key == "account":
            yield f"{variable}=${{{variable}:-$(aws sts get-caller-identity --query Account --output text)}}"
        yield f': "${{{variable}:?set {variable} in the environment: the plan leaves it open}}"'
        yield f'{variable}="${{{variable}%/}}"'
        yield f'case ${variable} in *[!A-Za-z0-9_./:@=+,-]*) stop "{variable} holds what it cannot have" ;; esac'


def _names(form: Form) -> Iterator[str]:
    for entry in form.resources:
        if entry.kind.hashed and form.open:
            stem, _, digest = entry.name.rpartition("-")
            values = "|".join([digest, *(f"${{{key.upper()}}}" for key in form.open)])
            yield f'NAME_{entry.logical_id}={stem}-$(printf %s "{values}" | sha256sum | cut -c1-8)'
        elif entry.name:
            yield f"NAME_{entry.logical_id}={shlex.quote(entry.name)}"


def _request(form: Form, entry: NamedResource) -> Iterator[str]:
    """A function that prints the request; of a target that is there, one without tags."""
    request = templated(entry.parameters, lambda parts: _Raw("".join(_said(form, part) for part in parts)))
    if entry.kind.hashed:
        request[entry.kind.name] = _Raw(f"${{NAME_{entry.logical_id}}}")
    yield from _printed(f"request_{entry.logical_id}", request)
    if entry.resource.kind == "scalable_target":
        untagged = {key: value for key, value in request.items() if key != "Tags"}
        yield from _printed(f"request_{entry.logical_id}_again", untagged)
    if entry.resource.kind == "budget":
        again = {"AccountId": request["AccountId"], "NewBudget": request["Budget"]}
        yield from _printed(f"request_{entry.logical_id}_again", again)


def _printed(name: str, request: Any) -> Iterator[str]:
    yield ""
    yield f"{name}() {{"
    yield f"  cat <<{_END}"
    yield _json(request)
    yield _END
    yield "}"


class _Raw(str):
    """A text that is escaped already and holds shell variables."""


def _json(value: Any) -> str:
    """JSON in which the shell expands nothing but our own variables."""
    found: list[str] = []

    def marked(item: Any) -> Any:
        if isinstance(item, _Raw):
            found.append(item)
            return f"\x00{len(found) - 1}\x00"
        if isinstance(item, Mapping):
            return {key: marked(inner) for key, inner in item.items()}
        return [marked(inner) for inner in item] if isinstance(item, list) else item

    text = _unexpanded(json.dumps(marked(value), indent=1))
    for index, raw in enumerate(found):
        text = text.replace(f"\\\\u0000{index}\\\\u0000", raw)
    return text


def _unexpanded(text: str) -> str:
    return text.replace("\\", "\\\\").replace("$", "\\$").replace("`", "\\`")


def _said(form: Form, part: Part) -> str:
    """A part of a text within JSON: of literal text what JSON writes between its quotes, in which nothing expands."""
    if isinstance(part, str):
        return _unexpanded(json.dumps(part)[1:-1])
    if isinstance(part, Parameter):
        known = form.given.get(part.key)
        return f"${{{part.key.upper()}}}" if known is None else _unexpanded(json.dumps(known)[1:-1])
    return f"${{{'NAME' if part.attribute == 'Name' else 'ARN'}_{part.logical_id}}}"


def _create(form: Form) -> Iterator[str]:
    yield "create() {"
    if any(entry.resource.kind == "endpoint_config" for entry in form.resources):
        yield "  new_enough"
    for entry in form.resources:
        yield from (f"  {line}" for line in _CREATED.get(entry.resource.kind, _created_once)(form, entry))
    yield "}"


def _call(entry: NamedResource, operation: str, request: str = "") -> str:
    name = request or f"request_{entry.logical_id}"
    return f'aws {entry.kind.service} {xform_name(operation, "-")} --cli-input-json "$({name})"'


def _title(entry: NamedResource) -> str:
    return f"{entry.kind.title} " + (f"$NAME_{entry.logical_id}" if entry.name else entry.logical_id)


Lines = Callable[[Form, NamedResource], Iterator[str]]


def _created_once(_form: Form, entry: NamedResource) -> Iterator[str]:
    """What has a name and cannot be changed."""
    describe, option = xform_name(entry.kind.describe, "-"), xform_name(entry.kind.name, "-")
    yield f'if there aws {entry.kind.service} {describe} --{option} "$NAME_{entry.logical_id}"; then'
    yield f'  say "is there: {_title(entry)}"'
    yield f"else {_call(entry, entry.kind.create)} >/dev/null"
    yield f'  say "created: {_title(entry)}"'
    yield "fi"


def _created_endpoint(form: Form, entry: NamedResource) -> Iterator[str]:
    target = next((other for other in form.resources if other.resource.kind == "scalable_target"), None)
    retain = "--retain-all-variant-properties" if target else "--no-retain-all-variant-properties"
    yield f"local name=$NAME_{entry.logical_id} wanted=$NAME_EndpointConfig status has"
    yield 'if there aws sagemaker describe-endpoint --endpoint-name "$name"; then'
    yield '  ours "$(endpoint_has "$name" EndpointArn)" || stop "$name has no tag $TAG = $DEPLOYMENT: it is not ours"'
    yield '  status=$(settled "$name")'
    yield '  has=$(endpoint_has "$name" EndpointConfigName)'
    yield '  if [ "$has" != "$wanted" ]; then'
    if target is not None:
        # AWS does not change the type of instances that are scaled: the target is registered again afterwards.
        yield f'    if [ "$(instance_type "$has")" != "$(instance_type "$wanted")" ]; then {_deletion(target)}; fi'
    update = f'aws sagemaker update-endpoint --endpoint-name "$name" --endpoint-config-name "$wanted" {retain}'
    yield f"    {update} >/dev/null"
    yield '    say "updated: endpoint $name"'
    yield "  fi"
    yield f"else {_call(entry, entry.kind.create)} >/dev/null"
    yield '  say "created: endpoint $name"'
    yield "fi"
    yield 'status=$(settled "$name")'
    yield '[ "$status" = InService ] || stop "$name is $status: $(endpoint_has "$name" FailureReason)"'
    yield 'has=$(endpoint_has "$name" EndpointConfigName)'
    yield '[ "$has" = "$wanted" ] || stop "$name was rolled back: it has $has, not $wanted"'


def _created_target(_form: Form, entry: NamedResource) -> Iterator[str]:
    dimension = shlex.quote(str(entry.parameters["ScalableDimension"]))
    found = (
        f"aws application-autoscaling describe-scalable-targets --service-namespace sagemaker"
        f' --resource-ids "endpoint/$NAME_Endpoint/variant/AllTraffic" --scalable-dimension {dimension}'
    )
    bounds = "ScalableTargets[].[MinCapacity,MaxCapacity]"
    wanted = f"{entry.parameters['MinCapacity']} {entry.parameters['MaxCapacity']}"
    yield "local bounds"
    yield f"bounds=$({found} --query '{bounds}' --output text | tr '\\t' ' ')"
    yield f'if [ "$bounds" = "{wanted}" ]; then say "is there: scalable target"'
    again = _call(entry, entry.kind.create, f"request_{entry.logical_id}_again")
    yield f'elif [ -n "$bounds" ]; then {again} >/dev/null'
    yield '  say "updated: scalable target"'
    yield f"else {_call(entry, entry.kind.create)} >/dev/null"
    yield '  say "created: scalable target"'
    yield "fi"


def _put(_form: Form, entry: NamedResource) -> Iterator[str]:
    """What AWS creates and changes by one call."""
    call = _call(entry, entry.kind.create)
    if entry.kind.arn:
        yield f"ARN_{entry.logical_id}=$({call} --query {entry.kind.arn} --output text)"
    else:
        yield f"{call} >/dev/null"
    yield f'say "in place: {_title(entry)}"'


def _subscribed(_form: Form, entry: NamedResource) -> Iterator[str]:
    topic = entry.parameters["TopicArn"].logical_id
    address = str(entry.parameters["Endpoint"])
    query = f"length(Subscriptions[?Endpoint=='{address}'])"
    listed = (
        f'aws sns list-subscriptions-by-topic --topic-arn "$ARN_{topic}" --query {shlex.quote(query)} --output text'
    )
    yield f'[ "$({listed})" != 0 ] || {_call(entry, entry.kind.create)} >/dev/null'
    yield f'say "in place: {_title(entry)}"'


def _scheduled(_form: Form, entry: NamedResource) -> Iterator[str]:
    yield f'if there aws scheduler get-schedule --name "$NAME_{entry.logical_id}"; then'
    yield f"  {_call(entry, 'UpdateSchedule')} >/dev/null"
    yield f"else {_call(entry, entry.kind.create)} >/dev/null"
    yield "fi"
    yield f'say "in place: {_title(entry)}"'


def _budgeted(form: Form, entry: NamedResource) -> Iterator[str]:
    account = _said(form, Parameter("account"))
    found = f'aws budgets describe-budget --account-id "{account}" --budget-name "$NAME_{entry.logical_id}"'
    limit = f"$({found} --query Budget.BudgetLimit.Amount --output text)"
    amount = float(entry.parameters["Budget"]["BudgetLimit"]["Amount"])
    yield f"if ! there {found}; then {_call(entry, entry.kind.create)}"
    yield f'elif [ "$(LC_ALL=C printf %.2f "{limit}")" != {amount:.2f} ]; then'
    yield f"  {_call(entry, 'UpdateBudget', f'request_{entry.logical_id}_again')}"
    yield "fi"
    yield f'say "in place: {_title(entry)}"'


_CREATED: Final[Mapping[ResourceKind, Lines]] = {
    "endpoint": _created_endpoint,
    "scalable_target": _created_target,
    "scaling_policy": _put,
    "scheduled_action": _put,
    "alarm": _put,
    "topic": _put,
    "subscription": _subscribed,
    "schedule": _scheduled,
    "budget": _budgeted,
}
"""How a kind is created where `describe` and `create` are not all that there is to it."""


def _destroy(form: Form) -> Iterator[str]:
    yield "destroy() {"
    if any(entry.resource.kind == "topic" for entry in form.resources):
        yield "  local caller start"
        yield "  caller=$(aws sts get-caller-identity --query '[Arn,Account]' --output text | tr '\\t' ':')"
        yield '  start="arn:$(cut -d: -f2 <<<"$caller"):sns:$AWS_REGION:${caller##*:}:"'
    for entry in reversed(form.resources):
        if entry.kind.delete:
            yield from (f"  {line}" for line in _destroyed(form, entry))
    yield "  earlier endpoint-config EndpointConfig"
    yield "  earlier model Model"
    yield "}"


def _destroyed(form: Form, entry: NamedResource) -> Iterator[str]:
    name = f'"$NAME_{entry.logical_id}"'
    match entry.resource.kind:
        case "endpoint":
            yield f'if [ "$(settled {name})" != None ]; then'
            yield f'  ours "$(endpoint_has {name} EndpointArn)" || stop "endpoint {entry.name} is not ours to delete"'
            yield "fi"
            yield _deletion(entry)
            yield f"settled {name} >/dev/null"
        case "transform_job":
            status = f"aws sagemaker describe-transform-job --transform-job-name {name} --query TransformJobStatus"
            yield f'[ "$({status} --output text 2>/dev/null)" != InProgress ] || {_deletion(entry)}'
        case "topic":
            yield f'gone "{_title(entry)}" aws sns delete-topic --topic-arn "$start"{name}'
        case "budget":
            account = _said(form, Parameter("account"))
            call = f'aws budgets delete-budget --account-id "{account}" --budget-name {name}'
            yield f'gone "{_title(entry)}" {call}'
        case _:
            yield _deletion(entry)


def _deletion(entry: NamedResource) -> str:
    """The call that deletes what is identified by its parameters."""
    if entry.resource.kind == "alarm":
        options = f'--alarm-names "$NAME_{entry.logical_id}"'
    else:
        options = " ".join(f"--{xform_name(key, '-')} {_option(entry, key)}" for key in entry.kind.identified_by)
    call = f"aws {entry.kind.service} {xform_name(entry.kind.delete, '-')} {options}"
    return f'gone "{_title(entry)}" {call}'


def _option(entry: NamedResource, key: str) -> str:
    if key == entry.kind.name:
        return f'"$NAME_{entry.logical_id}"'
    if key == "ResourceId":
        return '"endpoint/$NAME_Endpoint/variant/AllTraffic"'
    return shlex.quote(str(entry.parameters[key]))
