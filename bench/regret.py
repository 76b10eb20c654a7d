"""Whether the planner finds the best there is: its winner against the best of a fine grid, for every preset.

    python -m bench.regret [PRESET ...] [--full]     --full: also fraud at its full rate, some minutes

The grid has every instance type that is priced and every count, target, memory size and so on, without the planner's
bounds, guesses and small changes; it is asked with the fast answer at its finest, in the order of what compute costs,
as far as that could still be cheaper than the planner's winner. Everything of it that says it would cost less, and may
meet the requirement, is simulated exactly, like the planner's winner. Regret: what the winner costs more than the
cheapest of these that meets, in per cent.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import executors
from advisor.evaluation import Evaluation
from advisor.search.asking import Asker
from advisor.search.chains import Chain
from advisor.search.deciding import exact_key, promised
from advisor.search.plan import plan
from advisor.search.ranking import Ranking
from advisor.search.runs import Runs
from advisor.search.spaces import spaces
from sharing.library import load_world
from sharing.presets import PRESETS, load_preset
from simulator.scenario import Deployment

RESULTS = Path(__file__).resolve().parent / "regret.json"
LARGE = ("fraud",)
ASKED = 1500
"""Candidates of the grid that are asked about, by the compute that they need at least; the rest cost more."""

SIMULATED = 12


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
    kept = {row["preset"]: row for row in json.loads(RESULTS.read_text())} if RESULTS.exists() else {}
    rows = []
    for preset in wanted:
        rows.append(_row(preset))
        kept[preset] = asdict(rows[-1])
        print(f"{preset}: regret {rows[-1].regret:.2%}; {rows[-1]}", flush=True)
        RESULTS.write_text(json.dumps(list(kept.values()), indent=1) + "\n", encoding="utf-8")
    return 1 if any(row.regret > 0.02 for row in rows) else 0


def _row(preset: str) -> Row:
    scenario, world = load_preset(preset), load_world()
    ranking, first = Ranking(scenario), []
    with executors.local() as workers:
        before, cpu = time.perf_counter(), _cpu_s()
        found = plan(scenario, world, workers, on_screen=lambda _: first.append(time.perf_counter() - before))
        all_s = time.perf_counter() - before
        runs = Runs(scenario, world, workers, lambda _: None)
        assert found.comparison.best is not None, "nothing meets the requirement"
        winner = found.comparison.evaluations[found.comparison.best]
        asker = Asker(scenario, world, replications=3, rough=False)
        cheaper = list(_cheaper(asker, ranking, winner))[:SIMULATED]
        runs.run([winner.deployment, *cheaper], runs.planned)
    exact = [runs.evaluation(one) for one in (winner.deployment, *cheaper)]
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
        cpu_s=_cpu_s() - cpu,
    )


def _cheaper(asker: Asker, ranking: Ranking, winner: Evaluation) -> Iterator[Deployment]:
    """Candidates of the grid that say they may meet and cost less than the winner, cheapest first."""
    usd = _usd(winner)
    said = []
    for at_least_usd, deployment in sorted(_grid(asker, usd), key=lambda one: one[0])[:ASKED]:
        if at_least_usd < usd:
            said.append(asker.ask(deployment))
    able = [(promised(ranking, one), one) for one in said if not one.ruled_out]
    below = [one for one in able if one[0][0] == 0.0 and one[1].cost_usd_per_month.value < usd * 0.9999]
    yield from (one.deployment for _, one in sorted(below, key=lambda one: one[0]))


def _grid(asker: Asker, below_usd: float) -> Iterator[tuple[float, Deployment]]:
    """Every place of every chain that could be cheaper, without what makes the planner's search short."""
    for space in spaces(asker):
        for chain in space.chains:
            yield from ((chain.usd(at), chain.make(at)) for at in _places(chain, below_usd))


def _places(chain: Chain, below_usd: float) -> Iterable[int]:
    for at in range(1 if chain.counts and chain.least else chain.least, chain.most + 1):
        if chain.usd(at) >= below_usd or at > 400:
            return
        yield at


def _usd(one: Evaluation) -> float:
    assert one.cost_usd_per_month is not None
    return one.cost_usd_per_month.value


def _cpu_s() -> float:
    return sum(resource.getrusage(who).ru_utime for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
