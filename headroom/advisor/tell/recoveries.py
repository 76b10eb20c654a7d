"""What each fault did, in a sentence, and how far it reached."""

from __future__ import annotations

from collections.abc import Sequence

from headroom.advisor.tell import words
from simulator.engine.outcome import Outcome, Recovery
from simulator.model.faults import TITLES, Fault
from simulator.patterns.registry import BY_KEY

MOSTLY = 0.5
"""Share of the hour before a fault from which a deployment was beyond its limits, and not only at times."""


def sentences(outcome: Outcome, faults: Sequence[Fault], starts_on: int = 0) -> tuple[str, ...]:
    """One sentence for each fault within the horizon, by time."""
    measured = [sentence(recovery, starts_on, outcome.horizon_s) for recovery in outcome.recoveries]
    touched = {(recovery.kind, recovery.at_s) for recovery in outcome.recoveries}
    untouched = (
        fault for fault in faults if fault.at_s < outcome.horizon_s and (fault.kind, fault.at_s) not in touched
    )
    return (*measured, *(_other(fault, outcome, starts_on) for fault in untouched))


def sentence(recovery: Recovery, starts_on: int, horizon_s: float) -> str:
    """Instance loss at 12:00: recovered after 20 min; p99 rose from 80 ms to 240 ms, 1.2 % without answer."""
    time_of_day = words.time_of_day(recovery.at_s, starts_on, horizon_s)
    return (
        f"{TITLES[recovery.kind]} at {time_of_day}: {_how_long(recovery)}; {_latency(recovery)}, {_errors(recovery)}."
    )


def _how_long(recovery: Recovery) -> str:
    """What became of it; of a deployment that was beyond its limits before, whether it is again as it was."""
    if recovery.recovered_s is None:
        lasting, stayed = "not recovered within the horizon", "was worse to the end of the horizon"
    elif recovery.recovered_s == recovery.at_s:
        lasting, stayed = "stayed within its limits", "did not get worse"
    else:
        length = words.seconds(recovery.recovered_s - recovery.at_s)
        lasting, stayed = f"recovered after {length}", f"was as before after {length}"
    if not recovery.beyond_before:
        return lasting
    when = "" if recovery.beyond_before > MOSTLY else "at times "
    return f"was {when}already beyond its limits before it, and {stayed}"


def _latency(recovery: Recovery) -> str:
    before_s, worst_s = recovery.p99_before_s, recovery.p99_worst_s
    if worst_s is None:
        return "nothing was answered"
    if before_s is None or worst_s <= before_s:
        return f"p99 at most {words.seconds(worst_s)}"
    return f"p99 rose from {words.seconds(before_s)} to {words.seconds(worst_s)}"


def _errors(recovery: Recovery) -> str:
    return f"{words.share(recovery.error_share)} without answer" if recovery.error_share else "all answered"


def _other(fault: Fault, outcome: Outcome, starts_on: int) -> str:
    time_of_day = words.time_of_day(fault.at_s, starts_on, outcome.horizon_s)
    pattern = BY_KEY[outcome.pattern]
    if pattern.in_jobs and fault.kind in pattern.touched_by:
        return f"{TITLES[fault.kind]} at {time_of_day}: seen in when the jobs are finished."
    return f"{TITLES[fault.kind]} at {time_of_day}: does not touch this deployment."
