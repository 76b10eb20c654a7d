"""A pattern without a price is told of as that, not by a limit of one of its sizes; where AWS has it not, as that."""

from __future__ import annotations

from dataclasses import replace

from headroom.advisor.search.planner import plan
from headroom.advisor.tell.argument import argue_plan
from pricing.book import PriceBook
from tests.headroom.advisor.search.small import WORLD, scenario

ASKED = scenario(search={"patterns": ("realtime", "serverless"), "families": ("ml.m5",)}, memory_mb=1500)


def test_serverless_without_a_price_anywhere_is_simulated_and_said_to_have_none() -> None:
    """1 GB is too small for 1,500 MB of memory; the other sizes would do, and have no price."""
    prices = PriceBook.of(
        rate for rate in WORLD.prices.rates(ASKED.region, WORLD.on) if rate.usage != "serverless_duration_s"
    )
    found = plan(ASKED, replace(WORLD, prices=prices))
    (one,) = [one for one in found.comparison.evaluations if one.deployment.pattern == "serverless"]
    assert one.unpriced
    assert not one.ruled_out
    (lost,) = argue_plan(found).lost
    assert lost.sentence.startswith(
        "Serverless endpoint: cannot be ranked: it meets every clause, but a price is missing for "
    )


def test_in_a_region_without_serverless_it_is_ruled_out() -> None:
    found = plan(ASKED.model_copy(update={"region": "ap-south-2"}), WORLD)
    (one,) = [one for one in found.comparison.evaluations if one.deployment.pattern == "serverless"]
    assert [limit.what for limit in one.ruled_out][:1] == ["Region"]
