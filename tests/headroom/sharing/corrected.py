"""Defaults that were wrong about AWS and have been put right in every schema, old files and links included.

By field name: the default that it had, and what is right. A file that leaves such a field out says nothing about it, so
that it is read with what is known today. A default that is a choice of the user's never stands here.
"""

from __future__ import annotations

from collections.abc import Mapping

CORRECTED: Mapping[str, tuple[object, str]] = {
    "image_is_cached": (
        False,
        "AWS caches images for all accelerator types since June 2026, without being asked (facts row 2.37).",
    ),
    "provisioning_gpu_median_s": (
        330.0,
        "held the fetching of an image of some 10 GB, which now goes by image_mb, model_mb and image_is_cached",
    ),
    "serverless_account_concurrency": (1000, "the guide states 1,000 for 8 Regions and 500 for 13 (facts row 3.6)"),
    "serverless_keep_warm_s": (
        300.0,
        "AWS publishes no keep-warm time, and a fixed one of 300 s makes 2.5 times as many cold starts as the 20 "
        "measured rates of AWS Lambda; the three rules that request logs show are the default (docs/validation.md).",
    ),
    "invocations_timeout_s": (3600.0, "AWS's own InvocationsTimeoutInSeconds is 600 s (facts row 5.9)"),
}
