"""Timeline says why the deployment that is looked at is as it is."""

from __future__ import annotations

from simulator.model.workload import Client
from simulator.patterns.realtime.deployment import RealtimeDeployment
from tests.headroom.ui.small import finished, looking_at, opened, scenario, trouble, words


def test_the_causes_stand_under_the_numbers() -> None:
    small = scenario(rate_per_s=100.0)
    overloaded = small.model_copy(
        update={
            "workload": small.workload.model_copy(update={"client": Client(retry_mode="none"), "container_workers": 1}),
            "deployments": (RealtimeDeployment(name="Too few", job_queue_size=9),),
        }
    )
    at = looking_at(finished(opened(overloaded, "timeline")), "Yours 1: Too few")
    said = words(at).replace("\\", "")
    assert "An instance works on 1 request at a time (Workers in the container), lets 9 wait" in said
    assert trouble(at) == []
