"""How the server was asked to behave: by environment variables, which `headroom serve` sets from its options."""

from __future__ import annotations

import os
from dataclasses import dataclass

from headroom.locations import HOSTS_VARIABLE, LOOPBACK, METRICS_VARIABLE


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """hosts: names by which the server may be called; "*" for any, "*.example.org" for all names below one.

    metrics: whether /_stcore/metrics is answered.
    """

    hosts: tuple[str, ...] = LOOPBACK
    metrics: bool = False


def from_environment(address: str | None = None) -> Settings:
    """Return the settings of this process: HEADROOM_HOSTS adds names to those of the loopback, separated by commas.

    address: what the server listens on; it answers to that too.
    """
    names = [name.strip().lower() for name in (address or "", *os.environ.get(HOSTS_VARIABLE, "").split(","))]
    hosts = (*LOOPBACK, *(name for name in names if name and name not in LOOPBACK))
    return Settings(hosts=hosts, metrics=os.environ.get(METRICS_VARIABLE, "") == "1")
