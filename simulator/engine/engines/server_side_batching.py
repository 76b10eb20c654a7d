"""Server-side batching: the model server works on what waits in it together (facts row 2.56)."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.engine.engines.engine import BatchRule


@dataclass(frozen=True, slots=True)
class ServerSideBatching:
    """Each worker has one batch in work."""

    rule: BatchRule

    def requests_at_once(self, workers: int) -> int:
        """A full batch for each worker."""
        return workers * self.rule.most
