"""A serverless endpoint as one pattern: its folder answers what each layer asks."""

from __future__ import annotations

from simulator.patterns.instances import EVERYWHERE
from simulator.patterns.protocol import Pattern, Searching, Surrogate
from simulator.patterns.serverless.account import room
from simulator.patterns.serverless.bottlenecks import bottlenecks
from simulator.patterns.serverless.candidates import candidates
from simulator.patterns.serverless.deployment import ServerlessDeployment
from simulator.patterns.serverless.describe import ACCOUNT, ASSUMPTIONS, DESCRIPTION, ZONE_LOSS, idle
from simulator.patterns.serverless.estimate import MODELLED, asking_ms, sampling_s, serverless
from simulator.patterns.serverless.limits import limits, worth_knowing
from simulator.patterns.serverless.neighbours import FREE_PLACES, machine, neighbours, way, within_quotas
from simulator.patterns.serverless.resources import resources
from simulator.patterns.serverless.run import run
from simulator.patterns.serverless.usage import BILLING

SERVERLESS = Pattern(
    key="serverless",
    description=DESCRIPTION,
    deployment=ServerlessDeployment,
    limits=limits,
    bottlenecks=bottlenecks,
    worth_knowing=worth_knowing,
    run=run,
    resources=resources,
    request_work=2.0,
    surrogate=Surrogate(
        reckon=serverless, asking_ms=asking_ms, modelled=MODELLED, may_refuse=True, sampling_s=sampling_s
    ),
    searching=Searching(
        candidates=candidates,
        neighbours=neighbours,
        within_quotas=within_quotas,
        machine=machine,
        way=way,
        free_places=FREE_PLACES,
    ),
    billing=BILLING,
    account=ACCOUNT,
    zone_loss=ZONE_LOSS,
    touched_by=EVERYWHERE,
    assumptions=ASSUMPTIONS,
    idle=idle,
    api=None,
    room=room,
)
