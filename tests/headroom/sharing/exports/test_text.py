"""Tables in a terminal: nothing is cut, intervals are said in the fewest words."""

from __future__ import annotations

import re

from headroom.advisor.answer import Uncertain
from headroom.advisor.compare import compare
from headroom.advisor.evaluate import evaluate
from headroom.advisor.tell import words
from headroom.sharing.exports.text import WIDTH, comparison_text, evaluation_text, interval, table
from headroom.sharing.library import load_world
from tests.cases.reading import read_case
from tests.headroom.ui.small import scenario


def test_a_long_first_cell_goes_on_in_the_next_line() -> None:
    name = "Asynchronous, 0 to 3 x ml.r6g.large, backlog 20"
    lines = table(["Deployment", "Verdict", *["$/month"] * 5], [[name, "meets", *["$1,009.00"] * 5]]).split("\n")
    assert max(map(len, lines)) <= WIDTH
    first_column = lines[2].index("meets")
    assert " ".join(line[:first_column].strip() for line in lines[2:]) == name
    assert "…" not in "".join(lines)


def test_a_table_may_have_an_empty_first_cell_and_no_rows() -> None:
    assert table(["Name", "Verdict"], []).split("\n")[0].split() == ["Name", "Verdict"]
    assert "x" in table(["Name", "Verdict"], [["", "x"]])


def test_an_interval_whose_ends_read_alike_is_one_number() -> None:
    assert interval(Uncertain(value=0.0, low=0.0, high=0.0, n=3), words.share) == "0 % in all"
    assert interval(Uncertain(value=88.0, low=87.1, high=88.9, n=3), words.dollars) == "$87.10 to $88.90"
    assert interval(Uncertain(value=88.0, low=None, high=None, n=1), words.dollars) == "–"
    assert interval(None, words.dollars) == "–"
    assert interval(Uncertain(value=88.0, low=88.0, high=88.0, n=1), words.dollars) == "$88.00"


def test_one_deployment_is_shown_with_the_interval_of_every_number_and_of_every_line_of_the_bill() -> None:
    asked = scenario()
    found = evaluation_text(evaluate(asked, asked.deployments[0], load_world()), asked)
    for name in ("Cost a month", "Per million answered", "p50 latency", "p90 latency", "p99.9 latency", "Busy"):
        assert re.search(rf"^{name} +(95 % interval|the same in all 2 runs|no interval: )", found, re.MULTILINE), name
    head = next(line for line in found.splitlines() if line.startswith("Bill"))
    assert head.endswith("95 % interval")
    assert max(map(len, found.splitlines())) <= WIDTH


def test_one_deployment_says_first_whether_it_meets_and_why_not() -> None:
    asked = read_case("words/24-async-timeout-900")
    short = asked.model_copy(update={"simulation": asked.simulation.model_copy(update={"replications": 2})})
    found = evaluation_text(evaluate(short, asked.deployments[0], load_world()), short)
    verdict = " ".join(found.split("\n\n")[1].split())
    assert verdict.startswith("Default time-out (900 s) does not meet the requirement: 1")
    assert "InvocationTimeoutSeconds ends a request after 900 s" in verdict


def test_a_single_run_says_why_it_has_no_interval() -> None:
    asked = scenario()
    alone = asked.model_copy(update={"simulation": asked.simulation.model_copy(update={"replications": 1})})
    found = comparison_text(compare(alone, load_world()))
    assert "No interval, because the run is too short: cost, " in found
