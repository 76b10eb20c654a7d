from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from itertools import pairwise

import pytest

from headroom.advisor.explore.heat_map import COLUMNS, ROWS, HeatMap, _sentence, axis, heat_map
from headroom.advisor.explore.ranking_at import contenders, stand
from headroom.advisor.explore.vary import vary
from headroom.codec import from_json, to_json
from simulator.model.requirement import Requirement
from simulator.search_space import SearchSpace
from tests.headroom.advisor.explore.cases import steady, world


@cache
def found() -> HeatMap:
    return heat_map(steady(5.5), world(), ("volume", "service_time"))


def test_its_shape_is_that_of_its_axes_and_today_is_in_it() -> None:
    assert len(found().cells) == len(found().y.values) <= ROWS
    assert {len(row) for row in found().cells} == {len(found().x.values)}
    assert len(found().x.values) <= COLUMNS
    assert found().x.values[found().x.today] == 1
    assert found().y.values[found().y.today] == 100
    winner = stand(steady(5.5), world()).winner
    cell = found().cells[found().y.today][found().x.today]
    assert winner is not None
    assert (cell.pattern, cell.cost_usd_per_month) == (winner.pattern, winner.cost_usd_per_month)


@pytest.mark.parametrize(("row", "column"), [(0, 0), (3, 6), (5, 2)])
def test_a_cell_is_what_planning_there_gives(row: int, column: int) -> None:
    there = vary(vary(steady(5.5), "service_time", found().y.values[row]), "volume", found().x.values[column])
    winner, cell = stand(there, world()).winner, found().cells[row][column]
    assert cell.deployment == (winner.deployment if winner else None)


def test_more_of_either_never_costs_less() -> None:
    for row in found().cells:
        costs = [cell.cost_usd_per_month for cell in row if cell.cost_usd_per_month is not None]
        assert all(a <= b * 1.02 for a, b in pairwise(costs))


def test_where_nothing_serves_the_cell_says_why() -> None:
    hard = steady(5.5, requirement=Requirement(latency_limit_s=0.2, max_error_share=0.02, min_zones=1))
    empty = heat_map(hard, world(), ("volume", "latency_limit")).cells[0][4]
    assert (empty.pattern, empty.deployment, empty.cost_usd_per_month) == (None, None, None)
    assert "latency is" in empty.why


def test_patterns_that_cannot_win_are_not_looked_at_and_change_nothing() -> None:
    scenario = steady(5.5, search=SearchSpace(families=("ml.m5",)))
    able = contenders(scenario)
    assert able.search.patterns == ("realtime", "serverless")
    assert stand(able, world()).winner == stand(scenario, world()).winner
    later = scenario.model_copy(update={"requirement": Requirement(answer_may_be_deferred=True)})
    assert contenders(later) == later
    none = scenario.model_copy(update={"search": SearchSpace(patterns=("batch",))})
    assert contenders(none) == none


def test_only_what_has_a_meaning_is_an_axis() -> None:
    with pytest.raises(KeyError, match="deadline"):
        axis(steady(1.0), "deadline", 9)
    with pytest.raises(KeyError, match="price"):
        axis(steady(1.0), "price", 9)


def test_what_wins_everywhere_wins_in_all() -> None:
    x, y = found().x, found().y
    alone = [replace(found().cells[0][0], pattern="batch")] * 4
    assert _sentence(x, y, alone).endswith("service time: Batch transform wins in all.")
    mixed = [*alone, replace(alone[0], pattern=None)]
    assert _sentence(x, y, mixed).endswith(": Batch transform wins in 4 and nothing serves in 1.")


def test_the_sentence_counts_the_cells_and_json_keeps_it() -> None:
    cells = [cell.pattern for row in found().cells for cell in row]
    assert f"Over {len(cells)} combinations of traffic volume and service time" in found().sentence
    assert f"Serverless endpoint wins in {cells.count('serverless')}" in found().sentence
    assert from_json(HeatMap, json.loads(json.dumps(to_json(found()), allow_nan=False))) == found()
