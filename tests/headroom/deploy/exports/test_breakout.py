"""Names, tags and texts of the user cannot break out of any format: each file says them back, and nothing more."""

from __future__ import annotations

import ast
import json
import subprocess
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from headroom.deploy.exports.cloudformation import cloudformation, template
from headroom.deploy.exports.python_script import plan_of, python_script
from headroom.deploy.exports.shell_script import shell_script
from headroom.deploy.exports.terraform import terraform
from headroom.deploy.exports.yaml import dump
from headroom.deploy.exports.yaml import text as quoted
from headroom.deploy.form import make_form
from simulator.errors import InvalidScenario
from simulator.model.placement import EnvironmentVariable, Placement, Tag
from simulator.model.workload import Workload
from tests.headroom.deploy.placements import FULL
from tests.headroom.deploy.rich import BATCH, SERVERLESS
from tests.headroom.deploy.test_form import prepared

NASTY = (
    "${file(\"/etc/passwd\")}", "%{ if true }", "$(touch /tmp/x)", "`id`", "'; drop table x; --", '"', "\\", "\\n",
    "</script>",
    "<b>", "{{resolve:ssm:x}}", "!Ref X", "# comment", "END_OF_REQUEST", "'''", '"""', "a: b", "- x", "&a", "*a", "yes",
    "0x10", "{$ref}", "\u2028", "\x85", "\U0001f600", "é",
)  # fmt: skip
texts = st.one_of(st.sampled_from(NASTY), st.text(st.characters(exclude_categories=["Cs"]), max_size=30))
values = texts.filter(lambda text: all(character >= " " and character != "\x7f" for character in text))
tags = st.builds(
    Tag,
    key=st.from_regex(r"[\w .:/=+\-@]{1,20}", fullmatch=True),
    value=st.from_regex(r"[\w .:/=+\-@]{0,20}", fullmatch=True),
)


def placement_of(value: str, tag: Tag) -> Placement:
    return FULL.model_copy(update={"environment": (EnvironmentVariable(name="TEXT", value=value),), "tags": (tag,)})


def form_with(placement: Placement, deployment: Any = SERVERLESS, name: str = "Small test") -> Any:
    return make_form(prepared(Workload(name=name)), deployment, placement)


@given(
    st.recursive(
        texts, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3), max_leaves=8
    )
)
def test_yaml_says_any_value_back(value: Any) -> None:
    assert yaml.safe_load(dump({"a": value, "b": 1.5, "c": None, "d": True})) == {
        "a": value,
        "b": 1.5,
        "c": None,
        "d": True,
    }
    assert quoted("x").isascii()


def accepted(value: str, tag_text: str) -> Placement | None:
    try:
        return placement_of(value, Tag(key=tag_text[:20] or "k", value=tag_text))
    except ValidationError:
        return None


@given(values, texts)
@settings(max_examples=12, deadline=None)
def test_every_format_says_the_users_texts_back(value: str, tag_text: str) -> None:
    placement = accepted(value, tag_text) or placement_of(value, Tag(key="k", value="v"))
    try:
        form = form_with(placement)
    except InvalidScenario:  # what looks like a secret, or a tag of a letter that AWS does not take
        return
    environment = {"TEXT": value}
    asked = form.request("Model", {})["PrimaryContainer"]["Environment"]
    assert asked == environment
    assert yaml.safe_load(cloudformation(form)) == template(form)
    model = template(form)["Resources"]["TestedModel"]["Properties"]
    assert model["PrimaryContainer"]["Environment"] == environment
    (container,) = json.loads(terraform(form))["resource"]["aws_sagemaker_model"]["model"]["primary_container"]
    said = container["environment"]["TEXT"]
    assert said.replace("$${", "${").replace("%%{", "%{") == value.replace("$${", "${").replace("%%{", "%{")
    assert "${" not in said.replace("$${", "")
    tree = ast.parse(python_script(form))
    (plan,) = [node for node in tree.body if isinstance(node, ast.AnnAssign)]
    assert plan.value is not None
    assert ast.literal_eval(plan.value) == plan_of(form)


@given(values, texts)
@settings(max_examples=25, deadline=None)
def test_the_shell_reads_the_request_that_was_written(value: str, tag_text: str) -> None:
    placement = accepted(value, tag_text) or placement_of(value, Tag(key="k", value="v"))
    try:
        form = form_with(placement)
    except InvalidScenario:
        return
    arns = {entry.logical_id: f"arn:{entry.logical_id}" for entry in form.resources}
    asked = "".join(f"ARN_{name}={arn}\n" for name, arn in arns.items())
    calls = "".join(f"request_{entry.logical_id}; echo ,\n" for entry in form.resources)
    body = shell_script(form).replace(
        "\ncase ${1:-} in\n  create) create ;;", f"\n{asked}{calls}exit 0\ncase ${{1:-}} in\n  create) create ;;"
    )
    run = subprocess.run(["bash", "-c", body], capture_output=True, check=False, env={"PATH": "/usr/bin:/bin"})
    assert run.stderr == b""
    printed = json.loads("[" + run.stdout.decode().strip().rstrip(",") + "]")
    assert printed == [form.request(entry.logical_id, arns) for entry in form.resources]


@given(st.text(max_size=60))
@settings(max_examples=12, deadline=None)
def test_the_name_of_a_workload_reaches_no_file_as_it_is(name: str) -> None:
    form = make_form(prepared(Workload(name=name or "x")), BATCH, FULL.model_copy(update={"endpoint_name": ""}))
    assert yaml.safe_load(cloudformation(form)) == template(form)
    assert ast.parse(python_script(form)).body
    assert (
        subprocess.run(["bash", "-n"], input=shell_script(form).encode(), capture_output=True, check=False).stderr
        == b""
    )


@pytest.mark.parametrize("value", NASTY)
def test_what_is_known_to_be_nasty_is_said_back(value: str) -> None:
    assert yaml.safe_load(f"a: {quoted(value)}") == {"a": value}
