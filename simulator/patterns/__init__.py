"""The patterns SageMaker offers, one file each: what can be configured, what rules it out, how it runs, what it uses.

PATTERNS is the one list that forms, command line, tables, docs and tests iterate.
"""

from __future__ import annotations

from collections.abc import Mapping

from simulator.patterns.asynchronous.run import ASYNCHRONOUS
from simulator.patterns.batch.run import BATCH
from simulator.patterns.protocol import Pattern
from simulator.patterns.realtime.run import REALTIME
from simulator.patterns.serverless.run import SERVERLESS

PATTERNS: tuple[Pattern, ...] = (REALTIME, SERVERLESS, ASYNCHRONOUS, BATCH)
BY_KEY: Mapping[str, Pattern] = {pattern.key: pattern for pattern in PATTERNS}
