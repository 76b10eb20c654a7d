"""The fast answer to every deployment of a preset; the time is that of the slowest. Argument: the preset."""

from __future__ import annotations

import sys

from bench.peers.measure import Clock, report
from headroom.advisor.prepared import prepare
from headroom.sharing.library import load_world
from headroom.sharing.presets import load_preset
from headroom.work.prefetch import one_ahead
from simulator.estimate.answer import fast
from simulator.simulate import limits


def main(key: str) -> None:
    """Once to load everything, then once for the clock, from a case that nothing is known of yet."""
    scenario, world = load_preset(key), load_world(one_ahead)
    clocks, sure = [], []
    for deployment in scenario.deployments:
        case = prepare(scenario, world).case
        if limits(case, deployment):
            continue
        fast(case, deployment)
        clock, case = Clock(), prepare(scenario, world).case
        quick = clock.time(lambda: fast(case, deployment))  # noqa: B023 (called at once)
        clocks.append(clock)
        sure.append(float(quick.sure))
    slowest = max(clocks, key=lambda clock: clock.cpu_s)
    simulation = scenario.simulation
    requests = prepare(scenario, world).case.source.expected(-simulation.warmup_s, simulation.duration_s)
    report("", round(requests), slowest, {"sure": sure})


if __name__ == "__main__":
    main(sys.argv[1])
