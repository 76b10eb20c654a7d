"""What can be said of a workload before its plan is decided: the recommendation of the screen in the form of a plan.

Its evaluations are drafts (`headroom.advisor.preliminary`): they have no outcome, and n of their estimates is 0.
"""

from __future__ import annotations

from headroom.advisor import preliminary
from headroom.advisor.evaluation import Comparison
from headroom.advisor.fast import Preview
from headroom.advisor.search.types import Plan, Screen
from headroom.advisor.tell import words


def early(screen: Screen) -> Plan:
    """The best of every pattern by the fast answer, undecided."""
    found = expected(screen)
    winner = None if screen.best is None else screen.patterns[screen.best].best
    best = None if winner is None else found.index(winner)
    scenario = screen.scenario.model_copy(update={"deployments": tuple(one.deployment for one in found)})
    return Plan(
        comparison=Comparison(
            scenario=scenario,
            evaluations=tuple(preliminary.draft(one) for one in found),
            best=best,
            sentence=_sentence(screen, winner),
            reasons=tuple(preliminary.doubt(one) for one in found),
        ),
        points=screen.points,
        efficient=(),
        ties=(),
        decided=False,
        screened=screen.screened,
        simulated=0,
    )


def expected(screen: Screen) -> tuple[Preview, ...]:
    """The previews of the best of every pattern, in the order of the evaluations of `early`."""
    return tuple(one.best for one in screen.patterns if one.best is not None)


def _sentence(screen: Screen, winner: Preview | None) -> str:
    looked = f"{words.counted(screen.screened, 'candidate')} that the fast answer looked at"
    if winner is None:
        return f"None of {looked} meets the requirement; exact runs decide."
    doubt = preliminary.doubt(winner)
    return f"The best of {looked}; exact runs decide.{f' {doubt}' if doubt else ''}"
