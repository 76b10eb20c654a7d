"""Transform jobs as one pattern: its folder answers what each layer asks."""

from __future__ import annotations

from simulator.patterns.batch.deployment import CALL, BatchDeployment
from simulator.patterns.batch.limits import limits
from simulator.patterns.batch.run import run
from simulator.patterns.protocol import Pattern

BATCH = Pattern(key="batch", title="Batch transform", deployment=BatchDeployment, limits=limits, run=run, call=CALL)
