"""Scaled fleets under faults are the ones that an independent telling of the pages on scaling and faults gives."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from simulator.engine.gauges import GaugeName
from simulator.engine.replication import Stream
from simulator.model.assumptions import Assumptions
from simulator.model.faults import CapacityShortage, InstanceLoss, TrafficSpike, ZoneLoss
from simulator.model.workload import Client, ServiceTime, Workload
from simulator.patterns.realtime.deployment import InvocationsTracking, RealtimeDeployment
from simulator.traffic.kinds import Constant, Step, Steps
from tests.engine import make_case, replicate
from tests.reference.scaled_fleet import Story, mean_by_minute

# Odd numbers, so that no two things happen at the same moment.
DELAY_S, READY_S, REPLACED_S, WARMUP_S, HOURS = 91.3, 203.7, 47.9, 600.0, 2

times = st.floats(10, 6000).map(lambda t_s: round(t_s, 3) + 0.0001)
loads = st.sampled_from(
    [
        Constant(rate_per_s=3),
        Steps(steps=(Step(at_s=0, rate_per_s=1), Step(at_s=1500, rate_per_s=9), Step(at_s=3000, rate_per_s=1.5))),
        Steps(steps=(Step(at_s=0, rate_per_s=4), Step(at_s=2000, rate_per_s=0), Step(at_s=5000, rate_per_s=6))),
    ]
)
faults = st.lists(
    st.one_of(
        st.builds(InstanceLoss, at_s=times, instances=st.integers(1, 5)),
        st.builds(ZoneLoss, at_s=times, zones=st.integers(2, 4)),
        st.builds(CapacityShortage, at_s=times, lasts_s=st.floats(100, 1500)),
        st.builds(TrafficSpike, at_s=times, lasts_s=st.floats(100, 1500), factor=st.sampled_from([2.0, 5.0])),
    ),
    max_size=5,
).map(tuple)


cooldowns = st.tuples(st.sampled_from([60.0, 300.0]), st.sampled_from([0.0, 300.0]))
spreads = st.sampled_from([(0.0, 0.0), (0.5, 0.2), (0.5, 1.0), (0.3, 0.0)])


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@example(Constant(rate_per_s=1), (InstanceLoss(at_s=49.0001, instances=1),), (60.0, 0.0), False, 1, (0.0, 0.0))
@given(loads, faults, cooldowns, st.booleans(), st.integers(1, 9), spreads)
def test_instances_in_service_and_paid_for(traffic, some, cooldown_s, waits, seed, spread):
    (out_s, in_s), (sigma, within) = cooldown_s, spread
    work = Workload(
        traffic=traffic,
        service_time=ServiceTime(distribution="deterministic", mean_ms=1),
        client=Client(retry_mode="none"),
        model_load_s=0,
    )
    assumptions = Assumptions(
        overhead_ms=0,
        alarm_delay_min_s=DELAY_S,
        alarm_delay_max_s=DELAY_S,
        provisioning_cpu_median_s=READY_S,
        provisioning_sigma=sigma,
        provisioning_within_share=within,
        replacement_delay_s=REPLACED_S,
        scaling_waits=waits,
    )
    scaling = InvocationsTracking(target_value=100, scale_out_cooldown_s=out_s, scale_in_cooldown_s=in_s)
    deployment = RealtimeDeployment(initial_instance_count=2, min_capacity=1, max_capacity=7, scaling=scaling)
    case = make_case(
        work, duration_s=HOURS * 3600.0, warmup_s=WARMUP_S, seed=seed, assumptions=assumptions, faults=some
    )
    (result,) = replicate(case, deployment, 1)
    arrivals = np.concatenate(
        [np.zeros(0), *case.source.times(case.rng(Stream.ARRIVALS), -WARMUP_S, HOURS * 3600.0)]
    ).tolist()
    story = Story(
        target=100,
        least=1,
        most=7,
        out_s=out_s,
        in_s=in_s,
        delay_s=DELAY_S,
        ready_s=READY_S,
        sigma=sigma,
        within=within,
        normal=case.rng(Stream.PROVISIONING).standard_normal,
        replaced_s=REPLACED_S,
        shortages=[(one.at_s, one.at_s + one.lasts_s) for one in some if isinstance(one, CapacityShortage)],
        waits=waits,
        running=2,
    )
    losses = [(one.at_s, _dead(one)) for one in some if isinstance(one, InstanceLoss | ZoneLoss)]
    counts = story.run(arrivals, losses, -WARMUP_S, HOURS * 3600.0)
    names: tuple[GaugeName, ...] = ("instances_in_service", "instances_billed")
    for place, name in enumerate(names):
        means = (result.gauges[name].integral / result.bin_s).tolist()
        assert means == pytest.approx(mean_by_minute(counts, place, HOURS * 60), abs=1e-6), name


def _dead(fault):
    if isinstance(fault, InstanceLoss):
        return lambda running: min(running, fault.instances)
    return lambda running: math.ceil(running / fault.zones)
