"""What is said before work begins: what is probably not meant, and how long it takes. Work that would hardly end is not
begun unless that is meant (`--yes`).
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable

from headroom.advisor.effort import ABSURD_S, LONG_S
from headroom.advisor.tell import words
from headroom.cli.meter import Meter
from headroom.cli.streams import say
from headroom.sharing.exports.text import clean
from simulator.errors import Caution, InvalidScenario, Problem


def announce(work_s: float, arguments: argparse.Namespace, meter: Meter) -> None:
    """Say about how long the work takes when that is more than a minute.

    Raises InvalidScenario when it is more than an hour and the user has not said --yes.
    """
    if work_s > ABSURD_S and not arguments.yes:
        given = f"work of about {words.round_seconds(work_s)}"
        todo = "Simulate a shorter horizon (simulation.duration_s) or less traffic; or add --yes, and it begins."
        raise InvalidScenario([Problem("", given, f"at most {words.round_seconds(ABSURD_S)} without --yes", todo)])
    if work_s > LONG_S:
        meter.note(f"This takes about {words.round_seconds(work_s)}. Ctrl-C stops it.")


def warn(cautions: Iterable[Caution], within: str = "") -> None:
    """Say on standard error what is allowed and probably not meant. within: the path of the scenario in its file."""
    for caution in cautions:
        say(f"Warning: {within}{clean(str(caution))}\n")
