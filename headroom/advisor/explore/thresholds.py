"""What would change the answer: how far a parameter can go, up or down, until another pattern or another size wins.

From today's value the parameter goes away in equal steps of its logarithm, as far as its reach, and the scenario is
planned anew at each. Between the last step with today's answer and the first with another, the change is found by
bisection to 2 %. Both ends of what is told have been planned: at `keeps` today's answer wins, at `changes` another. A
change of pattern is planned again on both sides by the full screen, which searches anew where the coarse one was wrong.
A change and its return between two steps are not seen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

from headroom.advisor.evaluate import Progress, no_progress, preview
from headroom.advisor.executor import Executor
from headroom.advisor.explore import vary
from headroom.advisor.explore.ranking_at import Entry, Standing, contenders
from headroom.advisor.explore.shared_screens import Bracket, Search, SharedScreens, narrowed
from headroom.advisor.tell import words
from headroom.advisor.world import World
from pricing import keys
from pricing.bill import BillLine
from simulator.patterns.registry import BY_KEY, Deployment
from simulator.scenario import Scenario

ASKED = ("volume", "service_time", "payload", "latency_limit", "deadline", "price")
STEPS = 8
_SCREENS_OF_A_SEARCH = 14


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Where the answer becomes another one.

    keeps: the value furthest from today's at which today's answer was still seen to win; changes: the nearest at which
    another was seen to. before and after: what wins at keeps and at changes; after is None when nothing meets there.
    why: what happened to today's pattern at changes: broken, or dearer by so much.
    """

    keeps: float
    changes: float
    before: Entry
    after: Entry | None
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """One parameter in one direction: "above" or "below" today's value, as far as `looked_to`.

    pattern: where another pattern wins, None when none does; size: where another size of anything wins first.
    """

    parameter: str
    direction: str
    today: float
    looked_to: float
    pattern: Change | None
    size: Change | None
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """What would change the answer. winner: today's, None when nothing meets the requirement."""

    winner: Entry | None
    found: tuple[Threshold, ...]


@dataclass(frozen=True, slots=True)
class _Dial:
    """A parameter ready to be turned one way. at: the scenario with a value of it."""

    parameter: vary.Parameter
    today: float
    end: float
    at: Callable[[float], Scenario]

    @property
    def direction(self) -> str:
        return "above" if self.end > self.today else "below"

    def step(self, number: int) -> float:
        """The value after so many of the STEPS."""
        return self.end if number == STEPS else float(self.today * (self.end / self.today) ** (number / STEPS))


_Turned = tuple[Callable[[float], Scenario], float, float]


def thresholds(
    scenario: Scenario,
    world: World,
    executor: Executor | None = None,
    progress: Progress = no_progress,
    parameters: tuple[str, ...] = ASKED,
) -> Thresholds:
    """Turn each parameter up and down. Raises InvalidScenario with every problem of the scenario's shared part."""
    scenario = contenders(scenario)
    screens = SharedScreens(world, executor, progress, 2 * len(parameters) * _SCREENS_OF_A_SEARCH)
    closer = screens.closer()
    (today,) = closer.ask([scenario])
    if today.winner is None:
        progress(1.0)
        return Thresholds(winner=None, found=())
    dials = [dial for key in parameters for dial in _dials(scenario, world, today.winner, key)]
    (rough,) = screens.ask([scenario])
    if _same_pattern(rough, today):
        thresholds = _confirmed(dials, screens.together([_turned(dial, rough) for dial in dials]), closer, today)
    else:
        thresholds = closer.together([_turned(dial, today) for dial in dials])
    progress(1.0)
    return Thresholds(
        winner=today.winner,
        found=tuple(replace(threshold, sentence=sentence(threshold, today.winner)) for threshold in thresholds),
    )


def _confirmed(
    dials: Sequence[_Dial], thresholds: Sequence[Threshold], closer: SharedScreens, today: Standing
) -> list[Threshold]:
    """Both sides of every change of pattern planned again in full; where that disagrees, the search is made so too."""
    changes = [
        (index, threshold.pattern) for index, threshold in enumerate(thresholds) if threshold.pattern is not None
    ]
    sides = closer.ask(
        [dials[index].at(value) for index, change in changes for value in (change.keeps, change.changes)]
    )
    doubtful = [
        index
        for (index, change), before, after in zip(changes, sides[::2], sides[1::2], strict=True)
        if (_pattern(before), _pattern(after)) != (change.before.pattern, change.after and change.after.pattern)
    ]
    refined = dict(zip(doubtful, closer.together([_turned(dials[index], today) for index in doubtful]), strict=True))
    return [refined.get(index, threshold) for index, threshold in enumerate(thresholds)]


def _pattern(standing: Standing) -> str | None:
    return None if standing.winner is None else standing.winner.pattern


def _dials(scenario: Scenario, world: World, winner: Entry, key: str) -> Iterator[_Dial]:
    """The parameter up and down, as far as it has a meaning and room."""
    today = vary.value_of(scenario, key)
    turned = _price(scenario, world, winner) if key == "price" else _field(scenario, key)
    if today is None or turned is None:
        return
    dial, low, high = turned
    for end in (high, low):
        if not 0.99 < end / today < 1.01:
            yield _Dial(vary.BY_KEY[key], today, end, dial)


def _field(scenario: Scenario, key: str) -> _Turned:
    return partial(vary.vary, scenario, key), *vary.looked_at(scenario, key)


def _price(scenario: Scenario, world: World, winner: Entry) -> _Turned | None:
    """The price of what the winner's bill is mostly for, as far as a price may go; None when it has none."""
    line = _paid_for(scenario, world, winner)
    if line is None or line.rate is None or not line.rate.usd:
        return None
    low, high = vary.looked_at(scenario, "price")
    rates = vary.price_family(scenario, world, line)
    max_times = float(keys.BY_KEY[line.usage].max_usd / max(rate.usd for rate in rates))
    return partial(vary.at_price, scenario, rates), low, min(high, max_times)


def _paid_for(scenario: Scenario, world: World, winner: Entry) -> BillLine | None:
    """The line of compute in the winner's bill."""
    if winner.deployment is None:
        return None
    bill = preview(scenario, winner.deployment, world).bill
    return None if bill is None else vary.compute_line(bill)


def _turned(dial: _Dial, today: Standing) -> Search[Threshold]:
    """Step away until another pattern wins, and find where that and the first change of size happen."""
    first_size: Bracket | None = None
    first_pattern: Bracket | None = None
    last, standing = dial.today, today
    for number in range(1, STEPS + 1):
        value = dial.step(number)
        found = yield dial.at(value)
        bracket = Bracket(last, value, standing, found)
        if first_size is None and not _same_size(found, today):
            first_size = bracket
        if not _same_pattern(found, today):
            first_pattern = bracket
            break
        last, standing = value, found
    size_change = yield from _found(dial, first_size, today, _same_size)
    pattern_change = yield from _found(dial, first_pattern, today, _same_pattern)
    return Threshold(
        parameter=dial.parameter.key,
        direction=dial.direction,
        today=dial.today,
        looked_to=dial.end,
        pattern=pattern_change,
        size=size_change,
        sentence="",
    )


def _found(
    dial: _Dial, bracket: Bracket | None, today: Standing, holds: Callable[[Standing, Standing], bool]
) -> Search[Change | None]:
    if bracket is None:
        return None
    bracket = yield from narrowed(bracket, dial.at, lambda standing: holds(standing, today))
    before, after = bracket.standing_inside.winner, bracket.standing_outside.winner
    assert before is not None, "today's answer wins inside the bracket"
    return Change(
        keeps=bracket.inside,
        changes=bracket.outside,
        before=before,
        after=after,
        why=_why(before, bracket.standing_outside),
    )


def _same_pattern(standing: Standing, today: Standing) -> bool:
    winner, winner_today = standing.winner, today.winner
    return winner is not None and winner_today is not None and winner.pattern == winner_today.pattern


def _same_size(standing: Standing, today: Standing) -> bool:
    winner, winner_today = standing.winner, today.winner
    if winner is None or winner_today is None or winner.deployment is None or winner_today.deployment is None:
        return False
    return _size(winner.deployment) == _size(winner_today.deployment)


def _size(deployment: Deployment) -> tuple[str | int, ...]:
    return deployment.pattern, *BY_KEY[deployment.pattern].description.size(deployment)


def _why(before: Entry, standing: Standing) -> str:
    """What has become of the pattern that won before: its broken clause, or what it costs more than the new winner."""
    entry, winner = standing.of(before.pattern), standing.winner
    if entry is None:
        return ""
    if not entry.meets:
        return entry.why
    if winner is None or winner.pattern == before.pattern:
        return ""
    return f"it would cost {words.dollars(entry.cost_usd - winner.cost_usd)} a month more"


def sentence(threshold: Threshold, winner: Entry) -> str:
    """Like "Traffic volume: above 3.2 times today's Real-time endpoint wins instead of Serverless endpoint: ..."."""
    parameter = vary.BY_KEY[threshold.parameter]
    form, lead = parameter.form, parameter.title
    if not parameter.relative:
        lead += f", today {form(threshold.today)}"
    if threshold.pattern is None:
        direction = "up" if threshold.direction == "above" else "down"
        text = f"nothing {direction} to {form(threshold.looked_to)} makes another pattern win"
    else:
        text = _pattern_said(threshold.pattern, threshold.direction, form, winner)
    return f"{lead}: {'; '.join(filter(None, (_size_said(threshold, form), text)))}."


def _pattern_said(change: Change, direction: str, form: words.Format, winner: Entry) -> str:
    position = f"{direction} {form(change.changes)}"
    instead = "nothing meets the requirement" if change.after is None else f"{change.after.title} wins"
    cost = "" if change.after is None else f" at {words.dollars(change.after.cost_usd_per_month)} a month"
    return f"{position} {instead}{cost}, no longer {winner.title}{': ' if change.why else ''}{change.why}"


def _size_said(threshold: Threshold, form: words.Format) -> str:
    change, pattern = threshold.size, threshold.pattern
    if change is None or change.after is None or change.after.deployment is None:
        return ""
    if change.after.pattern != change.before.pattern:
        return ""
    if pattern is not None and pattern.changes == change.changes:
        return ""
    in_words = BY_KEY[change.after.pattern].description.size_in_words(change.after.deployment)
    resizing = f"another size is better: {change.after.title}, {in_words}"
    return f"{threshold.direction} {form(change.changes)} {resizing}"
