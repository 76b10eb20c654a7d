"""A real-time endpoint as one pattern: its folder answers what each layer asks."""

from __future__ import annotations

from simulator.patterns import fleets, instances
from simulator.patterns.protocol import Pattern, Searching, Surrogate
from simulator.patterns.realtime.bottlenecks import bottlenecks
from simulator.patterns.realtime.candidates import candidates
from simulator.patterns.realtime.deployment import RealtimeDeployment
from simulator.patterns.realtime.describe import ASSUMPTIONS, DESCRIPTION, idle
from simulator.patterns.realtime.estimate import MODELLED, asking_ms, realtime
from simulator.patterns.realtime.limits import limits, worth_knowing
from simulator.patterns.realtime.neighbours import bolder, neighbours, way
from simulator.patterns.realtime.resources import resources
from simulator.patterns.realtime.run import run
from simulator.patterns.realtime.usage import BILLING, always_on_usage

REALTIME = Pattern(
    key="realtime",
    description=DESCRIPTION,
    deployment=RealtimeDeployment,
    limits=limits,
    bottlenecks=bottlenecks,
    worth_knowing=worth_knowing,
    run=run,
    resources=resources,
    request_work=1.0,
    surrogate=Surrogate(reckon=realtime, asking_ms=asking_ms, modelled=MODELLED, may_refuse=True),
    searching=Searching(
        candidates=candidates,
        neighbours=neighbours,
        within_quotas=fleets.within_quotas,
        machine=fleets.machine,
        way=way,
        bolder=bolder,
    ),
    billing=BILLING,
    always_on_usage=always_on_usage,
    account=instances.ACCOUNT,
    zone_loss=instances.ZONE_LOSS,
    touched_by=instances.OF_ENDPOINTS,
    assumptions=ASSUMPTIONS,
    idle=idle,
    disputed_payload=True,
)
