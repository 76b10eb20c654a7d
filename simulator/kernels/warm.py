"""`python -m simulator.kernels.warm [rest [NICENESS]]`: compile the kernels ahead, so that answers do not wait for it.

Runs a tiny workload through every pattern. Without an argument what most scenarios need, about a third of the work;
with `rest` what only faults, batches, adaptive clients and language models need, while the app runs already. The
compiled code is cached beside the sources, or in the user's cache folder where these may not be written.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

import numpy as np

from simulator.engine.replication import Case, Stream
from simulator.kernels import tokens
from simulator.model.assumptions import Assumptions
from simulator.model.faults import Fault, InstanceLoss
from simulator.model.hardware import InstanceType
from simulator.model.requirement import Requirement
from simulator.model.simulation import Simulation
from simulator.model.workload import Batching, Client, Workload
from simulator.patterns.protocol import Pattern
from simulator.patterns.registry import PATTERNS
from simulator.traffic.kinds import Constant, Counts, Jobs, Profile, Traffic
from simulator.traffic.sources import make_source

_MACHINE = InstanceType(
    name="ml.m5.xlarge",
    vcpu=4,
    baseline_vcpu=0,
    memory_mb=16_384,
    gpu_count=0,
    gpu_model="",
    gpu_memory_mb=0,
    gpu_bandwidth_gb_s=0,
    gpu_fp16_tflops=0,
    neuron_devices=0,
    neuron_memory_mb=0,
    hosting=True,
    batch_transform=True,
)
# Between them they use every kernel that draws arrivals.
_TRAFFIC: tuple[Traffic, ...] = (
    Constant(rate_per_s=0.1),
    Profile(peak_rate_per_s=0.1, interarrival_cv=2.0),
    Counts(bin_s=600, requests=(3, 4)),
    Jobs(records=10, at_s=600, submit_over_s=600),
)


def warm() -> None:
    """Compile by running what most scenarios need; a second call in the same process takes milliseconds."""
    for traffic in _TRAFFIC:
        for pattern in PATTERNS:
            _run(pattern, Workload(traffic=traffic))
        source = make_source(traffic, {})
        sum(times.size for times in source.times(np.random.default_rng(int(Stream.PREVIEW)), 0.0, 3600.0))


def warm_rest() -> None:
    """Compile by running what few scenarios need; who needs it earlier waits for the compiler then."""
    for pattern in PATTERNS:
        _run(pattern, Workload(traffic=_TRAFFIC[0]), (InstanceLoss(at_s=600),))
        _run(pattern, Workload(traffic=_TRAFFIC[0], batching=Batching()))
        _run(pattern, Workload(traffic=_TRAFFIC[0], batching=Batching()), (InstanceLoss(at_s=600),))
        _run(pattern, Workload(traffic=_TRAFFIC[0], client=Client(retry_mode="adaptive")))
    ones = np.ones(2, dtype=np.int64)
    state = tokens.new_state(ones, ones, 0 * ones, np.zeros(2), blocks=1)
    tokens.run(state, tokens.Params(1, 1, 16, 0.0, 0.0, 0.0), np.ones(17))


def _run(pattern: Pattern, workload: Workload, faults: tuple[Fault, ...] = ()) -> None:
    case = Case(
        workload=workload,
        requirement=Requirement(),
        assumptions=Assumptions(),
        simulation=Simulation(duration_s=3600, warmup_s=0),
        hardware={_MACHINE.name: _MACHINE},
        region="us-east-1",
        source=make_source(workload.traffic, {}),
        faults=faults,
    )
    pattern.run(case, pattern.deployment())


def main(arguments: Sequence[str]) -> None:
    """Compile what the arguments say."""
    match arguments:
        case ["rest", niceness]:
            os.nice(int(niceness))
            warm_rest()
        case ["rest"]:
            warm_rest()
        case _:
            warm()


if __name__ == "__main__":
    main(sys.argv[1:])
