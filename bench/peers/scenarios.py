"""The scenarios that every engine runs. Standard library only."""

from __future__ import annotations

from typing import Final, NamedTuple

# M/M/16, first come first served, at 80 % load.
SERVERS: Final = 16
ARRIVALS_PER_S: Final = 12.8
SERVICE_S: Final = 1.0
REQUESTS: Final = 1_000_000


class Function(NamedTuple):
    """A platform that starts an environment for each request that finds none idle.

    Poisson arrivals; exponential work of mean warm_s; a cold start makes it cold_s on average; an environment that
    has been idle for expiry_s is gone. Counted after warmup_s. `short_s` is the horizon for an engine that would need
    minutes for `horizon_s`, in `short_batches`; a batch is many times the expiry.
    """

    rate_per_s: float
    warm_s: float
    cold_s: float
    expiry_s: float
    warmup_s: float
    horizon_s: float
    short_s: float
    short_batches: int


FUNCTIONS: Final = {
    # The example in SimFaaS's README: between 7 and 8 environments.
    "small": Function(0.9, 1.991, 2.244, 600.0, 3600.0, 1_107_600.0, 1_107_600.0, 20),
    # About 1,000 environments. The expiry is short so that a slow engine passes it often within a minute of CPU time.
    "large": Function(470.0, 1.991, 2.244, 10.0, 30.0, 3600.0, 200.0, 10),
}
