"""What is worth knowing of several deployments, each thing once: the sentences of `warn`, folded.

What concerns the best stands first, because it changes the decision; its quotas and where prices come from, last. The
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

_LAST = (warn.quotas, warn.price_sources)
"""What changes no decision."""


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
    return folded(answers, chosen=best is not None)


def folded(answers: Sequence[Answer], *, chosen: bool = False) -> tuple[Note, ...]:
    """Everything to know of these deployments, of which the first matters most. chosen: it is the one to take, so that
    nobody has to ask for the quotas of the others.
    """
    simulated = [answer for answer in answers if not answer.ruled_out]
    about: dict[str, list[int]] = {}
    last: set[str] = set()
    left_out: set[str] = set()
    for tell in _TOGETHER:
        own = [list(tell([answer])) for answer in simulated]
        places = [place for place, answer in enumerate(simulated) if set(own[place]) & set(answer.warnings)]
        left_out.update(sentence for place in places for sentence in own[place])
        if chosen and tell is warn.quotas:
            places = [place for place in places if place == 0]
        sentences = list(tell([simulated[place] for place in places]))
        about |= dict.fromkeys(sentences, places)
        last.update(sentences if tell in _LAST else ())
    about = _alike(_separate(simulated, left_out)) | about
    ordered = sorted(about, key=lambda sentence: 2 if sentence in last else 0 not in about[sentence])
    return tuple(Note(sentence, _names(simulated, about[sentence])) for sentence in ordered)


def _separate(simulated: Sequence[Answer], left_out: set[str]) -> dict[str, list[int]]:
    """Each sentence of these answers, and the places of those that it is said of."""
    about: dict[str, list[int]] = {}
    for place, answer in enumerate(simulated):
        for sentence in dict.fromkeys(answer.warnings):
            if sentence not in left_out:
                about.setdefault(sentence, []).append(place)
    return about


def _alike(about: dict[str, list[int]]) -> dict[str, list[int]]:
    """Sentences that are the same after a colon are one: "2 workers on A; 4 workers on B: an assumption. ..."."""
    leads: dict[str, list[str]] = {}
    for sentence in about:
        lead, colon, rest = sentence.partition(": ")
        leads.setdefault(f"{colon}{rest}" if colon else sentence, []).append(lead if colon else "")
    return {
        f"{'; '.join(parts)}{rest}": sorted({place for lead in parts for place in about[f"{lead}{rest}"]})
        for rest, parts in leads.items()
    }


def _names(simulated: Sequence[Answer], places: Sequence[int]) -> tuple[str, ...]:
    """The names of the deployments at these places; none where it is all of them."""
    return () if len(places) == len(simulated) else tuple(simulated[place].deployment.name for place in places)
