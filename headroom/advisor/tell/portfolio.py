"""The finding of a portfolio in plain sentences, made only from its numbers."""

from __future__ import annotations

from headroom.advisor.baseline import AlwaysOnTotal
from headroom.advisor.portfolio.savings import Savings
from headroom.advisor.portfolio.totals import Mix, Total
from headroom.advisor.tell import cost_text, limit_text, words


def finding(best: Mix, fixed: Mix | None, always_on: AlwaysOnTotal) -> str:
    """What it costs, against always-on and against the user's own mapping, and what is broken."""
    parts = [
        _lead(best.total),
        _against_always_on(best.total, always_on),
        _against_fixed(best.total, fixed),
        _broken(best),
        _commitment(best),
    ]
    return " ".join(part for part in parts if part)


def cost(total: Total) -> str:
    """The total with its interval; "at least" when something is missing."""
    return f"{cost_text.qualifier(total)}{words.estimate(total.cost_usd_per_month, words.dollars)}"


def best_offer(savings: tuple[Savings, ...]) -> Savings | None:
    """The offer that saves most; None when none saves anything."""
    largest = max(savings, key=lambda saving: saving.saving_usd_per_month, default=None)
    return largest if largest is not None and largest.commitment_usd_per_hour > 0 else None


def commitment(offer: Savings) -> str:
    """What to commit to and what it saves, without the full stop."""
    return (
        f"{offer.plan}: commit {words.dollars(offer.commitment_usd_per_hour, 4)} an hour and save"
        f" {words.dollars(offer.saving_usd_per_month)} a month"
    )


def forbidden(always_on: AlwaysOnTotal) -> str:
    """For which workloads always-on real-time is no choice, and by whose limit; "" when it is for all."""
    return limit_text.forbids((part.workload, part.limits) for part in always_on.parts)


def _lead(total: Total) -> str:
    if total.workloads == 1:
        verdict = ", and its requirement is met." if total.meets else "; its requirement is not met by anything found."
        return f"The workload costs {cost(total)} a month on its best deployment{verdict}"
    number = words.counted(total.workloads, "workload")
    if total.meets == total.workloads:
        return f"Each on its best deployment, the {number} cost {cost(total)} a month, and all requirements are met."
    missed = words.counted(total.workloads - total.meets, "requirement is", "requirements are")
    return f"Each on its best deployment, the {number} cost {cost(total)} a month; {missed} not met by anything found."


def _against_always_on(total: Total, always_on: AlwaysOnTotal) -> str:
    usual_usd, own_usd = always_on.cost_usd_per_month, total.cost_usd_per_month.value
    usual = f"{'' if always_on.complete else 'at least '}{words.dollars(usual_usd)}"
    sentence = f"Everything on always-on real-time endpoints would cost {usual}"
    if always_on.complete and not total.at_least and usual_usd > 0:
        saved = words.dollars(abs(usual_usd - own_usd))
        less = f"{saved} are saved, {words.share((usual_usd - own_usd) / usual_usd)}"
        sentence += f": {less}" if usual_usd > own_usd else f", {saved} less" if usual_usd < own_usd else ", the same"
    return f"{sentence}. {forbidden(always_on)}".rstrip()


def _against_fixed(total: Total, fixed: Mix | None) -> str:
    if fixed is None:
        return ""
    fixed_total, more_usd = fixed.total, fixed.total.cost_usd_per_month.value - total.cost_usd_per_month.value
    compared = ""
    if not fixed_total.at_least and not total.at_least:
        amount = words.dollars(abs(more_usd))
        compared = f", {amount} {'more' if more_usd > 0 else 'less'}" if more_usd else ", the same"
    missed = fixed_total.workloads - fixed_total.meets
    verdict = "meets every requirement" if not missed else f"misses {words.counted(missed, 'requirement')}"
    return f"Your own mapping costs {cost(fixed_total)}{compared}, and {verdict}."


def _broken(best: Mix) -> str:
    broken = [limit for limit in best.limits if limit.state == "broken"]
    if not broken:
        return ""
    named = words.joined([f"{limit.what} in {limit.region}" for limit in broken])
    return f"Together they need more than is allowed: {named}."


def _commitment(best: Mix) -> str:
    offer = best_offer(best.savings)
    if offer is None:
        return "No savings plan offered saves anything: nothing to commit." if best.savings else ""
    return f"{commitment(offer)}."
