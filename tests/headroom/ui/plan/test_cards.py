"""Lines of the card of a deployment."""

from __future__ import annotations

from dataclasses import replace

from headroom.advisor.answer import Clause
from headroom.advisor.tell import clause_text
from headroom.ui.plan.cards import _over_runs, clause_line
from headroom.ui.widgets.plain_text import md
from simulator.model.requirement import Requirement
from simulator.patterns.batch.deployment import BatchDeployment
from simulator.scenario import Scenario
from tests.headroom.advisor.outcomes import instances, judged, outcome, world


def test_a_limit_that_is_no_number_is_said_to_be_wanted() -> None:
    said = Clause(key="deferred", title="Answer", limit="on the connection", value="in S3", met=False, margin=None)
    assert clause_text.limit_of(said) == " (wanted on the connection)"
    assert clause_text.limit_of(replace(said, key="latency", limit="at most 30 s")) == ", at most 30 s"
    assert clause_line(said).endswith(r"Answer **in S3** \(wanted on the connection\): broken")
    assert clause_line(replace(said, row="4.1")).endswith(f": broken{md(clause_text.cited(replace(said, row='4.1')))}")


def test_the_slowest_data_set_stands_with_its_range_over_the_runs() -> None:
    made = outcome(usages=[instances(1), instances(1)])
    samples = tuple(replace(one, longest_job_s=at) for one, at in zip(made.samples, (3600.0, 7200.0), strict=True))
    answer = judged(Scenario(requirement=Requirement()), BatchDeployment(), replace(made, samples=samples), world())
    assert _over_runs(answer) == "(60 min to 2 h over the runs)"
    one = replace(answer, outcome=replace(made, samples=samples[:1]))
    assert _over_runs(one) == "(one run)"
    assert _over_runs(replace(answer, outcome=made)) == ""
