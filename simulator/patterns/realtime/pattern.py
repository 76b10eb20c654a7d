"""A real-time endpoint as one pattern: its folder answers what each layer asks."""

from __future__ import annotations

from simulator.patterns.protocol import Pattern
from simulator.patterns.realtime.deployment import RealtimeDeployment
from simulator.patterns.realtime.limits import limits
from simulator.patterns.realtime.run import run

REALTIME = Pattern(key="realtime", title="Real-time endpoint", deployment=RealtimeDeployment, limits=limits, run=run)
