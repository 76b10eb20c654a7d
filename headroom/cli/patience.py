"""Work that takes long is announced, and work that would hardly end is not begun unless that is meant (`--yes`)."""

from __future__ import annotations

import argparse

from headroom.advisor.effort import ABSURD_S, LONG_S
from headroom.advisor.tell import words
from headroom.cli.meter import Meter
from simulator.errors import InvalidScenario, Problem


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
