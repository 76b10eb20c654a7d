"""What stands behind requests that were answered 429: environments needed, and the limit."""

from __future__ import annotations

import math

from headroom.advisor.answer import Answer
from headroom.advisor.tell import clause_text, words
from simulator.engine.outcome import Outcome
from simulator.patterns.registry import BY_KEY, Deployment
from simulator.scenario import Scenario


def throttled(scenario: Scenario, answer: Answer) -> str:
    """Like "it needs about 312 environments at once at 12:40, its limit is 200".

    What would be needed is what was in flight in the worst bin, times what was asked for over what was let in. Empty
    where something else was refused most, or where the limit was not reached, so that something else refused.
    """
    outcome, deployment = answer.outcome, answer.deployment
    if outcome is None or BY_KEY[deployment.pattern].room is None or clause_text.worst_fate(outcome) != "throttled":
        return ""
    worst = clause_text.worst_bin(outcome, "throttled")
    room, limit = (0, "") if worst is None else _room(scenario, deployment, worst * outcome.series.bin_s)
    if worst is None or not _reached(outcome, worst, room):
        return ""
    clock = clause_text.clock(scenario, worst * outcome.series.bin_s)
    needed = math.ceil(_needed(outcome, worst))
    if needed > room:
        return f"it needs about {words.counted(needed, 'environment')} at once at {clock}, {limit}"
    whole = "its one environment is" if room == 1 else f"all its {words.count(room)} environments are"
    return f"{whole} at work at {clock}, {limit}"


def _room(scenario: Scenario, deployment: Deployment, t_s: float) -> tuple[int, str]:
    """Requests that may be in flight at t_s, and by which limit."""
    pattern = BY_KEY[deployment.pattern]
    setting = pattern.account.most(deployment)
    room = pattern.room(scenario.assumptions, scenario.region, deployment, t_s) if pattern.room else setting
    limit = f"its limit is {words.count(setting)}"
    return (
        room,
        limit if room == setting else f"the account's pool leaves it {words.count(room)} of its {words.count(setting)}",
    )


def _reached(outcome: Outcome, worst: int, room: int) -> bool:
    """Whether as many were in flight in this bin as may be; taken as so where the series does not say."""
    peaks = outcome.series.peaks.get("in_flight")
    return peaks is None or bool(peaks[worst] >= room)


def _needed(outcome: Outcome, worst: int) -> float:
    """Environments that all requests of a bin would have needed; 0 where that is not known."""
    in_flight = outcome.series.means.get("in_flight")
    offered = outcome.series.counts.get("offered")
    if in_flight is None or offered is None:
        return 0.0
    let_in = offered[worst] - outcome.series.counts["throttled"][worst]
    return float(in_flight[worst] * offered[worst] / let_in) if let_in > 0 else 0.0
