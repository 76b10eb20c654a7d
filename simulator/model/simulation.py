"""How long, from when, how often and with which draws a scenario is simulated. An inert value."""

from __future__ import annotations

from pydantic import field_validator

from simulator.fields import Spec, choice, quantity
from simulator.scaling import schedule
from simulator.traffic.kinds import DAY_S, Name


class Simulation(Spec):
    """How long is simulated, from when, how often and with which draws."""

    duration_s: float = quantity(
        DAY_S,
        "Horizon",
        "Time simulated and counted; costs are scaled from it to a month of 730 h.",
        unit="s",
        ge=3600,
        le=31 * DAY_S,
    )
    warmup_s: float = quantity(
        3 * 3600.0, "Warm-up", "Time simulated before the horizon and not counted.", unit="s", ge=0, le=7 * DAY_S
    )
    starts_on: int = quantity(0, "First weekday", "Weekday of the first day: 0 Monday to 6 Sunday.", ge=0, le=6)
    timezone: Name = choice(
        "UTC", "Time zone", "The horizon begins at midnight there; scheduled actions may name another.", row="2.26"
    )
    seed: int = quantity(1, "Seed", "Same seed, same numbers.", ge=0, le=2**31 - 1)
    replications: int = quantity(
        5, "Replications", "Independent runs, for intervals; fewer are made when a run is very large.", ge=1, le=30
    )

    @field_validator("timezone")
    @classmethod
    def _is_known(cls, name: str) -> str:
        schedule.zone(name)
        return name
