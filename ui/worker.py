"""`python -m ui.worker`: a process that evaluates one deployment at a time for the app. Imports no Streamlit.

JSON lines. In: {"scenario": {...}} with exactly one deployment. Out, in this order: {"state": "compiling"} and
{"state": "ready"} once; then for each scenario any number of {"share": 0.3} and one {"result": {...}} or {"error":
"..."}. It is niced, so that the browser's script stays quick, and ends when its standard input is closed.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from time import monotonic
from typing import Any, TextIO

from advisor.evaluate import evaluate
from advisor.evaluation import evaluation_to_json
from advisor.world import World
from errors import HeadroomError
from sharing.library import load_world
from simulator.kernels.warm import warm
from simulator.scenario import Scenario

NICENESS = 15
BETWEEN_REPORTS_S = 0.2


class Reporter:
    """Writes lines to the app; progress not more often than it is looked at."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._next_s = 0.0

    def say(self, **line: Any) -> None:
        """Write one line at once."""
        self._out.write(json.dumps(line) + "\n")
        self._out.flush()

    def progress(self, share: float) -> None:
        """Tell the share that is done, unless it was told a moment ago."""
        now = monotonic()
        if now >= self._next_s:
            self._next_s = now + BETWEEN_REPORTS_S
            self.say(share=round(share, 4))


def answer(order: Mapping[str, Any], world: World, reporter: Reporter) -> None:
    """Evaluate one order; what the user may have caused is answered as an error, anything else ends the process."""
    try:
        scenario = Scenario.model_validate(order["scenario"])
        evaluation = evaluate(scenario, scenario.deployments[0], world, reporter.progress)
    except HeadroomError as error:
        reporter.say(error=str(error))
    else:
        reporter.say(result=evaluation_to_json(evaluation))


def main() -> int:
    """Serve orders until the input ends. Standard output belongs to the protocol, so prints go to standard error."""
    os.nice(NICENESS)
    reporter = Reporter(os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8"))
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    reporter.say(state="compiling")
    warm()
    world = load_world()
    reporter.say(state="ready")
    for line in sys.stdin:
        answer(json.loads(line), world, reporter)
    return 0


if __name__ == "__main__":
    sys.exit(main())
