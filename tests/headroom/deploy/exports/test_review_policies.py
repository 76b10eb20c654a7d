"""The Rego policies of docs/policies over a plan.json, and the workflow beside them."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import hobofan_regorus
import pytest
import yaml

from headroom.cli.main import COMMANDS
from headroom.sharing.exports.deployment_plan import deployment_plan
from tests.headroom.advisor.outcomes import world
from tests.headroom.sharing.exports.samples import placed

FOLDER = Path(__file__).parents[4] / "docs" / "policies"


def denied(plan: dict[str, Any]) -> set[str]:
    engine = hobofan_regorus.Engine()
    engine.add_policy("headroom.rego", (FOLDER / "headroom.rego").read_text(encoding="utf-8"))
    engine.set_input_json(json.dumps(plan))
    return set(engine.eval_rule("data.headroom.deny"))


@pytest.fixture
def good() -> dict[str, Any]:
    plan = deployment_plan(placed(), world())
    plan["cost"] = {**plan["cost"], "lower_bound": False}
    plan["predicted"] = {**plan["predicted"], "meets": True}
    return copy.deepcopy(plan)


def test_a_good_plan_is_let_through(good: dict[str, Any]) -> None:
    assert denied(good) == set()


def _type(plan: dict[str, Any]) -> None:
    for resource in plan["resources"]:
        for variant in resource["parameters"].get("ProductionVariants", ()):
            variant["InstanceType"] = "ml.p5.48xlarge"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda plan: plan["predicted"].update(meets=False), "does not meet"),
        (lambda plan: plan["cost"].update(usd_per_month_at_worst=40_000), "at its maximum"),
        (lambda plan: plan["cost"].update(lower_bound=True), "price is missing"),
        (lambda plan: plan.update(region="sa-east-1"), "sa-east-1"),
        (lambda plan: plan["tags"].pop("headroom:owner"), "headroom:owner"),
        (_type, "ml.p5.48xlarge"),
        (lambda plan: plan["tags"].update(environment="production"), "two instances"),
    ],
)
def test_what_a_policy_forbids_is_told(good: dict[str, Any], change: Callable[[Any], Any], told: str) -> None:
    change(good)
    (message,) = denied(good)
    assert told in message


def test_the_workflow_calls_commands_that_there_are() -> None:
    text = (FOLDER / "pull-request.yaml").read_text(encoding="utf-8")
    assert yaml.safe_load(text)["jobs"]["review"]["steps"]
    assert set(re.findall(r"headroom (\w+) \S+\.toml", text)) == {"diff", "check", "export"}
    assert {"diff", "check", "export"} <= set(COMMANDS)
