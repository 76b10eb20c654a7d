"""Bedrock's prices per million tokens: read strictly, found by Region, and of models that Headroom knows."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from headroom.sharing.language_models import load_bedrock, load_library
from pricing.bedrock import FILE, parse_bedrock, token_price
from pricing.errors import BadCatalog

CATALOG = Path(__file__).parents[2] / "pricing" / "catalog"
HEAD = (CATALOG / FILE).read_text(encoding="utf-8").splitlines()[0]
ROW = "eu-west-1,a/b,b-v1,0.5,1.5,2026-11-01,hand_kept"


def test_read_by_eye_from_the_source() -> None:
    price = token_price(load_bedrock(), "Qwen/Qwen3-32B", "us-east-1")
    assert price is not None
    assert (price.input_usd, price.output_usd, price.region) == (Decimal("0.15"), Decimal("0.6"), "")
    kimi = token_price(load_bedrock(), "moonshotai/Kimi-K2.5", "us-east-1")
    assert kimi is not None
    assert (kimi.input_usd, kimi.output_usd, kimi.region) == (Decimal("0.6"), Decimal("3"), "us-east-1")


def test_every_model_is_a_packaged_one() -> None:
    assert {model for model, _ in load_bedrock()} <= set(load_library().models)


def test_a_request_costs_its_tokens() -> None:
    price = parse_bedrock(f"{HEAD}\n{ROW}\n")["a/b", "eu-west-1"]
    assert price.request_usd(1000, 2000) == Decimal("0.0035")


def test_a_price_of_the_region_goes_before_one_without() -> None:
    prices = parse_bedrock(f"{HEAD}\n{ROW}\n{ROW.replace('eu-west-1', '').replace('0.5', '0.4')}\n")
    found = [token_price(prices, "a/b", region) for region in ("eu-west-1", "us-east-1")]
    assert [price.input_usd for price in found if price is not None] == [Decimal("0.5"), Decimal("0.4")]
    assert token_price(prices, "a/c", "eu-west-1") is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("region,model\n", "line 1: allowed: the columns"),
        (f"{HEAD}\neu-west-1,a/b\n", "line 2: given 2 cells"),
        (f"{HEAD}\n{ROW.replace('0.5', 'free')}\n", "line 2: given 'free'"),
        (f"{HEAD}\n{ROW.replace('0.5', 'nan')}\n", "line 2: given 'nan'"),
        (f"{HEAD}\n{ROW.replace('1.5', '-1')}\n", "line 2: given '-1'"),
        (f"{HEAD}\n{ROW.replace('2026-11-01', 'November')}\n", "line 2: given 'November'"),
        (f"{HEAD}\n{ROW}\n{ROW}\n", "line 3: a/b eu-west-1 stands there twice"),
    ],
)
def test_a_bad_file_is_refused_with_its_line(text: str, said: str) -> None:
    with pytest.raises(BadCatalog, match=said.replace("(", r"\(")):
        parse_bedrock(text)
