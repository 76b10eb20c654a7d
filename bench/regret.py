"""Whether the planner finds the best there is: its winner against the best of a grid that shares nothing with it.

    python -m bench.regret [PRESET[/PATTERN] ...] [--full]     --full: also fraud at its full rate, some minutes
    python -m bench.regret --page                              only writes the page

The grid (`bench/grid.py`) is plain products of settings for every type of the price list; left out is only what
provably costs more than the winner or cannot meet. All that remains is simulated exactly: once, and whatever then costs
less than the winner's first run and meets, or misses by little, with all replications. Regret: what the winner costs
more than the cheapest of these that meets, in per cent. Where one run is very large (fraud), a coarser grid is asked
with the fast answer, and of what says that it costs less than the winner, or 2 % more at most, one of each of the
cheapest other kinds is simulated. With a pattern: its winner against the grid of this pattern.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from bench import drawn
from bench.grid import Grid, few
from headroom.advisor.answer import Answer
from headroom.advisor.evaluate import evaluate, preview
from headroom.advisor.executor import Executor
from headroom.advisor.prepared import prepare
from headroom.advisor.search.planner import plan
from headroom.advisor.world import World
from headroom.sharing.library import load_world
from headroom.sharing.presets import PRESETS, load_preset
from headroom.work import executors
from headroom.work.prefetch import one_ahead
from simulator.patterns.registry import Deployment
from simulator.scenario import Scenario

T = TypeVar("T")

RESULTS = Path(__file__).resolve().parent / "regret.json"
PAGE = RESULTS.with_name("REGRET.md")
LARGE = ("fraud", "fraud-measured")
LARGE_REQUESTS = 100e6
"""From so many in one run on, the fast answer is asked instead."""

ALMOST = 1.1
"""What misses by so little in its first run is given all of them."""

IN_FULL = 12
LARGE_IN_FULL = 1
PART = 16
"""Candidates that are sent to a worker at once."""


@dataclass(frozen=True)
class Row:
    """One preset. regret: share of the cost. grid: candidates of it; left: what no bound excludes; once, in_full: of
    these simulated with one replication (large: asked with the fast answer), and with all.
    """

    preset: str
    winner: str
    cost_usd: float
    best_of_grid: str
    best_usd: float
    regret: float
    grid: int
    left: int
    in_full: int
    planned_runs: int
    screened: int
    decided: bool
    first_s: float
    all_s: float
    cpu_s: float
    grid_s: float


def main(arguments: list[str]) -> int:
    """Run what is asked for, print a table, keep the results; 1 when a regret is over 2 per cent."""
    if "--page" in arguments:
        write_page()
        return 0
    full = "--full" in arguments
    wanted = [one for one in arguments if not one.startswith("--")] or [
        one.key for one in PRESETS if full or one.key not in LARGE
    ]
    rows = []
    for preset in wanted:
        rows.append(_row(preset))
        kept = {row["preset"]: row for row in json.loads(RESULTS.read_text())} if RESULTS.exists() else {}
        kept[preset] = asdict(rows[-1])
        print(f"{preset}: regret {rows[-1].regret:.2%}; {rows[-1]}", flush=True)
        RESULTS.write_text(json.dumps(list(kept.values()), indent=1) + "\n", encoding="utf-8")
        write_page()
    return 1 if any(row.regret > 0.02 for row in rows) else 0


_HEAD = """# Whether the planner finds the best

Written by `make bench` (`python -m bench.regret`) from `bench/regret.json`; do not edit. Regret: what the planner's
winner costs more than the cheapest that meets of a grid that shares nothing with the planner, both simulated exactly;
the bar is 2 %. Of the grid, what provably costs more than the winner or cannot meet is left out; all the rest is
simulated once, and with all replications where the first costs less than the winner's. How: `bench/regret.py`.

| preset | winner | $/month | best of both | $/month | regret | screened | exact runs | grid | left by the bounds \
| in full | decided | first, s | all, s | CPU s | grid, s |
|---|---|---:|---|---:|---:|---:|---:|---:|---:|---:|---|---:|---:|---:|---:|
"""


def write_page() -> None:
    """Write the page from the results of the presets and of the drawn workloads."""
    PAGE.write_text(render(json.loads(RESULTS.read_text(encoding="utf-8")), drawn.done()), encoding="utf-8")


def render(rows: Sequence[Mapping[str, Any]], lines: Sequence[drawn.Line]) -> str:
    """The page."""
    table = [
        f"| {row['preset']} | {row['winner']} | {row['cost_usd']:,.4g} | {row['best_of_grid']} | {row['best_usd']:,.4g}"
        f" | {row['regret']:.2%} | {row['screened']} | {row['planned_runs']} | {row['grid']:,} | {row['left']:,}"
        f" | {row['in_full']} | {'yes' if row['decided'] else 'tie'} | {row['first_s']:.2f} | {row['all_s']:.1f}"
        f" | {row['cpu_s']:.1f} | {row['grid_s']:.0f} |"
        for row in rows
    ]
    return (
        _HEAD
        + "\n".join(table)
        + "\n\nTimes are those of the machine as it was: seconds of wall clock, and of CPU of all processes of a plan."
        "\nFraud is asked on a coarser grid with the fast answer instead of a first run.\n" + drawn.render(lines)
    )


def _row(name: str) -> Row:
    preset, _, pattern = name.partition("/")
    scenario, world, first = load_preset(preset), load_world(one_ahead), []
    if pattern:
        only = {**scenario.search.model_dump(), "patterns": (pattern,)}
        scenario = scenario.model_copy(update={"search": type(scenario.search).model_validate(only)})
    cpu = _cpu_s()
    with executors.local() as workers:
        before = time.perf_counter()
        found = plan(scenario, world, workers, on_screen=lambda _: first.append(time.perf_counter() - before))
        all_s = time.perf_counter() - before
    plan_cpu_s = _cpu_s() - cpu  # of processes that have ended
    before = time.perf_counter()
    assert found.comparison.best is not None, "nothing meets the requirement"
    winner = found.comparison.evaluations[found.comparison.best]
    grid = Grid(scenario, world, coarse=_is_large(scenario, world))
    left = grid.cheaper(_usd(winner))
    with executors.local() as workers:
        wanted = (_by_fast_answer if grid.coarse else _by_first_run)(scenario, world, winner, left, workers)
        exact = [winner, *(one.result() for one in [workers.submit(_in_full, scenario, one) for one in wanted])]
    best = min((one for one in exact if one.meets), key=_usd)
    return Row(
        preset=name,
        winner=winner.deployment.name,
        cost_usd=_usd(winner),
        best_of_grid=best.deployment.name if best is winner else _words(best.deployment),
        best_usd=_usd(best),
        regret=_usd(winner) / _usd(best) - 1,
        grid=grid.pruned.size,
        left=len(left),
        in_full=len(wanted),
        planned_runs=found.simulated,
        screened=found.screened,
        decided=found.decided,
        first_s=first[0],
        all_s=all_s,
        cpu_s=plan_cpu_s,
        grid_s=time.perf_counter() - before,
    )


def _is_large(scenario: Scenario, world: World) -> bool:
    return prepare(scenario, world).case.expected_requests() > LARGE_REQUESTS


@dataclass(frozen=True)
class _Once:
    """Of one replication. missed_by: how far over a limit the worst clause is; 1 or less when all are met."""

    usd: float
    missed_by: float


def _by_first_run(
    scenario: Scenario, world: World, winner: Answer, left: Sequence[Deployment], workers: Executor
) -> list[Deployment]:
    """What costs less than the winner in its first replication and meets, or nearly, cheapest first."""
    found = _of_each(workers, _first_runs, scenario, left)
    limit_usd = _once(scenario, winner.deployment, world).usd
    able = [(one, once) for one, once in zip(left, found, strict=True) if once.usd < limit_usd]
    able = [(one, once) for one, once in able if once.missed_by <= ALMOST and one != winner.deployment]
    able.sort(key=lambda one: (one[1].missed_by > 1, one[1].usd))
    return [one for one, _ in able[:IN_FULL]]


def _of_each(
    workers: Executor,
    ask: Callable[[Scenario, Sequence[Deployment]], list[T]],
    scenario: Scenario,
    left: Sequence[Deployment],
) -> list[T]:
    """What `ask` says of each candidate, asked by the processes in parts."""
    futures = [workers.submit(ask, scenario, left[at : at + PART]) for at in range(0, len(left), PART)]
    return [one for future in futures for one in future.result()]


@cache
def _world() -> World:
    return load_world(one_ahead)


def _first_runs(scenario: Scenario, deployments: Sequence[Deployment]) -> list[_Once]:
    return [_once(scenario, one, _world()) for one in deployments]


def _once(scenario: Scenario, deployment: Deployment, world: World) -> _Once:
    said = evaluate(few(scenario, 1), deployment, world)
    missed = [clause.margin if clause.margin is not None else float("inf") for clause in said.clauses if not clause.met]
    return _Once(_usd(said), float("inf") if said.unpriced else max(missed, default=0.0))


def _in_full(scenario: Scenario, deployment: Deployment) -> Answer:
    return evaluate(scenario, deployment, _world())


def _by_fast_answer(
    scenario: Scenario, world: World, winner: Answer, left: Sequence[Deployment], workers: Executor
) -> list[Deployment]:
    """Of other types than the winner's, or other ways of scaling: the cheapest that say that they meet."""
    said = _of_each(workers, _fast_answers, scenario, left)
    below = sorted(
        ((usd, at) for at, (usd, meets) in enumerate(said) if meets and usd < 1.02 * _usd(winner)),
    )
    found: dict[object, Deployment] = {_kind(winner.deployment): winner.deployment}
    for _, at in below:
        found.setdefault(_kind(left[at]), left[at])
    return list(found.values())[1 : 1 + LARGE_IN_FULL]


def _kind(one: Deployment) -> object:
    return one.pattern, getattr(one, "instance_type", ""), bool(getattr(one, "scheduled_actions", ()))


def _fast_answers(scenario: Scenario, deployments: Sequence[Deployment]) -> list[tuple[float, bool]]:
    said = [preview(scenario, one, _world()) for one in deployments]
    return [(one.cost_usd_per_month.value if one.cost_usd_per_month else float("inf"), one.meets) for one in said]


def _words(one: Deployment) -> str:
    """Its settings that are not the default, as far as they are numbers and names."""
    plain = type(one)()
    changed = {name: value for name, value in one if value != getattr(plain, name) and name not in ("name", "pattern")}
    return f"{one.pattern}: " + ", ".join(f"{name} {_short(value)}" for name, value in changed.items())


def _short(value: object) -> object:
    return getattr(value, "target_value", len(value) if isinstance(value, tuple) else value)


def _usd(one: Answer) -> float:
    return one.cost_usd_per_month.value if one.cost_usd_per_month else float("inf")


def _cpu_s() -> float:
    return sum(resource.getrusage(who).ru_utime for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
