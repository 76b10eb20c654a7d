"""Whether the planner finds the best for workloads that nobody has chosen: drawn ones, each against a fine grid.

    python -m bench.drawn [--part 3/10] [NUMBER ...]

`bench/workloads.py` draws the workloads, `bench/rows.py` asks the grid. What is done is kept in `bench/drawn.jsonl`,
one line a workload, and not done again while the workload is the same: the bench may be stopped and resumed at any
time, and its parts may be run on several machines, whose lines are put together. A line is removed to do its workload
again. `python -m bench.regret --page` then writes the page.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import statistics
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.rows import ALMOST, Rows, judged
from bench.workloads import NUMBER, drawn
from headroom.advisor.answer import Answer
from headroom.advisor.evaluate import evaluate
from headroom.advisor.search.naming import named
from headroom.advisor.search.planner import plan
from headroom.advisor.world import World
from headroom.sharing.library import load_world
from simulator.patterns.registry import Deployment
from simulator.scenario import Scenario
from simulator.traffic.kinds import NamedTrace

RESULTS = Path(__file__).resolve().parent / "drawn.jsonl"
IN_FULL = 8
"""Of the grid, so many are given all replications."""

BAR = 0.02
DECIDED_BAR = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One workload. winner: of the planner, and what it costs a month; None where nothing meets, by the planner. best:
    of winner and grid, by all replications. runs, rows, unasked: exact runs of the grid, its rows, and those of them
    for which the runs did not last. digest: of the workload.
    """

    number: int
    digest: str
    workload: str
    requirement: str
    winner: str | None
    cost_usd: float | None
    best: str | None
    best_usd: float | None
    decided: bool
    ties: int
    left: int
    screened: int
    simulated: int
    plan_cpu_s: float
    runs: int
    rows: int
    unasked: int
    grid_cpu_s: float

    @property
    def regret(self) -> float | None:
        """What the winner costs more than the best; infinite where only the grid has something that meets, None where
        nothing does.
        """
        if self.best_usd is None:
            return None
        return math.inf if self.cost_usd is None else self.cost_usd / self.best_usd - 1


def main(arguments: Sequence[str]) -> int:
    """Do what is not done yet of the workloads that are asked for; 1 when a regret is over the bar."""
    parser = argparse.ArgumentParser(prog="python -m bench.drawn", description=__doc__.split("\n", 1)[0])
    parser.add_argument("--part", default="1/1", metavar="I/N", help="every Nth workload, from the Ith on")
    parser.add_argument("numbers", metavar="NUMBER", type=int, nargs="*", help="workloads; none: all")
    asked = parser.parse_args(arguments)
    part, parts = map(int, asked.part.split("/"))
    world = load_world()
    for number in asked.numbers or range(part - 1, NUMBER, parts):
        scenario = drawn(number, world.traces)
        if not any(line.number == number and line.digest == digest(scenario) for line in done()):
            line = examined(number, scenario, world)
            print(line, flush=True)
            with RESULTS.open("a", encoding="utf-8") as file:
                file.write(json.dumps(asdict(line)) + "\n")
    return 1 if any(over_the_bar(line) for line in done()) else 0


def done(lines: Iterable[str] | None = None) -> list[Line]:
    """The results, by number; of several of one workload the last."""
    if lines is None:
        lines = RESULTS.read_text(encoding="utf-8").splitlines() if RESULTS.exists() else ()
    by_number = {line.number: line for line in (Line(**json.loads(text)) for text in lines)}
    return [by_number[number] for number in sorted(by_number)]


def over_the_bar(line: Line) -> bool:
    """Whether a regret is more than is allowed: of a plan that is called decided, or of any."""
    return line.regret is not None and line.regret > (DECIDED_BAR if line.decided else BAR)


def digest(scenario: Scenario) -> str:
    """What tells one workload from another; a field that is new, at its default, changes nothing."""
    return hashlib.sha256(scenario.model_dump_json(exclude_defaults=True).encode()).hexdigest()[:12]


def examined(number: int, scenario: Scenario, world: World) -> Line:
    """Plan a workload, ask the grid, and give all replications to what is cheaper in its first run."""
    began_s = time.process_time()
    found = plan(scenario, world)
    planned_s = time.process_time()
    best = found.comparison.best
    winner = None if best is None else found.comparison.evaluations[best]
    rows = Rows(scenario, world, math.inf)
    if winner is not None:
        rows.once(winner.deployment)
        rows.best_usd = rows.once(winner.deployment).usd  # also where it misses by chance in the first run
    rows.search(None if winner is None else winner.deployment)
    exact = [evaluate(scenario, deployment, world) for deployment in _cheaper(rows, winner)]
    able = [answer for answer in exact if judged(answer).meets]
    cheapest = min([*([] if winner is None else [winner]), *able], key=_usd, default=None)
    return Line(
        number=number,
        digest=digest(scenario),
        workload=workload_text(scenario),
        requirement=requirement_text(scenario),
        winner=None if winner is None else winner.deployment.name,
        cost_usd=None if winner is None else _usd(winner),
        best=None if cheapest is None else settings_text(cheapest.deployment),
        best_usd=None if cheapest is None else _usd(cheapest),
        decided=found.decided,
        ties=len(found.ties),
        left=len(found.left),
        screened=found.screened,
        simulated=found.simulated,
        plan_cpu_s=round(planned_s - began_s, 2),
        runs=len(rows.asked),
        rows=rows.rows,
        unasked=rows.unasked,
        grid_cpu_s=round(time.process_time() - planned_s, 2),
    )


def _cheaper(rows: Rows, winner: Answer | None) -> list[Deployment]:
    """What is cheaper than the winner in its first run and meets there, or nearly, the cheapest first."""
    limit_usd = math.inf if winner is None else rows.once(winner.deployment).usd
    able = [
        (not once.meets, once.usd, at, deployment)
        for at, (deployment, once) in enumerate(rows.asked.items())
        if once.usd < limit_usd and once.missed_by <= ALMOST and (winner is None or deployment != winner.deployment)
    ]
    return [deployment for *_, deployment in sorted(able, key=lambda one: one[:3])[:IN_FULL]]


def _usd(answer: Answer) -> float:
    return math.inf if answer.cost_usd_per_month is None else answer.cost_usd_per_month.value


def workload_text(scenario: Scenario) -> str:
    """Its traffic and work."""
    workload = scenario.workload
    traffic = workload.traffic
    scale = f" x {traffic.scale:g}" if isinstance(traffic, NamedTrace) else ""
    machine = "GPU" if scenario.requirement.needs_gpu else "CPU"
    return (
        f"{workload.name}{scale}, {workload.service_time.mean_ms:g} ms (cv {workload.service_time.cv:g}) on {machine}"
    )


def requirement_text(scenario: Scenario) -> str:
    """Its clause on latency."""
    requirement = scenario.requirement
    later = ", deferred" if requirement.answer_may_be_deferred else ""
    zones = ", 2 zones" if requirement.zones > 1 else ""
    return f"p{requirement.latency_percentile:g} in {requirement.latency_limit_s:g} s{later}{zones}"


def settings_text(deployment: Deployment) -> str:
    """Its name, and what it does not say."""
    policies = [getattr(deployment, name, None) for name in ("scaling", "concurrency_scaling")]
    policy = next((policy for policy in policies if policy), None)
    if policy is None:
        return str(named(deployment).name)
    cooldowns = f"{policy.scale_in_cooldown_s:g}/{policy.scale_out_cooldown_s:g} s"
    return f"{named(deployment).name}, target {policy.target_value:g}, cooldowns {cooldowns}"


_HEAD = """
## Drawn workloads

Found by `python -m bench.drawn`, kept in `bench/drawn.jsonl`. Workloads are drawn with a seed from the packaged
traces, loads, service times and requirements (`bench/workloads.py`). The grid (`bench/rows.py`) is asked with exact
runs alone: for every type whose provable bound is below the best so far a row of counts, of targets in steps of 5 % for
either metric and many MinCapacity and MaxCapacity, of schedules and of job sizes; then finer steps of all settings
around the cheapest and around the planner's winner. What costs less than the winner in its first run is given all
replications. Where rows were not asked, because the runs that are allowed did not last for all whose bound is below the
best, the regret is against what was asked. The bars: a median of 0, 2 % at most, and 1 % where the plan is called
decided.
"""


def render(lines: Sequence[Line]) -> str:
    """The part of the page on drawn workloads."""
    known = [line for line in lines if line.regret is not None]
    regrets = sorted(line.regret for line in known if line.regret is not None)
    if not regrets:
        return ""
    decided = [line.regret or 0.0 for line in known if line.decided]
    none = [line for line in lines if line.regret is None]
    over = sum(over_the_bar(line) for line in known)
    text = (
        f"\n{len(lines)} of {NUMBER} were run; in {len(none)} nothing meets. Of the other {len(known)}, the median "
        f"regret is {_share(statistics.median(regrets))} and the worst {_share(regrets[-1])}; {over} are over a bar. "
        f"{len(decided)} plans are called decided, of which the worst regret is {_share(max(decided, default=0.0))}. "
        f"Of {sum(line.unasked > 0 for line in known)} not all rows were asked. "
        f"Plans took {_seconds(lines, 'plan_cpu_s')} of CPU, the grid {_seconds(lines, 'grid_cpu_s')}.\n"
    )
    return _HEAD + text + _table(known) + (_none(none) if none else "")


def _seconds(lines: Sequence[Line], name: str) -> str:
    seconds = [getattr(line, name) for line in lines]
    return f"{statistics.median(seconds):.1f} s (median; at most {max(seconds):.0f} s)"


def _share(regret: float) -> str:
    return "infinite" if math.isinf(regret) else f"{regret:.2%}"


def _table(lines: Sequence[Line]) -> str:
    head = (
        "\n| no. | workload | requirement | winner | $/month | best of both | $/month | regret | decided | left |"
        " screened | exact runs | CPU s | grid: rows | not asked | runs | CPU s |\n"
        "|---:|---|---|---|---:|---|---:|---:|---|---:|---:|---:|---:|---:|---:|---:|---:|\n"
    )
    return head + "".join(_row(line) for line in lines)


def _row(line: Line) -> str:
    usd = "" if line.cost_usd is None else f"{line.cost_usd:,.4g}"
    best = "the winner" if line.best_usd == line.cost_usd else line.best
    cells = (
        *(line.number, line.workload, line.requirement, line.winner or "nothing", usd, best, f"{line.best_usd:,.4g}"),
        *(_share(line.regret or 0.0), "yes" if line.decided else "tie", line.left, line.screened, line.simulated),
        *(f"{line.plan_cpu_s:.1f}", line.rows, line.unasked, line.runs, f"{line.grid_cpu_s:.1f}"),
    )
    return f"| {' | '.join(map(str, cells))} |\n"


def _none(lines: Sequence[Line]) -> str:
    head = "\nWhere nothing meets, by planner and grid:\n\n| no. | workload | requirement | screened | grid: runs |\n"
    rows = (
        f"| {line.number} | {line.workload} | {line.requirement} | {line.screened} | {line.runs} |\n" for line in lines
    )
    return head + "|---:|---|---|---:|---:|\n" + "".join(rows)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
