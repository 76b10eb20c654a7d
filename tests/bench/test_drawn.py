"""The drawn workloads of the regret benchmark: the same for everybody, varied, resumable, and told honestly."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, replace

import pytest

from bench import drawn, regret
from bench.rows import Row, Rows, finer
from bench.workloads import NUMBER
from bench.workloads import drawn as workload
from headroom.advisor.prepared import prepare
from simulator.patterns.registry import PATTERNS
from simulator.patterns.serverless.deployment import ServerlessDeployment
from tests.headroom.advisor.search.small import WORLD, scenario

LINE = drawn.Line(
    number=3,
    digest="0" * 12,
    workload="a trace, 50 ms on CPU",
    requirement="p99 in 1 s",
    winner="Serverless, 2 GB",
    cost_usd=102.0,
    best="serverless, 1 GB",
    best_usd=100.0,
    decided=False,
    ties=0,
    left=0,
    screened=10,
    simulated=5,
    plan_cpu_s=1.0,
    runs=7,
    rows=9,
    unasked=0,
    grid_cpu_s=2.0,
)


@pytest.fixture(scope="module")
def scenarios():
    return [workload(number, WORLD.traces) for number in range(NUMBER)]


def test_a_number_is_always_the_same_workload(scenarios):
    assert workload(5, WORLD.traces) == scenarios[5]
    assert len({drawn.digest(one) for one in scenarios}) == NUMBER


def test_workloads_are_valid_varied_and_not_idle(scenarios):
    expected = [prepare(one, WORLD).case.source.expected(0.0, one.simulation.duration_s) for one in scenarios]
    assert min(expected) > 0
    assert max(expected) < 1e6
    assert {one.requirement.needs_gpu for one in scenarios} == {True, False}
    assert {one.requirement.answer_may_be_deferred for one in scenarios} == {True, False}
    assert {one.workload.traffic.kind for one in scenarios} == {"trace", "profile"}
    times_ms = [one.workload.service_time.mean_ms for one in scenarios]
    assert min(times_ms) < 20
    assert max(times_ms) > 60_000


def test_a_row_ends_at_the_first_that_meets_and_never_costs_more_than_the_best():
    rows = Rows(scenario({"latency_percentile": 50.0}, simulation={"duration_s": 3600.0}), WORLD, math.inf)
    rows._first(_of_memory(rows, (1024, 2048, 3072, 4096)))
    cheapest = min((once.usd for once in rows.asked.values() if once.meets), default=math.inf)
    assert rows.best_usd == cheapest < math.inf
    runs = len(rows.asked)
    rows._first(Row("none", lambda _: {}, 5, lambda _: cheapest))  # none of it can be cheaper
    assert len(rows.asked) == runs


def _of_memory(rows, sizes):
    def make(at):
        return {"pattern": "serverless", "memory_size_in_mb": sizes[at], "max_concurrency": 20}

    return Row("memory", make, len(sizes), lambda at: rows.grid.serverless_usd(sizes[at], 0))


@pytest.mark.parametrize("pattern", PATTERNS, ids=lambda pattern: pattern.key)
def test_every_pattern_has_finer_steps(pattern):
    deployment = pattern.deployment()
    changes = list(finer(deployment))
    assert changes
    assert any(change != deployment.model_dump() for change in changes)


def test_regret_is_known_where_something_meets():
    assert LINE.regret == pytest.approx(0.02)
    assert not drawn.over_the_bar(replace(LINE, cost_usd=101.9))
    assert drawn.over_the_bar(replace(LINE, cost_usd=101.9, decided=True))
    assert drawn.over_the_bar(replace(LINE, winner=None, cost_usd=None))
    assert replace(LINE, winner=None, cost_usd=None, best=None, best_usd=None).regret is None


def test_of_several_lines_of_one_workload_the_last_counts():
    lines = [json.dumps(asdict(one)) for one in (LINE, replace(LINE, number=1), replace(LINE, cost_usd=100.0))]
    assert [(line.number, line.cost_usd) for line in drawn.done(lines)] == [(1, 102.0), (3, 100.0)]


def test_the_page_names_what_was_run_and_where_nothing_meets():
    nothing = replace(LINE, number=8, workload="too much", winner=None, cost_usd=None, best=None, best_usd=None)
    page = drawn.render([LINE, replace(LINE, number=4, best_usd=102.0), nothing])
    assert f"3 of {NUMBER} were run; in 1 nothing meets." in page
    assert "worst 2.00%" in page
    assert "| 8 | too much |" in page.split("Where nothing meets")[1]
    assert "| 4 | a trace, 50 ms on CPU | p99 in 1 s | Serverless, 2 GB | 102 | the winner |" in page


def test_results_are_of_todays_workloads(scenarios):
    assert all(line.digest == drawn.digest(scenarios[line.number]) for line in drawn.done())


def test_the_page_of_the_presets_goes_before():
    rows = json.loads(regret.RESULTS.read_text(encoding="utf-8"))
    assert regret.render(rows, [LINE]).index("# Whether the planner") < regret.render(rows, [LINE]).index("## Drawn")


def test_names_say_what_tells_one_setting_from_another():
    assert drawn.settings_text(ServerlessDeployment(memory_size_in_mb=2048, max_concurrency=5)).startswith("Serverless")
