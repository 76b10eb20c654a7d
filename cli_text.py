"""What the command line prints for people: tables and sentences as plain text, no wider than WIDTH."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence

from advisor import recoveries, words
from advisor.evaluation import Comparison, Estimate, Evaluation
from advisor.search.found import Plan
from advisor.world import World
from simulator.outcome import FATE_WORDS, Outcome
from simulator.scenario import Scenario

WIDTH = 100


def comparison_text(comparison: Comparison, world: World) -> str:
    """All deployments side by side: the verdict, a table, why, how sure, what is worth knowing."""
    scenario = comparison.scenario
    best = comparison.best
    rows = [_row(one, scenario, at == best) for at, one in enumerate(comparison.evaluations)]
    why = [wrapped(clean(reason), "  ") for reason in comparison.reasons]
    parts = [
        wrapped(f"{clean(scenario.workload.name)}, {scenario.region}, prices as of {world.on:%d %B %Y}"),
        wrapped(clean(comparison.sentence)),
        table(_heads(scenario), rows),
        "\n".join(["Why", *why]),
        _sureness(comparison),
        _warnings(comparison.evaluations),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def plan_text(plan: Plan, world: World) -> str:
    """The decided answer: the comparison of the winners, the efficient set, and what it took."""
    return f"{comparison_text(plan.comparison, world)}\n{_efficient(plan)}{_spent(plan)}\n"


def _efficient(plan: Plan) -> str:
    """The candidates that nothing else beats in both cost and latency."""
    required = words.percentile(plan.comparison.scenario.requirement.latency_percentile)
    points = [plan.points[at] for at in plan.efficient]
    if len(points) < 2:
        return ""
    rows = [
        [
            one.deployment.name,
            "meets" if one.meets else "too slow",
            words.dollars(one.cost_usd_per_month.value),
            words.seconds(one.latency_s.value if one.latency_s else None),
            "simulated" if one.exact else "screened",
        ]
        for one in points
    ]
    return (
        "What is neither dearer nor slower than anything else\n"
        + table(["Deployment", "Verdict", "$/month", required, "Known"], rows)
        + "\n\n"
    )


def _spent(plan: Plan) -> str:
    """How many candidates were looked at, and whether that decided it."""
    runs = words.counted(plan.simulated, "exact run")
    lead = f"{words.counted(plan.screened, 'candidate')} screened, {runs}."
    if plan.comparison.best is None:
        return wrapped(f"{lead} Nothing meets the requirement.")
    if plan.decided:
        return wrapped(f"{lead} Decided: the best is the best with 95 % confidence.")
    names = [clean(plan.comparison.evaluations[at].deployment.name) for at in plan.ties]
    tied = f"cannot be told from {words.joined(names)}" if names else "is not decided at 95 %"
    return wrapped(f"{lead} Not decided: the best {tied}.")


def _heads(scenario: Scenario) -> list[str]:
    return ["Deployment", "Verdict", "$/month", "$/million", *_percentiles(scenario), "Errors", "Busy"]


def _percentiles(scenario: Scenario) -> list[str]:
    required = words.percentile(scenario.requirement.latency_percentile)
    return sorted({"p50", "p95", "p99", required}, key=lambda name: float(name[1:]))


def _row(one: Evaluation, scenario: Scenario, best: bool) -> list[str]:
    if one.ruled_out:
        return [one.deployment.name, "ruled out", *["–"] * (len(_heads(scenario)) - 2)]
    return [
        one.deployment.name,
        "take this" if best else "meets" if one.meets else "no price" if one.unpriced else "breaks",
        _cost(one, one.cost_usd_per_month),
        _cost(one, one.cost_usd_per_million),
        *(_value(one.latency_s.get(name), words.seconds) for name in _percentiles(scenario)),
        _value(one.error_share, words.share),
        _value(one.utilisation, words.share),
    ]


def _cost(one: Evaluation, estimate: Estimate | None) -> str:
    """An amount; a lower bound, because a price is missing beside the compute, is marked."""
    if one.unpriced:
        return "not known"
    return ("≥ " if one.at_least else "") + _value(estimate, words.dollars)


def _value(estimate: Estimate | None, form: words.Format) -> str:
    return "–" if estimate is None else form(estimate.value)


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Columns aligned, numbers to the right; the first column is cut so that the whole fits WIDTH."""
    cells = [list(heads), *([clean(cell) for cell in row] for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(heads))]
    widths[0] = max(12, min(widths[0], WIDTH - sum(widths[1:]) - 2 * (len(heads) - 1)))
    lines = [_line(row, widths) for row in cells]
    return "\n".join([lines[0], "─" * len(lines[0]), *lines[1:]])


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    first = row[0] if len(row[0]) <= widths[0] else row[0][: widths[0] - 1] + "…"
    texts = [first.ljust(widths[0]), row[1].ljust(widths[1])]
    return "  ".join([*texts, *(cell.rjust(width) for cell, width in zip(row[2:], widths[2:], strict=True))])


def _sureness(comparison: Comparison) -> str:
    """The 95 % intervals over the replications, of what decides."""
    required = words.percentile(comparison.scenario.requirement.latency_percentile)
    rows = [
        [
            one.deployment.name,
            "" if one.outcome is None else words.counted(one.outcome.replications, "run"),
            "–" if one.unpriced else _interval(one.cost_usd_per_month, words.dollars),
            _interval(one.latency_s.get(required), words.seconds),
            _interval(one.error_share, words.share),
        ]
        for one in comparison.evaluations
        if not one.ruled_out
    ]
    if not rows:
        return ""
    return "How sure: 95 % intervals over the runs\n" + table(
        ["Deployment", "Runs", "$/month", required, "Errors"], rows
    )


def _interval(estimate: Estimate | None, form: words.Format) -> str:
    if estimate is None or estimate.low is None or estimate.high is None:
        return "–"
    return f"{form(estimate.low)} to {form(estimate.high)}"


def _warnings(evaluations: Sequence[Evaluation]) -> str:
    """Each warning once, with the deployments that it is about."""
    about: dict[str, list[str]] = {}
    for one in evaluations:
        for warning in one.warnings:
            about.setdefault(warning, []).append(one.deployment.name)
    lines = [wrapped(f"{clean(text)} ({clean(', '.join(names))})", "  ") for text, names in about.items()]
    return "\n".join(["Worth knowing", *lines]) if lines else ""


def evaluation_text(one: Evaluation, scenario: Scenario) -> str:
    """One deployment: its clauses, fates, and bill."""
    parts = [f"{clean(one.deployment.name)} ({one.deployment.pattern})"]
    if one.ruled_out:
        lines = [
            f"{limit.what}: {limit.given}, allowed {limit.allowed}" + (f" (facts row {limit.row})" if limit.row else "")
            for limit in one.ruled_out
        ]
        return "\n".join([*parts, "Ruled out, not simulated:", *(wrapped(clean(line), "  ") for line in lines)]) + "\n"
    parts.append(table(_heads(scenario), [_row(one, scenario, False)]))
    clauses = [[clause.title, "met" if clause.met else "broken", clause.value, clause.limit] for clause in one.clauses]
    parts.append(table(["Requirement", "", "Value", "Limit"], clauses))
    if one.outcome is not None:
        fates = [[FATE_WORDS[fate], "", words.count(number)] for fate, number in one.outcome.fates.items() if number]
        parts.append(table(["Requests", "", f"of {words.count(one.outcome.offered)}"], fates))
        parts.append(_faults(one.outcome, scenario))
    if one.bill is not None:
        parts.append(_bill(one))
    parts.append(_warnings([one]))
    return "\n\n".join(part for part in parts if part) + "\n"


def _faults(outcome: Outcome, scenario: Scenario) -> str:
    """A sentence for each fault that was asked for."""
    said = recoveries.sentences(outcome, scenario.faults, scenario.simulation.starts_on)
    return "\n".join(["Faults", *(wrapped(clean(one), "  ") for one in said)]) if said else ""


def _bill(one: Evaluation) -> str:
    assert one.bill is not None
    rows = [
        [
            f"{line.title} {line.dimension}".strip(),
            line.unit,
            words.count(float(line.quantity)),
            words.dollars(line.amount_usd),
        ]
        for line in one.bill.lines
    ]
    total = [
        "Total" + ("" if one.bill.complete else ", without what has no price"),
        "",
        "",
        words.dollars(one.bill.total_usd),
    ]
    return table(["Bill for a month of 730 h", "Unit", "Quantity", "Amount"], [*rows, total])


def wrapped(text: str, indent: str = "") -> str:
    """The text in lines no wider than WIDTH."""
    return textwrap.fill(text, WIDTH, initial_indent=indent, subsequent_indent=indent * 2)


def clean(text: str) -> str:
    """The text without control characters, which could drive the terminal."""
    return "".join(char if char.isprintable() else "?" for char in text)
