"""The cause by its name: what in the settings, the clients or the prices makes a deployment slow, failing or dear.

One place for whoever speaks of a deployment: it looks at what the settings allow (`simulator.patterns.bottlenecks`) and
at what happened, and names only what both show. Each cause is a value with its sentence (`headroom.advisor.answer`).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from headroom.advisor.answer import Answer, Cause, CauseKey
from headroom.advisor.tell import clause_text, limit_text, words
from headroom.advisor.tell.throttling import throttled
from simulator.engine.outcome import Outcome
from simulator.kernels.fates import Fate
from simulator.model.limits import TimeLimit
from simulator.patterns.bottlenecks import Bottlenecks
from simulator.patterns.registry import BY_KEY, COMPUTE
from simulator.scenario import Scenario

MANY_ATTEMPTS = 1.3
"""Attempts over requests from which retries count as a storm."""

LOW_TARGET = 0.2
"""Share of what an instance can answer, up to which a target of scaling is called low."""

MOST_OF_THE_COST = 0.5
"""Share of the bill from which one kind of charge is what makes the cost."""

NOTABLE = 0.1
"""Share of all that fails from which a way to fail is worth a cause."""

MOSTLY = 0.5
"""Share from which something is what happens mostly."""


_EXPLAIN_THE_WAITING = frozenset(
    {"no wake policy", "from zero", "schedule", "retry storm", "queue full", "late scaling"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Run:
    """One answer that was simulated, and what its causes are looked for in."""

    scenario: Scenario
    answer: Answer
    outcome: Outcome
    bottlenecks: Bottlenecks

    def broken(self, key: str) -> bool:
        """Whether the clause with this key is broken."""
        return any(clause.key == key and not clause.met for clause in self.answer.clauses)

    def fails(self, fate: Fate) -> bool:
        """Whether too much ends without an answer, and a part of it that counts in this way."""
        failed = self.outcome.offered - self.outcome.completed
        return self.broken("errors") and 0 < NOTABLE * failed <= self.outcome.fates[fate]

    @property
    def waits(self) -> bool:
        """Whether it is too slow, and mostly by waiting in a queue."""
        parts_s = self.outcome.parts_s
        slowest = max(parts_s, key=lambda name: parts_s[name], default="")
        return self.broken("latency") and slowest == "queue" and parts_s[slowest] > 0

    @property
    def grows(self) -> bool:
        """Whether the number of instances in service has changed."""
        peaks = self.outcome.series.peaks.get("instances_in_service")
        return peaks is not None and bool(peaks.max() > peaks.min())

    @property
    def sleeps(self) -> bool:
        """Whether scaling has taken it down to no instance at all."""
        in_service = self.outcome.series.means.get("instances_in_service")
        return self.bottlenecks.least_instances == 0 and in_service is not None and bool((in_service < 1).any())


def causes(scenario: Scenario, answer: Answer, bottlenecks: Bottlenecks) -> tuple[Cause, ...]:
    """What stands behind what is broken, and behind a cost that need not be; the more telling first.

    Empty for an answer that was not simulated.
    """
    if answer.outcome is None:
        return ()
    run = _Run(scenario=scenario, answer=answer, outcome=answer.outcome, bottlenecks=bottlenecks)
    of_failures = [cause for look in _OF_WHAT_IS_BROKEN for cause in look(run)]
    if not any(cause.key in _EXPLAIN_THE_WAITING for cause in of_failures):
        of_failures += _few_workers(run)
    return (*of_failures, *_idle_instances(run), *_low_target(run), *_other_charges(run))


def _requirement(key: CauseKey, sentence: str) -> Cause:
    return Cause(key=key, explains=("latency", "errors"), sentence=sentence)


def _asleep(run: _Run) -> Iterator[Cause]:
    """What comes while there is no instance fails, or waits for one; or nothing starts one for the first request."""
    if run.sleeps and _is_held(run) and run.fails("failed"):
        text = "its schedule takes it to no instance: calls fail until it is created again and its instances are there"
        yield Cause(key="no endpoint", explains=("errors",), sentence=text)
    if not run.sleeps or _is_held(run) or not (run.waits or run.fails("expired")):
        return
    above = run.bottlenecks.wakes_above
    if above is None:
        text = "it goes down to no instance (MinCapacity 0), and what comes then waits until one has started"
        yield _requirement("from zero", text)
    else:
        text = (
            "it has no wake policy: at zero instances the backlog per instance has no value, and one is started only"
            f" when more than {words.count(above)} waits (TargetValue); a step policy on HasBacklogWithoutCapacity"
            " would start it for the first (facts row 4.11)"
        )
        yield _requirement("no wake policy", text)


def _schedule(run: _Run) -> Iterator[Cause]:
    """Jobs start on a schedule that alone takes a good part of the time that is allowed."""
    every_s, limit_s = run.bottlenecks.jobs_every_s, run.scenario.requirement.latency_limit_s
    if every_s and every_s >= MOSTLY * limit_s and run.broken("latency"):
        text = f"a job starts every {words.seconds(every_s)}, and what arrives waits for the next"
        yield Cause(key="schedule", explains=("latency",), sentence=text)


def _retries(run: _Run) -> Iterator[Cause]:
    """Clients who ask again multiply the load."""
    outcome, client = run.outcome, run.scenario.workload.client
    too_bad = run.broken("errors") or run.broken("latency")
    repeats = run.bottlenecks.workers or client.read_timeout_s  # elsewhere what is refused costs nothing
    if not (too_bad and repeats and outcome.offered) or outcome.attempts < MANY_ATTEMPTS * outcome.offered:
        return
    seconds = outcome.horizon_s * outcome.replications
    text = (
        f"a retry storm: {words.count(outcome.offered / seconds)} requests a second are offered, and clients make"
        f" {words.count(outcome.attempts / seconds)} attempts a second"
    )
    if client.read_timeout_s and _is_held(run):
        text += (
            f"; what is not answered within the read timeout of {client.read_timeout_s:g} s is sent again while the"
            " container works on"
        )
    busy = _busy_without_repeats(run, outcome.offered / seconds)
    if 0 < busy < 1:
        text += f"; without repeats its instances would be {words.share(busy)} busy"
    yield _requirement("retry storm", text)


def _busy_without_repeats(run: _Run, offered_per_s: float) -> float:
    """The load of the requests alone on the instances that were there; 0 where that is not known."""
    in_service = run.outcome.series.means.get("instances_in_service")
    if in_service is None or not in_service.any() or not run.bottlenecks.per_minute:
        return 0.0
    return 60 * offered_per_s / (run.bottlenecks.per_minute * float(in_service.mean()))


def _time_limits(run: _Run) -> Iterator[Cause]:
    """Which time-out ends what is not answered."""
    limit = _first_limit(run)
    if limit is None or not run.fails("timed_out"):
        return
    source = limit_text.origin(limit.whose, limit.row)
    text = f"{limit.name} ends a {limit.of} after {limit.seconds:g} s ({source})"
    timed_out = run.outcome.fates["timed_out"] / run.outcome.offered
    if limit.work_beyond and limit.work_beyond >= MOSTLY * timed_out:
        text += f", and {words.share(limit.work_beyond)} need longer without any waiting"
    elif limit.waits:
        text += ", of which most was waiting"
    yield Cause(key="time limit", explains=("errors",), sentence=text)


def _first_limit(run: _Run) -> TimeLimit | None:
    """What ends a request first: the endpoint, the client's read timeout or the gateway in front."""
    limit, client = run.bottlenecks.time_limit, run.scenario.workload.client
    if limit is None or not _is_held(run):
        return limit
    for name, seconds, row in (
        ("the client's read timeout", client.read_timeout_s, "8.8"),
        ("the gateway in front", client.gateway_timeout_s, "8.13"),
    ):
        if 0 < seconds < limit.seconds:
            limit = replace(
                limit, name=name, of="call", seconds=seconds, whose=None, row=row, waits=False, work_beyond=0
            )
    return limit


def _is_held(run: _Run) -> bool:
    """Whether the client waits on the connection, so that its own time-outs count."""
    return BY_KEY[run.answer.deployment.pattern].call == "held"


def _refusals(run: _Run) -> Iterator[Cause]:
    """What is full where requests are refused."""
    queue = run.bottlenecks.queue
    if run.fails("rejected") and queue is not None:
        text = f"{_at_a_time(run)}, lets {words.count(queue)} wait (Queue per instance) and refuses what comes beyond"
        yield Cause(key="queue full", explains=("errors",), sentence=text)
    if run.fails("throttled") and (text := throttled(run.scenario, run.answer)):
        yield Cause(key="throttled", explains=("errors",), sentence=text)


def _slow_start(run: _Run) -> Iterator[Cause]:
    """New instances are slow at first, and there were new ones."""
    bottlenecks, too_bad = run.bottlenecks, run.broken("errors") or run.broken("latency")
    if too_bad and run.grows and bottlenecks.slow_start_s and bottlenecks.slow_start_factor > 1:
        text = (
            f"a new instance is {words.count(bottlenecks.slow_start_factor)} times as slow in its first"
            f" {words.seconds(bottlenecks.slow_start_s)} (assumed: Warm-up hazard)"
        )
        yield _requirement("slow start", text)


def _late_scaling(run: _Run) -> Iterator[Cause]:
    """Scaling reached more instances than there were at the worst moment."""
    worst, peaks = _worst_bin(run), run.outcome.series.peaks.get("instances_in_service")
    scales = run.bottlenecks.least_instances is not None and not run.sleeps
    if not scales or worst is None or peaks is None or not 0 < peaks[worst] < peaks.max():
        return
    clock = clause_text.clock(run.scenario, worst * run.outcome.series.bin_s)
    there = words.counted(int(peaks[worst]), "instance was", "instances were")
    had_before = peaks[:worst].max(initial=0) == peaks.max()
    scaling = f"where scaling {'had come' if had_before else 'came'} to {words.count(peaks.max())}"
    text = f"at {clock}, when it was worst, only {there} in service, {scaling} {'before' if had_before else 'later'}"
    yield _requirement("late scaling", text)


def _worst_bin(run: _Run) -> int | None:
    """The bin of the series in which most fails, or else answers are slowest; None where nothing is broken."""
    outcome, name = run.outcome, words.percentile(run.scenario.requirement.latency_percentile)
    fate = clause_text.worst_fate(outcome)
    if run.broken("errors") and fate is not None:
        return clause_text.worst_bin(outcome, fate)
    latency_s = outcome.series.latency_s.get(name)
    if not run.broken("latency") or latency_s is None or np.isnan(latency_s).all():
        return None
    return int(np.nanargmax(latency_s))


def _cold_starts(run: _Run) -> Iterator[Cause]:
    """Cold starts are about as long as the limit, and more requests meet one than may be slow; or a client does not
    wait for them.
    """
    outcome, requirement = run.outcome, run.scenario.requirement
    if not outcome.cold_starts:
        return
    met, limit = outcome.cold_starts / outcome.offered, _first_limit(run)
    meet = f"{words.share(met)} of {clause_text.noun(run.scenario)} meet a cold start"
    may_be_slow = 1 - requirement.latency_percentile / 100
    length_s = outcome.parts_s.get("setup", 0.0) / met
    if run.broken("latency") and met >= may_be_slow and length_s >= MOSTLY * requirement.latency_limit_s:
        slower = f"only {words.share(may_be_slow)} may be slower than the limit"
        text = f"{meet}, on average {words.seconds(length_s)} long, and {slower}"
        yield Cause(key="cold starts", explains=("latency",), sentence=text)
    given_up = outcome.fates["timed_out"] / outcome.offered
    if run.fails("timed_out") and limit is not None and limit.whose is None and met >= MOSTLY * given_up:
        yield Cause(key="cold starts", explains=("errors",), sentence=f"{meet}, which takes a part of that time")


def _few_workers(run: _Run) -> Iterator[Cause]:
    """Requests wait for those before them, because an instance works on few at once."""
    limit, workers = run.bottlenecks.time_limit, run.bottlenecks.workers
    timed_out = run.outcome.fates["timed_out"] / max(run.outcome.offered, 1)
    by_waiting = limit is not None and limit.waits and limit.work_beyond < MOSTLY * timed_out
    if workers and (run.waits or (run.fails("timed_out") and by_waiting)):
        yield _requirement("few workers", f"{_at_a_time(run)}, and the others wait")


def _at_a_time(run: _Run) -> str:
    """Like "an instance works on 4 requests at a time (one per vCPU)"."""
    scenario = run.scenario
    usual = f"one per {'GPU' if scenario.requirement.needs_gpu else 'vCPU'}"
    source = "Workers in the container" if scenario.workload.container_workers else usual
    return f"an instance works on {words.counted(run.bottlenecks.workers, 'request')} at a time ({source})"


def _idle_instances(run: _Run) -> Iterator[Cause]:
    """A job has more instances than objects to hand out."""
    objects, instances = run.bottlenecks.input_objects, run.bottlenecks.job_instances
    if 0 < objects < instances:
        text = (
            f"{words.counted(objects, 'object')}: {words.count(instances - objects)} of"
            f" {words.counted(instances, 'instance')} have nothing to do and are paid, because an object is worked on"
            " by one instance (facts row 5.3)"
        )
        yield Cause(key="idle instances", explains=("cost",), sentence=text)


def _low_target(run: _Run) -> Iterator[Cause]:
    """Scaling adds instances while those that are there stand nearly idle."""
    target, could = run.bottlenecks.target_per_minute, run.bottlenecks.per_minute
    if target is None or not could or target > LOW_TARGET * could or not run.grows:
        return
    text = (
        f"its target, {words.count(target)} requests a minute and instance, is {words.share(target / could)} of the"
        f" {words.count(math.floor(could))} that an instance can answer: instances are added while those that are there"
        " have little to do"
    )
    yield Cause(key="low target", explains=("cost",), sentence=text)


def _other_charges(run: _Run) -> Iterator[Cause]:
    """Most of the cost is for something else than the compute, such as the data that go in."""
    bill = run.answer.bill
    if bill is None or not bill.total_usd:
        return
    for line in bill.lines:
        if line.usage in COMPUTE or not line.amount_usd or line.amount_usd < MOST_OF_THE_COST * float(bill.total_usd):
            continue
        part = words.share(float(line.amount_usd / bill.total_usd))
        text = f"{part} of its cost, {words.dollars(line.amount_usd)}, is for {clause_text.small(line.title)}"
        yield Cause(key="other charges", explains=("cost",), sentence=text)


_OF_WHAT_IS_BROKEN = (_asleep, _schedule, _retries, _time_limits, _late_scaling, _slow_start, _refusals, _cold_starts)
