"""Asking the fast answer about candidates: what the candidates of a scenario share is worked out once.

Every answer is kept, so that a candidate is asked about once. Work is counted in about milliseconds of one core, by
formulas and not by a clock, so that the same search always asks the same.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from decimal import Decimal

from headroom.advisor.evaluate import make_case
from headroom.advisor.fast import Preview, forbidden, judge
from headroom.advisor.monthly import MONTH_S, own_prices
from headroom.advisor.search.naming import named
from headroom.advisor.world import World
from pricing.bill import Quantity, make_bill
from simulator import simulate as simulator
from simulator.engine.replication import Case, in_step
from simulator.estimate.answer import reckon
from simulator.model.limits import BrokenLimit
from simulator.patterns.registry import Deployment
from simulator.scaling.policies import is_scaled
from simulator.scenario import Scenario
from simulator.traffic.kinds import DAY_S, Jobs

# About milliseconds of one core, by pattern and whether it is scaled: at once, and for each minute of the load.
_WORK_MS = {
    ("realtime", False): (8.0, 0.001),
    ("realtime", True): (10.0, 0.004),
    ("serverless", False): (20.0, 0.003),
    ("serverless", True): (20.0, 0.003),
    ("asynchronous", False): (10.0, 0.004),
    ("asynchronous", True): (15.0, 0.006),
}
_JOB_MS = 0.2
_AT_REST_MS, _DRAWN_MS, _DRAWN = 10.0, 0.02, 4
"""Of fleets on concurrency: so many are led through every ten seconds of the load, which is drawn."""


@dataclass(slots=True)
class Asker:
    """Asks, and remembers.

    replications: of the load, at most, for each answer; rough: with coarser queues; spent_ms: work done, about.
    """

    scenario: Scenario
    world: World
    replications: int = 1
    rough: bool = True
    spent_ms: float = 0.0
    answers: dict[Deployment, Preview] = field(default_factory=dict)
    case: Case = field(init=False)
    _units_usd: dict[tuple[str, str], float | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.case = replace(make_case(self.scenario, self.world), ahead=in_step)
        self.world = replace(self.world, prices=own_prices(self.world.prices, self.scenario))

    def ask(self, deployment: Deployment) -> Preview:
        """What the fast answer says of a candidate, by formulas alone."""
        deployment = named(deployment)
        if deployment not in self.answers:
            self.answers[deployment] = self._answer(deployment)
            self.spent_ms += self._work_ms(deployment)
        return self.answers[deployment]

    def unit_usd(self, usage: str, dimension: str) -> float | None:
        """Price of one unit of usage at low volume; None when it is not known."""
        key = usage, dimension
        if key not in self._units_usd:
            amount = Quantity(usage, dimension, Decimal(MONTH_S))
            bill = make_bill([amount], self.world.prices, self.scenario.region, self.world.on)
            self._units_usd[key] = float(bill.total_usd) / MONTH_S if bill.complete else None
        return self._units_usd[key]

    def limits(self, deployment: Deployment) -> tuple[BrokenLimit, ...]:
        """The hard limits that rule a candidate out."""
        return simulator.limits(self.case, deployment)

    def _answer(self, deployment: Deployment) -> Preview:
        broken = self.limits(deployment)
        if broken:
            return forbidden(self.scenario, deployment, broken)
        quick = reckon(self.case, deployment, self.replications, rough=self.rough)
        return judge(self.scenario, deployment, quick, self.world)

    def _work_ms(self, deployment: Deployment) -> float:
        simulation = self.case.simulation
        if deployment.pattern == "batch":
            every_s = DAY_S if isinstance(self.scenario.workload.traffic, Jobs) else deployment.schedule_every_s
            return 2.0 + _JOB_MS * self.replications * simulation.duration_s / every_s
        minutes = (simulation.warmup_s + simulation.duration_s) / 60 * self.replications
        if getattr(deployment, "concurrency_scaling", None):
            return _AT_REST_MS + _DRAWN_MS * minutes * max(1.0, _DRAWN / self.replications)
        at_rest_ms, minute_ms = _WORK_MS[(deployment.pattern, is_scaled(deployment))]
        return at_rest_ms + minute_ms * minutes
