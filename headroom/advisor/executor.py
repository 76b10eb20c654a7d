"""What the search asks of an executor: any of the standard library's interface will do, local or of a cluster.

The core starts no processes itself: whoever calls it brings an executor.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol


class Future(Protocol):
    """The result of a submitted call, later."""

    def result(self) -> Any:
        """Wait for it; raises what the call raised."""


class Executor(Protocol):
    """Runs calls elsewhere, like `concurrent.futures.Executor`."""

    def submit(self, fn: Callable[..., Any], /, *args: Any) -> Future:
        """Run fn(*args) some time."""
