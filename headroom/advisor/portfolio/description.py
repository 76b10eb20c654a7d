"""A portfolio: the workloads of one account, and what the account has: quotas and offers of savings plans. Inert.

Like a scenario it is saved, linked, exported and run (`portfolio_file`, `portfolio_link`).
"""

from __future__ import annotations

from typing import Literal

from simulator.fields import Spec, choice, quantity
from simulator.patterns.registry import Deployment
from simulator.scenario import Scenario
from simulator.traffic.kinds import Name

MAX_WORKLOADS = 20
MAX_PLANS = 6

UsageKey = Literal[
    "",
    "hosting_instance_s",
    "async_instance_s",
    "batch_instance_s",
    "serverless_duration_s",
    "serverless_pc_usage_s",
    "serverless_pc_duration_s",
]


class Member(Spec):
    """One workload: its scenario, and the deployment that the user would give it, if any."""

    scenario: Scenario = choice(Scenario(), "Scenario", "The workload and what must hold.")
    fixed: Deployment | None = choice(
        None, "Fixed", "The deployment you would choose; the whole is priced with it too, and held against the best."
    )


class InstanceQuota(Spec):
    """The quota of one instance type."""

    instance_type: Name = choice("ml.m5.xlarge", "Instance type", "The type that the quota is for.", row="10.6")
    used_for: Literal["endpoint", "transform"] = choice(
        "endpoint", "Used for", "Endpoints and transform jobs have quotas of their own for each type."
    )
    most: int = quantity(0, "Quota", "Instances of this type that may run at once.", ge=0, le=100_000, row="10.6")


class Quotas(Spec):
    """What the account may use at once in each Region. 0 means not entered, except in `instance_types`."""

    serverless_concurrency: int = quantity(
        0,
        "Serverless concurrency",
        "Shared by all serverless endpoints of a Region; 0 takes what the guide states for the Region, 1,000 or 500. "
        "New accounts may have 10.",
        ge=0,
        le=10_000,
        row="3.6",
    )
    serverless_endpoints: int = quantity(
        0, "Serverless endpoints", "Endpoints of a Region; 0 takes 50, the guide's number.", ge=0, le=10_000, row="10.4"
    )
    endpoint_instances: int = quantity(
        0,
        "Instances of endpoints",
        "Across all active endpoints; 0 when not known. New accounts may have 4.",
        ge=0,
        le=100_000,
        row="10.2",
    )
    transform_instances: int = quantity(
        0,
        "Instances of transform jobs",
        "Across all transform jobs; 0 when not known. New accounts may have 4.",
        ge=0,
        le=10_000,
        row="10.3",
    )
    instance_types: tuple[InstanceQuota, ...] = choice(
        (), "Quotas of instance types", "Those you know; others are only counted.", max_length=100
    )


class UsageDiscount(Spec):
    """A discount that differs from the plan's, for one kind of usage, one family or one type."""

    usage: UsageKey = choice("", "Usage", "Usage key; empty for every usage that the plan covers.")
    instance: str = choice(
        "", "Type or family", "An instance type or family, such as ml.c5; empty for all.", max_length=60
    )
    discount_percent: float = quantity(0.0, "Discount", "Off the on-demand price.", unit="%", ge=0, le=90, row="13.1")


class SavingsPlan(Spec):
    """An offer of a savings plan with the discounts that the user was quoted: none is published here."""

    name: Name = choice("1 year, no upfront", "Name", "A name for the offer.")
    discount_percent: float = quantity(
        0.0,
        "Discount",
        "Off the on-demand price of all usage that the plan covers; 0 for none but those below. AWS says up to 64.",
        unit="%",
        ge=0,
        le=90,
        row="13.1",
    )
    discounts: tuple[UsageDiscount, ...] = choice(
        (), "Other discounts", "For single kinds of usage; the most specific counts.", max_length=50
    )
    covers_serverless: bool = choice(
        False,
        "Covers serverless",
        "Whether serverless usage is discounted too: the guide speaks of instances only, others include it.",
        row="13.4",
    )

    @property
    def has_rate(self) -> bool:
        """Whether any discount was entered; without one nothing is computed."""
        return self.discount_percent > 0 or any(discount.discount_percent > 0 for discount in self.discounts)


class Portfolio(Spec):
    """Workloads that share an account."""

    name: Name = choice("My portfolio", "Name", "A name for the whole.")
    workloads: tuple[Member, ...] = choice((), "Workloads", "What you have.", max_length=MAX_WORKLOADS)
    quotas: Quotas = choice(Quotas(), "Quotas", "What the account may use at once.")
    savings_plans: tuple[SavingsPlan, ...] = choice(
        (), "Savings plans", "Offers to choose from; each is looked at on its own.", max_length=MAX_PLANS
    )
