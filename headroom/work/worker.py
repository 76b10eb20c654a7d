"""`python -m headroom.work.worker [NICENESS [FD]]`: a process that does one piece of work at a time for the app.

It imports no Streamlit. It speaks the lines of `protocol` on standard input and output. FD is the socket of the
processes that do calls in parallel for all workers (`shared_processes`); a worker starts none of its own. It is niced,
so that the browser's script stays quick, and ends when its standard input is closed, or in the midst of its work with
its parent (`parent`).
"""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import cache
from time import monotonic
from typing import Any, TextIO

from headroom.advisor.executor import Executor
from headroom.advisor.world import World
from headroom.codec import to_json
from headroom.sharing.library import load_world
from headroom.work import executors
from headroom.work.parent import end_with_parent
from headroom.work.prefetch import one_ahead
from headroom.work.process import NICENESS
from headroom.work.protocol import (
    ErrorLine,
    Line,
    OrderLine,
    PartialLine,
    ResultLine,
    ShareLine,
    StateLine,
    decode_order,
    encode,
)
from headroom.work.tasks import KINDS, Means
from simulator.errors import HeadroomError
from simulator.kernels.warm import warm

BETWEEN_REPORTS_S = 0.2


class Reporter:
    """Writes the lines of the protocol to the app; progress no more often than the app looks at it."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._next_s = 0.0

    def say(self, line: Line) -> None:
        """Write one line at once; end the process when nobody reads it any more."""
        try:
            self._stream.write(encode(line))
            self._stream.flush()
        except BrokenPipeError:
            os._exit(1)

    def progress(self, share: float) -> None:
        """Report the share that is done (0 to 1), unless a share was reported a moment ago."""
        now_s = monotonic()
        if now_s >= self._next_s:
            self._next_s = now_s + BETWEEN_REPORTS_S
            self.say(ShareLine(min(1.0, round(share, 4))))

    def partial(self, value: Any) -> None:
        """Report a preliminary result."""
        self.say(PartialLine(to_json(value)))


def answer(order: OrderLine, means: Means, reporter: Reporter) -> None:
    """Do one order and report the result; an error that the user may have caused is reported, any other ends the
    process.
    """
    try:
        result = KINDS[order.kind].run(order.payload, means)
    except HeadroomError as error:
        reporter.say(ErrorLine(str(error)))
    else:
        reporter.say(ResultLine(to_json(result)))


def serve(world: World, reporter: Reporter, executor: Callable[[], Executor | None]) -> None:
    """Take orders from standard input until it ends."""
    means = Means(world=world, progress=reporter.progress, partial=reporter.partial, executor=executor)
    for line in sys.stdin:
        answer(decode_order(line), means, reporter)


def main(arguments: Sequence[str] = ()) -> int:
    """Serve orders. Standard output belongs to the protocol, so prints go to standard error."""
    niceness, *handles = map(int, arguments or (NICENESS,))
    os.nice(niceness)
    end_with_parent()
    reporter = Reporter(os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8"))
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    reporter.say(StateLine("compiling"))
    warm()
    world = load_world(one_ahead)
    reporter.say(StateLine("ready"))
    with ExitStack() as until_the_end:
        callers = until_the_end.enter_context(socket.socket(fileno=handles[0])) if handles else None
        serve(world, reporter, cache(lambda: until_the_end.enter_context(executors.worker_executor(callers))))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
