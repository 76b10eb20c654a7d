"""Long work that a page asks for by itself: a search, an answer to a what-if, a portfolio. `ask` draws how it goes,
with a button that stops it, and draws the page again when there is more to show.

    status = long_work.ask(cached.order("plan", scenario=scenario), "the search")
    if status.partial is not None: ...   # what can be shown before the answer, if the kind of work has that
    if status.result is not None: ...    # the answer

A session has one order under way for each topic; asking for another one under the same topic stops the one before,
unless somebody else waits for it.
"""

from __future__ import annotations

import streamlit as st

from headroom.advisor.tell import words
from headroom.ui.shell import cached, session, state
from headroom.ui.widgets.plain_text import lines, md
from headroom.work.jobs import Status, WorkOrder
from headroom.work.pool import Pool
from simulator.scenario import Scenario

PATIENCE_S = 0.5  # what is answered this quickly is shown at once, without a progress bar in between
LOOK_AGAIN_S = 0.5
_ASKED = "asked_topics"


def ask(order: WorkOrder, title: str, *, topic: str = "", pool: Pool | None = None) -> Status:
    """Return the status of a piece of work, beginning it when it is not known. title: its name, as in "Stop the
    search".

    topic: the kind of work by default. pool: that of the simulations by default. Raises Busy.
    """
    pool, topic = pool or cached.pool(), topic or order.kind
    pool.want(_watcher(topic), [order])
    _orders_asked()[topic] = (state.scenario(), pool)
    pool.wait([order.key], PATIENCE_S)
    status = pool.statuses([order.key])[0]
    if not status.ended:
        st.fragment(run_every=LOOK_AGAIN_S)(_progress)(pool, order.key, title, status.partials)
    elif status.state != "done":
        _lost(pool, status, title)
    return status


def forget_stale() -> None:
    """Stop work that was asked for another scenario and not asked again; called at the end of a page."""
    for topic, (scenario, pool) in list(_orders_asked().items()):
        if scenario != state.scenario():
            pool.want(_watcher(topic), [])
            del _orders_asked()[topic]


def doing(status: Status, verb: str, *, starting: bool = False) -> str:
    """Return what happens to a task that has not ended, such as "8 % simulated, about 12 s left"."""
    if status.state == "compiling" or starting:
        return "starting"
    if status.state == "waiting":
        return "next in the queue" if status.place == 1 else f"number {status.place} in the queue"
    return f"{100 * status.share:.0f} % {verb}{words.time_left(status.seconds, status.share)}"


def _orders_asked() -> dict[str, tuple[Scenario, Pool]]:
    asked: dict[str, tuple[Scenario, Pool]] = st.session_state.setdefault(_ASKED, {})
    return asked


def _watcher(topic: str) -> str:
    return f"{session.watcher()}/{topic}"


def _progress(pool: Pool, key: str, title: str, partials: int) -> None:
    """Draw the progress every half second, and the whole page again when there is more to show."""
    statuses = pool.statuses([key])
    if not statuses or statuses[0].ended or statuses[0].partials != partials:
        st.rerun()
    status = statuses[0]
    with st.container(border=True):
        text = doing(status, "done", starting=pool.starting)
        st.progress(status.share, text=f"{md(_capital(title))}: {text}")
        st.button(f"Stop {title}", key=f"stop-{key}", on_click=pool.stop, args=([key],), icon=":material/stop_circle:")


def _lost(pool: Pool, status: Status, title: str) -> None:
    if status.state == "failed":
        st.error(f"{md(_capital(title))} failed.\n\n{lines(status.message)}")
    else:
        st.info(f"{md(_capital(title))} was stopped before it was finished.", icon=":material/stop_circle:")
    keys = [status.key]
    st.button(
        f"Begin {title} again",
        key=f"again-{status.key}",
        on_click=pool.run_again,
        args=(keys,),
        icon=":material/replay:",
    )


def _capital(title: str) -> str:
    return title[:1].upper() + title[1:]
