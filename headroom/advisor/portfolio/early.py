"""What can be said of a workload before its plan is decided: the recommendation of the screen in the form of a plan."""

from __future__ import annotations

from headroom.advisor.answer import Answer, Comparison
from headroom.advisor.search.types import Plan, Screen
from headroom.advisor.tell import preliminary, words


def early(screen: Screen) -> Plan:
    """A plan that holds the estimated best of every pattern and has decided nothing yet."""
    answers = tuple(pattern.best for pattern in screen.patterns if pattern.best is not None)
    winner = None if screen.best is None else screen.patterns[screen.best].best
    return Plan(
        comparison=Comparison(
            scenario=screen.scenario.model_copy(update={"deployments": tuple(answer.deployment for answer in answers)}),
            evaluations=answers,
            best=None if winner is None else answers.index(winner),
            sentence=_sentence(screen, winner),
            reasons=tuple(preliminary.doubt(answer) for answer in answers),
        ),
        points=screen.points,
        efficient=(),
        ties=(),
        decided=False,
        screened=screen.screened,
        simulated=0,
    )


def _sentence(screen: Screen, winner: Answer | None) -> str:
    looked = f"{words.counted(screen.screened, 'candidate')} that the fast answer looked at"
    if winner is None:
        return f"None of {looked} meets the requirement; exact runs decide."
    doubt = preliminary.doubt(winner)
    return f"The best of {looked}; exact runs decide.{f' {doubt}' if doubt else ''}"
