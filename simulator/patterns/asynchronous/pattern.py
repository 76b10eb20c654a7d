"""An asynchronous endpoint as one pattern: its folder answers what each layer asks."""

from __future__ import annotations

from simulator.patterns import fleets, instances
from simulator.patterns.asynchronous.bottlenecks import bottlenecks
from simulator.patterns.asynchronous.candidates import candidates
from simulator.patterns.asynchronous.deployment import CALL, AsynchronousDeployment
from simulator.patterns.asynchronous.describe import ASSUMPTIONS, DESCRIPTION
from simulator.patterns.asynchronous.estimate import MODELLED, asking_ms, asynchronous, sampling_s
from simulator.patterns.asynchronous.limits import limits, worth_knowing
from simulator.patterns.asynchronous.neighbours import bolder, neighbours, way
from simulator.patterns.asynchronous.resources import resources
from simulator.patterns.asynchronous.run import run
from simulator.patterns.asynchronous.usage import BILLING
from simulator.patterns.protocol import Pattern, Searching, Surrogate

ASYNCHRONOUS = Pattern(
    key="asynchronous",
    description=DESCRIPTION,
    deployment=AsynchronousDeployment,
    limits=limits,
    bottlenecks=bottlenecks,
    worth_knowing=worth_knowing,
    run=run,
    resources=resources,
    call=CALL,
    request_work=3.0,
    surrogate=Surrogate(reckon=asynchronous, asking_ms=asking_ms, modelled=MODELLED, sampling_s=sampling_s),
    searching=Searching(
        candidates=candidates,
        neighbours=neighbours,
        within_quotas=fleets.within_quotas,
        machine=fleets.machine,
        way=way,
        bolder=bolder,
    ),
    billing=BILLING,
    account=instances.ACCOUNT,
    zone_loss=instances.ZONE_LOSS,
    touched_by=instances.OF_ENDPOINTS,
    assumptions=ASSUMPTIONS,
    idle=instances.idle,
    s3_row="4.1",
)
