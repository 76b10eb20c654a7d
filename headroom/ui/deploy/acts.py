"""What the page can have done in an account. Each asks the gate first, at the moment when it is begun.

Credentials are those of the server's own environment: boto3's chain, a profile by AWS_PROFILE.
"""

from __future__ import annotations

from dataclasses import dataclass

from headroom.advisor.answer import Answer
from headroom.advisor.prepared import prepare
from headroom.deploy.confirm import confirm
from headroom.deploy.form import make_form
from headroom.deploy.live.aws import Access, Pace, connect
from headroom.deploy.live.deployer import Deployer, Wish
from headroom.deploy.steps import DeployPlan
from headroom.deploy.updates import UpdateChoice, Way
from headroom.ui.deploy import gate, visit, work
from headroom.ui.deploy.work import Tell, Work
from headroom.ui.shell import cached
from simulator.model.placement import Placement
from simulator.scenario import Scenario

PACE = Pace()
HOURS = 3.0
"""So far a status looks back."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What is deployed: the deployment of an answer, where, and how traffic is led over in an update."""

    scenario: Scenario
    answer: Answer
    placement: Placement
    way: Way

    @property
    def key(self) -> tuple[object, ...]:
        """What tells it apart from another: all but the answer's numbers."""
        return self.scenario, self.answer.deployment, self.placement, self.way

    @property
    def name(self) -> str:
        """The name of the deployment in the account. Raises InvalidScenario."""
        return make_form(prepare(self.scenario, cached.world()), self.answer.deployment, self.placement).name

    def wish(self) -> Wish:
        """The wish, with alarms of an update at what was simulated. Raises InvalidScenario."""
        world = cached.world()
        return Wish(
            prepared=prepare(self.scenario, world),
            deployment=self.answer.deployment,
            placement=self.placement,
            prices=world.prices,
            on=world.on,
            choice=UpdateChoice(way=self.way),
        ).watched(self.answer)


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan, and the wish that it is for; a removal has none."""

    plan: DeployPlan
    wish: Wish | None = None


def plan(subject: Subject) -> Work:
    """Begin a plan. Raises NotAllowed."""
    _pass_gate()
    wish = subject.wish()
    return work.begin(
        "plan", subject.name, lambda tell: Planned(_deployer(subject.scenario.region, tell).plan(wish), wish)
    )


def status(subject: Subject) -> Work:
    """Begin a look at what is there. Raises NotAllowed."""
    _pass_gate()
    wish = subject.wish()
    return work.begin("status", subject.name, lambda tell: _deployer(subject.scenario.region, tell).status(wish, HOURS))


def plan_removal(name: str, region: str) -> Work:
    """Begin the plan of a removal. Raises NotAllowed."""
    _pass_gate()
    return work.begin("plan removal", name, lambda tell: Planned(_deployer(region, tell).plan_destroy(name)))


def carry_out(planned: Planned, typed: str) -> Work:
    """Begin what was planned and shown. Raises NotAllowed, NotConfirmed unless its name was typed."""
    _pass_gate()
    shown, wish = planned.plan, planned.wish
    confirm(typed, shown.name, shown.hash, (shown.account, shown.region), shown.permits)
    if wish is None:
        return work.begin("destroy", shown.name, lambda tell: _deployer(shown.region, tell).destroy(shown, typed))
    return work.begin("apply", shown.name, lambda tell: _deployer(shown.region, tell).apply(wish, shown, typed))


def _pass_gate() -> None:
    gate.require(visit.operator(), visit.visitor())


def _deployer(region: str, tell: Tell) -> Deployer:
    return Deployer(connect(region, Access(), PACE), tell)
