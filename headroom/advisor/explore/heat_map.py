"""The winner and its cost over two chosen parameters: a grid of values around today's, planned anew at each point."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from headroom.advisor.evaluate import Progress, no_progress
from headroom.advisor.executor import Executor
from headroom.advisor.explore import vary
from headroom.advisor.explore.ranking_at import Standing, contenders
from headroom.advisor.explore.shared_screens import SharedScreens
from headroom.advisor.tell import words
from headroom.advisor.world import World
from simulator.patterns.registry import BY_KEY, Deployment
from simulator.scenario import Scenario

CHOICES = ("volume", "service_time", "payload", "latency_limit", "deadline", "service_cv", "gaps_cv")
COLUMNS, ROWS = 9, 7
_REACH = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """Values of one parameter, rising, today's among them."""

    parameter: str
    title: str
    values: tuple[float, ...]
    labels: tuple[str, ...]
    today: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """The winner at one point; all None when nothing meets the requirement there, and why: what the cheapest misses."""

    pattern: str | None
    deployment: Deployment | None
    cost_usd_per_month: float | None
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HeatMap:
    """cells: one row for each value of y, one cell in it for each value of x. sentence: the finding."""

    x: Axis
    y: Axis
    cells: tuple[tuple[Cell, ...], ...]
    sentence: str


def heat_map(
    scenario: Scenario,
    world: World,
    axes: tuple[str, str] = ("volume", "service_time"),
    executor: Executor | None = None,
    progress: Progress = no_progress,
) -> HeatMap:
    """Plan the scenario at COLUMNS values of the first parameter and ROWS of the second.

    Raises InvalidScenario with every problem of the scenario's shared part, and KeyError for a parameter that has no
    meaning in the scenario (`vary.applies`).
    """
    x, y = axis(scenario, axes[0], COLUMNS), axis(scenario, axes[1], ROWS)
    screens = SharedScreens(world, executor, progress, len(x.values) * len(y.values))
    able = contenders(scenario)
    rows = [vary.vary(able, y.parameter, value) for value in y.values]
    points = [vary.vary(row, x.parameter, value) for row in rows for value in x.values]
    cells = [_cell(standing) for standing in screens.ask(points)]
    progress(1.0)
    width = len(x.values)
    return HeatMap(
        x=x,
        y=y,
        cells=tuple(tuple(cells[index : index + width]) for index in range(0, len(cells), width)),
        sentence=_sentence(x, y, cells),
    )


def axis(scenario: Scenario, key: str, count: int) -> Axis:
    """The axis of a parameter with at most `count` values, evenly spaced in the logarithm around today's value.

    Values that the fields do not allow are left out. Raises KeyError for a parameter without a meaning here.
    """
    today = vary.value_of(scenario, key)
    if today is None or key not in CHOICES:
        raise KeyError(f"{key} cannot be varied in this scenario")
    low, high = vary.looked_at(scenario, key)
    step = min(_REACH, vary.BY_KEY[key].reach) ** (2 / (count - 1))
    steps = (today * step**number for number in range(-(count // 2), count // 2 + 1))
    values = tuple(value for value in steps if low <= value <= high)
    form = vary.BY_KEY[key].form
    return Axis(
        parameter=key,
        title=vary.BY_KEY[key].title,
        values=values,
        labels=tuple(form(value) for value in values),
        today=values.index(today),
    )


def _cell(standing: Standing) -> Cell:
    winner = standing.winner
    if winner is None:
        near = min((entry for entry in standing.entries), key=lambda entry: entry.cost_usd, default=None)
        why = "" if near is None else f"{near.title}: {near.why}"
        return Cell(pattern=None, deployment=None, cost_usd_per_month=None, why=why)
    return Cell(
        pattern=winner.pattern,
        deployment=winner.deployment,
        cost_usd_per_month=winner.cost_usd_per_month,
        why="",
    )


def _sentence(x: Axis, y: Axis, cells: list[Cell]) -> str:
    """Which pattern wins on how many of the points, most often first."""
    lead = f"Over {len(cells)} combinations of {_small(x.title)} and {_small(y.title)}"
    wins = Counter(cell.pattern for cell in cells).most_common()
    wins_in_words = [
        f"{f'{BY_KEY[pattern].title} wins' if pattern else 'nothing serves'} in {_part(number, len(cells))}"
        for pattern, number in wins
    ]
    return f"{lead}: {words.joined(wins_in_words)}."


def _part(number: int, total: int) -> str:
    return "all" if number == total else words.count(number)


def _small(title: str) -> str:
    return title[0].lower() + title[1:]
