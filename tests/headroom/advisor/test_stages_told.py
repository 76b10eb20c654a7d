"""A stage of requests that is in the list is in the bill, in the sentence and in the JSON of an answer."""

from __future__ import annotations

from dataclasses import replace

import pytest

from headroom.advisor.tell import clause_text
from headroom.codec import from_json, to_json
from simulator.engine import stages
from simulator.engine.outcome import Outcome
from simulator.model.requirement import Requirement
from simulator.model.usage import Usage
from simulator.patterns.realtime.deployment import RealtimeDeployment
from simulator.scenario import Scenario
from tests.headroom.advisor.outcomes import instances, judged, outcome, world

LOOKUP = replace(stages.STAGES[-1], key="lookup", title="Feature look-up", words="looking up features")


def test_a_registered_stage_is_told_and_billed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stages, "STAGES", (*stages.STAGES, LOOKUP))
    scenario = Scenario(requirement=Requirement(latency_limit_s=0.05))
    usage = (*instances(1), Usage(key="internet_out_gb", quantity=2.0))
    simulated = outcome(
        usages=[usage, usage], parts_s={"queue": 0.01, "service": 0.02, "overhead": 0.01, "lookup": 0.06}
    )
    answer = judged(scenario, RealtimeDeployment(), simulated, world())
    (latency,) = [clause for clause in answer.clauses if clause.key == "latency"]
    told = clause_text.detail(scenario, answer, latency)
    assert told == "; on average 60 % of the time is looking up features"
    assert answer.bill is not None
    assert {line.usage for line in answer.bill.lines} == {"hosting_instance_s", "internet_out_gb"}
    assert from_json(Outcome, to_json(simulated)).parts_s == simulated.parts_s
