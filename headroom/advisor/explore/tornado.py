"""How much each assumption moves the cost and the latency of one deployment: the tornado.

Every assumption that touches the deployment is moved between the plausible values of `ranges`, one at a time,
all else left as it is. The fast answer says what happens where it is sure at both ends; where it is not, the
deployment is run exactly, with the same random numbers for all, as often as is cheap. What is neither is told by the
fast answer all the same and marked as not sure. Both ends of a bar, and the middle they are held against, are always by
the same method.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeVar

from headroom.advisor.answer import Answer
from headroom.advisor.evaluate import Progress, estimate, no_progress, simulate
from headroom.advisor.executor import Executor
from headroom.advisor.explore.affordable_runs import cheap_replications, short
from headroom.advisor.explore.ranges import Range, touching
from headroom.advisor.explore.shared_screens import each
from headroom.advisor.prepared import PreparedScenario, prepare
from headroom.advisor.tell import limit_text, words
from headroom.advisor.world import World
from simulator import simulate as simulator
from simulator.errors import InvalidScenario, Problem
from simulator.model.assumptions import Assumptions
from simulator.patterns.registry import Deployment
from simulator.scenario import Scenario

T = TypeVar("T")

Method = Literal["fast", "exact", "unsure"]
Value = float | bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Cost a month and latency of the required percentile; None where not known (nothing answered)."""

    cost_usd_per_month: float | None
    latency_s: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One assumption moved. at_low, at_middle, at_high: the figures with its low value, as it is, with its high value.

    because: where low and high come from. method: "fast", "exact", or "unsure" when only a fast answer that is not sure
    is there.
    """

    field: str
    title: str
    unit: str
    value: Value
    low: Value
    high: Value
    because: str
    at_low: Figures
    at_middle: Figures
    at_high: Figures
    method: Method

    @property
    def cost_swing_usd(self) -> float:
        """Most that the cost moves away from the middle."""
        return _swing([figures.cost_usd_per_month for figures in (self.at_low, self.at_middle, self.at_high)])

    @property
    def latency_swing_s(self) -> float:
        """Most that the latency moves away from the middle."""
        return _swing([figures.latency_s for figures in (self.at_low, self.at_middle, self.at_high)])


@dataclass(frozen=True, slots=True, kw_only=True)
class Tornado:
    """Bars by cost, and the same sorted by latency; largest swing first. percentile: name of the required one."""

    deployment: Deployment
    percentile: str
    by_cost: tuple[Bar, ...]
    by_latency: tuple[Bar, ...]
    sentence: str


def tornado(
    scenario: Scenario,
    deployment: Deployment,
    world: World,
    executor: Executor | None = None,
    progress: Progress = no_progress,
) -> Tornado:
    """Move every assumption that touches the deployment.

    Raises InvalidScenario with every problem of the scenario's shared part, or when hard limits rule the deployment
    out.
    """
    prepared = prepare(scenario, world)
    broken = simulator.limits(prepared.case, deployment)
    if broken:
        condition = f"{deployment.name}, ruled out by {limit_text.listed(broken, scenario)}"
        allowed = "a deployment that can run the workload: no assumption moves a hard limit"
        raise InvalidScenario([Problem("deployment", condition, allowed, "Choose another one.")])
    ranges = list(touching(scenario, deployment, world.hardware))
    bars = _Runner(prepared, deployment, executor, progress).bars(ranges)
    progress(1.0)
    by_cost = tuple(sorted(bars, key=lambda bar: -bar.cost_swing_usd))
    by_latency = tuple(sorted(bars, key=lambda bar: -bar.latency_swing_s))
    name = words.percentile(scenario.requirement.latency_percentile)
    return Tornado(
        deployment=deployment,
        percentile=name,
        by_cost=by_cost,
        by_latency=by_latency,
        sentence=_sentence(deployment, by_cost[0], by_latency[0], name),
    )


def moved(scenario: Scenario, field: str, value: Value) -> Scenario:
    """The scenario with one assumption changed; a least that would pass its most takes it along, and the other way."""
    changes: dict[str, Value] = {field: value}
    for lower, upper in _PAIRS:
        if field == lower:
            changes[upper] = max(value, getattr(scenario.assumptions, upper))
        if field == upper:
            changes[lower] = min(value, getattr(scenario.assumptions, lower))
    return scenario.model_copy(update={"assumptions": scenario.assumptions.model_copy(update=changes)})


_PAIRS = (
    ("alarm_delay_min_s", "alarm_delay_max_s"),
    ("high_resolution_delay_min_s", "high_resolution_delay_max_s"),
)


class _Runner:
    """Figures of one deployment under changed assumptions: fast where sure, else exactly where cheap."""

    def __init__(
        self, prepared: PreparedScenario, deployment: Deployment, executor: Executor | None, progress: Progress
    ) -> None:
        self.prepared = prepared
        self.deployment = deployment
        self.executor = executor
        self.progress = progress

    def bars(self, ranges: Sequence[Range]) -> list[Bar]:
        """One bar for each assumption."""
        scenario = self.prepared.scenario
        ends = [moved(scenario, range_.field, value) for range_ in ranges for value in (range_.low, range_.high)]
        middle, *figures = self._all(_fast, [scenario, *ends], 0.0, 0.5)
        pairs = list(zip(ranges, figures[::2], figures[1::2], strict=True))
        sure = [middle[1] and low[1] and high[1] for _, low, high in pairs]
        bars = [
            _bar(scenario, range_, (low[0], middle[0], high[0]), "fast" if certain else "unsure")
            for (range_, low, high), certain in zip(pairs, sure, strict=True)
        ]
        uncertain = [index for index, certain in enumerate(sure) if not certain]
        replications = cheap_replications(self.prepared, self.deployment)
        if uncertain and replications:
            self._exactly([short(variant, replications) for variant in (scenario, *ends)], bars, uncertain)
        return bars

    def _exactly(self, scenarios: Sequence[Scenario], bars: list[Bar], indices: Sequence[int]) -> None:
        """Replace the bars at these places by exact ones. scenarios: as things are, then both ends of each bar."""
        moved_scenarios = [scenarios[0], *(scenarios[1 + 2 * index + side] for index in indices for side in (0, 1))]
        middle, *figures = self._all(_exact, moved_scenarios, 0.5, 0.5)
        for index, low, high in zip(indices, figures[::2], figures[1::2], strict=True):
            bars[index] = replace(bars[index], at_low=low, at_middle=middle, at_high=high, method="exact")

    def _all(self, fn: Callable[..., T], scenarios: Sequence[Scenario], before: float, part: float) -> list[T]:
        """fn of each scenario, which takes `part` of the whole after `before`."""
        sent = self.prepared.to_send()
        calls = [(sent, scenario, self.deployment) for scenario in scenarios]
        results = []
        for result in each(self.executor, fn, calls):
            results.append(result)
            self.progress(before + part * len(results) / len(calls))
        return results


def _fast(prepared: PreparedScenario, scenario: Scenario, deployment: Deployment) -> tuple[Figures, bool]:
    """The estimate, and whether it is sure."""
    answer = estimate(prepared.simulated_as(scenario), deployment)
    return _figures(scenario, answer), answer.sure


def _exact(prepared: PreparedScenario, scenario: Scenario, deployment: Deployment) -> Figures:
    return _figures(scenario, simulate(prepared.simulated_as(scenario), deployment))


def _figures(scenario: Scenario, answer: Answer) -> Figures:
    latency = answer.latency_s.get(words.percentile(scenario.requirement.latency_percentile))
    cost = answer.cost_usd_per_month
    return Figures(
        cost_usd_per_month=None if cost is None else cost.value, latency_s=None if latency is None else latency.value
    )


def _bar(scenario: Scenario, range_: Range, figures: tuple[Figures, Figures, Figures], method: Method) -> Bar:
    return Bar(
        field=range_.field,
        title=Assumptions.model_fields[range_.field].title or range_.field,
        unit=unit(range_.field),
        value=getattr(scenario.assumptions, range_.field),
        low=range_.low,
        high=range_.high,
        because=range_.because,
        at_low=figures[0],
        at_middle=figures[1],
        at_high=figures[2],
        method=method,
    )


def _swing(figures: Sequence[float | None]) -> float:
    """Of low, middle and high: the larger distance from the middle; 0 where the middle is not known."""
    low, middle, high = figures
    return (
        max((abs(end - middle) for end in (low, high) if end is not None), default=0.0) if middle is not None else 0.0
    )


def _sentence(deployment: Deployment, cost: Bar, latency: Bar, name: str) -> str:
    """What moves most, or that nothing does."""
    parts = []
    if cost.cost_swing_usd > 0:
        ends = [words.dollars(figures.cost_usd_per_month) for figures in (cost.at_low, cost.at_high)]
        parts.append(f"{_moved_words(cost)} moves the cost most: {ends[0]} to {ends[1]} a month")
    if latency.latency_swing_s > 0:
        ends = [words.seconds(figures.latency_s) for figures in (latency.at_low, latency.at_high)]
        parts.append(f"{_moved_words(latency)} moves the {name} latency most: {ends[0]} to {ends[1]}")
    return f"{deployment.name}: {'; '.join(parts) or 'no assumption moves cost or latency'}."


def _moved_words(bar: Bar) -> str:
    return f"{bar.title} ({setting(bar.low, bar.unit)} to {setting(bar.high, bar.unit)})"


def unit(field: str) -> str:
    """The unit of an assumption, "" for a number without one."""
    extra = Assumptions.model_fields[field].json_schema_extra
    return str(extra.get("unit", "")) if isinstance(extra, dict) else ""


def setting(value: Value, unit: str) -> str:
    """The value of an assumption in words: "200 s", "yes"."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{words.count(value)} {unit}".rstrip()
