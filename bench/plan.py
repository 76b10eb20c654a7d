"""What the benchmark runs: one process per row, in this order. An inert list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from headroom.sharing.presets import PRESETS

OWN: Final = "headroom"
"""The environment of the project itself; every other name is a peer that is installed into its own."""

HEADROOM: Final = "Headroom"
BY_HAND: Final = "event list by hand (Python, heapq)"
BY_HAND_NEWEST: Final = "the same by SimFaaS's rule"

GROUPS: Final[Mapping[str, str]] = {
    "mmc": "M/M/16, first come first served, 80 % load, a million requests",
    "small": "A function, 7 to 8 environments",
    "large": "A function, about 1,000 environments",
    "fleet": "Real-time fleets with target tracking",
    "environments": "Serverless endpoints with cold starts, keep-alive and throttling",
    "length": "Memory and time over the length of a run",
    "fast": "The fast answer to a preset",
    "first": "The first answer of a new process",
    "long": "A whole day of card fraud, and a month",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One row. module and arguments: what is run; peer: in whose environment; against: title of the row of the same
    group that its answers are held against. fresh: compiled code that is cached is not found.
    """

    group: str
    title: str
    module: str
    arguments: tuple[str, ...] = ()
    peer: str = OWN
    against: str = ""
    fresh: bool = False
    timeout_s: float = 300.0


def _function(size: str) -> tuple[Task, ...]:
    arguments = (size,)
    return (
        Task(group=size, title=HEADROOM, module="ours.serverless", arguments=arguments, against=BY_HAND),
        Task(group=size, title=BY_HAND, module="peers.serverless_heapq", arguments=arguments, against=HEADROOM),
        Task(
            group=size,
            title="SimPy",
            module="peers.serverless_simpy",
            arguments=arguments,
            peer="simpy",
            against=HEADROOM,
        ),
        Task(group=size, title=BY_HAND_NEWEST, module="peers.serverless_newest", arguments=arguments),
        Task(
            group=size,
            title="SimFaaS",
            module="peers.serverless_simfaas",
            arguments=arguments,
            peer="simfaas",
            against=BY_HAND_NEWEST,
        ),
    )


def _fleet(group: str, instances: int, millions: float, rate_per_s: float, title: str = "", cores: str = "one") -> Task:
    return Task(
        group=group,
        title=title or f"{instances} instances x 4 workers",
        module="ours.fleet",
        arguments=(str(instances), str(millions), str(rate_per_s), cores),
    )


def _environments(places: int) -> Task:
    title = f"{places:,} environments"
    return Task(group="environments", title=title, module="ours.environments", arguments=(str(places), "10.08"))


def _preset(group: str, title: str, arguments: tuple[str, ...], *, fresh: bool = False) -> Task:
    return Task(group=group, title=title, module="ours.preset", arguments=arguments, fresh=fresh)


DEFAULT: Final[tuple[Task, ...]] = (
    Task(group="mmc", title=HEADROOM, module="ours.mmc"),
    Task(group="mmc", title=BY_HAND, module="peers.mmc_heapq"),
    Task(group="mmc", title="SimPy", module="peers.mmc_simpy", peer="simpy"),
    Task(group="mmc", title="Ciw", module="peers.mmc_ciw", peer="ciw"),
    Task(group="mmc", title="queueing-tool", module="peers.mmc_queueing_tool", peer="queueing-tool"),
    *_function("small"),
    *_function("large"),
    *(_fleet("fleet", instances, 10.08, 2800.0) for instances in (4, 16, 64, 250, 500)),
    *(_environments(places) for places in (10, 100, 1_000, 10_000)),
    # 1 h and 10 h of the same endpoint.
    _fleet("length", 64, 4, 1111.0, "4 million requests"),
    _fleet("length", 64, 40, 1111.0, "40 million requests"),
    *(Task(group="fast", title=preset.key, module="ours.fast", arguments=(preset.key,)) for preset in PRESETS),
    _preset("first", "dashboard, first deployment", ("dashboard", "0", "cold")),
    _preset("first", "classification-api, second deployment", ("classification-api", "1", "cold")),
    _preset("first", "dashboard, nothing compiled yet", ("dashboard", "0", "cold"), fresh=True),
)

FULL: Final[tuple[Task, ...]] = (
    _fleet("length", 64, 400, 1111.0, "400 million requests"),
    _preset("long", "fraud, first deployment: 24 h, 10,000/s at the peak, autoscaling", ("fraud", "0", "warm")),
    _fleet("long", 4, 129.6, 50.0, "30 days of a 50/s API, 4 instances, autoscaling", "two"),
)
