"""What is worth knowing of several deployments, each thing once: the sentences of `warn`, folded.

What concerns the best stands first, because it changes the decision; quotas and where prices come from stand last. The
same sentence of several deployments is one note, and what differs from one to the next in numbers only is put into one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from headroom.advisor.answer import Answer, Comparison
from headroom.advisor.tell import warn

MOST_NAMES = 3
"""More deployments than this are counted and not named."""

_TOGETHER = (warn.cold_starts, warn.faults, warn.quotas, warn.price_sources)
"""What is said of several deployments in one sentence."""


@dataclass(frozen=True, slots=True)
class Note:
    """One thing to know. about: the names of the deployments that it concerns; empty where it is all of them."""

    sentence: str
    about: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The sentence, and which deployments it concerns where these are not all."""
        if not self.about:
            return self.sentence
        named = len(self.about) <= MOST_NAMES
        return f"{self.sentence} ({'; '.join(self.about) if named else f'{len(self.about)} deployments'})"


def notes(comparison: Comparison) -> tuple[Note, ...]:
    """Everything to know of the deployments of a comparison."""
    answers, best = list(comparison.evaluations), comparison.best
    if best is not None:
        answers.insert(0, answers.pop(best))
    return folded(answers)


def folded(answers: Sequence[Answer]) -> tuple[Note, ...]:
    """Everything to know of these deployments, of which the first matters most."""
    told = [answer for answer in answers if not answer.ruled_out]
    together = [
        (tell, [answer for answer in told if not set(tell([answer])).isdisjoint(answer.warnings)]) for tell in _TOGETHER
    ]
    joined = {sentence for tell, those in together for answer in those for sentence in tell([answer])}
    about: dict[str, list[Answer]] = {}
    for answer in told:
        for sentence in answer.warnings:
            if sentence not in joined:
                about.setdefault(sentence, []).append(answer)
    for tell, those in together:
        about |= dict.fromkeys(tell(those), those)
    return tuple(
        Note(sentence, () if len(those) == len(told) else tuple(answer.deployment.name for answer in those))
        for sentence, those in about.items()
    )
