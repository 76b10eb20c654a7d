"""Tables in a terminal: nothing is cut, intervals are said in the fewest words."""

from __future__ import annotations

from advisor import words
from advisor.evaluation import Estimate
from cli_text import WIDTH, interval, table


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
    assert interval(Estimate(value=0.0, low=0.0, high=0.0, n=3), words.share) == "0 % in all"
    assert interval(Estimate(value=88.0, low=87.1, high=88.9, n=3), words.dollars) == "$87.10 to $88.90"
    assert interval(Estimate(value=88.0, low=None, high=None, n=1), words.dollars) == "–"
    assert interval(None, words.dollars) == "–"
