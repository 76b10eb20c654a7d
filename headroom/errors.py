"""What links and uploads raise, beside the errors of the simulator. Shells catch `HeadroomError`, in one place each."""

from __future__ import annotations

from simulator.errors import HeadroomError


class BadTrace(HeadroomError):
    """A trace that cannot be read; the message names row and column."""


class BadLink(HeadroomError):
    """A link that cannot be turned into a scenario; the message says why."""
