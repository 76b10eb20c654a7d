"""The pool of workers, with the real worker processes: start, progress, join, stop, a process that dies."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import pytest

from headroom.sharing.canonical import scenario_key
from headroom.ui.shell import cached
from headroom.work.job_queue import MOST_OF_ONE, MOST_WAITING, Busy
from headroom.work.jobs import Status, WorkOrder
from headroom.work.pool import Pool
from headroom.work.process import Worker
from simulator.scenario import Scenario
from tests.headroom.ui.small import heavy, scenario

PATIENCE_S = 300.0


def orders(given: Scenario) -> list[WorkOrder]:
    alone = [given.model_copy(update={"deployments": (one,)}) for one in given.deployments]
    return [WorkOrder(scenario_key(one, "", ""), "evaluate", {"scenario": one}) for one in alone]


def another(order: WorkOrder, nth: int = 1) -> WorkOrder:
    """The same work under another key."""
    return order._replace(key=f"{order.key}-{nth}")


class Started:
    """Starts real workers and remembers them."""

    def __init__(self) -> None:
        self.workers: list[Worker] = []

    def __call__(self) -> Worker:
        self.workers.append(Worker())
        return self.workers[-1]


@pytest.fixture
def started() -> Started:
    return Started()


@pytest.fixture
def pool(started: Started) -> Iterator[Pool]:
    made = Pool(started)
    yield made
    made.close()


def until(found: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not found():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def only(pool: Pool, order: WorkOrder) -> Status:
    return pool.statuses([order.key])[0]


def test_every_deployment_is_evaluated_once_for_everybody(pool):
    wanted = orders(scenario())
    keys = [order.key for order in wanted]
    assert [status.state for status in pool.want("one", wanted)] != ["done", "done"]
    pool.want("two", wanted)
    assert pool.wait(keys, PATIENCE_S)
    first, second = pool.want("three", wanted)
    assert (first.state, second.state) == ("done", "done")
    assert first.evaluation is not None
    assert first.evaluation.deployment == wanted[0].payload["scenario"].deployments[0]
    assert first.evaluation is only(pool, wanted[0]).evaluation


@pytest.mark.slow
def test_the_same_numbers_as_without_a_worker(pool):
    from headroom.advisor.evaluate import evaluate  # noqa: PLC0415 - only this test needs the world in its own process
    from headroom.sharing.library import load_world  # noqa: PLC0415

    order = orders(scenario())[0]
    pool.want("one", [order])
    pool.wait([order.key], PATIENCE_S)
    asked = order.payload["scenario"]
    here = evaluate(asked, asked.deployments[0], load_world())
    there = only(pool, order).evaluation
    assert there is not None
    assert there.cost_usd_per_month == here.cost_usd_per_month
    assert there.latency_s == here.latency_s
    assert there.clauses == here.clauses


@pytest.mark.slow
def test_progress_is_told_and_a_run_can_be_stopped_and_made_again(pool, started):
    order = orders(heavy())[0]
    pool.want("one", [order])
    until(lambda: only(pool, order).share > 0)
    assert only(pool, order).state == "running"
    pool.stop([order.key])
    assert only(pool, order).state == "stopped"
    pool.run_again([order.key])
    pool.want("one", [order])
    until(lambda: only(pool, order).share > 0)
    assert len(started.workers) == 2
    assert not started.workers[0].alive


@pytest.mark.slow
def test_a_stop_is_for_those_who_watched_and_whoever_comes_later_gets_the_work_done(pool):
    order = orders(heavy())[0]
    pool.want("one", [order])
    pool.want("two", [order])
    until(lambda: only(pool, order).share > 0)
    pool.stop([order.key])
    for watcher in ("one", "two"):
        assert pool.want(watcher, [order])[0].state == "stopped"
    (later,) = pool.want("later", [order])
    assert not later.ended
    until(lambda: only(pool, order).share > 0)


@pytest.mark.slow
def test_what_nobody_wants_any_more_is_stopped(pool):
    long, short = orders(heavy())[0], orders(scenario())[0]
    pool.want("one", [long])
    until(lambda: only(pool, long).share > 0)
    pool.want("one", [short])
    assert pool.wait([short.key], PATIENCE_S)
    assert only(pool, short).state == "done"
    assert pool.statuses([long.key]) == ()


def test_what_another_viewer_still_wants_goes_on(pool):
    long = orders(heavy())[0]
    pool.want("one", [long])
    pool.want("two", [long])
    pool.want("one", [])
    assert not only(pool, long).ended


@pytest.mark.slow
def test_a_worker_that_dies_is_said_and_the_run_can_be_made_again(pool, started):
    long, short = orders(heavy())[0], orders(scenario())[0]
    pool.want("one", [long])
    until(lambda: only(pool, long).share > 0)
    os.kill(started.workers[0].pid, signal.SIGKILL)
    assert pool.wait([long.key], PATIENCE_S)
    assert only(pool, long).state == "failed"
    assert "ended unexpectedly" in only(pool, long).message
    pool.want("one", [short])
    assert pool.wait([short.key], PATIENCE_S)
    assert only(pool, short).state == "done"


@pytest.mark.slow
def test_the_first_worker_begins_alone_and_the_others_follow(started):
    pool = Pool(started, workers=3)
    assert pool.starting
    until(lambda: not pool.starting)
    first = started.workers[0]
    assert first.ready
    until(lambda: len(started.workers) == 3 and all(worker.ready for worker in started.workers))
    assert started.workers[0] is first
    pool.close()


@pytest.mark.slow
def test_the_others_follow_though_the_first_worker_cannot_begin(started):
    begun: list[Worker] = []

    def start() -> Worker:
        begun.append(started() if begun else Worker((sys.executable, "-c", "")))
        return begun[-1]

    pool = Pool(start, workers=2)
    order = orders(scenario())[0]
    pool.want("one", [order])
    assert pool.wait([order.key], PATIENCE_S)
    until(lambda: len(begun) >= 2 and any(worker.ready for worker in begun))
    pool.close()


@pytest.mark.slow
def test_a_place_in_the_queue_is_told(pool):
    first, *rest = (another(orders(heavy())[0], n) for n in range(4))
    pool.want("one", [first, *rest])
    until(lambda: only(pool, first).place == 0)
    assert [only(pool, order).place for order in rest] == [1, 2, 3]


def test_the_queue_is_bounded(pool):
    many = [another(orders(heavy())[0], n) for n in range(MOST_WAITING + 2)]
    whole = MOST_WAITING // MOST_OF_ONE
    for nth in range(whole):
        pool.want(f"visitor {nth}", many[nth * MOST_OF_ONE : (nth + 1) * MOST_OF_ONE])
    with pytest.raises(Busy, match="Try again in a minute"):
        pool.want("another", many[whole * MOST_OF_ONE :])


def test_one_visitor_does_not_fill_the_queue(pool):
    many = [another(orders(heavy())[0], n) for n in range(MOST_OF_ONE + 2)]
    with pytest.raises(Busy, match="already wait for this page"):
        pool.want("one", many)
    pool.want("one", many[:MOST_OF_ONE])
    assert not pool.want("two", many[MOST_OF_ONE:])[0].ended


@pytest.mark.slow
def test_work_that_is_begun_again_keeps_the_bounds_of_the_queue(pool):
    first, *many = (another(orders(heavy())[0], n) for n in range(MOST_OF_ONE + 2))
    pool.want("one", [first])
    until(lambda: only(pool, first).place == 0)
    pool.want("one", [first, *many[:MOST_OF_ONE]])
    stopped = many[:5]
    pool.stop([order.key for order in stopped])
    refilled = [first, *many[5:], *(another(orders(heavy())[0], n) for n in range(100, 104))]
    pool.want("one/refilled", refilled)
    pool.run_again([order.key for order in stopped])
    with pytest.raises(Busy, match="already wait for this page"):
        pool.want("one", [first, *many])
    waiting = pool.statuses([order.key for order in [*many, *refilled[len(many[5:]) + 1 :]]])
    assert sum(status.state == "waiting" for status in waiting) == MOST_OF_ONE


@pytest.mark.slow
def test_only_what_failed_or_was_stopped_is_forgotten_to_be_begun_again(pool):
    done, running = orders(scenario())[0], orders(heavy())[0]
    pool.want("one", [done, running])
    assert pool.wait([done.key], PATIENCE_S)
    pool.run_again([done.key, running.key, "unknown"])
    assert only(pool, done).state == "done"
    assert not only(pool, running).ended


@pytest.mark.slow
def test_a_scenario_that_cannot_run_is_an_error_in_words(pool):
    order = orders(scenario().model_copy(update={"region": "atlantis"}))[0]
    pool.want("one", [order])
    assert pool.wait([order.key], PATIENCE_S)
    assert only(pool, order).state == "failed"
    assert "atlantis" in only(pool, order).message


@pytest.mark.slow
def test_a_worker_imports_no_streamlit_and_ends_with_its_input():
    code = "import sys, headroom.work.worker; sys.exit('streamlit' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
    ended = subprocess.run(
        [sys.executable, "-m", "headroom.work.worker"], input="", capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0
    assert ended.stdout.splitlines() == ['{"state": "compiling"}', '{"state": "ready"}']


def group(pid: int) -> list[int]:
    """The living processes of a process group."""
    found = subprocess.run(["ps", "-eo", "pid=,pgid=,stat="], capture_output=True, text=True, check=True).stdout
    rows = [line.split() for line in found.splitlines()]
    return [int(one) for one, its_group, state in rows if int(its_group) == pid and not state.startswith("Z")]


def test_a_worker_ends_with_all_the_processes_it_has_started():
    code = (
        "import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']);"
        'print(\'{"state": "ready"}\', flush=True); time.sleep(600)'
    )
    worker = Worker((sys.executable, "-c", code))
    worker.warm()
    assert len(group(worker.pid)) == 2
    worker.kill()
    until(lambda: not group(worker.pid))
    worker.close()


def test_a_worker_that_died_by_itself_leaves_no_processes_behind():
    code = "import subprocess, sys; subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])"
    worker = Worker((sys.executable, "-c", code))
    until(lambda: not worker.alive)
    assert len(group(worker.pid)) == 1
    worker.close()
    until(lambda: not group(worker.pid))


def planned(given: Scenario, key: str) -> WorkOrder:
    return WorkOrder(key, "plan", {"scenario": given.model_copy(update={"deployments": ()})})


@pytest.mark.slow
def test_an_evaluation_does_not_wait_for_long_work(started):
    pool = Pool(started, workers=2)
    long = [planned(heavy(), "long 1"), planned(heavy(), "long 2")]
    short = orders(scenario())[0]
    pool.want("one", long)
    pool.want("two", [short])
    assert pool.wait([short.key], PATIENCE_S)
    assert only(pool, short).state == "done"
    assert [only(pool, order).state for order in long] == ["running", "waiting"]
    pool.close()


@pytest.mark.slow
def test_a_search_does_not_wait_for_that_of_another_visitor(started):
    pool = Pool(started, workers=3)
    first, second, other = (planned(heavy(), f"long {n}") for n in range(3))
    pool.want("one", [first])
    pool.want("one/elsewhere", [second])
    pool.want("two", [other])
    short = orders(scenario())[0]
    pool.want("one/short", [short])
    assert pool.wait([short.key], PATIENCE_S)
    until(lambda: [only(pool, order).state for order in (first, second, other)] == ["running", "waiting", "running"])
    assert only(pool, second).place == 1
    pool.close()


@pytest.mark.slow
def test_in_the_queue_visitors_take_turns(pool):
    first, *rest = (another(orders(heavy())[0], n) for n in range(4))
    pool.want("one", [first, *rest])
    until(lambda: only(pool, first).place == 0)
    others = [another(orders(heavy())[0], n) for n in (10, 11)]
    assert [status.place for status in pool.want("two", others)] == [1, 3]
    assert [only(pool, order).place for order in rest] == [2, 4, 5]
    pool.stop([first.key])
    until(lambda: only(pool, others[0]).place == 0)
    assert [only(pool, order).state for order in rest] == ["waiting"] * 3


@pytest.mark.slow
def test_whoever_joins_work_that_waits_brings_it_forward(started):
    pool = Pool(started, workers=3)
    first, second = planned(heavy(), "long 1"), planned(heavy(), "long 2")
    pool.want("one", [first, second])
    until(lambda: only(pool, first).state == "running")
    assert only(pool, second).state == "waiting"
    pool.want("two", [second])
    until(lambda: only(pool, second).state == "running")
    pool.close()


@pytest.mark.slow
def test_what_only_visitors_want_who_have_gone_is_stopped(started):
    gone: set[str] = set()
    pool = Pool(started, present=lambda visitor: visitor not in gone, gone_s=0.2)
    long, short = orders(heavy())[0], orders(scenario())[0]
    pool.want("one/plan", [long])
    until(lambda: only(pool, long).share > 0)
    gone.add("one")
    pool.want("two", [short])
    assert pool.wait([short.key], PATIENCE_S)
    assert only(pool, short).state == "done"
    assert pool.statuses([long.key]) == ()
    pool.close()


@pytest.mark.slow
def test_a_reload_takes_over_the_work_of_the_page_that_has_gone(started):
    gone: set[str] = set()
    pool = Pool(started, present=lambda visitor: visitor not in gone, gone_s=0.2)
    long, short = orders(heavy())[0], another(orders(scenario())[0])
    pool.want("before", [long])
    until(lambda: only(pool, long).share > 0)
    pool.want("before/queued", [short])
    pool.want("after", [long])
    gone.add("before")
    until(lambda: pool.statuses([short.key]) == ())
    assert only(pool, long).share > 0
    assert len(started.workers) == 1
    pool.close()


@pytest.mark.slow
def test_a_visitor_who_comes_back_in_time_keeps_the_work(started):
    gone: set[str] = set()
    pool = Pool(started, present=lambda visitor: visitor not in gone, gone_s=3600)
    long = orders(heavy())[0]
    pool.want("one", [long])
    gone.add("one")
    until(lambda: only(pool, long).share > 0)
    gone.clear()
    assert not pool.want("one", [long])[0].ended
    pool.close()


@pytest.mark.parametrize("said", ["this is no JSON", "3", "[]", '"text"'])
def test_a_worker_that_says_what_is_no_line_of_the_protocol_has_died(said):
    code = f"import sys; print({said!r}, flush=True); sys.stdin.read()"
    pool = Pool(lambda: Worker((sys.executable, "-c", code)))
    order = orders(scenario())[0]
    pool.want("one", [order])
    assert pool.wait([order.key], PATIENCE_S)
    assert only(pool, order).state == "failed"
    pool.close()


@pytest.mark.slow
def test_a_plan_shows_its_first_screen_before_it_is_decided(pool):
    order = planned(scenario(), "plan")
    pool.want("one", [order])
    until(lambda: only(pool, order).partials > 0)
    assert only(pool, order).partial.patterns
    assert pool.wait([order.key], PATIENCE_S)
    assert only(pool, order).state == "done"
    assert only(pool, order).result.comparison.evaluations
    assert only(pool, order).evaluation is None


def test_equal_payloads_have_one_key():
    one, other = cached.order("plan", scenario=scenario()), cached.order("plan", scenario=scenario("Other"))
    assert one.key == cached.order("plan", scenario=scenario()).key
    assert len({one.key, other.key, cached.order("screen", scenario=scenario()).key}) == 3


@pytest.mark.slow
def test_two_equal_deployments_are_one_task(pool):
    order = orders(scenario())[0]
    assert [status.place for status in pool.want("one", [order, order])] == [1, 1]
    assert pool.wait([order.key], PATIENCE_S)
    assert [status.state for status in pool.want("one", [order, order])] == ["done", "done"]


def test_a_result_that_other_work_has_made_is_taken_over_and_not_made_again(pool: Pool) -> None:
    (order,) = orders(scenario())[:1]
    pool.keep([(order, "made elsewhere")])
    (status,) = pool.want("somebody", [order])
    assert (status.state, status.share, status.result) == ("done", 1.0, "made elsewhere")
    pool.keep([(order, "made later")])
    assert pool.statuses([order.key])[0].result == "made elsewhere"
