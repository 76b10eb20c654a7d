"""A clause of a requirement in words: what holds, what is broken, by what, and when. Made only from facts of a run."""

from __future__ import annotations

import math
from collections.abc import Iterable

from headroom.advisor.answer import Answer, Clause
from headroom.advisor.tell import limit_text, words
from simulator.engine.outcome import FATE_WORDS, Outcome
from simulator.engine.stages import words_of
from simulator.kernels.fates import Fate
from simulator.scenario import Scenario


def noun(scenario: Scenario) -> str:
    """What one unit of the traffic is called."""
    return "records" if scenario.workload.traffic.kind == "jobs" else "requests"


def binding(clauses: Iterable[Clause]) -> Clause | None:
    """The broken clause that is missed by most; one that cannot be put as a number counts as missed by most of all."""
    return max((clause for clause in clauses if not clause.met), key=missed_by, default=None)


def tightest(clauses: Iterable[Clause]) -> Clause | None:
    """Of the clauses that are met, the one with the least to spare; None when none is a number above 0."""
    met_clauses = [clause for clause in clauses if clause.met and clause.margin]
    return max(met_clauses, key=missed_by, default=None)


def missed_by(clause: Clause) -> float:
    """Ratio of value to limit of a clause; infinite where the clause has no numbers."""
    return math.inf if clause.margin is None else clause.margin


def holds(clause: Clause) -> str:
    """A clause that is met, as part of a list: "p99 latency 812 ms (at most 1,000 ms)"."""
    return f"{small(clause.title)} {clause.value} ({clause.limit})"


def subject(clause: Clause) -> str:
    """What a clause limits, as the subject of a sentence: "the p99 latency"."""
    return "the share of errors" if clause.key == "errors" else f"the {small(clause.title)}"


def broken(clause: Clause, noun: str) -> str:
    """A clause that is not met, as a sentence without its full stop."""
    if clause.key == "errors":
        return f"{clause.value} of {noun} end without an answer, {clause.limit} may"
    if clause.key == "deferred":
        return f"the answer is {clause.value}, instead of {clause.limit}"
    if clause.key == "deadline":
        verb = "is" if clause.margin is None else "takes"
        return f"the slowest data set {verb} {clause.value}, {clause.limit} is allowed"
    if clause.key == "limit":
        source = limit_text.origin(clause.whose, clause.row)
        return f"{small(clause.title)}: {clause.value} (allowed: {clause.limit}{f'; {source}' if source else ''})"
    if clause.key == "availability":
        verb = "needed" if clause.limit.startswith("at least") else "allowed"
        return f"{small(clause.title)} is {clause.value}, {clause.limit} is {verb} (min_zones; 1: one zone is enough)"
    return f"{small(clause.title)} is {clause.value}, {clause.limit} is allowed"


def missed(clause: Clause) -> str:
    """A clause that is not met, in a few words: "p95 latency 812 ms, at most 400 ms"."""
    return f"{small(clause.title)} {clause.value}{limit_of(clause)}"


def limit_of(clause: Clause) -> str:
    """The limit of a clause, as text that follows its value."""
    return f" (wanted {clause.limit})" if clause.key == "deferred" else f", {clause.limit}"


def cited(clause: Clause) -> str:
    """Whose limit a clause holds, and its fact row, to be put behind it: " (its own setting, facts row 1.5)"."""
    source = limit_text.origin(clause.whose, clause.row)
    return f" ({source})" if source else ""


def detail(scenario: Scenario, evaluation: Answer, clause: Clause) -> str:
    """What stands behind a broken clause, as "; ..." to be put after it: a fate and its hour, or the longest part."""
    outcome = evaluation.outcome
    if outcome is None:
        return ""
    if clause.key == "errors":
        return _worst_fate(scenario, outcome)
    return _slowest_part(outcome) if clause.key == "latency" else ""


def causes(evaluation: Answer) -> str:
    """The causes of what is broken and of the cost, as sentences, each after a space; "" without any."""
    sentences = [cause.sentence for cause in evaluation.causes]
    return "".join(f" {sentence[:1].upper()}{sentence[1:]}." for sentence in sentences)


def clock(scenario: Scenario, t_s: float) -> str:
    """The time of day of a moment of the horizon."""
    return words.time_of_day(t_s, scenario.simulation.starts_on, scenario.simulation.duration_s)


def small(text: str) -> str:
    """Lower the first letter of a text for use inside a sentence; abbreviations keep theirs."""
    return text if text[:2].isupper() else text[:1].lower() + text[1:]


def _worst_fate(scenario: Scenario, outcome: Outcome) -> str:
    """Like "; throttled (429): 8.1 %, most at 12:40", or "; all of them: throttled (429), most at 12:40"."""
    fate = worst_fate(outcome)
    if fate is None:
        return ""
    failed = [number for name, number in outcome.fates.items() if name != "completed" and number]
    part = words.share(outcome.fates[fate] / outcome.offered)
    sentence = f"; all of them: {FATE_WORDS[fate]}" if len(failed) == 1 else f"; {FATE_WORDS[fate]}: {part}"
    worst = worst_bin(outcome, fate)
    return sentence if worst is None else f"{sentence}, most at {clock(scenario, worst * outcome.series.bin_s)}"


def worst_fate(outcome: Outcome) -> Fate | None:
    """The most frequent way to end without an answer; None when everything is answered."""
    failed = {fate: number for fate, number in outcome.fates.items() if fate != "completed" and number}
    return max(failed, key=lambda name: failed[name], default=None)


def worst_bin(outcome: Outcome, fate: Fate) -> int | None:
    """The bin of the series in which a fate was most frequent."""
    bins = outcome.series.counts.get(fate)
    return None if bins is None or not len(bins) or not bins.max() > 0 else int(bins.argmax())


def _slowest_part(outcome: Outcome) -> str:
    """Like "; on average 74 % of the time is waiting in a queue"."""
    total = sum(outcome.parts_s.values())
    if total <= 0:
        return ""
    part = max(outcome.parts_s, key=lambda name: outcome.parts_s[name])
    return f"; on average {words.share(outcome.parts_s[part] / total)} of the time is {words_of(part)}"
