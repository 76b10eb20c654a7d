"""`python -m headroom.work.worker [NICENESS]`: a process that does one piece of work at a time for the app. Imports no
Streamlit.

JSON lines. In: {"kind": "evaluate", "payload": {...}}, kinds as in `headroom.work.tasks`. Out, in this order: {"state":
"compiling"} and {"state": "ready"} once; then for each order any number of {"share": 0.3} and {"partial": ...} and one
{"result": ...} or {"error": "..."}. It is niced, so that the browser's script stays quick, and ends when its standard
input is closed.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from functools import cache
from time import monotonic
from typing import Any, TextIO

from headroom.advisor.world import World
from headroom.codec import to_json
from headroom.sharing.library import load_world
from headroom.work import worker_pool
from headroom.work.tasks import KINDS, Means
from simulator.errors import HeadroomError
from simulator.kernels.warm import warm

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

    def partial(self, found: Any) -> None:
        """Tell what can be shown already."""
        self.say(partial=to_json(found))


def answer(order: Mapping[str, Any], means: Means, reporter: Reporter) -> None:
    """Do one piece of work; what the user may have caused is answered as an error, anything else ends the process."""
    try:
        result = KINDS[order["kind"]].run(order["payload"], means)
    except HeadroomError as error:
        reporter.say(error=str(error))
    else:
        reporter.say(result=to_json(result))


def serve(world: World, reporter: Reporter, executor: Callable[[], worker_pool.Workers]) -> None:
    """Take orders from standard input until it ends."""
    means = Means(world=world, progress=reporter.progress, partial=reporter.partial, executor=executor)
    for line in sys.stdin:
        answer(json.loads(line), means, reporter)


def main(arguments: Sequence[str] = ()) -> int:
    """Serve orders. Standard output belongs to the protocol, so prints go to standard error."""
    os.nice(int(arguments[0]) if arguments else NICENESS)
    reporter = Reporter(os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8"))
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    reporter.say(state="compiling")
    warm()
    world = load_world()
    reporter.say(state="ready")
    with ExitStack() as until_the_end:
        serve(world, reporter, cache(lambda: until_the_end.enter_context(worker_pool.made())))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
