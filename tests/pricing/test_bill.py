"""Bills worked out by hand, tiers at their bounds, gaps, and exactness."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricing.bill import Bill, BillLine, Quantity, make_bill
from pricing.book import Override, PriceBook
from pricing.keys import BY_KEY, MEMORY_SIZES_MB

DAY = date(2026, 11, 1)
HOURS = Decimal(3600)


def q(usage: str, amount: str | Decimal, dimension: str = "") -> Quantity:
    return Quantity(usage, dimension, Decimal(amount))


def bill(book: PriceBook, *quantities: Quantity, region: str = "us-east-1") -> Bill:
    return make_bill(quantities, book, region, DAY)


def test_a_month_of_two_real_time_instances(book: PriceBook) -> None:
    # 2 x 730 h x 0.23 = 335.80; 10 GB in and 5 GB out at 0.016 = 0.24; 2 alarms at 0.10 = 0.20
    made = bill(
        book,
        q("hosting_instance_s", 2 * 730 * HOURS, "ml.m5.xlarge"),
        q("realtime_data_in_gb", "10"),
        q("realtime_data_out_gb", "5"),
        q("cloudwatch_alarm_months", "2"),
    )
    assert [line.amount_usd for line in made.lines] == [
        Decimal("335.80"),
        Decimal("0.16"),
        Decimal("0.08"),
        Decimal("0.20"),
    ]
    assert made.total_usd == Decimal("336.24")
    assert made.complete


def test_a_serverless_month_with_provisioned_concurrency(book: PriceBook) -> None:
    # 1,000,000 requests of 0.2 s at 2 GB: 200,000 s x 0.00004 = 8.00
    # 1 provisioned for 730 h: 2,628,000 s x 0.00001 = 26.28; 100,000 s on it x 0.0000233 = 2.33
    made = bill(
        book,
        q("serverless_duration_s", "200000", "2048"),
        q("serverless_pc_usage_s", "2628000", "2048"),
        q("serverless_pc_duration_s", "100000", "2048"),
    )
    assert [line.amount_usd for line in made.lines] == [Decimal(8), Decimal("26.28"), Decimal("2.33")]
    assert made.total_usd == Decimal("36.61")


def test_a_nightly_batch_month_with_its_storage(book: PriceBook) -> None:
    # 30 nights x 4 instances x 1.5 h x 0.23 = 41.40; 300,000 PUT at 0.005 per 1,000 = 1.50;
    # 300,000 GET at 0.0004 per 1,000 = 0.12; 200 GB-month at 0.023 = 4.60
    made = bill(
        book,
        q("batch_instance_s", 30 * 4 * Decimal("1.5") * HOURS, "ml.m5.xlarge"),
        q("s3_put_requests", "300000"),
        q("s3_get_requests", "300000"),
        q("s3_storage_gb_month", "200"),
    )
    assert made.total_usd == Decimal("41.40") + Decimal("1.50") + Decimal("0.12") + Decimal("4.60")
    assert [line.evidence for line in made.lines] == ["derived", "observed", "observed", "observed"]


def test_an_asynchronous_month(book: PriceBook) -> None:
    # 100 h of ml.g6e.2xlarge at 2.8026 = 280.26; 50 GB in at 0.016 = 0.80; 400,000 notices at 0.50 per million = 0.20
    made = bill(
        book,
        q("async_instance_s", 100 * HOURS, "ml.g6e.2xlarge"),
        q("async_data_in_gb", "50"),
        q("sns_publish_requests", "400000"),
    )
    assert made.total_usd == Decimal("281.26")


@pytest.mark.parametrize(
    ("gb", "usd"),
    [
        ("1", "0.15"),
        ("10239", "1535.85"),
        ("10240", "1536.00"),  # the whole first tier
        ("10241", "1536.138"),  # one GB at 0.138
        ("51200", "7188.48"),  # 1,536 + 40,960 x 0.138
        ("51201", "7188.606"),  # one GB at 0.126
        ("153600", "20090.88"),  # + 102,400 x 0.126 = 12,902.40
        ("153601", "20090.994"),  # one GB at 0.114
        ("204800", "25927.68"),  # + 51,200 x 0.114 = 5,836.80
    ],
)
def test_tiers_price_only_the_gigabytes_inside_them(book: PriceBook, gb: str, usd: str) -> None:
    assert bill(book, q("internet_out_gb", gb), region="sa-east-1").total_usd == Decimal(usd)


def test_a_tier_bound_is_passed_by_a_fraction_exactly(book: PriceBook) -> None:
    made = bill(book, q("internet_out_gb", "10240.5"))
    assert made.total_usd == Decimal("921.60") + Decimal("0.0425")


def test_a_missing_price_is_a_gap_and_not_zero(book: PriceBook) -> None:
    made = bill(book, q("hosting_instance_s", "1000", "ml.p9.large"), q("s3_put_requests", "1000"), region="ap-south-2")
    gap = made.lines[0]
    assert (gap.amount_usd, gap.rate, gap.source, gap.from_date, gap.evidence) == (None, None, "", None, "")
    assert "No price for Real-time instances (ml.p9.large) in ap-south-2" in gap.reason
    assert made.gaps == (gap,)
    assert not made.complete
    assert made.total_usd == Decimal("0.005")


def test_an_override_closes_the_gap(book: PriceBook) -> None:
    mine = book.with_overrides([Override("serverless_duration_s", "2048", Decimal("0.00005"))])
    made = bill(mine, q("serverless_duration_s", "1000", "2048"), region="ap-south-2")
    assert made.complete
    assert made.total_usd == Decimal("0.05")
    assert made.lines[0].evidence == "override"
    assert made.price_version == mine.version != book.version


def test_nothing_costs_nothing_and_leaves_no_line(book: PriceBook) -> None:
    made = bill(book, q("s3_put_requests", "0"), q("serverless_duration_s", "0", "2048"), region="eu-west-1")
    assert made.lines == ()
    assert made.total_usd == 0
    assert made.complete


def test_equal_usage_is_one_line_and_lines_keep_the_order_of_the_keys(book: PriceBook) -> None:
    made = bill(
        book,
        q("s3_put_requests", "1"),
        q("hosting_instance_s", "3600", "ml.m5.xlarge"),
        q("hosting_instance_s", "3600", "ml.c5.xlarge"),
        q("hosting_instance_s", "3600", "ml.m5.xlarge"),
    )
    assert [(line.usage, line.dimension, line.quantity) for line in made.lines] == [
        ("hosting_instance_s", "ml.c5.xlarge", Decimal(3600)),
        ("hosting_instance_s", "ml.m5.xlarge", Decimal(7200)),
        ("s3_put_requests", "", Decimal(1)),
    ]


def test_a_line_says_its_units_source_and_date(book: PriceBook) -> None:
    line = bill(book, q("hosting_instance_s", "5400", "ml.m5.xlarge")).lines[0]
    assert (line.title, line.unit, line.rate_unit) == ("Real-time instances", "instance-seconds", "instance-hour")
    assert (line.source, line.from_date, line.evidence) == ("sagemaker-idle-finder", date(2026, 9, 22), "observed")
    assert line.amount_usd == Decimal("0.345")


def test_a_second_that_is_no_round_part_of_an_hour_is_cut_far_below_a_cent(book: PriceBook) -> None:
    # 1 s x 0.23 / 3600 has no end: 0.0000638888...
    made = bill(book, q("hosting_instance_s", "1", "ml.m5.xlarge"))
    assert made.total_usd == Decimal("0.000063888888888888888888888889")


@pytest.mark.parametrize("amount", ["NaN", "Infinity", "-1", "1E+25", "1E-200"])
def test_a_quantity_that_cannot_be_is_refused(amount: str) -> None:
    with pytest.raises(ValueError, match="s3_put_requests: given"):
        q("s3_put_requests", amount)


def test_a_quantity_of_an_unknown_key_or_in_float_is_refused() -> None:
    with pytest.raises(ValueError, match="hosting_instance_s"):
        q("hosting_instance", "1")
    with pytest.raises(TypeError, match="Decimal"):
        Quantity("s3_put_requests", "", 1.5)  # type: ignore[arg-type]


def test_a_line_is_priced_or_a_gap_with_a_reason() -> None:
    with pytest.raises(ValueError, match="reason"):
        BillLine(usage="s3_put_requests", dimension="", quantity=Decimal(1), rate=None, amount_usd=None)
    with pytest.raises(ValueError, match="reason"):
        BillLine(
            usage="s3_put_requests", dimension="", quantity=Decimal(1), rate=None, amount_usd=Decimal(1), reason="x"
        )


# -- properties -------------------------------------------------------------------------------------------------------

# Quantities as a simulator has them: floats, made Decimal by their shortest text.
amounts = st.floats(min_value=0, max_value=1e15, allow_subnormal=False).map(lambda x: Decimal(str(x)))
reasonable = amounts.filter(lambda amount: amount == 0 or amount > Decimal("1e-30"))
places = st.sampled_from(
    [
        ("hosting_instance_s", "ml.m5.xlarge"),
        ("batch_instance_s", "ml.c5.xlarge"),
        ("async_instance_s", "ml.g4dn.xlarge"),
        *(("serverless_duration_s", size) for size in MEMORY_SIZES_MB),
        ("s3_put_requests", ""),
        ("sns_publish_requests", ""),
        ("internet_out_gb", ""),
    ]
)
quantities = st.builds(lambda place, amount: Quantity(place[0], place[1], amount), places, reasonable)


@given(st.lists(quantities, max_size=12))
def test_the_total_is_the_sum_of_the_lines(book: PriceBook, given_: list[Quantity]) -> None:
    made = bill(book, *given_)
    assert Fraction(made.total_usd) == sum((Fraction(x.amount_usd) for x in made.lines if x.amount_usd), Fraction(0))
    assert made.complete == all(line.amount_usd is not None for line in made.lines)


@given(places.filter(lambda place: place[0] != "internet_out_gb"), reasonable, st.integers(1, 1000))
def test_scaling_a_quantity_scales_its_line(
    book: PriceBook, place: tuple[str, str], amount: Decimal, factor: int
) -> None:
    usage, dimension = place
    grown = Decimal(Fraction(amount).numerator * factor) / Fraction(amount).denominator  # exact: powers of 2 and 5
    one, many = (bill(book, q(usage, each, dimension)).lines for each in (amount, grown))
    assert [line.is_gap for line in one] == [line.is_gap for line in many]
    for line, scaled in zip(one, many, strict=True):
        if line.amount_usd is None or scaled.amount_usd is None:
            continue
        off = abs(Fraction(scaled.amount_usd) - factor * Fraction(line.amount_usd))
        if BY_KEY[usage].per_rate_unit == 3600:
            assert off <= Fraction(factor + 1, 2) * Fraction("1e-30")  # each quotient is cut at 1e-30
        else:
            assert off == 0


@given(st.integers(0, 10**9), st.integers(1, 1000))
def test_whole_hours_scale_exactly(book: PriceBook, hours: int, factor: int) -> None:
    one, many = (bill(book, q("hosting_instance_s", hours * n * HOURS, "ml.m5.xlarge")).total_usd for n in (1, factor))
    assert Fraction(many) == factor * Fraction(one)


@given(reasonable, reasonable)
def test_more_never_costs_less(book: PriceBook, a: Decimal, b: Decimal) -> None:
    low, high = sorted((a, b))
    assert bill(book, q("internet_out_gb", low)).total_usd <= bill(book, q("internet_out_gb", high)).total_usd
