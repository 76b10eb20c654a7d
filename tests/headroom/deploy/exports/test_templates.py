"""Templates: what CloudFormation's linter and the shapes of Terraform's provider say of them; what they leave out."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from cfnlint.api import lint
from cfnlint.config import ManualArgs
from cfnlint.core import get_rules

from headroom.deploy.exports.cloudformation import camel, cloudformation, template
from headroom.deploy.exports.terraform import LACKS, configuration, literal, snake, terraform
from headroom.deploy.exports.unsaid import GAPS, unsaid
from headroom.deploy.form import Form, make_form
from simulator.model.placement import Placement
from simulator.model.workload import Workload
from simulator.patterns.registry import Deployment
from simulator.traffic.kinds import Jobs
from tests.headroom.deploy.placements import FULL, OPEN
from tests.headroom.deploy.rich import ASYNCHRONOUS, BATCH, REALTIME, RICH, SERVERLESS
from tests.headroom.deploy.test_form import form_of, prepared

SHAPES = json.loads((Path(__file__).parents[1] / "data" / "terraform_aws.json").read_text(encoding="utf-8"))[
    "resources"
]
META = {"depends_on", "lifecycle"}
VPC = FULL.model_copy(update={"subnets": ("subnet-12345678",), "security_group_ids": ("sg-12345678",)})
every_pattern = pytest.mark.parametrize("deployment", RICH, ids=lambda deployment: deployment.pattern)
placed_or_open = pytest.mark.parametrize("placement", [FULL, OPEN], ids=["placed", "open"])


# --- CloudFormation ---------------------------------------------------------------------------------------------------


@every_pattern
@placed_or_open
@pytest.mark.slow
def test_the_linter_finds_nothing(deployment: Deployment, placement: Placement) -> None:
    text = cloudformation(form_of(deployment, placement))
    found = lint(text, get_rules([], [], []), ["us-east-1"], config=ManualArgs())
    assert [str(match) for match in found if match.rule.id[0] in "EW"] == []


@pytest.mark.slow
def test_the_linter_is_one_that_finds_something() -> None:
    text = cloudformation(form_of(REALTIME)).replace("ml.m5.large", "ml.m5.huge")
    assert "ml.m5.huge" in str(lint(text, get_rules([], [], []), ["us-east-1"], config=ManualArgs()))


@every_pattern
@placed_or_open
def test_yaml_reads_back_as_what_was_written(deployment: Deployment, placement: Placement) -> None:
    form = form_of(deployment, placement)
    assert yaml.safe_load(cloudformation(form)) == template(form)


def test_what_is_replaced_has_no_fixed_name_and_what_is_called_has_one() -> None:
    resources = template(form_of(REALTIME))["Resources"]
    assert "ModelName" not in resources["TestedModel"]["Properties"]
    assert "EndpointConfigName" not in resources["TestedEndpointConfig"]["Properties"]
    assert resources["TestedEndpoint"]["Properties"]["EndpointName"] == "tested"
    assert resources["TestedEndpoint"]["Properties"]["RetainAllVariantProperties"] is True
    variant = resources["TestedEndpointConfig"]["Properties"]["ProductionVariants"][0]
    assert variant["ModelName"] == {"Fn::GetAtt": ["TestedModel", "ModelName"]}
    assert len(resources["TestedScalableTarget"]["Properties"]["ScheduledActions"]) == 2


def test_parameters_ask_for_what_is_open_and_default_to_what_is_said() -> None:
    asked, said = (template(form_of(ASYNCHRONOUS, placement))["Parameters"] for placement in (OPEN, FULL))
    assert set(asked) == set(said) == {"ExecutionRoleArn", "Image", "ModelDataUrl", "OutputS3Uri"}
    assert not any("Default" in parameter for parameter in asked.values())
    assert said["OutputS3Uri"]["Default"] == "s3://data-of-ours/out"


def test_the_input_of_a_schedule_is_json_once_its_references_are_known() -> None:
    properties = template(form_of(BATCH))["Resources"]["TestedSchedule"]["Properties"]
    parts = properties["Target"]["Input"]["Fn::Join"][1]
    job = json.loads("".join(part if isinstance(part, str) else "x" for part in parts))
    assert job["TransformJobName"] == "tested-<aws.scheduler.execution-id>"
    assert job["ModelName"] == "x"


# --- Terraform --------------------------------------------------------------------------------------------------------


def problems(body: dict[str, Any], shape: dict[str, Any], where: str) -> Iterator[str]:
    """What the provider's schema does not allow: arguments that it lacks, and required ones that are missing."""
    for name, entry in shape.items():
        if entry.get("required") and name not in body:
            yield f"{where}.{name} is missing"
    for name, value in body.items():
        if name in META:
            continue
        if name not in shape:
            yield f"{where}.{name} is unknown"
        elif "block" in shape[name]:
            if not isinstance(value, list):
                yield f"{where}.{name} is no block"
                continue
            for item in value:
                yield from problems(item, shape[name]["block"], f"{where}.{name}")
        elif (shape[name]["type"] in ("string", "number", "boolean")) is isinstance(value, list | dict):
            yield f"{where}.{name} has the wrong type"


def all_problems(form: Form) -> list[str]:
    resources = configuration(form)["resource"]
    return [
        problem
        for kind, named in resources.items()
        for name, body in named.items()
        for problem in problems(body, SHAPES[kind], f"{kind}.{name}")
    ]


@every_pattern
@placed_or_open
def test_the_provider_knows_every_argument(deployment: Deployment, placement: Placement) -> None:
    assert all_problems(form_of(deployment, placement)) == []


def test_the_provider_knows_a_vpc_and_a_key() -> None:
    assert all_problems(form_of(REALTIME, VPC.model_copy(update={"kms_key_id": "arn:aws:kms:us-east-1:1:key/a"}))) == []


@pytest.mark.parametrize("wrong", [{"colour": "red"}, {"name": ["a"]}, {"primary_container": {"image": "x"}}])
def test_the_schema_is_one_that_finds_something(wrong: dict[str, Any]) -> None:
    assert list(problems({"execution_role_arn": "r", **wrong}, SHAPES["aws_sagemaker_model"], "m"))
    assert list(problems({}, SHAPES["aws_sagemaker_model"], "m")) == ["m.execution_role_arn is missing"]


def test_what_is_left_out_is_not_known_to_the_provider_and_is_said() -> None:
    known = {name for shape in SHAPES.values() for name in _arguments(shape)}
    assert {snake(name) for name in LACKS} & known == set()
    said = " ".join(unsaid(form_of(REALTIME), "terraform"))
    for name in LACKS - {"ReturnSubscriptionArn"}:
        assert name in said
    assert said in " ".join(json.loads(terraform(form_of(REALTIME)))["//"])


def _arguments(shape: dict[str, Any]) -> Iterator[str]:
    for name, entry in shape.items():
        yield name
        yield from _arguments(entry.get("block", {}))


def test_every_argument_that_the_api_has_and_the_provider_knows_is_written() -> None:
    variant = configuration(form_of(REALTIME))["resource"]["aws_sagemaker_endpoint_configuration"]["endpoint_config"]
    (written,) = variant["production_variants"]
    asked = form_of(REALTIME)["EndpointConfig"].parameters["ProductionVariants"][0]
    assert set(written) == {snake(name) for name in asked} - {snake(name) for name in LACKS}
    assert variant["lifecycle"] == [{"create_before_destroy": True}]
    assert variant["name"] == form_of(REALTIME)["EndpointConfig"].name


def test_variables_are_asked_for_and_hashed_into_names() -> None:
    form = form_of(SERVERLESS, OPEN)
    found = configuration(form)
    assert set(found["variable"]) == set(form.open)
    name = found["resource"]["aws_sagemaker_model"]["model"]["name"]
    stem, digest = form["Model"].name.rsplit("-", 1)
    variables = "|".join(f"${{var.{key}}}" for key in form.open)
    assert name == f'{stem}-${{substr(sha256("{digest}|{variables}"), 0, 8)}}'


def test_nothing_of_a_text_is_interpolated() -> None:
    assert literal("${file(x)} and %{if}") == "$${file(x)} and %%{if}"


@pytest.mark.parametrize(
    ("name", "argument"),
    [
        ("MemorySizeInMB", "memory_size_in_mb"),
        ("S3OutputPath", "s3_output_path"),
        ("EnableSSMAccess", "enable_ssm_access"),
        ("ModelDataUrl", "model_data_url"),
        ("VolumeSizeInGB", "volume_size_in_gb"),
        ("KmsKeyArn", "kms_key_arn"),
    ],
)
def test_arguments_are_parameters_in_small_letters(name: str, argument: str) -> None:
    assert snake(name) == argument
    assert camel("execution_role_arn") == "ExecutionRoleArn"


def test_each_gap_of_a_format_is_one_of_some_pattern() -> None:
    forms = [form_of(deployment) for deployment in RICH]
    forms.append(make_form(prepared(Workload(traffic=Jobs())), BATCH, FULL))
    for gaps in GAPS.values():
        for gap in gaps:
            assert any(gap.applies(form) for form in forms), gap.said
