"""Where a deployment goes: what can be written is what AWS takes, and nothing can break out of it."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from simulator.model.placement import EnvironmentVariable, Placement, Tag


def test_nothing_has_to_be_known() -> None:
    placement = Placement()
    assert placement.execution_role_arn == ""
    assert placement.enable_detailed_observability is False
    assert placement.variant_instance_provision_timeout_s == 1800


@pytest.mark.parametrize(
    "wrong",
    [
        {"endpoint_name": "Upper"},
        {"endpoint_name": "a--b"},
        {"endpoint_name": "a" * 41},
        {"account": "12345"},
        {"execution_role_arn": "execution"},
        {"image": "image; rm -rf"},
        {"model_data_url": "https://bucket/key"},
        {"output_s3_uri": "s3://bucket/$(id)"},
        {"kms_key_id": "a b"},
        {"subnets": ("subnet-12345678",)},
        {"subnets": ("net",), "security_group_ids": ("sg-12345678",)},
        {"notify_email": "nobody"},
        {"delete_after": "tomorrow"},
        {"model_data_download_timeout_s": 30},
        {"model_in_image": True, "model_data_url": "s3://bucket-1/key"},
        {"budget_usd_per_month": 10.0},
        {"tags": (Tag(key="a"), Tag(key="a"))},
        {"environment": (EnvironmentVariable(name="A"), EnvironmentVariable(name="A", value="2"))},
    ],
    ids=str,
)
def test_what_aws_does_not_take_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Placement(**wrong)


@pytest.mark.parametrize("key", ["aws:x", "headroom:plan", "a<b", ""])
def test_a_tag_is_what_aws_takes_and_not_our_own(key: str) -> None:
    with pytest.raises(ValidationError):
        Tag(key=key)


@pytest.mark.parametrize("name", ["A-B", "1A", "A B", ""])
def test_a_variable_has_a_name_that_shells_know(name: str) -> None:
    with pytest.raises(ValidationError):
        EnvironmentVariable(name=name)
