"""The program in one sentence: a scenario and one of its deployments in a world give an answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from headroom.advisor import availability, verdict
from headroom.advisor.answer import Answer
from headroom.advisor.check import check_deployment
from headroom.advisor.evidence import Estimated, Evidence, Simulated
from headroom.advisor.prepared import PreparedScenario, prepare
from headroom.advisor.tell import causes, warn
from headroom.advisor.world import World
from simulator import simulate as simulator
from simulator.engine.replication_count import planned_replications
from simulator.estimate.answer import fast
from simulator.model.limits import BrokenLimit
from simulator.patterns.registry import BY_KEY, Deployment
from simulator.scenario import Scenario

Progress = Callable[[float], None]


def no_progress(_share: float) -> None:
    """Ignore the progress."""


def evaluate(scenario: Scenario, deployment: Deployment, world: World, progress: Progress = no_progress) -> Answer:
    """Rule out, or simulate, bill and judge one deployment. `progress` is told the share that is done.

    Raises InvalidScenario with every problem of the scenario's shared part and of this deployment.
    """
    problems = check_deployment(deployment, _path(scenario, deployment), world)
    return simulate(prepare(scenario, world, problems), deployment, progress)


def preview(scenario: Scenario, deployment: Deployment, world: World) -> Answer:
    """Rule out, or estimate within a moment (docs/fast-answer.md), bill and judge one deployment.

    Raises InvalidScenario with every problem of the scenario's shared part.
    """
    return estimate(prepare(scenario, world), deployment)


def simulate(prepared: PreparedScenario, deployment: Deployment, progress: Progress = no_progress) -> Answer:
    """Rule out, or simulate, bill and judge one deployment of a prepared scenario."""
    case = replace(prepared.case, progress=progress)
    broken = simulator.limits(case, deployment)
    if broken:
        progress(1.0)
        return rule_out(prepared.scenario, deployment, broken)
    return judge(prepared, deployment, Simulated(simulator.simulate(case, deployment)))


def estimate(prepared: PreparedScenario, deployment: Deployment) -> Answer:
    """Rule out, or estimate, bill and judge one deployment of a prepared scenario."""
    broken = simulator.limits(prepared.case, deployment)
    if broken:
        return rule_out(prepared.scenario, deployment, broken)
    return judge(prepared, deployment, Estimated(fast(prepared.case, deployment)))


def judge(prepared: PreparedScenario, deployment: Deployment, evidence: Evidence) -> Answer:
    """Bill the usage in the evidence and hold its figures against the requirement. Estimates carry no warnings."""
    scenario = prepared.scenario
    answer = evidence.figures(deployment, scenario.requirement.latency_percentile, prepared.bill)
    judged = replace(answer, clauses=verdict.clauses(scenario, answer, evidence))
    judged = replace(judged, clauses=(*judged.clauses, *availability.clauses(prepared.case, judged)))
    if judged.estimated:
        return judged
    its_causes = causes.causes(scenario, judged, BY_KEY[deployment.pattern].bottlenecks(prepared.case, deployment))
    warnings = (*warn.warnings(prepared, judged), *warn.of_container(prepared.case, deployment))
    return replace(judged, causes=its_causes, warnings=warnings)


def rule_out(scenario: Scenario, deployment: Deployment, broken: tuple[BrokenLimit, ...]) -> Answer:
    """The answer for a deployment that hard limits forbid: nothing simulated, nothing billed."""
    answer = Answer(deployment=deployment, ruled_out=broken, latency_s={})
    return replace(answer, clauses=verdict.clauses(scenario, answer, None))


def is_complete(prepared: PreparedScenario, answer: Answer) -> bool:
    """Whether an answer that a search has found rests on all the replications that `simulate` makes."""
    if answer.outcome is None:
        return bool(answer.ruled_out)
    planned = planned_replications(prepared.case.expected_requests(), prepared.scenario.simulation.replications)
    return answer.outcome.replications == planned


def _path(scenario: Scenario, deployment: Deployment) -> str:
    of_the_scenario = deployment in scenario.deployments
    return f"deployments[{scenario.deployments.index(deployment)}]" if of_the_scenario else "deployment"
