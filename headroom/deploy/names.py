"""Names and tags of the resources of a deployment: the same every time, so that what is there is found again.

The endpoint, and the schedule of transform jobs, are called by the deployment's own name, which clients know. A model,
an endpoint configuration and a job cannot be changed once they are there: their names end in a hash of their content,
so that another content is another resource, and never the old one under its name.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Mapping
from typing import Any, Final

from headroom.deploy.kinds import KINDS
from simulator.model.placement import Placement
from simulator.patterns.resources import Join, Json, Parameter, Ref, Resource

MOST_NAME = 40
OWN_NAME: Final = frozenset({"Endpoint", "Schedule"})
"""Logical ids of what is called by the deployment's own name."""
BY_TAG, DEPLOYMENT_TAG, PLAN_TAG, OWNER_TAG, DELETE_AFTER_TAG = (
    "headroom:deployed-by",
    "headroom:deployment",
    "headroom:plan",
    "headroom:owner",
    "headroom:delete-after",
)


def default_name(workload: str) -> str:
    """An endpoint's name made from that of the workload, so that another deployment of it replaces the one before;
    begins with "headroom" when nothing of it can begin a name.
    """
    plain = unicodedata.normalize("NFKD", workload).encode("ascii", "ignore").decode().lower()
    name = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:MOST_NAME].strip("-")
    return name if re.match(r"[a-z]", name) and len(name) > 1 else f"headroom-{name}"[:MOST_NAME].strip("-")


def kebab(logical_id: str) -> str:
    """StepOutAlarm -> step-out-alarm."""
    return re.sub(r"(?<=[a-z])(?=[A-Z0-9])", "-", logical_id).lower()


def canonical(value: Any) -> Any:
    """A value of resources as plain JSON, in which references are objects."""
    found = value
    match value:
        case Ref(logical_id, attribute):
            found = {"$ref": [logical_id, attribute]}
        case Parameter(key):
            found = {"$parameter": key}
        case Join(parts):
            found = {"$join": [canonical(part) for part in parts]}
        case Json(inner):
            found = {"$json": canonical(inner)}
        case Mapping():
            found = {key: canonical(item) for key, item in value.items()}
        case list() | tuple():
            found = [canonical(item) for item in value]
    return found


def digest(value: Any) -> str:
    """Eight hexadecimal digits that tell this value from others."""
    text = json.dumps(canonical(value), sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def name_of(resource: Resource, deployment_name: str, content: Any) -> str:
    """The name of a resource. content: its parameters with names of others in them."""
    if resource.logical_id in OWN_NAME:
        return deployment_name
    if KINDS[resource.kind].hashed:
        return f"{deployment_name}-{digest(content)}"
    return f"{deployment_name}-{kebab(resource.logical_id)}"


def tags_of(placement: Placement, deployment_name: str, plan: str) -> dict[str, str]:
    """Tags of every resource: who made it, for which deployment and plan, the owner and the end that the user named."""
    named = {
        BY_TAG: "headroom",
        DEPLOYMENT_TAG: deployment_name,
        PLAN_TAG: plan,
        OWNER_TAG: placement.owner,
        DELETE_AFTER_TAG: placement.delete_after,
    }
    return {key: value for key, value in named.items() if value} | {tag.key: tag.value for tag in placement.tags}
