from __future__ import annotations

import json

import pytest

from headroom.advisor.answer import Answer
from headroom.codec import from_json
from headroom.sharing.exports.json_files import comparison_json, plan_json, to_bytes
from tests.headroom.advisor import outcomes
from tests.headroom.sharing.exports.samples import compared, every


def test_json_says_everything_and_what_it_was_made_with() -> None:
    comparison = compared()
    values = json.loads(to_bytes(comparison_json(comparison, outcomes.world())))
    assert values["best"] == 0
    assert values["made_with"]["prices_as_of"] == "2026-10-04"
    assert values["sentence"] == comparison.sentence
    assert values["scenario"]["schema"] == 1
    again = from_json(Answer, values["evaluations"][0])
    assert again.cost_usd_per_month == comparison.evaluations[0].cost_usd_per_month
    assert again.bill == comparison.evaluations[0].bill


def test_json_of_before_there_were_lines_and_reasons_is_read() -> None:
    one = comparison_json(compared(), outcomes.world())["evaluations"][0]
    lines, latency = one.pop("lines_usd"), {name: dict(found) for name, found in one["latency_s"].items()}
    assert len(lines) == len(one["bill"]["lines"])
    for found in latency.values():
        found.pop("why")
    del one["outcome"]["within"], one["outcome"]["series"]["spread"]
    again = from_json(Answer, {**one, "latency_s": latency})
    assert again.lines_usd == ()
    assert again.latency_s["p99"] == compared().evaluations[0].latency_s["p99"]
    assert again.outcome is not None
    assert again.outcome.within is None


def test_a_plan_has_its_comparison_as_compare_writes_it_and_its_argument() -> None:
    defended = next(value for kind, value in every().items() if kind.__name__ == "DefendedPlan")
    values = plan_json(defended, outcomes.world())
    assert list(values)[:2] == ["made_with", "comparison"]
    assert values["comparison"] == comparison_json(defended.plan.comparison, outcomes.world())
    assert values["argument"]["choice"] == defended.argument.choice


def test_what_is_no_json_is_refused() -> None:
    with pytest.raises(ValueError, match="JSON"):
        to_bytes({"latency_s": float("nan")})
