"""Asking the fast answer about candidates: what the candidates of a scenario share is worked out once.

Every answer is kept, so that a candidate is asked about once. Work is counted in about milliseconds of one core, by
formulas and not by a clock, so that the same search always asks the same.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from decimal import Decimal

from headroom.advisor.answer import Answer
from headroom.advisor.evaluate import judge, rule_out
from headroom.advisor.evidence import Estimated
from headroom.advisor.monthly import MONTH_S
from headroom.advisor.prepared import PreparedScenario
from headroom.advisor.search.learned import Learned
from headroom.advisor.search.naming import named
from headroom.advisor.world import World
from pricing.bill import Quantity, make_bill
from simulator import simulate as simulator
from simulator.engine.replication import Case, in_step
from simulator.estimate.answer import reckon
from simulator.model.limits import BrokenLimit
from simulator.patterns.registry import BY_KEY, Deployment
from simulator.scenario import Scenario


@dataclass(slots=True)
class SurrogateMemo:
    """The analytic surrogate of the simulation, which remembers its answers and counts its work.

    replications: replications of the load behind each answer, at most; rough: whether queues are computed more
    coarsely; learned: by what answers are corrected; spent_ms: work done, in about milliseconds. answers: corrected;
    plain: as formulas give them.
    """

    prepared: PreparedScenario
    replications: int = 1
    rough: bool = True
    learned: Learned | None = None
    spent_ms: float = 0.0
    answers: dict[Deployment, Answer] = field(default_factory=dict)
    plain: dict[Deployment, Answer] = field(default_factory=dict)
    scenario: Scenario = field(init=False)
    world: World = field(init=False)
    case: Case = field(init=False)
    _units_usd: dict[tuple[str, str], float | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.scenario, self.world = self.prepared.scenario, self.prepared.world
        self.case = replace(self.prepared.case, ahead=in_step)

    def ask(self, deployment: Deployment) -> Answer:
        """Estimate a candidate by formulas alone, and judge it."""
        deployment = named(deployment)
        if deployment not in self.answers:
            answer = self.plain[deployment] = self._answer(deployment)
            self.answers[deployment] = answer if self.learned is None else self.learned.corrected(answer)
            surrogate = BY_KEY[deployment.pattern].surrogate
            self.spent_ms += surrogate.asking_ms(self.case, deployment, self.replications)
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

    def _answer(self, deployment: Deployment) -> Answer:
        broken = self.limits(deployment)
        if broken:
            return rule_out(self.scenario, deployment, broken)
        quick = reckon(self.case, deployment, self.replications, rough=self.rough)
        return judge(self.prepared, deployment, Estimated(quick))
