"""What every pattern asks of the engine inside its instances.

A pattern says how requests reach instances, how instances scale and what is billed. The engine says what an instance
does with what it holds: how many requests at once, and which of them together.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol


class BatchRule(NamedTuple):
    """When a worker begins a batch, and how long that takes.

    It takes up to `most` requests as soon as there are so many, or when the oldest has waited for delay_s. A batch
    takes the instance's factor x (fixed_share x mean of the demands + (1 - fixed_share) x their sum): a batch of one
    takes its demand.
    """

    most: int
    delay_s: float
    fixed_share: float


class Engine(Protocol):
    """An engine, chosen by the workload (`choice.engine_of`). It adapts no array: patterns lay out their own."""

    @property
    def rule(self) -> BatchRule | None:
        """When requests are worked on together; None when each is worked on by itself."""

    def requests_at_once(self, workers: int) -> int:
        """Most requests that an instance with so many workers has in work; one more waits inside it."""
