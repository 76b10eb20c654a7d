"""The page of the regret benchmark."""

from __future__ import annotations

import json

from bench import drawn, regret


def test_the_page_is_that_of_the_results():
    rows = json.loads(regret.RESULTS.read_text(encoding="utf-8"))
    assert regret.PAGE.read_text(encoding="utf-8") == regret.render(rows, drawn.done())


def test_no_regret_is_over_the_bar():
    rows = json.loads(regret.RESULTS.read_text(encoding="utf-8"))
    assert all(0 <= row["regret"] <= 0.02 for row in rows)
