"""What an account leaves to one serverless endpoint (facts row 3.6): its pool less what other endpoints use.

AWS states that the endpoints of a Region share the pool, not whether the sum of their MaxConcurrency or what they have
in flight is checked. Here it is what they have in flight: constant, or along a cosine over the day, highest at 14:00
and lowest at 02:00 of the simulated clock.
"""

from __future__ import annotations

import math
from typing import Final

from simulator.model.assumptions import Assumptions
from simulator.model.regions import SERVERLESS_CONCURRENCY
from simulator.patterns.serverless.deployment import ServerlessDeployment
from simulator.traffic.kinds import DAY_S

BUSIEST_S: Final = 14 * 3600.0
STEP_S: Final = 300.0


class Account:
    """The room for an endpoint of at most so many requests in flight; changes every STEP_S when others' use does."""

    def __init__(self, assumptions: Assumptions, region: str, max_concurrency: int) -> None:
        self.pool = pool(assumptions, region)
        self._assumptions = assumptions
        self._most = max_concurrency
        self._varies = assumptions.serverless_others_in_use > 0 and assumptions.serverless_others_low_share < 1

    def room(self, now_s: float) -> int:
        """Requests that may be in flight from now_s on."""
        left = self.pool - others(self._assumptions, now_s)
        return max(0, min(self._most, left))

    def least(self) -> int:
        """The room at the others' busiest time."""
        return self.room(BUSIEST_S)

    def next_s(self, now_s: float) -> float:
        """When the room may change next."""
        return (math.floor(now_s / STEP_S) + 1) * STEP_S if self._varies else math.inf


def pool(assumptions: Assumptions, region: str) -> int:
    """Requests that all serverless endpoints of the account may have in flight in a Region: as assumed, else what the
    guide states for it.
    """
    return assumptions.serverless_account_concurrency or SERVERLESS_CONCURRENCY[region]


def room(assumptions: Assumptions, region: str, deployment: ServerlessDeployment, t_s: float) -> int:
    """Requests that may be in flight at t_s: what the account leaves of MaxConcurrency."""
    return Account(assumptions, region, deployment.max_concurrency).room(t_s)


def others(assumptions: Assumptions, now_s: float) -> int:
    """Requests that other endpoints have in flight."""
    low = assumptions.serverless_others_low_share
    height = (1 + math.cos(2 * math.pi * (now_s - BUSIEST_S) / DAY_S)) / 2
    return round(assumptions.serverless_others_in_use * (low + (1 - low) * height))
