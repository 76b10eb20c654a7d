"""What AWS offers in some Regions only: serverless inference, and the concurrency that its endpoints share there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_LARGE = (
    *("us-east-1", "us-east-2", "us-west-2", "ap-northeast-1", "ap-southeast-1", "ap-southeast-2"),
    *("eu-central-1", "eu-west-1"),
)
_SMALL = (
    *("us-west-1", "ca-central-1", "sa-east-1", "eu-west-2", "eu-west-3", "eu-north-1", "eu-south-1"),
    *("ap-east-1", "ap-south-1", "ap-northeast-2", "ap-northeast-3", "af-south-1", "me-south-1"),
)

SERVERLESS_CONCURRENCY: Final[Mapping[str, int]] = {**dict.fromkeys(_LARGE, 1000), **dict.fromkeys(_SMALL, 500)}
"""Region -> requests that all serverless endpoints of an account may have in flight there, as the guide states (facts
row 3.6). AWS has serverless inference in these Regions and in no other (facts row 3.62).
"""
