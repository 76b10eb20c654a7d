"""Limits that rule a deployment out before anything is simulated, and whose they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Whose = Literal["aws", "account", "container", "setting", "headroom"]
"""Who sets a limit, and so who could lift it.

"aws": AWS, for everybody. "account": a quota of the account, which can be raised. "container": what the container asks
for, such as memory for each of its workers. "setting": a field of the deployment itself. "headroom": what this program
cannot simulate.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeLimit:
    """The longest that a request may take before it is ended.

    name: what ends it, as the subject of a sentence; note: what else to know of the limit; of: what is ended. waits:
    the time in the queue of the instance counts too. work_beyond: share of all whose work alone takes longer.
    """

    name: str
    seconds: float
    whose: Whose | None
    row: str
    note: str = ""
    of: str = "request"
    waits: bool = False
    work_beyond: float = 0.0

    def __str__(self) -> str:
        return ", ".join(filter(None, (f"{self.seconds:g} s", self.name, self.note)))


@dataclass(frozen=True, slots=True)
class BrokenLimit:
    """A limit that rules a deployment out: what it limits, what would be needed, what is allowed, whose limit it is.

    row: the fact row that states it, empty where none does. at_s: the moment, in seconds from the start of the horizon,
    at which the most is needed; None where it has none. A limit of Headroom reads as "Headroom cannot simulate this
    deployment together with `what`: `given`", so `what` names what is in the way, and `allowed` what to change.
    """

    what: str
    given: str
    allowed: str
    whose: Whose
    row: str = ""
    at_s: float | None = None
