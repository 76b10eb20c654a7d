"""Where the planner may look for deployments, and what it looks for. Inert values; `search` keeps to them.

Quotas of an account are limits here and not in the run: a deployment that would need more is not proposed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from simulator.fields import Spec, choice, quantity
from simulator.patterns.registry import BY_KEY
from simulator.traffic.kinds import Name

if TYPE_CHECKING:
    PatternKey = str
else:
    PatternKey = Literal[tuple(BY_KEY)]


class SearchSpace(Spec):
    """Limits of the search. Lists that are empty and numbers that are 0 allow everything."""

    goal: Literal["cost", "latency"] = choice(
        "cost",
        "Goal",
        "The least cost that meets the requirement, or the least latency that the budget of the requirement allows.",
    )
    patterns: tuple[PatternKey, ...] = choice(
        (),
        "Patterns",
        f"Patterns to look at: {', '.join(BY_KEY)}; none named: all.",
        max_length=len(BY_KEY),
    )
    families: tuple[Name, ...] = choice(
        (),
        "Instance families",
        "Families of instance types to look at, such as ml.m5; none named: all.",
        max_length=100,
    )
    arm64: bool = choice(
        False,
        "Container runs on arm64",
        "The container is also built for arm64, so that Graviton types (ml.c6g, ml.m7g and others) may be proposed.",
    )
    max_instances: int = quantity(
        0, "Most instances", "Most instances of one deployment at any time; 0 for no such limit.", ge=0, le=1000
    )
    serverless_concurrency_quota: int = quantity(
        0,
        "Quota of serverless concurrency",
        "MaxConcurrency that the account has left; 0 for no such limit. New accounts may have 10 in all.",
        ge=0,
        le=10_000,
        row="10.5",
    )
    transform_instances_quota: int = quantity(
        0,
        "Quota of transform instances",
        "Instances that transform jobs of the account may use at once; 0 for no such limit. New accounts may have 4.",
        ge=0,
        le=10_000,
        row="10.3",
    )
