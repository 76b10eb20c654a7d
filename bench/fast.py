"""How exact and how fast the fast answer is: presets and random scenarios, against the exact run.

    python -m bench.fast            40 random scenarios and the presets that are small
    python -m bench.fast --full     200 random scenarios and all presets, fraud included (some minutes)

Prints, by pattern, the larger error of p99 and the required percentile, and that of the monthly cost, where the answer
is sure; how many of the unsure ones were within the bars all the same; and the CPU time of the answer. Twice for the
random scenarios: as answered, and by formulas alone. "--list" prints every scenario. docs/fast-answer.md quotes it.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from headroom.advisor.answer import Answer, Uncertain
from headroom.advisor.evaluate import judge
from headroom.advisor.evidence import Estimated, Simulated
from headroom.advisor.prepared import PreparedScenario, prepare
from headroom.advisor.world import World
from headroom.sharing.library import load_world
from headroom.sharing.presets import PRESETS, load_preset
from headroom.work.prefetch import one_ahead
from simulator.engine.replication import Case
from simulator.estimate.answer import fast as answer
from simulator.estimate.answer import reckon
from simulator.estimate.figures import Estimate
from simulator.patterns.registry import Deployment
from simulator.scenario import Scenario
from simulator.simulate import limits, simulate
from tests.simulator.estimate.random_scenarios import scenario

SMALL = 20_000_000

Ask = Callable[[Case, Deployment], Estimate]


@dataclass(frozen=True)
class Row:
    """One deployment: signed relative errors of the fast answer, and its CPU time."""

    name: str
    pattern: str
    method: str
    stable: bool
    sure: bool
    p99: float
    required: float
    cost: float
    cpu_ms: float
    why: str

    @property
    def within(self) -> bool:
        """Within 15 % for latency and 2 % for cost."""
        return max(abs(self.p99), abs(self.required)) <= 0.15 and abs(self.cost) <= 0.02


def compare(name: str, one: Scenario, deployment: Deployment, world: World) -> tuple[Row, Row] | None:
    """The fast answer and that of formulas alone to one deployment; None when a hard limit rules it out."""
    prepared = prepare(one, world)
    case = prepared.case
    if limits(case, deployment):
        return None
    exact = judge(prepared, deployment, Simulated(simulate(case, deployment)))
    parts = name, prepared, exact
    return _row(*parts, answer), _row(*parts, reckon)


def _row(name: str, prepared: PreparedScenario, exact: Answer, ask: Ask) -> Row:
    deployment, case = exact.deployment, prepared.case
    ask(case, deployment)
    before = time.process_time()
    quick = ask(case, deployment)
    cpu_ms = 1000 * (time.process_time() - before)
    preview = judge(prepared, deployment, Estimated(quick))
    required = f"p{prepared.scenario.requirement.latency_percentile:g}"
    assert preview.cost_usd_per_month is not None
    assert exact.cost_usd_per_month is not None
    return Row(
        name=name,
        pattern=deployment.pattern,
        method=quick.method,
        stable=quick.stable,
        sure=quick.sure,
        p99=_error(quick, exact.latency_s, "p99"),
        required=_error(quick, exact.latency_s, required),
        cost=preview.cost_usd_per_month.value / max(exact.cost_usd_per_month.value, 1e-12) - 1,
        cpu_ms=cpu_ms,
        why="; ".join(quick.reasons),
    )


def _error(quick: Estimate, exact: dict[str, Uncertain], name: str) -> float:
    if name not in exact or name not in quick.latency_s:
        return 0.0 if (name in exact) == (name in quick.latency_s) else np.inf
    return quick.latency_s[name].value / exact[name].value - 1


def presets(world: World, *, full: bool) -> Iterator[tuple[str, Scenario, Deployment]]:
    """Every deployment of the presets; the large ones only in a full run."""
    for preset in PRESETS:
        one = load_preset(preset.key)
        case = prepare(one, world).case
        if full or case.source.expected(0, one.simulation.duration_s) < SMALL:
            yield from ((f"{preset.key}: {deployment.name}", one, deployment) for deployment in one.deployments)


def show(title: str, rows: Iterable[Row]) -> None:
    """One table: by pattern."""
    rows = list(rows)
    print(f"\n{title}")
    print(
        f"{'pattern':14}sure  within  percentile: median    95 %     max  cost: median     max  unsure  within  CPU max"
    )
    for pattern in dict.fromkeys(row.pattern for row in rows):
        mine = [row for row in rows if row.pattern == pattern]
        sure, other = [row for row in mine if row.sure], [row for row in mine if not row.sure]
        p99 = np.abs([max(row.p99, row.required, key=abs) for row in sure] or [0.0])
        cost = np.abs([row.cost for row in sure] or [0.0])
        print(
            f"{pattern:13}{len(sure):5}{sum(row.within for row in sure):8}"
            f"{np.median(p99):20.1%}{np.quantile(p99, 0.95):8.1%}{p99.max():8.1%}"
            f"{np.median(cost):14.2%}{cost.max():8.2%}{len(other):8}{sum(row.within for row in other):8}"
            f"{max(row.cpu_ms for row in mine):6.0f} ms"
        )


def listed(rows: Iterable[Row]) -> None:
    """Every row."""
    for row in rows:
        word = "sure" if row.sure else "-"
        print(
            f"{row.name:45} {row.method:9}{row.cpu_ms:5.0f} ms  p99 {row.p99:+7.1%}  required {row.required:+7.1%}  "
            f"cost {row.cost:+7.2%}  {word}  {row.why}"
        )


def main(arguments: list[str]) -> None:
    """Run and print."""
    full, world = "--full" in arguments, load_world(one_ahead)
    known = [pair for one in presets(world, full=full) if (pair := compare(*one, world)) is not None]
    listed(answered for answered, _ in known)
    show("Presets", (answered for answered, _ in known))
    chosen = ((f"random {k}", scenario(k)) for k in range(200 if full else 40))
    drawn = [pair for name, one in chosen if (pair := compare(name, one, one.deployments[0], world)) is not None]
    _random([answered for answered, _ in drawn], "as answered", arguments)
    _random([reckoned for _, reckoned in drawn], "by formulas alone", arguments)


def _random(rows: list[Row], title: str, arguments: list[str]) -> None:
    if "--list" in arguments:
        listed(rows)
    show(f"{len(rows)} random scenarios, {title}", rows)
    wrong = [row for row in rows if row.sure and not row.within]
    print(f"sure and outside 15 % or 2 %: {len(wrong)}")
    listed(wrong)


if __name__ == "__main__":
    main(sys.argv[1:])
