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
from headroom.advisor.explore.shared_screens import Asker, Bracket, Search, narrowed
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
    asker = Asker(world, executor, progress, len(volumes) + _SEARCHES * _SCREENS_OF_A_SEARCH)
    (here,) = asker.ask([scenario])
    standings = asker.ask([vary(scenario, "volume", times) for times in volumes])
    monthly = requests_per_month(scenario, world)
    closer = asker.closer()
    grid = _looked_at_again(scenario, tuple(zip(volumes, standings, strict=True)), closer)
    able = contenders(scenario)
    crossed = closer.together([_crossing(able, *one) for one in _changes(grid)])
    ended = closer.together([_ending(able, *one) for one in _stops(grid)])
    crossed += closer.together([_crossing(able, *one) for one in _after_ends(grid, ended)])
    crossings = sorted((_told_crossing(one, monthly) for one in crossed), key=lambda one: one.times)
    ends = sorted((_told_end(one, monthly) for one in ended), key=lambda one: one.serves)
    progress(1.0)
    found = BreakEven(
        today_requests_per_month=monthly,
        curves=tuple(_curve(entry.pattern, grid, monthly) for entry in here.entries),
        crossings=tuple(crossings),
        ends=tuple(ends),
        sentence="",
    )
    return replace(found, sentence=_sentence(scenario, found, _leading(grid, monthly)))


Grid = Sequence[tuple[float, Standing]]
_Change = tuple[str, str, Bracket]
_Stop = tuple[str, Bracket]


def _volumes(scenario: Scenario) -> tuple[float, ...]:
    """Even in the logarithm, as far as the fields of the traffic allow; today's is one of them."""
    least, most = span(scenario, "volume")
    half = DECADES * POINTS_A_DECADE // 2
    volumes = (10 ** (step / POINTS_A_DECADE) for step in range(-half, half + 1))
    return tuple(one for one in volumes if least <= one <= most)


def _looked_at_again(scenario: Scenario, grid: Grid, closer: Asker) -> Grid:
    """The grid with the full screen where a pattern that serves elsewhere seems able, and not to serve."""
    serving = {entry.pattern for _, standing in grid for entry in standing.entries if entry.meets}
    doubtful = [
        times
        for times, standing in grid
        if any(one.pattern in serving and one.deployment and not one.meets for one in standing.entries)
    ]
    again = dict(zip(doubtful, closer.ask([vary(scenario, "volume", times) for times in doubtful]), strict=True))
    return [(times, again.get(times, standing)) for times, standing in grid]


def _changes(grid: Grid) -> Iterator[_Change]:
    """Neighbouring points between which two patterns that meet change places: cheaper below, cheaper above, where."""
    for (low, one), (high, other) in pairwise(grid):
        for a, b in combinations([entry.pattern for entry in one.entries], 2):
            before, after = _lead(one, a, b), _lead(other, a, b)
            if before and after and before * after < 0:
                below, above = (a, b) if before < 0 else (b, a)
                yield below, above, Bracket(low, high, one, other)


def _lead(standing: Standing, a: str, b: str) -> float:
    """Logarithm of the cost of a over that of b; 0 when one of them does not serve."""
    one, other = standing.of(a), standing.of(b)
    if one is None or other is None or not (one.meets and other.meets):
        return 0.0
    if not (0 < one.cost_usd < math.inf and 0 < other.cost_usd < math.inf):
        return 0.0
    return math.log(one.cost_usd / other.cost_usd)


def _crossing(scenario: Scenario, below: str, above: str, bracket: Bracket) -> Search[_Change]:
    found = yield from narrowed(
        bracket, lambda times: vary(scenario, "volume", times), lambda standing: _lead(standing, below, above) < 0
    )
    return below, above, found


def _told_crossing(change: _Change, monthly: float) -> Crossing:
    below, above, bracket = change
    low, high = bracket.inside, bracket.outside
    before, after = _lead(bracket.standing_inside, below, above), _lead(bracket.standing_outside, below, above)
    part = before / (before - after) if before < 0 < after else 0.5
    times = low * (high / low) ** part
    costs = [_cost(bracket.standing_inside, below), _cost(bracket.standing_outside, above)]
    winners = {one.winner.pattern for one in (bracket.standing_inside, bracket.standing_outside) if one.winner}
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
    for (low, one), (high, other) in pairwise(grid):
        for entry in one.entries:
            after = other.of(entry.pattern)
            if after is not None and entry.meets != after.meets:
                up = entry.meets
                yield entry.pattern, Bracket(low, high, one, other) if up else Bracket(high, low, other, one)


def _ending(scenario: Scenario, pattern: str, bracket: Bracket) -> Search[_Stop]:
    found = yield from narrowed(
        bracket, lambda times: vary(scenario, "volume", times), lambda standing: _serves(standing, pattern)
    )
    return pattern, found


def _after_ends(grid: Grid, ended: Sequence[_Stop]) -> Iterator[_Change]:
    """Changes of place between an end and the point beside it that the pattern serves: the grid alone hides them."""
    known, seen = dict(grid), set()
    for pattern, bracket in ended:
        up = bracket.outside > bracket.inside
        beside = (
            max(at for at in known if at <= bracket.inside) if up else min(at for at in known if at >= bracket.inside)
        )
        pair = sorted([(beside, known[beside]), (bracket.inside, bracket.standing_inside)], key=lambda one: one[0])
        for below, above, found in _changes(pair):
            if pattern in (below, above) and (below, above, beside) not in seen:  # both may end between the same points
                seen.add((below, above, beside))
                yield below, above, found


def _serves(standing: Standing, pattern: str) -> bool:
    entry = standing.of(pattern)
    return entry is not None and entry.meets


def _told_end(stop: _Stop, monthly: float) -> End:
    pattern, bracket = stop
    beyond = bracket.standing_outside.of(pattern)
    return End(
        pattern=pattern,
        side="above" if bracket.outside > bracket.inside else "below",
        serves=bracket.inside,
        fails=bracket.outside,
        requests_per_month=bracket.inside * monthly,
        why="" if beyond is None else beyond.why,
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


def turns(leading: Sequence[tuple[float, str | None]], found: BreakEven) -> tuple[Turn, ...]:
    """The changes along a line of volumes a month and who leads there; crossings and ends say exactly where.

    Each begins with the pattern that the one before ends with, and no two are of the same pattern in a row.
    """
    return tuple(
        _turn(found, (low, high), before, after)
        for (low, before), (high, after) in pairwise(leading)
        if before != after
    )


def _turn(found: BreakEven, between: tuple[float, float], before: str | None, after: str | None) -> Turn:
    """The crossing of the two, else where one stops or begins to serve, else the middle."""
    low, high = between
    for crossing in found.crossings:
        if (crossing.below, crossing.above) == (before, after) and low <= crossing.requests_per_month <= high:
            return Turn(crossing.requests_per_month, before, after)
    for end in found.ends:
        if (end.pattern, end.side) in ((before, "above"), (after, "below")) and low <= end.requests_per_month <= high:
            why = end.why if end.side == "above" else ""
            return Turn(end.requests_per_month, before, after, why)
    return Turn(math.sqrt(low * high), before, after, about=True)


def _sentence(scenario: Scenario, found: BreakEven, leading: Sequence[tuple[float, str | None]]) -> str:
    """The finding: what is the best up to which volume, and what stops serving there."""
    noun = clause_text.noun(scenario)
    today = f"today it is {words.count(found.today_requests_per_month)}"
    changes = turns(leading, found)
    if not changes:
        best = leading[0][1]
        said = "nothing meets the requirement" if best is None else f"{_name(best)} is the best"
        return f"At every volume that was looked at {said}; {today} {noun} a month."
    parts = [f"{_name(one.before)} {up_to(one)}{f' ({one.why})' if one.why else ''}" for one in changes]
    return f"The best, by {noun} a month: {', '.join(parts)}, {_name(changes[-1].after)} beyond; {today}."


def up_to(turn: Turn) -> str:
    """Up to which volume a month: "up to 2.9 million"."""
    return f"up to {'about ' if turn.about else ''}{words.count(turn.volume)}"


def _leading(grid: Grid, monthly: float) -> list[tuple[float, str | None]]:
    """Who wins at each volume a month."""
    return [(times * monthly, None if one.winner is None else one.winner.pattern) for times, one in grid]


def _name(pattern: str | None) -> str:
    return "nothing" if pattern is None else BY_KEY[pattern].title
