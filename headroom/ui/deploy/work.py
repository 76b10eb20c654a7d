"""What takes minutes at AWS, on a thread of its own: it goes on when the page is drawn again or the tab is closed.

If the server ends, its threads end with it; what was done then stands in the journal (headroom/deploy/live/journal.py).
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Literal

from headroom.deploy.live.deployer import NotDone
from simulator.errors import HeadroomError

What = Literal["plan", "apply", "status", "plan removal", "destroy"]
Tell = Callable[[str], None]
TITLES: dict[What, str] = {
    "plan": "The plan",
    "apply": "Applying the plan",
    "status": "The status",
    "plan removal": "The plan of the removal",
    "destroy": "The removal",
}
CHANGING: tuple[What, ...] = ("apply", "destroy")
"""What changes something in the account."""
MOST_LINES = 500

_log = logging.getLogger(__name__)
_lock = threading.Lock()
_running: list[Work] = []


class Work:
    """One piece of work: `lines` of what has happened, and, once `ended`, a result or why there is none."""

    def __init__(self, what: What, name: str, do: Callable[[Tell], object]) -> None:
        self.what, self.name, self._do = what, name, do
        self.began = datetime.now(UTC)
        self.lines: list[str] = []
        self.result: object = None
        self.problem = ""
        self.left: tuple[str, ...] = ()
        self._ended = threading.Event()

    @property
    def ended(self) -> bool:
        """Whether nothing more happens."""
        return self._ended.is_set()

    def tell(self, sentence: str) -> None:
        """Add a line."""
        self.lines = [*self.lines, sentence][-MOST_LINES:]

    def wait(self, seconds: float) -> None:
        """Wait for its end, so long at most."""
        self._ended.wait(seconds)

    def run(self) -> None:
        """Do it; a problem is kept in words."""
        try:
            self.result = self._do(self.tell)
        except NotDone as not_done:
            self.problem, self.left = not_done.told, not_done.left
        except HeadroomError as error:
            self.problem = str(error)
        except Exception as error:  # a defect must end the work, or the page would wait for ever
            _log.exception("%s of %s", self.what, self.name)
            self.problem = (
                f"This is a defect of Headroom: {type(error).__name__}. The server's log has more."
                " Something may have been made, and may be billed: look at Status."
            )
        finally:
            with _lock:
                if self in _running:
                    _running.remove(self)
            self._ended.set()


def begin(what: What, name: str, do: Callable[[Tell], object]) -> Work:
    """Begin a piece of work. do: gets a function that takes a sentence for what happens."""
    work = Work(what, name, do)
    with _lock:
        _running.append(work)
    threading.Thread(target=work.run, name=f"headroom {what} {name}", daemon=True).start()
    return work


def running() -> tuple[Work, ...]:
    """What is under way in this server, whoever began it, oldest first."""
    with _lock:
        return tuple(_running)
