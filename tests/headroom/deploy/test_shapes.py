"""Requests held against botocore's own models of AWS's API."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.model import ListShape, MapShape, Shape, StructureShape

from headroom.deploy.kinds import KINDS
from headroom.deploy.shapes import compiled, operation, shape_problems
from headroom.deploy.values import Unknown
from simulator.patterns.resources import Parameter

MODEL: dict[str, Any] = {
    "ModelName": "m",
    "PrimaryContainer": {"Image": "image", "ModelDataUrl": "s3://b/k"},
    "ExecutionRoleArn": "arn:aws:iam::123456789012:role/execution",
}


def found(request: dict[str, Any], of: str = "CreateModel") -> list[str]:
    return [problem.where for problem in shape_problems("sagemaker", of, request, "X")]


def test_a_request_that_fits_has_no_problem() -> None:
    assert found(MODEL) == []
    assert found({**MODEL, "ExecutionRoleArn": Unknown(Parameter("execution_role_arn"))}) == []


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"ModelName": "a_b"}, "X.ModelName"),
        ({"ModelName": "a" * 64}, "X.ModelName"),
        ({"ModelName": 7}, "X.ModelName"),
        ({"Colour": "red"}, "X.Colour"),
        ({"PrimaryContainer": {"Mode": "TripleModel"}}, "X.PrimaryContainer.Mode"),
        ({"PrimaryContainer": "image"}, "X.PrimaryContainer"),
        ({"VpcConfig": {"Subnets": ["s"]}}, "X.VpcConfig.SecurityGroupIds"),
        ({"VpcConfig": {"Subnets": ["s"] * 17, "SecurityGroupIds": ["g"]}}, "X.VpcConfig.Subnets"),
        ({"EnableNetworkIsolation": "yes"}, "X.EnableNetworkIsolation"),
        ({"Tags": [{"Key": "a;b", "Value": ""}]}, "X.Tags[0].Key"),
        ({"Tags": {"a": "b"}}, "X.Tags"),
        ({"PrimaryContainer": {"Environment": ["a"]}}, "X.PrimaryContainer.Environment"),
        ({"PrimaryContainer": {"Environment": {"a": 1}}}, "X.PrimaryContainer.Environment.a"),
    ],
)
def test_what_the_shape_does_not_allow_is_named(change: dict[str, Any], where: str) -> None:
    assert where in found({**MODEL, **change})


def test_numbers_have_their_ranges_and_lists_their_words() -> None:
    config = {
        "EndpointConfigName": "c",
        "ProductionVariants": [{"VariantName": "v", "InstanceType": "ml.huge", "VolumeSizeInGB": 9999, "A": 1}],
    }
    assert found(config, "CreateEndpointConfig") == [
        "X.ProductionVariants[0].InstanceType",
        "X.ProductionVariants[0].VolumeSizeInGB",
        "X.ProductionVariants[0].A",
    ]
    assert found({}, "CreateEndpoint") == ["X.EndpointName", "X.EndpointConfigName"]


def patterns(shape: Shape, seen: set[str]) -> set[str]:
    """All patterns of a shape and of what is in it."""
    if shape.name in seen:
        return set()
    seen.add(shape.name)
    inner: list[Shape] = []
    if isinstance(shape, StructureShape):
        inner = list(shape.members.values())
    elif isinstance(shape, ListShape):
        inner = [shape.member]
    elif isinstance(shape, MapShape):
        inner = [shape.key, shape.value]
    own = {shape.metadata["pattern"]} if "pattern" in shape.metadata else set()
    return own.union(*(patterns(member, seen) for member in inner))


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_operation_and_pattern_that_is_used_can_be_read(kind: Any) -> None:
    described = KINDS[kind]
    for name in (described.create, described.describe, described.delete):
        if name:
            shape = operation(described.service, name).input_shape
            assert shape is not None
            for pattern in patterns(shape, set()):
                assert compiled(pattern).pattern is not None
    holder: Any = operation(described.service, described.create).input_shape
    for part in described.name.split(".") if described.name else ():
        assert part in holder.members
        holder = holder.members[part]
