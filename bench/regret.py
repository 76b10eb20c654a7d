"""Whether the planner finds the best there is: its winner against the best of a fine grid, for every preset.

    python -m bench.regret [PRESET ...] [--full]     --full: also fraud at its full rate, some minutes

The grid has every instance type that is priced and every count, target, memory size and so on, without the planner's
bounds, guesses and small changes; it is asked with the fast answer, in the order of what compute costs,
as far as that could still be cheaper than the planner's winner. Everything of it that says it would cost less, and may
meet the requirement, is simulated exactly, like the planner's winner. Regret: what the winner costs more than the
cheapest of these that meets, in per cent.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NamedTuple

import executors
from advisor.evaluation import Evaluation
from advisor.fast import Preview
from advisor.search.asking import Asker
from advisor.search.chains import Chain
from advisor.search.hunting import PLACES
from advisor.search.large import is_large
from advisor.search.naming import kin
from advisor.search.plan import plan
from advisor.search.promise import exact_key, promised
from advisor.search.ranking import Ranking, cost_usd
from advisor.search.runs import Runs
from advisor.search.spaces import spaces
from sharing.library import load_world
from sharing.presets import PRESETS, load_preset
from simulator.scenario import Deployment

RESULTS = Path(__file__).resolve().parent / "regret.json"
PAGE = RESULTS.with_name("REGRET.md")
LARGE = ("fraud",)
ASKED = 300
"""Candidates of the grid that are asked about, by the compute that they need at least; the rest cost more."""

SIMULATED = 12
LARGE_ASKED, LARGE_SIMULATED = 60, 1
"""The same where one run is very large (fraud: most of a minute of CPU)."""


@dataclass(frozen=True)
class Row:
    """One preset. regret: share of the cost; grid, simulated: candidates of the grid asked about, and simulated."""

    preset: str
    winner: str
    cost_usd: float
    best_of_grid: str
    best_usd: float
    regret: float
    grid: int
    simulated: int
    planned_runs: int
    screened: int
    decided: bool
    first_s: float
    all_s: float
    cpu_s: float


def main(arguments: list[str]) -> int:
    """Run what is asked for, print a table, keep the results; 1 when a regret is over 2 per cent."""
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
        PAGE.write_text(render(list(kept.values())), encoding="utf-8")
    return 1 if any(row.regret > 0.02 for row in rows) else 0


_HEAD = """# Whether the planner finds the best

Written by `make bench` (`python -m bench.regret`) from `bench/regret.json`; do not edit. Regret: what the planner's
winner costs more than the cheapest that meets of a fine grid of all instance types, counts, targets, cooldowns, memory
sizes, places, objects and clocks, both simulated exactly; the bar is 2 %. How the grid is made: `bench/regret.py`.

| preset | winner | $/month | best of grid | $/month | regret | screened | exact runs | grid asked | grid run \
| decided | first, s | all, s | CPU s |
|---|---|---:|---|---:|---:|---:|---:|---:|---:|---|---:|---:|---:|
"""


def render(rows: Sequence[Mapping[str, Any]]) -> str:
    """The page."""
    lines = [
        f"| {row['preset']} | {row['winner']} | {row['cost_usd']:,.4g} | {row['best_of_grid']} | {row['best_usd']:,.4g}"
        f" | {row['regret']:.2%} | {row['screened']} | {row['planned_runs']} | {row['grid']} | {row['simulated']}"
        f" | {'yes' if row['decided'] else 'tie'} | {row['first_s']:.2f} | {row['all_s']:.1f} | {row['cpu_s']:.1f} |"
        for row in rows
    ]
    return (
        _HEAD
        + "\n".join(lines)
        + "\n\nTimes are those of the machine as it was: seconds of wall clock, and of CPU of all processes.\n"
    )


def _row(preset: str) -> Row:
    scenario, world = load_preset(preset), load_world()
    ranking, first = Ranking(scenario), []
    cpu = _cpu_s()
    with executors.local() as workers:
        before = time.perf_counter()
        found = plan(scenario, world, workers, on_screen=lambda _: first.append(time.perf_counter() - before))
        all_s = time.perf_counter() - before
    plan_cpu_s = _cpu_s() - cpu  # of processes that have ended
    with executors.local() as workers:
        runs = Runs(scenario, world, workers, lambda _: None)
        assert found.comparison.best is not None, "nothing meets the requirement"
        winner = found.comparison.evaluations[found.comparison.best]
        asker = Asker(scenario, world, rough=False)
        cheaper = list(_cheaper(asker, ranking, winner, LARGE_ASKED if is_large(runs) else ASKED))
        cheaper = _of_other_kinds(cheaper, winner)[:LARGE_SIMULATED] if is_large(runs) else cheaper[:SIMULATED]
        runs.run(cheaper, runs.planned)
    exact = [winner, *(runs.evaluation(one) for one in cheaper)]
    best = min(exact, key=lambda one: exact_key(ranking, one))
    return Row(
        preset=preset,
        winner=winner.deployment.name,
        cost_usd=_usd(exact[0]),
        best_of_grid=best.deployment.name,
        best_usd=_usd(best),
        regret=_usd(exact[0]) / _usd(best) - 1,
        grid=len(asker.answers),
        simulated=len(cheaper),
        planned_runs=found.simulated,
        screened=found.screened,
        decided=found.decided,
        first_s=first[0],
        all_s=all_s,
        cpu_s=plan_cpu_s,
    )


def _of_other_kinds(cheaper: Sequence[Deployment], winner: Evaluation) -> list[Deployment]:
    """One of each kind that is not the winner's: what else they differ in is less than the bar."""
    kinds = {kin(one): one for one in reversed(cheaper)}
    kinds.pop(kin(winner.deployment), None)
    return [one for one in cheaper if kinds.get(kin(one)) is one]


def _cheaper(asker: Asker, ranking: Ranking, winner: Evaluation, asked: int) -> Iterator[Deployment]:
    """Candidates of the grid that say they may meet and cost less than the winner, cheapest first."""
    usd = _usd(winner)
    said: list[Preview] = []
    for _, _, chain, at in sorted(_grid(asker, usd))[:asked]:
        said.extend(asker.ask(one) for one in (chain.make(at), *_finer(chain.make(at))))
    able = [(promised(ranking, one), one) for one in said if not one.ruled_out]
    below = [one for one in able if one[0][0] == 0.0 and cost_usd(one[1]) < usd * 0.9999]
    yield from (one.deployment for _, one in sorted(below, key=lambda one: one[0]))


class _Place(NamedTuple):
    """A place of a chain, to be sorted by what it costs at least."""

    usd: float
    number: int
    chain: Chain
    at: int


def _grid(asker: Asker, below_usd: float) -> Iterator[_Place]:
    """Every place of every chain that could be cheaper, without what makes the planner's search short."""
    number = 0
    for space in spaces(asker):
        if not space.may_meet:
            continue
        for chain in space.chains:
            for at in _places(chain, below_usd):
                number += 1
                yield _Place(chain.usd(at), number, chain, at)


def _places(chain: Chain, below_usd: float) -> Iterable[int]:
    """From the least on while it could be cheaper; from 16 on in steps of 3 per cent."""
    at = 1 if chain.counts and chain.least else chain.least
    while at <= min(chain.most, 4 * chain.guess + 16) and chain.usd(at) < below_usd:
        yield at
        at += max(1, at // 32)


def _finer(one: Deployment) -> Iterator[Deployment]:
    """Other cooldowns of a fleet that is scaled, other places of a serverless endpoint, other objects of a job."""
    if one.pattern == "serverless":
        yield from (
            one.model_copy(update={"max_concurrency": places})
            for places in PLACES
            if one.provisioned_concurrency <= places < one.max_concurrency
        )
    if one.pattern == "batch":
        yield from (one.model_copy(update={"input_objects": one.input_objects * times}) for times in (2, 10))
    scaling = getattr(one, "scaling", None)
    if scaling is None or one.pattern not in ("realtime", "asynchronous"):
        return
    for cooldown_s in (0.0, 900.0):
        yield one.model_copy(update={"scaling": scaling.model_copy(update={"scale_in_cooldown_s": cooldown_s})})


def _usd(one: Evaluation) -> float:
    assert one.cost_usd_per_month is not None
    return one.cost_usd_per_month.value


def _cpu_s() -> float:
    return sum(resource.getrusage(who).ru_utime for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
