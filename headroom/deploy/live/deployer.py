"""Plan, apply, destroy: a deployment brought about in an account, or removed from it, with nothing lost track of."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import date

from headroom.advisor.answer import Answer
from headroom.advisor.prepared import PreparedScenario
from headroom.deploy.confirm import confirm
from headroom.deploy.costs import costs_of
from headroom.deploy.form import Form, make_form
from headroom.deploy.kinds import KINDS
from headroom.deploy.live import waiting
from headroom.deploy.live.aws import Aws, Identity, Writer
from headroom.deploy.live.doing import Hands, NotAsWanted, delete, do
from headroom.deploy.live.journal import Journal, Line, alone, journal_path
from headroom.deploy.live.look import EVERY, Found, everything_of, look
from headroom.deploy.live.observe import Live, drift, kinds_of, observe, serves
from headroom.deploy.live.planning import Question, plan_apply, plan_destroy
from headroom.deploy.live.preflight import preflight
from headroom.deploy.live.status import Left, Status, status_of, sweep
from headroom.deploy.names import MOST_NAME, PLAN_TAG
from headroom.deploy.steps import DeployPlan, Step
from headroom.deploy.updates import UpdateChoice, more_fleets
from pricing.book import PriceBook
from simulator.errors import HeadroomError, InvalidScenario, Problem
from simulator.model.placement import Placement
from simulator.patterns.base import BaseDeployment

Tell = Callable[[str], None]
_NAME = re.compile("[a-z](-?[a-z0-9])*")
"""As EndpointName of `Placement` has it."""


class StalePlan(HeadroomError):
    """What is there has changed since the plan was shown."""


class NotDone(HeadroomError):
    """A plan that ended in the middle. `left`: in words, what is still there of it."""

    def __init__(self, told: str, left: tuple[str, ...]) -> None:
        super().__init__("\n".join((told, *left)))
        self.told, self.left = told, left


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What somebody wants in an account: one deployment of a scenario, where, and how it is updated."""

    prepared: PreparedScenario
    deployment: BaseDeployment
    placement: Placement
    prices: PriceBook
    on: date
    choice: UpdateChoice

    def watched(self, answer: Answer) -> Wish:
        """The same, with the alarms that roll an update back set at what was simulated."""
        p99, errors = answer.latency_s.get("p99"), answer.error_share
        p99_s = (p99.high or p99.value) if p99 is not None else None
        error_share = errors.value if errors is not None else None
        return replace(self, choice=replace(self.choice, p99_s=p99_s, error_share=error_share))

    def form(self, identity: Identity) -> Form:
        """The form in that account. Raises InvalidScenario with every problem."""
        placed = self.placement.model_copy(update={"account": self.placement.account or identity.account})
        form = make_form(self.prepared, self.deployment, placed)
        if form.open:
            todo = "Add it to [deploy]."
            raise InvalidScenario(Problem(f"deploy.{key}", "nothing", "a text", todo) for key in form.open)
        return form


class Deployer:
    """What can be done to deployments in the account of some credentials. tell: gets a sentence for what happens."""

    def __init__(self, aws: Aws, tell: Tell = lambda _sentence: None) -> None:
        self._aws, self._tell = aws, tell

    def plan(self, wish: Wish) -> DeployPlan:
        """What would have to be done for a wish. Changes nothing."""
        identity = self._aws.identity()
        form = wish.form(identity)
        return self._plan(wish, form, observe(self._aws, form, identity))

    def _plan(self, wish: Wish, form: Form, live: Live) -> DeployPlan:
        costs = costs_of(form, wish.prices, wish.on)
        question = Question(
            form=form, live=live, costs=costs, choice=wish.choice, caller=live.identity.arn, endpoint=self._aws.endpoint
        )
        plan = plan_apply(question)
        fleets = 1.0 + more_fleets(wish.choice) if plan.during_usd_per_hour else 1.0
        checks = preflight(self._aws, form, live.identity, costs, fleets) if plan.steps else ()
        return replace(plan, checks=checks)

    def apply(self, wish: Wish, shown: DeployPlan, typed: str) -> Live:
        """Do what the plan that was shown says, after its name was typed. Raises NotConfirmed, StalePlan when something
        has changed since, NotDone when it ended in the middle.
        """
        confirmed = confirm(typed, shown.name, shown.hash, (shown.account, shown.region), shown.permits)
        identity = self._aws.identity()
        form = wish.form(identity)
        path = journal_path(identity.account, form.region, form.name)
        with ExitStack() as stack:
            stack.enter_context(alone(path))
            live = observe(self._aws, form, identity)
            plan = self._plan(wish, form, live)
            if plan.hash != shown.hash or plan.account != shown.account:
                raise StalePlan("What is in the account has changed since this plan was made: plan again and read it.")
            if not plan.possible:
                raise NotDone(_why_not(plan), ("Nothing was changed.",))
            hands = Hands(
                aws=self._aws,
                writer=Writer(self._aws, confirmed, identity.account),
                identity=identity,
                journal=Journal(path, form.hash, self._aws.pace.now),
                tell=self._tell,
                form=form,
                arns=live.arns,
            )
            return self._carry_out(plan, hands, form, live)

    def _carry_out(self, plan: DeployPlan, hands: Hands, form: Form, live: Live) -> Live:
        before = live.inventory.found
        hands.journal.write("begun")
        try:
            for step in plan.steps:
                self._tell(step.sentence)
                do(hands, step)
                if step.do == "wait":
                    self._see_it_serve(form, hands)
            live = observe(self._aws, form, hands.identity)
            wrong = drift(form, live)
            if wrong:
                place, told = next(iter(wrong.items()))
                raise NotAsWanted(f"{place} is not as planned: {told[0].place} {told[0].there}, not {told[0].wanted}.")
        except HeadroomError as error:
            hands.journal.write("failed", told=str(error))
            raise NotDone(str(error), self._undo(plan, hands, before)) from error
        hands.journal.write("done")
        return live

    def _see_it_serve(self, form: Form, hands: Hands) -> None:
        """The proof that an endpoint is as planned: a rolled-back update ends in service too, with the old one."""
        live = observe(self._aws, form, hands.identity)
        if not serves(form, live):
            assert live.endpoint is not None
            used = live.endpoint.description["EndpointConfigName"]
            why = live.endpoint.description.get("FailureReason") or "AWS gives no reason; alarms and logs may."
            raise NotAsWanted(f"AWS rolled the change back: the endpoint is in service with {used}. {why}")

    def _undo(self, plan: DeployPlan, hands: Hands, before: tuple[Found, ...]) -> tuple[str, ...]:
        """Take back what this plan created, newest first, and put back what it suspended. Returns what is left."""
        form = hands.form
        assert form is not None
        told: list[str] = []
        try:
            used = self._in_use(form, hands) if plan.aim == "update" else frozenset()
            for line in reversed(hands.journal.touched()):
                told += self._take_back(hands, line, used)
            told += self._restore(plan, hands, before)
        except HeadroomError as error:
            told.append(f"What is left could not be looked at: {error}")
        if told:
            return (*told, f"To remove it: headroom deploy destroy {form.name} --region {form.region}")
        return ("Everything that this plan had created is taken back: nothing of it is billed.",)

    def _take_back(self, hands: Hands, line: Line, used: frozenset[str]) -> list[str]:
        """Delete what a line of the journal created; in words why it is left, nothing where it is gone."""
        try:
            found = _still_there(self._aws, hands, line.kind, line.name)
            if found is None:
                return []
            title = KINDS[found.kind].title
            if found.name in used:
                return [f"Left: {title} {found.name}, which the endpoint uses."]
            self._tell(f"Taking back: {title} {found.name}.")
            step = Step(
                do="delete",
                kind=found.kind,
                name=found.name,
                operation=KINDS[found.kind].delete,
                parameters=dict(found.identity),
                sentence="",
            )
            delete(hands, step)
            hands.journal.write("undone", step)
        except HeadroomError as error:
            return [f"Left, perhaps, and perhaps billed: {line.kind.replace('_', ' ')} {line.name}: {error}"]
        return []

    def _in_use(self, form: Form, hands: Hands) -> frozenset[str]:
        """Configuration and models that the endpoint uses, once nothing is under way any more."""
        waiting.settled(self._aws, form.name, self._tell)
        serving = observe(self._aws, form, hands.identity).serving
        variants = serving.description["ProductionVariants"] if serving else ()
        return frozenset({serving.name if serving else "", *(variant["ModelName"] for variant in variants)})

    def _restore(self, plan: DeployPlan, hands: Hands, before: tuple[Found, ...]) -> list[str]:
        """Put back the scaling that was suspended for an update that came to nothing."""
        if not any(step.do == "delete" and step.kind == "scalable_target" for step in plan.steps):
            return []
        told = []
        for kind in ("scalable_target", "scaling_policy", "scheduled_action"):
            for found in [entry for entry in before if entry.kind == kind]:
                parameters = _as_given(found)
                step = Step(do="put", kind=found.kind, name=found.name, operation=KINDS[found.kind].create,
                            parameters=parameters, sentence="")  # fmt: skip
                try:
                    hands.writer.write(step.service, step.operation, **parameters)
                    hands.journal.write("after", step)
                except HeadroomError as error:
                    told.append(f"Missing: {KINDS[found.kind].title} {found.name}, which was there before: {error}")
        return told

    def plan_destroy(self, name: str) -> DeployPlan:
        """What would have to be removed so that nothing of the deployment of this name is left. Changes nothing.

        Raises InvalidScenario for what cannot be a deployment's name.
        """
        if not _NAME.fullmatch(name) or len(name) > MOST_NAME:
            allowed = f"a deployment's name: small letters, digits and single hyphens, at most {MOST_NAME}"
            raise InvalidScenario([Problem("NAME", repr(name), allowed)])
        identity = self._aws.identity()
        inventory = everything_of(self._aws, identity, name, EVERY)
        return plan_destroy(name, inventory, identity, self._aws.region, self._aws.endpoint)

    def destroy(self, shown: DeployPlan, typed: str) -> tuple[str, ...]:
        """Remove what the plan that was shown names, and nothing else. Returns, in words, what is left. Raises
        NotConfirmed, StalePlan, NotDone.
        """
        confirmed = confirm(typed, shown.name, shown.hash, (shown.account, shown.region), shown.permits)
        identity = self._aws.identity()
        path = journal_path(identity.account, self._aws.region, shown.name)
        with alone(path):
            plan = self.plan_destroy(shown.name)
            if not {_named(step) for step in plan.steps} <= {_named(step) for step in shown.steps}:
                raise StalePlan("More is there than when this plan was made: plan again and read it.")
            journal = Journal(path, "destroy", self._aws.pace.now)
            writer = Writer(self._aws, confirmed, identity.account)
            hands = Hands(aws=self._aws, writer=writer, identity=identity, journal=journal, tell=self._tell)
            journal.write("begun")
            wrong = [told for step in plan.steps if (told := self._remove(hands, step))]
            left = everything_of(self._aws, identity, shown.name, EVERY).found
            if wrong or left:
                told = "\n".join(wrong) or "AWS took every deletion."
                journal.write("failed", told=told)
                raise NotDone(told, tuple(_left(found) for found in left))
            journal.write("done")
        return plan.notes

    def status(self, wish: Wish, hours: float) -> Status:
        """How the wish's deployment is now, with what was observed in the last hours. Changes nothing."""
        identity = self._aws.identity()
        form = wish.form(identity)
        costs = costs_of(form, wish.prices, wish.on)
        return status_of(self._aws, form, observe(self._aws, form, identity), costs, hours)

    def sweep(self, prices: PriceBook, on: date) -> tuple[Left, ...]:
        """Everything that Headroom made in the account and Region. Changes nothing."""
        return sweep(self._aws, self._aws.identity(), prices, on)

    def _remove(self, hands: Hands, step: Step) -> str:
        """Remove one thing; in words what went wrong, "" for nothing: the others are removed all the same."""
        self._tell(step.sentence)
        try:
            delete(hands, step)
        except HeadroomError as error:
            return str(error)
        return ""


def _named(step: Step) -> tuple[str, str]:
    return step.kind, step.name


def _left(found: Found) -> str:
    billed = KINDS[found.kind].billed
    cost = f": {billed} may be billed" if billed else ": it costs nothing by itself"
    return f"Left: {KINDS[found.kind].title} {found.name}{cost}."


def _why_not(plan: DeployPlan) -> str:
    reasons = [str(problem) for problem in plan.refusals]
    reasons += [f"{check.what}: {check.told}" for check in plan.checks if check.met is False]
    return "\n".join(reasons)


def _still_there(aws: Aws, hands: Hands, kind: str, name: str) -> Found | None:
    """What a line of the journal names, where it is there and this plan's own."""
    form = hands.form
    assert form is not None
    for entry in everything_of(aws, hands.identity, form.name, kinds_of(form)).found:
        if (entry.kind, entry.name) == (kind, name):
            own = entry.tags.get(PLAN_TAG) == form.hash or not KINDS[entry.kind].tags or entry.kind == "budget"
            return entry if own else None
    if kind == "alarm":
        return look(aws, "alarm", name, {"AlarmNames": [name]})
    return None


_GIVEN = {
    "scalable_target": ("ServiceNamespace", "ResourceId", "ScalableDimension", "MinCapacity", "MaxCapacity"),
    "scaling_policy": (
        *("PolicyName", "ServiceNamespace", "ResourceId", "ScalableDimension", "PolicyType"),
        *("StepScalingPolicyConfiguration", "TargetTrackingScalingPolicyConfiguration"),
    ),
    "scheduled_action": (
        *("ScheduledActionName", "ServiceNamespace", "ResourceId", "ScalableDimension", "Schedule", "Timezone"),
        *("StartTime", "EndTime", "ScalableTargetAction"),
    ),
}
"""What of a description is a parameter of the call that makes it."""


def _as_given(found: Found) -> dict[str, object]:
    given = {key: found.description[key] for key in _GIVEN[found.kind] if key in found.description}
    return given | ({"Tags": dict(found.tags)} if found.kind == "scalable_target" else {})
