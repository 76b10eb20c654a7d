"""Break-even: what the best configuration of each pattern costs a month, from little traffic to much.

The volume goes over four decades around today's; each point is planned anew with the coarse screen, and with the full
one where a pattern that serves at another volume does not seem to serve at this one. Where two curves of
patterns that meet the requirement change places between two points, the crossing is found by bisection in the logarithm
of the volume to 2 %, and the value told is where straight lines between the last two points cross on logarithmic axes.
Where a pattern stops serving, the last volume at which it does is found in the same way.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, pairwise

from headroom.advisor.evaluate import Progress, no_progress
from headroom.advisor.executor import Executor
from headroom.advisor.explore.ranking_at import Entry, Standing, contenders
from headroom.advisor.explore.shared_screens import Bracket, Search, SharedScreens, narrowed
from headroom.advisor.explore.vary import requests_per_month, span, vary
from headroom.advisor.tell import clause_text, words
from headroom.advisor.world import World
from simulator.patterns.registry import BY_KEY, Deployment
from simulator.scenario import Scenario

DECADES = 4
POINTS_A_DECADE = 4
_SEARCHES = 10
_SCREENS_OF_A_SEARCH = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class CurvePoint:
    """The best of one pattern at one volume. times: of today's volume.

    Without a deployment hard limits forbid the pattern there; why says what keeps it from serving, "" when it serves.
    """

    times: float
    requests_per_month: float
    cost_usd_per_month: float | None
    latency_s: float | None
    deployment: Deployment | None
    meets: bool
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """One pattern over all volumes, rising."""

    pattern: str
    points: tuple[CurvePoint, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossing:
    """Two patterns cost the same. below and above: the cheaper one on either side.

    times lies between the volumes `low` and `high` that were looked at. decides: one of the two is the best of all
    there, so that the recommendation changes.
    """

    below: str
    above: str
    times: float
    low: float
    high: float
    requests_per_month: float
    cost_usd_per_month: float
    decides: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """A pattern stops serving: above (or below) this volume. It serves at `serves` and no longer at `fails`, as times
    of today's volume; why says what is in the way there. decides: it is the best of all as long as it serves, and
    `instead` is the best beyond, None when nothing meets the requirement there.
    """

    pattern: str
    side: str
    serves: float
    fails: float
    requests_per_month: float
    why: str
    decides: bool
    instead: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakEven:
    """Curves in the order of the patterns, crossings and ends by volume. sentence: the finding."""

    today_requests_per_month: float
    curves: tuple[Curve, ...]
    crossings: tuple[Crossing, ...]
    ends: tuple[End, ...]
    sentence: str


def break_even(
    scenario: Scenario, world: World, executor: Executor | None = None, progress: Progress = no_progress
) -> BreakEven:
    """Plan the scenario at volumes over four decades. Raises InvalidScenario with every problem of its shared part."""
    volumes = _volumes(scenario)
    screens = SharedScreens(world, executor, progress, len(volumes) + _SEARCHES * _SCREENS_OF_A_SEARCH)
    (today,) = screens.ask([scenario])
    standings = screens.ask([vary(scenario, "volume", times) for times in volumes])
    monthly = requests_per_month(scenario, world)
    closer = screens.closer()
    grid = _looked_at_again(scenario, tuple(zip(volumes, standings, strict=True)), closer)
    able = contenders(scenario)
    crossed = closer.together([_crossing(able, *change) for change in _changes(grid)])
    ended = closer.together([_ending(able, *stop) for stop in _stops(grid)])
    crossed += closer.together([_crossing(able, *change) for change in _after_ends(grid, ended)])
    crossings = sorted((_told_crossing(crossing, monthly) for crossing in crossed), key=lambda crossing: crossing.times)
    ends = sorted((_told_end(end, monthly) for end in ended), key=lambda end: end.serves)
    progress(1.0)
    result = BreakEven(
        today_requests_per_month=monthly,
        curves=tuple(_curve(entry.pattern, grid, monthly) for entry in today.entries),
        crossings=tuple(crossings),
        ends=tuple(ends),
        sentence="",
    )
    return replace(result, sentence=_sentence(scenario, result, _leading(grid, monthly)))


Grid = Sequence[tuple[float, Standing]]
_Change = tuple[str, str, Bracket]
_Stop = tuple[str, Bracket]


def _volumes(scenario: Scenario) -> tuple[float, ...]:
    """Even in the logarithm, as far as the fields of the traffic allow; today's is one of them."""
    least_times, most_times = span(scenario, "volume")
    half_points = DECADES * POINTS_A_DECADE // 2
    volumes = (10 ** (step / POINTS_A_DECADE) for step in range(-half_points, half_points + 1))
    return tuple(times for times in volumes if least_times <= times <= most_times)


def _looked_at_again(scenario: Scenario, grid: Grid, closer: SharedScreens) -> Grid:
    """The grid with the full screen where a pattern that serves elsewhere seems able, and not to serve."""
    serving = {entry.pattern for _, standing in grid for entry in standing.entries if entry.meets}
    doubtful = [
        times
        for times, standing in grid
        if any(entry.pattern in serving and entry.deployment and not entry.meets for entry in standing.entries)
    ]
    refined = dict(zip(doubtful, closer.ask([vary(scenario, "volume", times) for times in doubtful]), strict=True))
    return [(times, refined.get(times, standing)) for times, standing in grid]


def _changes(grid: Grid) -> Iterator[_Change]:
    """Neighbouring points between which two patterns that meet change places: cheaper below, cheaper above, where."""
    for (low, standing_low), (high, standing_high) in pairwise(grid):
        for a, b in combinations([entry.pattern for entry in standing_low.entries], 2):
            before, after = _lead(standing_low, a, b), _lead(standing_high, a, b)
            if before and after and before * after < 0:
                below, above = (a, b) if before < 0 else (b, a)
                yield below, above, Bracket(low, high, standing_low, standing_high)


def _lead(standing: Standing, a: str, b: str) -> float:
    """Logarithm of the cost of a over that of b; 0 when one of them does not serve."""
    entry_a, entry_b = standing.of(a), standing.of(b)
    if entry_a is None or entry_b is None or not (entry_a.meets and entry_b.meets):
        return 0.0
    if not (0 < entry_a.cost_usd < math.inf and 0 < entry_b.cost_usd < math.inf):
        return 0.0
    return math.log(entry_a.cost_usd / entry_b.cost_usd)


def _crossing(scenario: Scenario, below: str, above: str, bracket: Bracket) -> Search[_Change]:
    narrow = yield from narrowed(
        bracket, lambda times: vary(scenario, "volume", times), lambda standing: _lead(standing, below, above) < 0
    )
    return below, above, narrow


def _told_crossing(change: _Change, monthly: float) -> Crossing:
    below, above, bracket = change
    low, high = bracket.inside, bracket.outside
    before, after = _lead(bracket.standing_inside, below, above), _lead(bracket.standing_outside, below, above)
    part = before / (before - after) if before < 0 < after else 0.5
    times = low * (high / low) ** part
    costs = [_cost(bracket.standing_inside, below), _cost(bracket.standing_outside, above)]
    winners = {
        standing.winner.pattern for standing in (bracket.standing_inside, bracket.standing_outside) if standing.winner
    }
    return Crossing(
        below=below,
        above=above,
        times=times,
        low=low,
        high=high,
        requests_per_month=times * monthly,
        cost_usd_per_month=math.sqrt(costs[0] * costs[1]),
        decides=winners == {below, above},
    )


def _cost(standing: Standing, pattern: str) -> float:
    entry = standing.of(pattern)
    return math.nan if entry is None else entry.cost_usd


def _stops(grid: Grid) -> Iterator[_Stop]:
    """Neighbouring points of which one is served by a pattern and the other is not."""
    for (low, standing_low), (high, standing_high) in pairwise(grid):
        for entry in standing_low.entries:
            after = standing_high.of(entry.pattern)
            if after is not None and entry.meets != after.meets:
                up = entry.meets
                yield (
                    entry.pattern,
                    Bracket(low, high, standing_low, standing_high)
                    if up
                    else Bracket(high, low, standing_high, standing_low),
                )


def _ending(scenario: Scenario, pattern: str, bracket: Bracket) -> Search[_Stop]:
    narrow = yield from narrowed(
        bracket, lambda times: vary(scenario, "volume", times), lambda standing: _serves(standing, pattern)
    )
    return pattern, narrow


def _after_ends(grid: Grid, ended: Sequence[_Stop]) -> Iterator[_Change]:
    """Changes of place between an end and the point beside it that the pattern serves: the grid alone hides them."""
    standings, reported = dict(grid), set()
    for pattern, bracket in ended:
        up = bracket.outside > bracket.inside
        neighbour = (
            max(times for times in standings if times <= bracket.inside)
            if up
            else min(times for times in standings if times >= bracket.inside)
        )
        pair = sorted(
            [(neighbour, standings[neighbour]), (bracket.inside, bracket.standing_inside)], key=lambda point: point[0]
        )
        for below, above, narrow in _changes(pair):
            if (
                pattern in (below, above) and (below, above, neighbour) not in reported
            ):  # both may end between the same points
                reported.add((below, above, neighbour))
                yield below, above, narrow


def _serves(standing: Standing, pattern: str) -> bool:
    entry = standing.of(pattern)
    return entry is not None and entry.meets


def _told_end(stop: _Stop, monthly: float) -> End:
    pattern, bracket = stop
    entry_outside = bracket.standing_outside.of(pattern)
    return End(
        pattern=pattern,
        side="above" if bracket.outside > bracket.inside else "below",
        serves=bracket.inside,
        fails=bracket.outside,
        requests_per_month=bracket.inside * monthly,
        why="" if entry_outside is None else entry_outside.why,
        decides=bracket.standing_inside.winner == bracket.standing_inside.of(pattern),
        instead=None if bracket.standing_outside.winner is None else bracket.standing_outside.winner.pattern,
    )


def _curve(pattern: str, grid: Grid, monthly: float) -> Curve:
    return Curve(
        pattern=pattern,
        points=tuple(
            _point(times, monthly, entry) for times, standing in grid if (entry := standing.of(pattern)) is not None
        ),
    )


def _point(times: float, monthly: float, entry: Entry) -> CurvePoint:
    return CurvePoint(
        times=times,
        requests_per_month=times * monthly,
        cost_usd_per_month=entry.cost_usd_per_month,
        latency_s=entry.latency_s,
        deployment=entry.deployment,
        meets=entry.meets,
        why=entry.why,
    )


@dataclass(frozen=True, slots=True)
class Turn:
    """Where another pattern takes over: requests a month, the pattern before and the one after, None for none.

    why: what keeps the one before from serving on; "" where it only costs more. about: no crossing or end was found
    there, so that the volume is the middle between two points.
    """

    volume: float
    before: str | None
    after: str | None
    why: str = ""
    about: bool = False


def turns(leading: Sequence[tuple[float, str | None]], result: BreakEven) -> tuple[Turn, ...]:
    """The changes along a line of volumes a month and who leads there; crossings and ends say exactly where.

    Each begins with the pattern that the one before ends with, and no two are of the same pattern in a row.
    """
    return tuple(
        _turn(result, (low, high), before, after)
        for (low, before), (high, after) in pairwise(leading)
        if before != after
    )


def _turn(result: BreakEven, interval: tuple[float, float], before: str | None, after: str | None) -> Turn:
    """The crossing of the two, else where one stops or begins to serve, else the middle."""
    low, high = interval
    for crossing in result.crossings:
        if (crossing.below, crossing.above) == (before, after) and low <= crossing.requests_per_month <= high:
            return Turn(crossing.requests_per_month, before, after)
    for end in result.ends:
        if (end.pattern, end.side) in ((before, "above"), (after, "below")) and low <= end.requests_per_month <= high:
            why = end.why if end.side == "above" else ""
            return Turn(end.requests_per_month, before, after, why)
    return Turn(math.sqrt(low * high), before, after, about=True)


def _sentence(scenario: Scenario, result: BreakEven, leading: Sequence[tuple[float, str | None]]) -> str:
    """The finding: what is the best up to which volume, and what stops serving there."""
    noun = clause_text.noun(scenario)
    today = f"today it is {words.count(result.today_requests_per_month)}"
    changes = turns(leading, result)
    if not changes:
        best = leading[0][1]
        sentence = "nothing meets the requirement" if best is None else f"{_name(best)} is the best"
        return f"At every volume that was looked at {sentence}; {today} {noun} a month."
    parts = [f"{_name(turn.before)} {up_to(turn)}{f' ({turn.why})' if turn.why else ''}" for turn in changes]
    return f"The best, by {noun} a month: {', '.join(parts)}, {_name(changes[-1].after)} beyond; {today}."


def up_to(turn: Turn) -> str:
    """Up to which volume a month: "up to 2.9 million"."""
    return f"up to {'about ' if turn.about else ''}{words.count(turn.volume)}"


def _leading(grid: Grid, monthly: float) -> list[tuple[float, str | None]]:
    """Who wins at each volume a month."""
    return [(times * monthly, None if standing.winner is None else standing.winner.pattern) for times, standing in grid]


def _name(pattern: str | None) -> str:
    return "nothing" if pattern is None else BY_KEY[pattern].title
