"""The workers of a Dask cluster, which must have this version of Headroom (docs/search.md)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from headroom.advisor.executor import Executor
from simulator.errors import HeadroomError

SCHEDULER = "HEADROOM_SCHEDULER"


class NoCluster(HeadroomError):
    """A Dask cluster was asked for and cannot be reached."""


@contextmanager
def cluster(address: str) -> Iterator[Executor]:
    """Yield an executor on the Dask cluster whose scheduler is at `address`. Raises NoCluster when it cannot be
    reached.
    """
    try:
        from distributed import Client  # noqa: PLC0415, only who has a cluster needs the package
    except ImportError as missing:
        raise NoCluster(f"{SCHEDULER}={address} needs Dask: pip install 'headroom[cluster]'") from missing
    try:
        client = Client(address, timeout="10s", set_as_default=False)
    except (OSError, ValueError) as error:
        raise NoCluster(f"{SCHEDULER}={address}: no scheduler answers there. Start one, or unset it.") from error
    with client:
        yield client.get_executor(pure=False)
