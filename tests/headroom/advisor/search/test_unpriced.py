"""A pattern without a price in the Region is told of as that, not by a limit of one of its sizes."""

from __future__ import annotations

from headroom.advisor.search.planner import plan
from headroom.advisor.tell.argument import argue_plan
from tests.headroom.advisor.search.small import WORLD, scenario


def test_serverless_without_a_price_is_simulated_and_said_to_have_none() -> None:
    """1 GB is too small for 1,500 MB of memory; the other sizes would do, and have no price there."""
    asked = scenario(search={"patterns": ("realtime", "serverless"), "families": ("ml.m5",)}, memory_mb=1500)
    found = plan(asked.model_copy(update={"region": "ap-south-2"}), WORLD)
    (one,) = [one for one in found.comparison.evaluations if one.deployment.pattern == "serverless"]
    assert one.unpriced
    assert not one.ruled_out
    (lost,) = argue_plan(found).lost
    assert lost.sentence.startswith(
        "Serverless endpoint: cannot be ranked: it meets every clause, but a price is missing for "
    )
