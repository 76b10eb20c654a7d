"""A process that ends with the one that started it, however that one ends: `kill -9` leaves nothing behind.

It looks every second who its parent is. The kernel's own signal at a parent's death (PR_SET_PDEATHSIG) is not used: it
comes when the thread ends that has started the process, and only on Linux.
"""

from __future__ import annotations

import os
import threading
import time

VARIABLE = "HEADROOM_PARENT"
"""The environment variable in which a parent tells its id, so that one that ends at once is missed as well."""
LOOK_S = 1.0


def end_with_parent() -> None:
    """From now on, end this process within a second or two of the end of its parent."""
    parent = int(os.environ.get(VARIABLE) or os.getppid())
    threading.Thread(target=_end_without, args=(parent,), name="parent", daemon=True).start()


def _end_without(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(LOOK_S)
    os._exit(1)
