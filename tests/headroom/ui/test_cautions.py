"""What is probably not meant is shown on every page of a scenario, and the page works on."""

from __future__ import annotations

import pytest

from simulator.model.requirement import Requirement
from tests.headroom.ui.small import opened, scenario, trouble, words


@pytest.mark.parametrize("page", ["workload", "prices"])
def test_what_is_probably_not_meant_is_shown(page):
    at = opened(scenario().model_copy(update={"requirement": Requirement(max_error_share=1)}), page)
    assert trouble(at) == []
    assert "Worth checking: 1 entry" in [expander.label for expander in at.expander]
    assert "lets 100 % of the requests fail" in words(at)


def test_nothing_is_shown_where_nothing_is_to_be_checked():
    at = opened(scenario(), "workload")
    assert not any("Worth checking" in expander.label for expander in at.expander)
