"""A bad catalog is refused with the place of the mistake."""

from __future__ import annotations

import pytest

from pricing.errors import BadCatalog
from pricing.load import CATALOG_FILES, load

HEADER = "region,instance,usd_per_hour,from_date,source,evidence,note\n"
GOOD = "us-east-1,ml.m5.xlarge,0.23,2026-05-20,here,observed,\n"
RATE = """[[rate]]
usage = "s3_put_requests"
per = "1,000 requests"
from_date = 2025-06-05
source = "here"
evidence = "observed"
[rate.usd]
us-east-1 = "0.005"
"""
TIERED = RATE.replace("s3_put_requests", "internet_out_gb").replace("1,000 requests", "GB")


@pytest.fixture
def tiny() -> dict[str, str]:
    sources = '[here]\ntitle = "t"\norigin = "o"\ndate = "d"\nlicence = "l"\ngave = "g"\n'
    files = dict.fromkeys(CATALOG_FILES, "rate = []\n")
    files |= {"sources.toml": sources, "derived.toml": "rule = []\n", "absent.toml": "absent = []\n"}
    files |= dict.fromkeys(("async.csv", "batch.csv"), HEADER)
    return files | {"hosting.csv": HEADER + GOOD, "s3.toml": RATE}


def message(files: dict[str, str], **changed: str) -> str:
    renamed = {name.replace("_dot_", "."): text for name, text in changed.items()}
    with pytest.raises(BadCatalog) as caught:
        load({**files, **renamed})
    return str(caught.value)


def test_a_tiny_catalog_loads(tiny: dict[str, str]) -> None:
    assert load(tiny).regions() == ("us-east-1",)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("us-east-1", "US East", "hosting.csv, line 3, region: given 'US East'; allowed: a Region code"),
        ("ml.m5.xlarge", "m5.xlarge", "hosting.csv, line 3, instance: given 'm5.xlarge'"),
        ("0.23", "0.23 USD", "hosting.csv, line 3, usd_per_hour: given '0.23 USD'"),
        ("0.23", "-0.23", "hosting.csv, line 3, usd_per_hour: given '-0.23'"),
        ("0.23", "0", "hosting.csv, line 3, usd_per_hour: given '0'; allowed: above 0"),
        ("0.23", "NaN", "hosting.csv, line 3, usd_per_hour: given 'NaN'"),
        ("0.23", "1e2", "hosting.csv, line 3, usd_per_hour: given '1e2'"),
        ("0.23", "2300", "hosting.csv, line 3, usd_per_hour: given '2300'; allowed: above 0, at most 1000"),
        ("2026-05-20", "20 May", "hosting.csv, line 3, from_date: given '20 May'; allowed: a date"),
        ("here", "there", "hosting.csv, line 3, source: given 'there'; allowed: an id of sources.toml"),
        ("observed", "guessed", "hosting.csv, line 3, evidence: given 'guessed'"),
        ("observed", "override", "hosting.csv, line 3, evidence: given 'override'"),
        ("observed,", "derived,", "hosting.csv, line 3, note: given ''; allowed: the rule"),
        (",observed,", "", "hosting.csv, line 3, columns: given 5; allowed: 7 values"),
    ],
)
def test_a_bad_csv_row_names_file_line_and_column(tiny: dict[str, str], old: str, new: str, told: str) -> None:
    first = GOOD.replace("m5", "c5")
    assert message(tiny, hosting_dot_csv=HEADER + first + GOOD.replace(old, new)).startswith(told)


def test_a_repeated_csv_row_asks_for_a_later_date(tiny: dict[str, str]) -> None:
    told = message(tiny, hosting_dot_csv=HEADER + GOOD + GOOD)
    assert told.startswith("hosting.csv, line 3, from_date")
    assert "append a later date" in told


def test_a_wrong_header_is_named(tiny: dict[str, str]) -> None:
    told = message(tiny, hosting_dot_csv=HEADER.replace("usd_per_hour", "usd_per_month") + GOOD)
    assert told.startswith("hosting.csv, line 1: given 'region,instance,usd_per_month")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("s3_put_requests", "s3_puts", "s3.toml, [[rate]] 1, usage: given 's3_puts'"),
        ("1,000 requests", "request", "s3.toml, [[rate]] 1, per: given 'request'; allowed: 1,000 requests"),
        ("2025-06-05", '"June"', "s3.toml, [[rate]] 1, from_date: given 'June'"),
        ("2025-06-05", "2025-06-05T00:00:00", "s3.toml, [[rate]] 1, from_date: given"),
        ('"0.005"', "0.005", "s3.toml, [[rate]] 1, usd.us-east-1: given 0.005; allowed: a price as text"),
        ('"0.005"', '"5"', "s3.toml, [[rate]] 1, usd.us-east-1: given '5'; allowed: above 0, at most 1 USD"),
        ("us-east-1", "atlantis", "s3.toml, [[rate]] 1, region: given 'atlantis'"),
        ("source", "sauce", "s3.toml, [[rate]] 1, sauce: given 'sauce'; allowed: a known column"),
        ('evidence = "observed"\n', "", "s3.toml, [[rate]] 1, evidence: given None; allowed: a text"),
        ("[rate.usd]", 'dimension = "x"\n[rate.usd]', "s3.toml, [[rate]] 1, dimension: given 'x'"),
        ('[rate.usd]\nus-east-1 = "0.005"\n', "", "s3.toml, [[rate]] 1, usd: given None"),
        ("[[rate]]", "[[rates]]", "s3.toml: not TOML"),
        ("[[rate]]", "[rate", "s3.toml: not TOML"),
    ],
)
def test_a_bad_toml_rate_names_file_table_and_column(tiny: dict[str, str], old: str, new: str, told: str) -> None:
    text = RATE.replace(old, new, 1)
    if new == "[[rates]]":
        text, told = '[[rates]]\nusage = "x"\n', "s3.toml: given rates; allowed: [[rate]] tables only"
    assert message(tiny, s3_dot_toml=text).startswith(told)


def test_two_toml_rates_of_one_day_are_refused(tiny: dict[str, str]) -> None:
    assert "two prices from 2025-06-05" in message(tiny, s3_dot_toml=RATE + RATE)


@pytest.mark.parametrize("bounds", ['["10"]', '["10", "20"]', '["20", "10", "rest"]', '["0", "rest"]', '["x", "rest"]'])
def test_tier_bounds_must_rise_and_end(tiny: dict[str, str], bounds: str) -> None:
    text = TIERED.replace("[rate.usd]", f"tiers_up_to = {bounds}\n[rate.usd]")
    assert message(tiny, transfer_dot_toml=text).startswith("transfer.toml, [[rate]] 1, tiers_up_to: given")


def test_each_tier_needs_its_price(tiny: dict[str, str]) -> None:
    text = TIERED.replace("[rate.usd]", 'tiers_up_to = ["10", "rest"]\n[rate.usd]')
    assert "2 prices, one for each tier" in message(tiny, transfer_dot_toml=text)


def test_a_missing_file_is_named(tiny: dict[str, str]) -> None:
    del tiny["sns.toml"]
    assert message(tiny).startswith("sns.toml: given nothing")


def test_a_place_cannot_be_left_out_and_priced(tiny: dict[str, str]) -> None:
    text = """[[absent]]
why = "w"
usages = ["hosting_instance_s"]
regions = ["*"]
dimensions = ["ml.m5.xlarge"]
"""
    assert "has a price as well" in message(tiny, absent_dot_toml=text)


def test_a_rule_derives_only_between_keys_of_one_unit(tiny: dict[str, str]) -> None:
    text = '[[rule]]\nname = "n"\nusage = "async_instance_s"\nlike = "s3_put_requests"\nnote = "w"\n'
    assert message(tiny, derived_dot_toml=text).startswith("derived.toml, [[rule]] 1, like: given 's3_put_requests'")


def test_a_source_must_be_described(tiny: dict[str, str]) -> None:
    told = message(tiny, sources_dot_toml=tiny["sources.toml"].replace('licence = "l"\n', ""))
    assert told.startswith("sources.toml, [here], licence: given None")
