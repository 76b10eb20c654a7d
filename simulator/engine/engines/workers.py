"""Workers with a queue: each worker has one request in work, first come, first served."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.engine.engines.engine import BatchRule


@dataclass(frozen=True, slots=True)
class Workers:
    """Each request is worked on by itself."""

    @property
    def rule(self) -> BatchRule | None:
        """None: no batches."""
        return None

    def requests_at_once(self, workers: int) -> int:
        """One for each worker."""
        return workers
