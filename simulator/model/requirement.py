"""What must hold for a deployment to be acceptable. Inert values; `verdict` compares them with an outcome."""

from __future__ import annotations

from typing import Literal

from simulator.fields import Spec, choice, quantity

TAIL_PERCENTILE = 99.0
"""From this percentile on a latency limit speaks of nearly every request, so that an outage of one zone breaks it."""


class Requirement(Spec):
    """The clauses of a requirement. A limit of 0 means that there is none."""

    latency_percentile: float = quantity(
        99.0, "Percentile", "The latency percentile that must stay under the limit.", unit="%", ge=1, le=99.99
    )
    latency_limit_s: float = quantity(
        1.0,
        "Latency limit",
        "Limit for that percentile, as the client sees it; 0 means no limit.",
        unit="s",
        ge=0,
        le=1e6,
    )
    max_error_share: float = quantity(
        0.001, "Errors allowed", "Largest share of requests that may end without an answer.", ge=0, le=1
    )
    deadline_s: float = quantity(
        0.0,
        "Deadline",
        "A data set must be finished this long after it is ready; 0 means no deadline.",
        unit="s",
        ge=0,
        le=31 * 86_400,
    )
    monthly_budget_usd: float = quantity(
        0.0, "Budget", "Most that may be spent a month; 0 means no budget.", unit="USD", ge=0, le=1e9
    )
    answer_may_be_deferred: bool = choice(
        False,
        "Answer may come later",
        "The caller can fetch the answer from S3 minutes later instead of waiting on the connection.",
    )
    min_zones: Literal["auto", 1, 2, 3] = choice(
        "auto",
        "Availability Zones",
        "Zones that the instances stand in, so that all else holds while one of them is lost; 1: one is enough. auto: "
        "2 where the answer is waited for under a latency limit of p99 or beyond, else 1.",
        row="1.44",
    )
    needs_gpu: bool = choice(False, "Needs a GPU", "The model only runs on a GPU.")
    needs_vpc: bool = choice(False, "Needs a VPC", "The container must reach resources in a private VPC.")

    @property
    def zones(self) -> int:
        """Availability Zones that the instances stand in; 1 where the loss of a zone may be an outage."""
        if self.min_zones != "auto":
            return self.min_zones
        waited_for = not self.answer_may_be_deferred and self.latency_limit_s > 0
        return 2 if waited_for and self.latency_percentile >= TAIL_PERCENTILE else 1
