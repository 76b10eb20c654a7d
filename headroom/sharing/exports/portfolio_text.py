"""A portfolio for people, as plain text: who runs on what, totals, shared limits, savings plans."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from headroom.advisor.answer import Uncertain
from headroom.advisor.portfolio.savings import Savings
from headroom.advisor.portfolio.shared import SharedLimit
from headroom.advisor.portfolio.totals import Baseline, Choice, Mix, PortfolioPlan
from headroom.advisor.tell import cost_text, limit_text, words
from headroom.advisor.tell.portfolio import cost
from headroom.sharing.exports.export import Export
from headroom.sharing.exports.text import clean, interval, table, wrapped
from simulator.patterns.registry import BY_KEY

NAME_WIDTH = 24


def portfolio_text(plan: PortfolioPlan) -> str:
    """Return the plan of a portfolio as plain text."""
    count = words.counted(len(plan.best.choices), "workload")
    age = cost_text.oldest_price(choice.oldest_price for choice in plan.best.choices)
    parts = [
        wrapped(f"{clean(plan.portfolio.name)}: {count}{age and f', {age}'}"),
        wrapped(clean(plan.sentence)),
        _choices(plan.best),
        _listed("Why", (f"{choice.workload}: {choice.why}" for choice in plan.best.choices)),
        _mappings(plan),
        _own_mapping(plan.fixed),
        _listed("What forbids always-on real-time", _forbidden(plan.always_on)),
        _shared(plan.best.limits, "Shared"),
        _to_do(plan.best.limits),
        *(() if plan.fixed is None else (_shared(plan.fixed.limits, "Shared in your own"), _to_do(plan.fixed.limits))),
        _savings(plan),
        _listed("Worth knowing", _notes(plan)),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _choices(mix: Mix) -> str:
    rows = [_row(choice) for choice in mix.choices]
    lines = [*rows, ["Total", "", "", "", _dollars(mix.total.cost_usd_per_month, mix.total), "", ""]]
    heads = ["Workload", "Verdict", "Pattern", "Deployment", "$/month", "Latency", "Errors"]
    return f"{table(heads, lines)}\n\n{_sureness(mix)}"


def _row(choice: Choice) -> list[str]:
    deployment, latency = choice.deployment, choice.latency_s
    return [
        choice.workload,
        "meets" if choice.meets else "ruled out" if choice.ruled_out or deployment is None else "breaks",
        "none" if deployment is None else BY_KEY[deployment.pattern].title.removesuffix(" endpoint"),
        "none" if deployment is None else _short(deployment.name),
        _dollars(choice.cost_usd_per_month, choice),
        "–" if latency is None else f"{choice.latency_name} {words.seconds(latency.value)}",
        "–" if choice.error_share is None else words.share(choice.error_share.value),
    ]


def _short(name: str) -> str:
    return name if len(name) <= NAME_WIDTH else f"{name[: NAME_WIDTH - 1]}…"


def _dollars(estimate: Uncertain | None, costed: cost_text.Costed) -> str:
    return "not known" if estimate is None else f"{cost_text.sign(costed)}{words.dollars(estimate.value)}"


def _sureness(mix: Mix) -> str:
    """Return a table of the 95 % intervals of each workload's cost and latency, and of the total cost."""
    rows = [
        [
            choice.workload,
            interval(choice.cost_usd_per_month, words.dollars),
            choice.latency_name,
            interval(choice.latency_s, words.seconds),
            "yes" if choice.decided else "not sure",
        ]
        for choice in mix.choices
    ]
    rows.append(["Total", interval(mix.total.cost_usd_per_month, words.dollars), "", "", ""])
    heads = ["Workload", "$/month", "", "Latency", "Decided"]
    return "How sure: 95 % intervals over the runs, added up for the total\n" + table(heads, rows)


def _mappings(plan: PortfolioPlan) -> str:
    usual = plan.always_on.total
    number = len(plan.best.choices)
    rows = [["Each on its best", cost(plan.best.total), f"{plan.best.total.meets} of {number}", ""]]
    if plan.fixed is not None:
        rows.append(["Your own mapping", cost(plan.fixed.total), f"{plan.fixed.total.meets} of {number}", ""])
    dollars = f"{'' if usual.complete else 'at least '}{words.dollars(usual.cost_usd_per_month)}"
    instances = words.counted(usual.instances, "instance")
    rows.append(["Always-on real-time", dollars, "not simulated", f"{instances}, {usual.forbidden} forbidden"])
    return table(["Everything together", "$/month", "Requirements met", ""], rows)


def _own_mapping(fixed: Mix | None) -> str:
    if fixed is None:
        return ""
    heads = ["Your own mapping", "Verdict", "Pattern", "Deployment", "$/month", "Latency", "Errors"]
    return table(heads, [_row(choice) for choice in fixed.choices])


def _forbidden(always_on: Baseline) -> Iterator[str]:
    for part in always_on.total.parts:
        for limit in part.limits:
            yield f"{part.workload} on {part.instance_type}: {limit_text.cited(limit)}"


def _shared(limits: Sequence[SharedLimit], title: str) -> str:
    """Return a table of the shared limits of one mapping."""
    rows = [
        [
            f"{limit.what}, {limit.region}",
            limit.state,
            words.count(limit.configured),
            words.count(limit.used),
            limit.used_at,
            "–" if limit.allowed is None else f"{limit.allowed:,}",
        ]
        for limit in limits
    ]
    return table([title, "", "Configured", "Used at once", "At (UTC)", "Allowed"], rows) if rows else ""


def _to_do(limits: Sequence[SharedLimit]) -> str:
    return _listed("What to do about it", (f"{limit.what}: {limit.todo}" for limit in limits if limit.todo))


def _savings(plan: PortfolioPlan) -> str:
    """Return a table of the savings plans for the best mapping and for always-on, which uses a commitment more
    evenly.
    """
    rows = [_saving(saving, "") for saving in plan.best.savings]
    rows += [_saving(saving, ", always-on") for saving in plan.always_on.savings]
    heads = [
        "Savings plan, USD a month",
        "Commit an hour",
        "On demand",
        "Committed",
        "Covered",
        "Wasted",
        "Rest",
        "Saving",
    ]
    return table(heads, rows) if rows else ""


def _saving(saving: Savings, mapping: str) -> list[str]:
    return [
        f"{saving.plan}{mapping}",
        words.dollars(saving.commitment_usd_per_hour, 4),
        *(
            words.dollars(round(amount, 2))  # what the rounding of the commitment leaves is no amount
            for amount in (
                saving.eligible_usd_per_month,
                saving.committed_usd_per_month,
                saving.covered_usd_per_month,
                saving.wasted_usd_per_month,
                saving.rest_usd_per_month,
                saving.saving_usd_per_month,
            )
        ),
    ]


def _notes(plan: PortfolioPlan) -> Iterator[str]:
    missing, alone = plan.best.total.missing, plan.best.total.without_interval
    if missing:
        yield f"The total leaves out what has no cost: {words.joined(missing)}."
    if alone:
        yield f"Simulated once, so without an interval of its own: {words.joined(alone)}."
    yield from plan.notes
    yield from dict.fromkeys(note for saving in plan.best.savings for note in saving.notes)
    if not plan.best.savings:
        yield "No discount of a savings plan was entered, so nothing is computed of one: none is published here."


def _listed(title: str, lines: Iterable[str]) -> str:
    paragraphs = [wrapped(clean(line), "  ") for line in lines]
    return "\n".join([title, *paragraphs]) if paragraphs else ""


PORTFOLIO_TEXT = Export(
    key="text",
    title="Portfolio (text)",
    kind=PortfolioPlan,
    file_name="portfolio.txt",
    media_type="text/plain",
    write=lambda plan, _: portfolio_text(plan).encode(),
)
