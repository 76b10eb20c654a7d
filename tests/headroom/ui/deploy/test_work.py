"""Work on a thread of its own ends in a result or in words, whatever happens in it."""

from __future__ import annotations

import threading

import pytest

from headroom.deploy.live.deployer import NotDone
from headroom.ui.deploy import work
from headroom.ui.deploy.work import Tell, Work
from simulator.errors import HeadroomError

LONG_S = 30.0


def test_it_tells_and_is_under_way_until_it_has_a_result() -> None:
    go_on = threading.Event()

    def do(tell: Tell) -> str:
        tell("First.")
        go_on.wait(LONG_S)
        return "done"

    begun = work.begin("plan", "shop", do)
    assert begun in work.running()
    assert not begun.ended
    go_on.set()
    begun.wait(LONG_S)
    assert (begun.ended, begun.lines, begun.result, begun.problem) == (True, ["First."], "done", "")
    assert begun not in work.running()


@pytest.mark.parametrize(
    ("error", "words", "left"),
    [
        (HeadroomError("AWS refused it"), "AWS refused it", ()),
        (NotDone("It failed.", ("Left: model m.",)), "It failed.", ("Left: model m.",)),
        (ZeroDivisionError("secret"), "a defect of Headroom: ZeroDivisionError", ()),
    ],
)
def test_what_is_raised_in_it_is_kept_in_words(error: Exception, words: str, left: tuple[str, ...]) -> None:
    def do(_tell: Tell) -> None:
        raise error

    begun = work.begin("apply", "shop", do)
    begun.wait(LONG_S)
    assert begun.ended
    assert words in begun.problem
    assert "secret" not in begun.problem
    assert begun.left == left


def test_lines_without_end_are_cut_at_their_beginning() -> None:
    endless = Work("apply", "shop", lambda _tell: None)
    for number in range(work.MOST_LINES + 5):
        endless.tell(str(number))
    assert len(endless.lines) == work.MOST_LINES
    assert endless.lines[-1] == str(work.MOST_LINES + 4)
