"""Ctrl-C ends the program at once, whatever it is doing.

Nothing has to be tidied up first: results are written at the end, in one go, and the processes that the program has
started end with it. So Ctrl-C is no exception that has to find its way through imports, compiled loops and threads that
wait for each other: it comes late there, or as a traceback. A thread of its own waits for it instead.
"""

from __future__ import annotations

import os
import signal
import threading
from contextlib import suppress

from headroom.cli.exit_codes import STOPPED


def end_at_ctrl_c() -> None:
    """From now on, end this process with the code STOPPED at Ctrl-C; only the main thread may call this.

    A process that was told to ignore Ctrl-C, as `nohup` does, still ignores it.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        return
    told, tell = os.pipe()
    os.set_blocking(tell, False)
    signal.set_wakeup_fd(tell, warn_on_full_buffer=False)  # written to also while the main thread runs no Python
    signal.signal(signal.SIGINT, lambda *_: None)
    threading.Thread(target=_end_when_told, args=(told,), name="ctrl-c", daemon=True).start()


def _end_when_told(told: int) -> None:
    while signal.SIGINT not in os.read(told, 64):
        pass
    with suppress(OSError):  # standard error is closed or full: the exit code says it
        os.write(2, b"\nStopped.\n")
    os._exit(STOPPED)
