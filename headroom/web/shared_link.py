"""What a link shows, read on the server: the scenario, and the answer that was sent along. For titles and pictures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from headroom.errors import BadLink
from headroom.locations import store_place
from headroom.sharing import link, preset_answers, sent_answer
from headroom.sharing.library import load_world
from headroom.sharing.sent_answer import SentAnswer
from headroom.sharing.store import Store
from headroom.web.page_html import NAME, Metadata
from simulator.errors import HeadroomError
from simulator.scenario import Scenario
from simulator.simulate import ENGINE_VERSION

FULL, SHORT, ANSWER = "s", "l", "a"
"""The parameters of the address: the whole scenario, the id of a stored one, the answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedLink:
    """A scenario that a link opens, and the answer that is shown with it at once; None when there is none."""

    scenario: Scenario
    answer: SentAnswer | None

    @property
    def metadata(self) -> Metadata:
        """What is said of the link where it is shown, without its picture."""
        name = self.scenario.workload.name
        if self.answer is None:
            return Metadata(title=f"{name} · {NAME}", description=f"A scenario in {self.scenario.region}. {WHAT_IT_IS}")
        decision = sent_answer.headline(self.answer, self.scenario)
        others = [point for point in self.answer.points if point.name and point is not self.answer.chosen]
        against = "; ".join(
            f"{point.name}: {sent_answer.figures(point, self.scenario)}{'' if point.meets else ', does not meet it'}"
            for point in others
        )
        return Metadata(
            title=f"{name}: {decision[:1].lower()}{decision[1:]}",
            description=f"{against or 'No other pattern was looked at'}. Computed {sent_answer.as_of(self.answer)}.",
        )


WHAT_IT_IS = (
    "Which Amazon SageMaker inference pattern a workload should run on, sized how, at what cost and latency, and why."
)


def of(parameters: Mapping[str, str]) -> SharedLink | None:
    """Return what the parameters of an address open; None when they open nothing, as the app will then say."""
    try:
        scenario, text = _scenario(parameters)
    except HeadroomError:
        return None
    return None if scenario is None else SharedLink(scenario=scenario, answer=_answer(scenario, text))


def _scenario(parameters: Mapping[str, str]) -> tuple[Scenario | None, str]:
    if parameters.get(FULL):
        return link.decode(parameters[FULL]), parameters.get(ANSWER, "")
    if parameters.get(SHORT):
        return Store(store_place()).get_sent(parameters[SHORT])
    return None, ""


def _answer(scenario: Scenario, text: str) -> SentAnswer | None:
    try:
        sent = sent_answer.decode(text) if text else None
    except BadLink:
        sent = None
    if sent is not None and sent.of == sent_answer.digest(scenario):
        return sent
    return preset_answers.answer_to(scenario, engine=ENGINE_VERSION, prices=_prices_version())


@cache
def _prices_version() -> str:
    return load_world().prices.version
