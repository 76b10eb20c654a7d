"""Provisioned concurrency on a schedule, spillover and the account's pool together are what an independent telling of
the pages gives.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.engine.driver import chunks
from simulator.kernels.fates import COMPLETED, THROTTLED
from simulator.patterns.serverless.account import STEP_S
from simulator.patterns.serverless.deployment import ServerlessDeployment
from simulator.patterns.serverless.run import run
from simulator.scaling.policies import ScheduledAction
from simulator.traffic.kinds import DAY_S, Bursts, Constant
from tests.engine import make_case
from tests.reference.provisioned import tell
from tests.simulator.patterns.serverless_cases import MEMORY_MB, starts, workload

HOUR_S, READY_S, WARMUP_S = 3600.0, 203.7, 600.0


@settings(max_examples=20, deadline=None)
@given(
    st.sampled_from([Constant(rate_per_s=3), Bursts(on_rate_per_s=12, off_rate_per_s=0.3)]),
    st.sampled_from([200.0, 1500.0]),
    st.sampled_from([0.0, 4.3]),
    st.sampled_from([1.7, 40.0, 300.0]),
    st.lists(st.tuples(st.floats(-500, 3500), st.integers(1, 9), st.integers(0, 3)), max_size=6),
    st.sampled_from([0, 90, 110]),
    st.sampled_from([0.0, 1.0]),
    st.integers(1, 99),
)
def test_provisioned_spillover_and_pool(traffic, mean_ms, cold_s, keep_s, moves, others, low_share, seed):
    sizes, assumptions = starts(
        cold_s,
        serverless_keep_warm_s=keep_s,
        serverless_account_concurrency=115,
        serverless_others_in_use=others,
        serverless_others_low_share=low_share,
        provisioned_concurrency_median_s=READY_S,
        provisioning_sigma=0.0,
    )
    actions = [(round(at, 2) + 0.003, least, least + more) for at, least, more in moves]
    work = workload(traffic=traffic, mean_ms=mean_ms, **sizes)
    deployment = ServerlessDeployment(
        memory_size_in_mb=MEMORY_MB,
        max_concurrency=15,
        provisioned_concurrency=2,
        max_capacity=12,
        scheduled_actions=tuple(
            ScheduledAction(schedule=f"at({at:.3f})", min_capacity=least, max_capacity=most)
            for at, least, most in actions
            if at >= 0
        ),
    )
    case = make_case(work, warmup_s=WARMUP_S, seed=seed, assumptions=assumptions)
    result = run(case, deployment)

    def room(now_s):
        height = (1 + math.cos(2 * math.pi * (now_s - 14 * HOUR_S) / DAY_S)) / 2
        return max(0, min(15, 115 - round(others * (low_share + (1 - low_share) * height))))

    drawn = list(chunks(case))
    told = tell(
        [float(t) for chunk in drawn for t in chunk.t],
        [min(60.0, float(s)) for chunk in drawn for s in chunk.demand_s],
        cold_s=cold_s,
        keep_s=keep_s,
        room=room,
        room_changes_s=np.arange(-WARMUP_S, 2 * HOUR_S, STEP_S).tolist(),
        provisioned=2,
        actions=[(float(f"{at:.3f}"), least, most) for at, least, most in actions if at >= 0],
        ready_s=READY_S,
        begins_s=-WARMUP_S,
        ends_s=HOUR_S,
    )
    counted = [(fate, cold) for at, fate, cold in told.fates if 0 <= at < HOUR_S]
    fates = result.sums.fates.sum(axis=0)
    assert fates[THROTTLED] == sum(fate == "throttled" for fate, _ in counted)
    assert fates[COMPLETED] == sum(fate == "completed" for fate, _ in counted)
    assert result.sums.cold.sum() == sum(cold for _, cold in counted)
    assert result.sums.parts.sum() == pytest.approx(told.latency_s)
    paid = {line.key: line.quantity for line in result.usage}
    assert paid["serverless_duration_s"] == pytest.approx(told.worked_ms[False] / 1000)
    assert paid["serverless_pc_duration_s"] == pytest.approx(told.worked_ms[True] / 1000)
    if deployment.scheduled_actions:
        assert paid["serverless_pc_usage_s"] == pytest.approx(told.paid_s)
