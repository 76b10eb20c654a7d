"""The answers to the presets, computed ahead, so that a preset opens with its decision and picture at once.

`python -m scripts.make_preset_answers` writes the file. An answer is given only for the very scenario, engine and
prices that it was computed for; like the answer of a link it is checked by computing it again.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from headroom.sharing.sent_answer import SentAnswer, digest
from simulator.scenario import Scenario

FILE = Path(__file__).with_name("preset_answers.json")


def answer_to(scenario: Scenario, *, engine: str, prices: str) -> SentAnswer | None:
    """Return the answer computed ahead for a scenario by this engine with these prices; None when there is none."""
    known = answers().get(digest(scenario))
    return known if known is not None and (known.engine, known.prices) == (engine, prices) else None


@cache
def answers() -> dict[str, SentAnswer]:
    """Return all answers of the file by the digest of their scenario."""
    by_preset = json.loads(FILE.read_text(encoding="utf-8"))
    kept = [SentAnswer.model_validate_json(json.dumps(values)) for values in by_preset.values()]
    return {answer.of: answer for answer in kept}
