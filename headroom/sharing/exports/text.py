"""Results for people: tables and sentences as plain text, no wider than WIDTH."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from itertools import zip_longest

from headroom.advisor.answer import Answer, Comparison, Uncertain
from headroom.advisor.search.types import Plan
from headroom.advisor.tell import limit_text, recoveries, words
from headroom.advisor.tell.argument import Argument
from headroom.advisor.world import World
from headroom.sharing.exports.export import DefendedPlan, Export, SimulatedDeployment
from simulator.engine.outcome import FATE_WORDS, Outcome
from simulator.scenario import Scenario

WIDTH = 100


def comparison_text(comparison: Comparison, world: World) -> str:
    """All deployments side by side: the verdict, a table, why, how sure, what is worth knowing."""
    return _joined(
        _title(comparison, world),
        wrapped(clean(comparison.sentence)),
        _side_by_side(comparison),
        _listed("Why", comparison.reasons),
        _sureness(comparison),
        _warnings(comparison.evaluations),
    )


def plan_text(plan: Plan, world: World, argument: Argument) -> str:
    """The decided answer: the choice defended, the winners of all patterns, the efficient set, and what it took."""
    return _joined(
        _title(plan.comparison, world),
        wrapped(clean(argument.choice)),
        wrapped(clean(argument.next_best)),
        _side_by_side(plan.comparison),
        _listed("Why not the others", [one.sentence for one in argument.lost]),
        _listed("How sure", argument.confidence),
        _warnings(plan.comparison.evaluations),
        _efficient(plan),
        _spent(plan),
    )


def _joined(*parts: str) -> str:
    return "\n\n".join(part for part in parts if part) + "\n"


def _title(comparison: Comparison, world: World) -> str:
    scenario = comparison.scenario
    return wrapped(f"{clean(scenario.workload.name)}, {scenario.region}, prices as of {world.on:%d %B %Y}")


def _side_by_side(comparison: Comparison) -> str:
    scenario, best = comparison.scenario, comparison.best
    return table(_heads(scenario), [_row(one, scenario, at == best) for at, one in enumerate(comparison.evaluations)])


def _listed(head: str, sentences: Sequence[str]) -> str:
    return "\n".join([head, *(wrapped(clean(one), "  ") for one in sentences)]) if sentences else ""


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
    return "What is neither dearer nor slower than anything else\n" + table(
        ["Deployment", "Verdict", "$/month", required, "Known"], rows
    )


def _spent(plan: Plan) -> str:
    """How many candidates were looked at; whether that decided it is said with how sure it is."""
    runs = words.counted(plan.simulated, "exact run")
    return wrapped(f"{words.counted(plan.screened, 'candidate')} screened, {runs}.")


def _heads(scenario: Scenario) -> list[str]:
    return ["Deployment", "Verdict", "$/month", "$/million", *_percentiles(scenario), "Errors", "Busy"]


def _percentiles(scenario: Scenario) -> list[str]:
    required = words.percentile(scenario.requirement.latency_percentile)
    return sorted({"p50", "p95", "p99", required}, key=lambda name: float(name[1:]))


def _row(one: Answer, scenario: Scenario, best: bool) -> list[str]:
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


def _cost(one: Answer, estimate: Uncertain | None) -> str:
    """An amount; a lower bound, because a price is missing beside the compute, is marked."""
    if one.unpriced:
        return "not known"
    return ("≥ " if one.at_least else "") + _value(estimate, words.dollars)


def _value(estimate: Uncertain | None, form: words.Format) -> str:
    return "–" if estimate is None else form(estimate.value)


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Columns aligned, numbers to the right; the first column goes on in the next line so that the whole fits WIDTH."""
    cells = [list(heads), *([clean(cell) for cell in row] for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(heads))]
    widths[0] = max(12, min(widths[0], WIDTH - sum(widths[1:]) - 2 * (len(heads) - 1)))
    head, *below = (_lines(row, widths) for row in cells)
    return "\n".join([*head, "─" * len(head[0]), *(line for lines in below for line in lines)])


def _lines(row: Sequence[str], widths: Sequence[int]) -> list[str]:
    first, *more = textwrap.wrap(row[0], widths[0], subsequent_indent="  ") or [""]
    texts = [first.ljust(widths[0]), row[1].ljust(widths[1])]
    numbers = (cell.rjust(width) for cell, width in zip(row[2:], widths[2:], strict=True))
    return ["  ".join([*texts, *numbers]), *more]


def _sureness(comparison: Comparison) -> str:
    """The 95 % intervals over the replications, of what decides."""
    required = words.percentile(comparison.scenario.requirement.latency_percentile)
    rows = [
        [
            one.deployment.name,
            "" if one.outcome is None else words.counted(one.outcome.replications, "run"),
            "–" if one.unpriced else interval(one.cost_usd_per_month, words.dollars),
            interval(one.latency_s.get(required), words.seconds),
            interval(one.error_share, words.share),
        ]
        for one in comparison.evaluations
        if not one.ruled_out
    ]
    if not rows:
        return ""
    return "\n".join(
        [
            "How sure: 95 % intervals over the runs; of a single run from its own parts",
            table(["Deployment", "Runs", "$/month", required, "Errors"], rows),
            *(wrapped(one, "  ") for one in _unknown(comparison.evaluations, required)),
        ]
    )


def _unknown(evaluations: Sequence[Answer], required: str) -> list[str]:
    """Why a number of a single run has no interval."""
    return [
        f"No interval of {what} of {clean(one.deployment.name)}: {estimate.why}."
        for one in evaluations
        for what, estimate in (
            ("the cost", one.cost_usd_per_month),
            (required, one.latency_s.get(required)),
            ("the errors", one.error_share),
        )
        if estimate is not None and estimate.why
    ]


def _numbers(one: Answer) -> str:
    """Every number of one deployment with how sure it is."""
    estimates: dict[str, tuple[Uncertain | None, words.Format]] = {
        "Cost a month": (None if one.unpriced else one.cost_usd_per_month, words.dollars),
        "Per million answered": (None if one.unpriced else one.cost_usd_per_million, words.dollars),
        **{f"{name} latency": (found, words.seconds) for name, found in one.latency_s.items()},
        "Errors": (one.error_share, words.share),
        "Busy": (one.utilisation, words.share),
    }
    rows = [
        [name, words.interval(found, form), form(found.value)]
        for name, (found, form) in estimates.items()
        if found is not None
    ]
    return table(["How sure", "", "Value"], rows)


def interval(estimate: Uncertain | None, form: words.Format) -> str:
    """Like "$87.10 to $88.84", or "0 % in all" where the runs agree in what is shown."""
    if estimate is None or estimate.low is None or estimate.high is None:
        return "–"
    low, high = form(estimate.low), form(estimate.high)
    if low == high:
        return f"{low} in all" if estimate.provenance == "replicated" else low
    return f"{low} to {high}"


def _warnings(evaluations: Sequence[Answer]) -> str:
    """Each warning once, with the deployments that it is about."""
    about: dict[str, list[str]] = {}
    for one in evaluations:
        for warning in one.warnings:
            about.setdefault(warning, []).append(one.deployment.name)
    lines = [wrapped(f"{clean(text)} ({clean('; '.join(names))})", "  ") for text, names in about.items()]
    return "\n".join(["Worth knowing", *lines]) if lines else ""


def evaluation_text(one: Answer, scenario: Scenario) -> str:
    """One deployment: its clauses, fates, and bill."""
    parts = [f"{clean(one.deployment.name)} ({one.deployment.pattern})"]
    if one.ruled_out:
        lines = [limit_text.cited(limit, ": ") for limit in one.ruled_out]
        return "\n".join([*parts, "Ruled out, not simulated:", *(wrapped(clean(line), "  ") for line in lines)]) + "\n"
    parts.append(table(_heads(scenario), [_row(one, scenario, False)]))
    parts.append(_numbers(one))
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


def _bill(one: Answer) -> str:
    assert one.bill is not None
    rows = [
        [
            f"{line.title} {line.dimension}".strip(),
            line.unit,
            words.count(float(line.quantity)),
            words.dollars(line.amount_usd),
            interval(sure, words.dollars),
        ]
        for line, sure in zip_longest(one.bill.lines, one.lines_usd)
    ]
    total = [
        "Total" + ("" if one.bill.complete else ", without what has no price"),
        "",
        "",
        words.dollars(one.bill.total_usd),
        interval(one.cost_usd_per_month, words.dollars),
    ]
    return table(["Bill for a month of 730 h", "Unit", "Quantity", "Amount", "95 % interval"], [*rows, total])


def wrapped(text: str, indent: str = "") -> str:
    """The text in lines no wider than WIDTH."""
    return textwrap.fill(text, WIDTH, initial_indent=indent, subsequent_indent=indent * 2)


def clean(text: str) -> str:
    """The text without control characters, which could drive the terminal."""
    return "".join(char if char.isprintable() else "?" for char in text)


COMPARISON_TEXT = Export(
    key="text",
    title="Comparison (text)",
    of=Comparison,
    file_name="comparison.txt",
    media_type="text/plain",
    write=lambda comparison, world: comparison_text(comparison, world).encode(),
)
PLAN_TEXT = Export(
    key="text",
    title="Plan (text)",
    of=DefendedPlan,
    file_name="plan.txt",
    media_type="text/plain",
    write=lambda defended, world: plan_text(defended.plan, world, defended.argument).encode(),
)
SIMULATION_TEXT = Export(
    key="text",
    title="Deployment (text)",
    of=SimulatedDeployment,
    file_name="deployment.txt",
    media_type="text/plain",
    write=lambda simulated, _: evaluation_text(simulated.evaluation, simulated.scenario).encode(),
)
