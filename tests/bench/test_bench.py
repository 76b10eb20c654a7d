"""The parts of the benchmark: answers are checked, the page is the results, a peer needs nothing but itself."""

from __future__ import annotations

import ast
import json
import re
import sys
from pathlib import Path

import pytest

from bench import plan, report
from bench.check import difference, disagreement, interval
from bench.peers.environments import Counts, LastUsedFirst
from bench.peers.measure import means
from bench.peers.serverless_newest import Newest
from bench.runner import Missing, run

ROOT = Path(__file__).resolve().parents[2]
TASKS = (*plan.DEFAULT, *plan.FULL)
STAMP = {
    "date": "2026-11-21",
    "commit": "abc",
    "processor": "P",
    "cores": 2,
    "memory_gb": 8,
    "system": "Linux",
    "python": "3.11",
    "numpy": "2",
    "numba": "0",
    "load_before": 0.1,
}


def row(title, values, against="", cpu_s=2.0, **more):
    answers = {"cold_share": values, "environments": values}
    figures = {"version": "1.0", "requests": 1000, "cpu_s": cpu_s, "wall_s": cpu_s, "memory_mb": 10.0}
    return {"title": title, "against": against, "answers": answers, "disagreement": "", **figures, **more}


def around(mean, spread=0.01):
    return [mean + spread * (k % 5 - 2) for k in range(20)]


def page(*rows, group="small"):
    return report.render({"default": {"stamp": STAMP, "groups": {group: list(rows)}}})


def test_the_page_is_rendered_from_the_results():
    results = json.loads((ROOT / "bench" / "results.json").read_text(encoding="utf-8"))
    written = (ROOT / "bench" / "RESULTS.md").read_text(encoding="utf-8")
    assert written == report.render(results), "bench/RESULTS.md was edited or is old; run `make bench`"


def test_the_results_hold_a_row_for_each_task():
    results = json.loads((ROOT / "bench" / "results.json").read_text(encoding="utf-8"))
    for part, tasks in (("default", plan.DEFAULT), ("full", plan.FULL)):
        there = [(group, one["title"]) for group, rows in results[part]["groups"].items() for one in rows]
        assert there == [(task.group, task.title) for task in tasks]


def test_no_answer_in_the_results_is_wrong():
    results = json.loads((ROOT / "bench" / "results.json").read_text(encoding="utf-8"))
    assert report.wrong_answers(results) == []


def test_an_interval_by_hand():
    """Mean 2.5 of 0..5 twice: variance of the mean 3.5 x 12/11 / 12; here with 10 values for a tabled quantile."""
    found = interval([1.0, 3.0] * 5)
    assert found.mean == 2.0
    assert found.half == pytest.approx(4.781 * (10 / 9) ** 0.5 / 10**0.5)
    assert found.contains(2.0 + 0.99 * found.half)
    assert not found.contains(2.0 - 1.01 * found.half)


def test_equal_answers_agree_and_different_ones_do_not():
    assert difference(around(1.0), around(1.001)).contains(0.0)
    assert not difference(around(1.0), around(1.1)).contains(0.0)
    ours = row("Headroom", around(1.0))
    assert disagreement("small", row("X", around(1.001), "Headroom"), [ours]) == ""
    told = disagreement("small", row("X", around(1.1), "Headroom"), [ours])
    assert told == "cold_share differs from Headroom, environments differs from Headroom"


@pytest.mark.parametrize(("wait_s", "right"), [(0.0953, True), (0.12, False)])
def test_waits_are_held_against_erlang_c(wait_s, right):
    one = {"title": "X", "against": "", "answers": {"wait_s": around(wait_s, 0.001)}}
    assert (disagreement("mmc", one, [one]) == "") is right


def test_a_wrong_answer_gets_no_time():
    text = page(row("Headroom", around(1.0)), row("X", around(1.1), disagreement="cold_share differs from Headroom"))
    assert "| X | no time: cold_share differs from Headroom | " in text


def test_a_peer_that_cannot_be_installed_says_why():
    text = page(row("Headroom", around(1.0)), {"title": "X", "against": "", "missing": "no wheel", "disagreement": ""})
    assert "| X | no wheel | " in text


def test_ratios_are_between_requests_per_cpu_second():
    text = page(row("Headroom", around(1.0), cpu_s=0.5), row("X", around(1.0), cpu_s=50.0))
    (line,) = (line for line in text.splitlines() if line.startswith("| X 1.0 |"))
    assert [cell.strip() for cell in line.split("|")[5:7]] == ["20", "100"]


def test_a_program_that_fails_is_a_missing_row():
    one = run(plan.Task(group="mmc", title="X", module="peers.no_such_program"))
    assert "no_such_program" in one["missing"]
    assert issubclass(Missing, Exception)


@pytest.mark.parametrize("task", TASKS, ids=lambda task: f"{task.group}: {task.title}")
def test_every_task_can_be_found(task):
    assert (ROOT / "bench" / f"{task.module.replace('.', '/')}.py").exists()
    assert task.group in plan.GROUPS
    titles = [other.title for other in TASKS if other.group == task.group]
    assert titles.count(task.title) == 1
    assert not task.against or task.against in titles


def test_peers_need_nothing_but_themselves():
    """They run in environments that hold one peer each, so they may import that and the standard library."""
    own = {"ciw", "queueing_tool", "simpy", "simfaas", "numpy"}
    for file in sorted((ROOT / "bench" / "peers").glob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            for name in names:
                known = name.partition(".")[0] in sys.stdlib_module_names | own
                assert known or name.startswith("bench.peers."), f"{file.name} imports {name}"


def test_every_peer_is_locked():
    wanted = set(re.findall(r"^[a-z-]+", (ROOT / "requirements-bench.txt").read_text(), re.MULTILINE))
    locked = set(re.findall(r"^[a-z0-9-]+(?===)", (ROOT / "requirements-bench.lock").read_text(), re.MULTILINE))
    assert wanted <= locked
    assert {task.peer for task in TASKS} - {plan.OWN} <= locked


def test_means_of_batches():
    assert means([1.0, 3.0, 5.0, 7.0, 9.0], batches=2) == [2.0, 6.0]


def test_the_environment_used_last_is_used_first():
    """Two environments, one idle since 1, one since 2; expiry 5. At 6.5 the first has been gone since 6."""
    counts = Counts(start_s=0.0, batch_s=10.0)
    function = LastUsedFirst(5.0, counts)
    assert [function.take(0.0), function.take(0.0)] == [True, True]
    function.give_back(1.0)
    function.give_back(2.0)
    assert function.take(6.5) is False
    assert function.take(6.5) is True
    counts.arrived(10.0)
    assert counts.answers() == {"cold_share": [3 / 4], "environments": [(2 * 6.0 + 0.5 + 2 * 3.5) / 10]}


def test_the_newest_environment_is_used_first():
    """The second one is newer, and was used before the first: by SimFaaS's rule it is used again."""
    counts = Counts(start_s=0.0, batch_s=10.0)
    function = Newest(5.0, counts)
    first, second = function.take(0.0)[0], function.take(0.0)[0]
    function.give_back(1.0, second)
    function.give_back(2.0, first)
    assert function.take(3.0) == (second, False)
    function.give_back(4.0, second)
    # The first has been gone since 7.
    assert function.take(8.0) == (second, False)
    assert function.take(8.0) == (3, True)


def test_an_environment_that_goes_after_a_batch_counts_in_the_next():
    counts = Counts(start_s=0.0, batch_s=10.0)
    function = LastUsedFirst(5.0, counts)
    function.take(0.0)
    function.give_back(7.0)
    function.take(13.0)
    counts.arrived(20.0)
    assert counts.mean_exist == [1.0, 0.9]
