"""Transform jobs as one pattern: its folder answers what each layer asks."""

from __future__ import annotations

from simulator.patterns.batch.bottlenecks import bottlenecks
from simulator.patterns.batch.candidates import candidates
from simulator.patterns.batch.deployment import CALL, BatchDeployment
from simulator.patterns.batch.describe import ACCOUNT, ASSUMPTIONS, DESCRIPTION, ZONE_LOSS
from simulator.patterns.batch.estimate import MODELLED, asking_ms, batch
from simulator.patterns.batch.limits import limits, worth_knowing
from simulator.patterns.batch.neighbours import machine, neighbours, way, within_quotas
from simulator.patterns.batch.resources import resources
from simulator.patterns.batch.run import run
from simulator.patterns.batch.usage import BILLING
from simulator.patterns.instances import OF_INSTANCES
from simulator.patterns.protocol import Pattern, Searching, Surrogate

BATCH = Pattern(
    key="batch",
    description=DESCRIPTION,
    deployment=BatchDeployment,
    limits=limits,
    bottlenecks=bottlenecks,
    worth_knowing=worth_knowing,
    run=run,
    resources=resources,
    call=CALL,
    request_work=0.15,
    surrogate=Surrogate(reckon=batch, asking_ms=asking_ms, modelled=MODELLED),
    searching=Searching(
        candidates=candidates, neighbours=neighbours, within_quotas=within_quotas, machine=machine, way=way
    ),
    billing=BILLING,
    account=ACCOUNT,
    zone_loss=ZONE_LOSS,
    touched_by=OF_INSTANCES,
    assumptions=ASSUMPTIONS,
    s3_row="5.1",
    in_jobs=True,
    api="batch transform",
)
