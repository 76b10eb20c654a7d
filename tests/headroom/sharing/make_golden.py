"""Adds golden links for this schema to golden_links.json: `python -m tests.headroom.sharing.make_golden`.

Never changes one.
"""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

from headroom.sharing.canonical import document
from headroom.sharing.link import encode
from headroom.sharing.presets import PRESETS, load_preset
from simulator.model.assumptions import Assumptions
from simulator.model.simulation import Simulation
from simulator.model.workload import Workload
from simulator.patterns.asynchronous.deployment import AsynchronousDeployment, BacklogStepIn, BacklogStepOut
from simulator.patterns.realtime.deployment import (
    InvocationsTracking,
    RealtimeDeployment,
    RealtimeStepIn,
    RealtimeStepOut,
)
from simulator.patterns.serverless.deployment import ServerlessDeployment
from simulator.scaling.policies import ConcurrencyTracking, ProvisionedTracking, ScheduledAction
from simulator.scenario import SCHEMA, PriceOverride, Scenario
from simulator.traffic.kinds import Bursts, Counts, Spike, Step, Steps, Timestamps, Traffic

FILE = Path(__file__).parent / "golden_links.json"


def with_traffic(traffic: Traffic) -> Scenario:
    return Scenario(workload=Workload(name='Ünï "code" <b>', traffic=traffic))


def examples() -> dict[str, Scenario]:
    return {
        "default": Scenario(),
        "no deployments": Scenario(deployments=()),
        "steps": with_traffic(Steps(steps=(Step(), Step(at_s=60.5, rate_per_s=7)), spikes=(Spike(factor=3),))),
        "bursts": with_traffic(Bursts(interarrival_cv=1.5)),
        "counts": with_traffic(Counts(requests=(0, 5, 1_000_000), scale=0.5, repeat=False)),
        "timestamps": with_traffic(Timestamps(t_s=(0, 1e-7, 0.125, 86_400))),
        "overrides": Scenario(
            assumptions=Assumptions(overhead_ms=12.5),
            prices=(PriceOverride(usage="serverless_duration_s", dimension="2048", usd=Decimal("0.00004")),),
            deployments=(
                RealtimeDeployment(scaling=InvocationsTracking()),
                RealtimeDeployment(scaling=InvocationsTracking(target_value=60)),
                AsynchronousDeployment(scaling=None, initial_instance_count=2),
            ),
        ),
        "policies": Scenario(
            simulation=Simulation(timezone="Europe/Berlin"),
            deployments=(
                RealtimeDeployment(
                    concurrency_scaling=ConcurrencyTracking(disable_scale_in=True),
                    step_scale_out=RealtimeStepOut(),
                    step_scale_in=RealtimeStepIn(metric="ConcurrentRequestsPerModel"),
                    scheduled_actions=(ScheduledAction(), ScheduledAction(schedule="rate(2 hours)", max_capacity=9)),
                ),
                AsynchronousDeployment(step_scale_out=BacklogStepOut(), step_scale_in=BacklogStepIn()),
                ServerlessDeployment(provisioned_concurrency=1, scaling=ProvisionedTracking()),
            ),
        ),
        **{f"preset {preset.key}": load_preset(preset.key) for preset in PRESETS},
    }


def main() -> None:
    golden = json.loads(FILE.read_text()) if FILE.exists() else {}
    for name, scenario in examples().items():
        golden.setdefault(f"{SCHEMA}: {name}", {"link": encode(scenario), "scenario": document(scenario)})
    FILE.write_text(json.dumps(golden, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
