"""The arrays of a transform job."""

from __future__ import annotations

import numpy as np

from simulator.engine.engines.engine import BatchRule
from simulator.kernels import Ints
from simulator.kernels import batch as kernel
from simulator.kernels import batch_joined as joined


def job_state(params: kernel.Params, slots: int) -> kernel.State:
    """A job of which nothing is done."""
    return kernel.State(
        ints=np.zeros(kernel.COUNTS, dtype=np.int64),
        reals=np.zeros(kernel.REALS),
        slot_t=np.zeros((params.instances, slots)),
        slot_key=np.tile(np.arange(slots), (params.instances, 1)),
        worked_s=np.zeros(params.instances),
        edges=np.arange(params.objects + 1) * params.records // params.objects,
        begun=np.zeros(params.objects),
        finished=np.zeros(params.objects),
        broken=np.zeros(params.objects, dtype=np.int64),
        slow=np.zeros((0, 3)),
        slowdown=np.zeros(0),
    )


def new_calls(rule: BatchRule, state: kernel.State, workers: int) -> joined.Calls:
    """What a container with so many workers that makes batches over its calls needs beside these arrays."""
    shape = state.slot_t.shape

    def whole() -> Ints:
        return np.zeros(shape, dtype=np.int64)

    calls = joined.Calls(
        workers=workers,
        most=rule.most,
        delay_s=rule.delay_s,
        fixed_share=rule.fixed_share,
        ints=np.zeros((shape[0], joined.COUNTS), dtype=np.int64),
        event_t=np.zeros(shape),
        event_key=whole(),
        size=whole(),
        next=whole(),
        object=whole(),
        demand_s=np.zeros(shape),
        needed=whole(),
        made=whole(),
        whole=whole(),
        joined_s=np.zeros(shape),
        cut=whole(),
    )
    calls.ints[:, joined.FREE] = shape[1]
    return calls
