"""One deployment of a preset, from its file to the verdict. Arguments: preset, place of the deployment, warm or cold.

cold: nothing is loaded before the clock starts; the caller takes the time of the whole process.
"""

from __future__ import annotations

import sys

from bench.peers.measure import Clock, report
from headroom.advisor.evaluate import evaluate
from headroom.sharing.library import load_world
from headroom.sharing.presets import load_preset
from headroom.work.prefetch import one_ahead
from simulator.kernels.warm import warm


def main(key: str, place: int, start: str) -> None:
    """Evaluate it."""
    if start == "warm":
        warm()
    clock = Clock()
    scenario, world = load_preset(key), load_world(one_ahead)
    evaluation = clock.time(lambda: evaluate(scenario, scenario.deployments[place], world))
    if evaluation.outcome is None:
        raise SystemExit(f"{scenario.deployments[place].name} is ruled out, so nothing was simulated.")
    outcome = evaluation.outcome
    answers = {
        "replications": [float(outcome.replications)],
        "answered": [outcome.completed / outcome.offered],
        "p99_s": [outcome.latency.quantile(99.0) or 0.0],
    }
    report("", outcome.offered, clock, answers)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3])
