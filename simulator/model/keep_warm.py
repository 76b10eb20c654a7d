"""How long a serverless environment is kept. AWS does not publish it (facts rows 3.30 to 3.33)."""

from __future__ import annotations

import math
from dataclasses import dataclass

from simulator.model.assumptions import Assumptions

MEASURED_IDLE_S = 640.0
SPARE_OVER_IDLE = 1300.0 / MEASURED_IDLE_S
LIFE_OVER_IDLE = 4000.0 / MEASURED_IDLE_S, 7300.0 / MEASURED_IDLE_S
"""The rules that five request logs of AWS Lambda show (docs/validation.md, section 3b): spare environments are kept
1,300 s, lives end after 4,000 to 7,300 s, when an idle function keeps its environment for 640 s.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepWarm:
    """When on-demand environments end, in seconds; infinite where there is no such rule.

    spare_s: idle for so long, an environment is gone; idle_s: once nothing has been in flight for so long, all are;
    life_s: an environment takes no more requests after a life drawn evenly between these two.
    """

    spare_s: float
    idle_s: float = math.inf
    life_s: tuple[float, float] = (math.inf, math.inf)

    @property
    def is_mortal(self) -> bool:
        """Whether lives end."""
        return math.isfinite(self.life_s[1])

    def __str__(self) -> str:
        rules = [f"an environment is gone after {self.spare_s:,.0f} s idle"]
        if math.isfinite(self.idle_s):
            rules.append(f"all are gone once nothing has been in flight for {self.idle_s:,.0f} s")
        if self.is_mortal:
            rules.append(f"each is replaced after a life of {self.life_s[0]:,.0f} to {self.life_s[1]:,.0f} s")
        return f"How long environments are kept is an assumption: {', '.join(rules)}"


def superseded(assumptions: Assumptions) -> frozenset[str]:
    """The fields of the assumptions that make no difference, because a fixed time is given or because none is."""
    return frozenset({"serverless_idle_s" if assumptions.serverless_keep_warm_s else "serverless_keep_warm_s"})


def keep_warm(assumptions: Assumptions) -> KeepWarm:
    """A fixed time where one is given, else the three rules; a rule of its own (quiet time, life) replaces or joins."""
    fixed_s, idle_s = assumptions.serverless_keep_warm_s, assumptions.serverless_idle_s
    rules = (
        KeepWarm(spare_s=fixed_s)
        if fixed_s
        else KeepWarm(
            spare_s=idle_s * SPARE_OVER_IDLE,
            idle_s=idle_s,
            life_s=(idle_s * LIFE_OVER_IDLE[0], idle_s * LIFE_OVER_IDLE[1]),
        )
    )
    least_s, most_s = assumptions.serverless_life_min_s, assumptions.serverless_life_max_s
    return KeepWarm(
        spare_s=rules.spare_s,
        idle_s=assumptions.serverless_quiet_s or rules.idle_s,
        life_s=(min(least_s, most_s), most_s) if most_s else rules.life_s,
    )
