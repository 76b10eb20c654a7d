"""What a pattern says that AWS has to create for one of its deployments: values, in AWS's own parameter names.

`parameters` of a resource are those of the call that creates it (boto3's), without its name and tags, which are made
where all resources are known (headroom/deploy). What is not known here stands in them as a value of its own: `Ref` for
another resource of the same deployment, `Parameter` for what the placement says, `Join` for texts that hold either.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

from simulator.errors import Problem

ResourceKind = Literal[
    "model",
    "endpoint_config",
    "endpoint",
    "scalable_target",
    "scaling_policy",
    "scheduled_action",
    "alarm",
    "topic",
    "subscription",
    "transform_job",
    "schedule",
    "budget",
]
"""What there is; headroom/deploy/kinds.py says how each is created, described and deleted."""

ParameterKey = Literal[
    "account", "region", "execution_role_arn", "image", "model_data_url", "input_s3_uri", "output_s3_uri",
    "scheduler_role_arn",
]  # fmt: skip
"""What a placement may leave open; all but the Region are fields of `Placement`."""


@dataclass(frozen=True, slots=True)
class Ref:
    """Another resource: by its name or, where AWS asks for that, by the ARN that its creation answers with."""

    logical_id: str
    attribute: Literal["Name", "Arn"] = "Name"


@dataclass(frozen=True, slots=True)
class Parameter:
    """A text that the placement gives, or leaves open."""

    key: ParameterKey


@dataclass(frozen=True, slots=True)
class Join:
    """A text of parts, one after the other."""

    parts: tuple[str | Ref | Parameter, ...]


@dataclass(frozen=True, slots=True)
class Json:
    """A text that is the JSON of a value, such as the input of a scheduled call."""

    value: Any


def join(*parts: str | Ref | Parameter) -> Join:
    """A text of these parts."""
    return Join(parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """One thing that AWS creates.

    logical_id: its name within the deployment, such as "EndpointConfig". after: logical ids of resources that must be
    there first although no parameter names them.
    """

    logical_id: str
    kind: ResourceKind
    parameters: Mapping[str, Any]
    after: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "parameters", frozen(self.parameters))


@dataclass(frozen=True, slots=True, kw_only=True)
class Blueprint:
    """All resources of one deployment.

    problems: settings that AWS has no parameter for. notes: what has to be done or known beside the resources, in
    sentences.
    """

    resources: tuple[Resource, ...]
    problems: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()


def frozen(value: Any) -> Any:
    """The same value, of which nothing can be changed."""
    if isinstance(value, Mapping):
        return MappingProxyType({key: frozen(item) for key, item in value.items()})
    if isinstance(value, list | tuple):
        return tuple(frozen(item) for item in value)
    return Json(frozen(value.value)) if isinstance(value, Json) else value


def references(value: Any) -> Iterator[Ref | Parameter]:
    """What a value refers to, in order."""
    if isinstance(value, Ref | Parameter):
        yield value
    elif isinstance(value, Join):
        yield from (part for part in value.parts if not isinstance(part, str))
    elif isinstance(value, Json):
        yield from references(value.value)
    elif isinstance(value, Mapping):
        yield from (found for item in value.values() for found in references(item))
    elif isinstance(value, list | tuple):
        yield from (found for item in value for found in references(item))


def without_none(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters that have a value: AWS's own default holds for the others."""
    return {key: value for key, value in parameters.items() if value is not None}
