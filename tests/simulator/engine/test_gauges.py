"""Every gauge and count is declared once, and a run tells those of its machines."""

from __future__ import annotations

from typing import get_args

import numpy as np
import pytest

from simulator.engine.gauges import GAUGES, CountName, GaugeName
from simulator.engine.outcome import FATE_WORDS
from simulator.kernels.fates import COMPLETED, FATES, UNFINISHED, Fate
from simulator.model.workload import Workload
from simulator.patterns.protocol import Pattern
from simulator.patterns.registry import PATTERNS
from simulator.patterns.serverless.deployment import ServerlessDeployment
from simulator.simulate import simulate
from simulator.traffic.kinds import Constant
from tests.engine import make_case


def counts() -> set[str]:
    return set(get_args(CountName))


def test_every_name_is_declared_once() -> None:
    assert set(GAUGES) == set(get_args(GaugeName))
    assert len({gauge.title for gauge in GAUGES.values()}) == len(GAUGES)
    assert set(FATE_WORDS) == set(FATES) == set(get_args(Fate))
    assert (FATES[COMPLETED], FATES[UNFINISHED]) == ("completed", "unfinished")


@pytest.mark.parametrize("pattern", PATTERNS, ids=lambda pattern: pattern.key)
def test_a_run_tells_the_gauges_of_its_machines_with_their_peaks(pattern: Pattern) -> None:
    on = "environments" if issubclass(pattern.deployment, ServerlessDeployment) else "instances"
    case = make_case(Workload(traffic=Constant(rate_per_s=1.0)), duration_s=3600.0)
    series = simulate(case, pattern.deployment()).series
    assert set(series.counts) == counts()
    assert set(series.means) <= set(GAUGES)
    assert {GAUGES[name].machine for name in series.means} == {on, "any"}
    assert set(series.peaks) == {name for name in series.means if GAUGES[name].peak}
    for name, largest in series.peaks.items():
        assert np.all(largest >= series.means[name] - 1e-6), name
