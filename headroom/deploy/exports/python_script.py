"""A form as a Python program: the plan as a literal, and `script.py`, which is read and tested as it stands."""

from __future__ import annotations

import pprint
import re
from importlib.resources import files
from typing import Any

from botocore import xform_name

from headroom.deploy.form import Form, NamedResource
from headroom.deploy.names import DEPLOYMENT_TAG
from headroom.deploy.values import Part, templated
from simulator.patterns.resources import Parameter

_PLACE = re.compile(r"^PLAN: .*\n", re.MULTILINE)


def python_script(form: Form) -> str:
    """The text of deploy.py. Everything of the user's stands in it as a literal that Python itself has written."""
    source = (files("headroom.deploy.exports") / "script.py").read_text(encoding="utf-8")
    head, rest = _PLACE.split(source, maxsplit=1)
    plan = pprint.pformat(plan_of(form), sort_dicts=False, width=116)
    notes = "".join(f"# {ascii(note)[1:-1]}\n" for note in form.notes)
    return f"#!/usr/bin/env python3\n{head}{notes}PLAN: dict[str, Any] = {plan}\n{rest}"


def plan_of(form: Form) -> dict[str, Any]:
    """The form as plain values, whose references are objects."""
    return {
        "name": form.name,
        "region": form.region,
        "hash": form.hash,
        "tag": DEPLOYMENT_TAG,
        "given": dict(form.given),
        "open": list(form.open),
        "resources": [_entry(entry) for entry in form.resources],
    }


def _entry(entry: NamedResource) -> dict[str, Any]:
    kind = entry.kind
    named = kind.name if "." not in kind.name else ""
    request = templated(entry.parameters, _said)
    everything = {**request, **request.get("Budget", {})}
    identity = {key: everything[key] for key in kind.identified_by if key != named}
    if kind.by_arn:
        identity[kind.by_arn] = {"$arn": entry.logical_id}
    if entry.resource.kind == "alarm":
        identity = {}
    return {
        "id": entry.logical_id,
        "kind": entry.resource.kind,
        "title": kind.title,
        "service": kind.service,
        "create": xform_name(kind.create),
        "describe": xform_name(kind.describe),
        "delete": xform_name(kind.delete) if kind.delete else "",
        "name": entry.name,
        "named": named,
        "hashed": kind.hashed,
        "arn": kind.arn,
        "identity": identity,
        "request": {key: value for key, value in request.items() if key != named},
    }


def _said(parts: tuple[Part, ...]) -> Any:
    said = [part if isinstance(part, str) else _reference(part) for part in parts]
    return said[0] if len(said) == 1 else {"$join": said}


def _reference(part: Any) -> dict[str, str]:
    if isinstance(part, Parameter):
        return {"$given": part.key}
    return {"$ref" if part.attribute == "Name" else "$arn": part.logical_id}
