"""What practitioners are taught about the patterns, held against the numbers of one scenario.

Each rule of thumb says when it speaks, in numbers of the workload, and what it advises: patterns to take, and patterns
to leave. The numbers agree when the winner is one that it advises, or none that it advises against. The bounds make
words such as "modest" countable; they are this file's, the rules are common teaching (docs/explore.md).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from headroom.advisor.explore.ranking_at import Standing
from headroom.advisor.prepared import prepare
from headroom.advisor.tell import words
from headroom.advisor.world import World
from simulator.engine.replication import Stream
from simulator.patterns.registry import BY_KEY
from simulator.scenario import Scenario
from simulator.traffic.kinds import Jobs
from simulator.traffic.summary import preview

PEAKED = 5.0
"""Peak minute over mean rate from which traffic counts as unpredictable."""
IDLE = 0.5
"""Share of minutes without a request from which it counts as intermittent."""
MODEST = 50.0
"""Requests in work at once, in the peak minute, up to which concurrency is modest: a quarter of facts row 1.6."""
BUSY = 4.0
"""Requests in work on average from which throughput counts as high: what one instance of four vCPU is busy with."""
QUICK_S = 0.1
LARGE_MB = 25.0
LONG_S = 60.0
MANY_RECORDS = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """The numbers that rules of thumb speak of.

    in_work and peak_in_work: requests in work at once on the reference instance, on average and in the busiest minute.
    idle: share of minutes without a request. deferred: the answer may come later. records: of a data set, 0 if none.
    """

    mean_per_s: float
    peak_over_mean: float
    idle: float
    in_work: float
    peak_in_work: float
    service_s: float
    largest_mb: float
    latency_limit_s: float
    deferred: bool
    records: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """A rule that speaks for a scenario. agrees: whether the numbers say the same; None when nothing wins at all."""

    key: str
    rule: str
    because: str
    takes: tuple[str, ...]
    leaves: tuple[str, ...]
    agrees: bool | None
    sentence: str


@dataclass(frozen=True, slots=True)
class Rule:
    """When it speaks, in words with numbers ("" when it does not), and what it advises."""

    key: str
    text: str
    speaks: Callable[[Load], str]
    takes: tuple[str, ...]
    leaves: tuple[str, ...] = ()


def _unpredictable(load: Load) -> str:
    uneven = load.peak_over_mean >= PEAKED or load.idle >= IDLE
    if load.records or not uneven or load.peak_in_work > MODEST or load.largest_mb > 4 or load.service_s > LONG_S:
        return ""
    return (
        f"the busiest minute has {words.count(load.peak_over_mean)} times the mean rate, {words.share(load.idle)} of"
        f" the minutes have no request, and {_at_once(load.peak_in_work)} in work at once in that minute"
    )


def _at_once(number: float) -> str:
    return "less than one is" if number < 1 else f"about {words.count(number)} are"


def _sustained(load: Load) -> str:
    if load.records or load.in_work < BUSY or load.peak_over_mean >= PEAKED:
        return ""
    return f"{words.count(load.in_work)} requests are in work on average, at {words.per_second(load.mean_per_s)}"


def _quick(load: Load) -> str:
    if load.records or not 0 < load.latency_limit_s <= QUICK_S:
        return ""
    return f"the answer is wanted within {words.seconds(load.latency_limit_s)}"


def _offline(load: Load) -> str:
    if load.records < MANY_RECORDS or not load.deferred:
        return ""
    return f"data sets of {words.count(load.records)} records come at once and nobody waits for a single answer"


def _large(load: Load) -> str:
    if load.records or not (load.largest_mb > LARGE_MB or load.service_s > LONG_S):
        return ""
    return f"payloads reach {words.megabytes(load.largest_mb)} and one request takes {words.seconds(load.service_s)}"


RULES = (
    Rule(
        "unpredictable",
        "Serverless for intermittent or unpredictable traffic of modest concurrency",
        _unpredictable,
        ("serverless",),
    ),
    Rule("sustained", "Not serverless for sustained high throughput", _sustained, ("realtime",), ("serverless",)),
    Rule("quick", "Not serverless for answers within 100 ms", _quick, ("realtime",), ("serverless",)),
    Rule("offline", "Batch transform for large offline work", _offline, ("batch",)),
    Rule("large", "Asynchronous for large payloads and long work", _large, ("asynchronous",)),
)


def rules(scenario: Scenario, world: World, standing: Standing) -> tuple[Spoken, ...]:
    """The rules that speak for this scenario, each held against where the patterns stand."""
    return tuple(_spoken(load(scenario, world), standing))


def load(scenario: Scenario, world: World) -> Load:
    """Draw the traffic once and sum it up."""
    case, workload, requirement = prepare(scenario, world).case, scenario.workload, scenario.requirement
    seen = preview(case.source, case.rng(Stream.PREVIEW), case.simulation.duration_s)
    service_s, traffic = workload.service_time.mean_ms / 1000, workload.traffic
    return Load(
        mean_per_s=seen.mean_per_s,
        peak_over_mean=seen.peak_60s_per_s / seen.mean_per_s if seen.mean_per_s else 0.0,
        idle=1.0 if seen.empty_minutes is None else seen.empty_minutes,
        in_work=seen.mean_per_s * service_s,
        peak_in_work=seen.peak_60s_per_s * service_s,
        service_s=service_s,
        largest_mb=max(workload.largest_request_mb, workload.response_mb),
        latency_limit_s=requirement.latency_limit_s,
        deferred=requirement.answer_may_be_deferred,
        records=traffic.records if isinstance(traffic, Jobs) else 0,
    )


def _spoken(load: Load, standing: Standing) -> Iterator[Spoken]:
    for rule in RULES:
        because = rule.speaks(load)
        if because:
            winner = standing.winner
            agrees = None if winner is None else _agrees(rule, winner.pattern)
            yield Spoken(
                key=rule.key,
                rule=rule.text,
                because=because,
                takes=rule.takes,
                leaves=rule.leaves,
                agrees=agrees,
                sentence=f"{rule.text}: {because}. {_verdict(rule, standing)}",
            )


def _agrees(rule: Rule, winner: str) -> bool:
    return winner not in rule.leaves if rule.leaves else winner in rule.takes


def _verdict(rule: Rule, standing: Standing) -> str:
    """Whether the numbers agree, with the numbers."""
    winner = standing.winner
    if winner is None:
        return "By the numbers nothing meets the requirement."
    best = f"{winner.title} wins at {words.dollars(winner.cost_usd_per_month)} a month"
    lead = "The numbers agree" if _agrees(rule, winner.pattern) else "The numbers disagree"
    rivals = [_other(standing, pattern) for pattern in (*rule.leaves, *rule.takes) if pattern != winner.pattern]
    return f"{lead}: {'; '.join([best, *filter(None, rivals)])}."


def _other(standing: Standing, pattern: str) -> str:
    """What a pattern that the rule names, and that does not win, would cost, or why it does not serve."""
    entry = standing.of(pattern)
    if entry is None:
        return f"{BY_KEY[pattern].title} is not looked at"
    if not entry.meets:
        return f"{entry.title} does not serve: {entry.why}"
    return f"{entry.title} would cost {words.dollars(entry.cost_usd)}"
