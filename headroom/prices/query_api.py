"""AWS's price list by its Query API (boto3 `pricing`, action pricing:GetProducts), for those who have credentials.

The endpoint exists in a few Regions only; the Region whose prices are asked for is a filter. One question for each
component and Region, some seven pages in all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from headroom.prices.bulk_files import NoPriceList
from pricing.offer import OFFER_CODE

ENDPOINT_REGION = "us-east-1"
QUESTIONS = (
    {"component": "Hosting"},
    {"component": "AsyncInf"},
    {"component": "BatchTransform"},
    {"productFamily": "ML Serverless"},
    {"operation": "Invoke-Endpoint"},
    {"volumeType": "General Purpose-Hosting"},
)


def price_list(regions: Iterable[str], client: Any = None) -> Iterator[str]:
    """The products of some Regions as JSON texts. `client`: a boto3 pricing client; None makes one.

    Raises NoPriceList when AWS refuses, or there are no credentials.
    """
    try:
        pricing = client or boto3.client("pricing", region_name=ENDPOINT_REGION)
        pages = pricing.get_paginator("get_products")
        for region in regions:
            for question in QUESTIONS:
                filters = [_match("regionCode", region), *(_match(field, value) for field, value in question.items())]
                for page in pages.paginate(ServiceCode=OFFER_CODE, FormatVersion="aws_v1", Filters=filters):
                    yield from page["PriceList"]
    except (BotoCoreError, ClientError) as error:
        todo = (
            "It needs credentials with pricing:GetProducts; without --api the public files are read, which need none."
        )
        raise NoPriceList(f"AWS Price List Query API: {error} {todo}") from error


def _match(field: str, value: str) -> dict[str, str]:
    return {"Type": "TERM_MATCH", "Field": field, "Value": value}
