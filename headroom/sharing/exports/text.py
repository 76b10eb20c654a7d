"""Results for people: tables and sentences as plain text, no wider than WIDTH."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from itertools import zip_longest

from headroom.advisor.answer import Answer, Comparison, Uncertain
from headroom.advisor.search.types import Plan
from headroom.advisor.tell import cost_text, explain, limit_text, recoveries, words
from headroom.advisor.tell.argument import Argument
from headroom.advisor.tell.notes import Note, folded, notes
from headroom.sharing.exports.export import DefendedPlan, Export, SimulatedDeployment
from simulator.engine.outcome import FATE_WORDS, Outcome
from simulator.scenario import Scenario

WIDTH = 100


def comparison_text(comparison: Comparison) -> str:
    """Return the deployments side by side as plain text: verdict, table, reasons, intervals and warnings."""
    return _sections(
        _title(comparison),
        wrapped(clean(comparison.sentence)),
        _side_by_side(comparison),
        _listed("Why", comparison.reasons),
        _sureness(comparison),
        _worth_knowing(notes(comparison)),
    )


def plan_text(plan: Plan, argument: Argument) -> str:
    """Return a plan as plain text: the choice and its defence, the best of each pattern, the efficient set, the work
    done.
    """
    return _sections(
        _title(plan.comparison),
        wrapped(clean(argument.choice)),
        wrapped(clean(argument.next_best)),
        _side_by_side(plan.comparison),
        _listed("Why not the others", [loss.sentence for loss in argument.lost]),
        _listed("How sure", argument.confidence),
        _worth_knowing(notes(plan.comparison)),
        _efficient(plan),
        _spent(plan),
    )


def _sections(*parts: str) -> str:
    return "\n\n".join(part for part in parts if part) + "\n"


def _title(comparison: Comparison) -> str:
    scenario = comparison.scenario
    age = cost_text.oldest_of(comparison.evaluations)
    return wrapped(f"{clean(scenario.workload.name)}, {scenario.region}{age and f', {age}'}")


def _side_by_side(comparison: Comparison) -> str:
    scenario, best = comparison.scenario, comparison.best
    return table(
        _heads(scenario), [_row(answer, scenario, index == best) for index, answer in enumerate(comparison.evaluations)]
    )


def _listed(head: str, sentences: Sequence[str]) -> str:
    return "\n".join([head, *(wrapped(clean(sentence), "  ") for sentence in sentences)]) if sentences else ""


def _efficient(plan: Plan) -> str:
    """Return a table of the candidates that no other beats in both cost and latency."""
    required = words.percentile(plan.comparison.scenario.requirement.latency_percentile)
    points = [plan.points[index] for index in plan.efficient]
    if len(points) < 2:
        return ""
    rows = [
        [
            point.deployment.name,
            "meets" if point.meets else "too slow",
            words.dollars(point.cost_usd_per_month.value),
            words.seconds(point.latency_s.value if point.latency_s else None),
            "simulated" if point.exact else "screened",
        ]
        for point in points
    ]
    return "What is neither dearer nor slower than anything else\n" + table(
        ["Deployment", "Verdict", "$/month", required, "Known"], rows
    )


def _spent(plan: Plan) -> str:
    """Return how many candidates were screened and how many were simulated."""
    runs = words.counted(plan.simulated, "exact run")
    return wrapped(f"{words.counted(plan.screened, 'candidate')} screened, {runs}.")


def _heads(scenario: Scenario) -> list[str]:
    return ["Deployment", "Verdict", "$/month", "$/million", *_percentiles(scenario), "Errors", "Busy"]


def _percentiles(scenario: Scenario) -> list[str]:
    required = words.percentile(scenario.requirement.latency_percentile)
    return sorted({"p50", "p95", "p99", required}, key=lambda name: float(name[1:]))


def _row(answer: Answer, scenario: Scenario, best: bool) -> list[str]:
    if answer.ruled_out:
        return [answer.deployment.name, "ruled out", *["–"] * (len(_heads(scenario)) - 2)]
    return [
        answer.deployment.name,
        "take this" if best else "meets" if answer.meets else "no price" if answer.unpriced else "breaks",
        _cost(answer, answer.cost_usd_per_month),
        _cost(answer, answer.cost_usd_per_million),
        *(_value(answer.latency_s.get(name), words.seconds) for name in _percentiles(scenario)),
        _value(answer.error_share, words.share),
        _value(answer.utilisation, words.share),
    ]


def _cost(answer: Answer, estimate: Uncertain | None) -> str:
    """Return a cost as text, marked with ≥ when a price other than compute is missing, so that it is a lower bound."""
    if answer.unpriced:
        return "not known"
    return cost_text.sign(answer) + _value(estimate, words.dollars)


def _value(estimate: Uncertain | None, form: words.Format) -> str:
    return "–" if estimate is None else form(estimate.value)


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return rows as aligned text, numbers to the right. The first column is wrapped so that no line is wider than
    WIDTH.
    """
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
    """Return a table of the 95 % intervals of the numbers that decide: cost, required latency and errors."""
    required = words.percentile(comparison.scenario.requirement.latency_percentile)
    rows = [
        [
            answer.deployment.name,
            "" if answer.outcome is None else words.counted(answer.outcome.replications, "run"),
            "–" if answer.unpriced else interval(answer.cost_usd_per_month, words.dollars),
            interval(answer.latency_s.get(required), words.seconds),
            interval(answer.error_share, words.share),
        ]
        for answer in comparison.evaluations
        if not answer.ruled_out
    ]
    if not rows:
        return ""
    return "\n".join(
        [
            "How sure: 95 % intervals over the runs; of a single run from its own parts",
            table(["Deployment", "Runs", "$/month", required, "Errors"], rows),
            *(wrapped(sentence, "  ") for sentence in _unknown(comparison.evaluations, required)),
        ]
    )


def _unknown(evaluations: Sequence[Answer], required: str) -> list[str]:
    """Return one sentence for each reason why numbers have no interval, with the numbers of each deployment."""
    without: dict[str, list[str]] = {}
    for answer in evaluations:
        figures = {
            "cost": answer.cost_usd_per_month,
            required: answer.latency_s.get(required),
            "errors": answer.error_share,
        }
        of_reason: dict[str, list[str]] = {}
        for name, estimate in figures.items():
            if estimate is not None and estimate.why:
                of_reason.setdefault(estimate.why, []).append(name)
        for why, names in of_reason.items():
            without.setdefault(why, []).append(f"{words.joined(names)} of {clean(answer.deployment.name)}")
    return [f"No interval, because {why}: {'; '.join(those)}." for why, those in without.items()]


def _numbers(answer: Answer) -> str:
    """Return a table of every number of one deployment with its interval."""
    estimates: dict[str, tuple[Uncertain | None, words.Format]] = {
        "Cost a month": (None if answer.unpriced else answer.cost_usd_per_month, words.dollars),
        "Per million answered": (None if answer.unpriced else answer.cost_usd_per_million, words.dollars),
        **{f"{name} latency": (estimate, words.seconds) for name, estimate in answer.latency_s.items()},
        "Errors": (answer.error_share, words.share),
        "Busy": (answer.utilisation, words.share),
    }
    rows = [
        [name, words.interval(estimate, form), form(estimate.value)]
        for name, (estimate, form) in estimates.items()
        if estimate is not None
    ]
    return table(["How sure", "", "Value"], rows)


def interval(estimate: Uncertain | None, form: words.Format) -> str:
    """Return an interval as "$87.10 to $88.84", or "0 % in all" where all replications agree in the digits shown."""
    if estimate is None or estimate.low is None or estimate.high is None:
        return "–"
    low, high = form(estimate.low), form(estimate.high)
    if low == high:
        return f"{low} in all" if estimate.provenance == "replicated" else low
    return f"{low} to {high}"


def _worth_knowing(all_notes: Iterable[Note]) -> str:
    """Return each note once, with the names of the deployments that it concerns."""
    return _listed("Worth knowing", [note.text for note in all_notes])


def evaluation_text(answer: Answer, scenario: Scenario) -> str:
    """Return the answer of one deployment as plain text: verdict, clauses, fates of requests and bill."""
    parts = [f"{clean(answer.deployment.name)} ({answer.deployment.pattern})"]
    if answer.ruled_out:
        lines = [limit_text.cited(limit, ": ") for limit in answer.ruled_out]
        return "\n".join([*parts, "Ruled out, not simulated:", *(wrapped(clean(line), "  ") for line in lines)]) + "\n"
    parts.append(wrapped(clean(explain.alone(scenario, answer))))
    parts.append(table(_heads(scenario), [_row(answer, scenario, False)]))
    parts.append(_numbers(answer))
    clauses = [
        [clause.title, "met" if clause.met else "broken", clause.value, clause.limit] for clause in answer.clauses
    ]
    parts.append(table(["Requirement", "", "Value", "Limit"], clauses))
    if answer.outcome is not None:
        fates = [[FATE_WORDS[fate], "", words.count(number)] for fate, number in answer.outcome.fates.items() if number]
        parts.append(table(["Requests", "", f"of {words.count(answer.outcome.offered)}"], fates))
        parts.append(_faults(answer.outcome, scenario))
    if answer.bill is not None:
        parts.append(_bill(answer))
    parts.append(_worth_knowing(folded([answer])))
    return "\n\n".join(part for part in parts if part) + "\n"


def _faults(outcome: Outcome, scenario: Scenario) -> str:
    """Return a sentence for each fault that the scenario asks for."""
    sentences = recoveries.sentences(outcome, scenario.faults, scenario.simulation.starts_on)
    return "\n".join(["Faults", *(wrapped(clean(sentence), "  ") for sentence in sentences)]) if sentences else ""


def _bill(answer: Answer) -> str:
    assert answer.bill is not None
    rows = [
        [
            f"{line.title} {line.dimension}".strip(),
            cost_text.quantity_times_rate(line),
            words.dollars(line.amount_usd),
            interval(sure, words.dollars),
        ]
        for line, sure in zip_longest(answer.bill.lines, answer.lines_usd)
    ]
    total = [
        "Total"
        + ("" if answer.bill.complete else ", without what has no price")
        + (", some of it at estimated prices" if answer.price_estimated else ""),
        "",
        words.dollars(answer.bill.total_usd),
        interval(answer.cost_usd_per_month, words.dollars),
    ]
    return table(["Bill for a month of 730 h", "Quantity × rate", "Amount", "95 % interval"], [*rows, total])


def wrapped(text: str, indent: str = "") -> str:
    """Return the text broken into lines no wider than WIDTH."""
    return textwrap.fill(text, WIDTH, initial_indent=indent, subsequent_indent=indent * 2)


def clean(text: str) -> str:
    """Return the text without control characters, which could drive the terminal."""
    return "".join(char if char.isprintable() else "?" for char in text)


COMPARISON_TEXT = Export(
    key="text",
    title="Comparison (text)",
    kind=Comparison,
    file_name="comparison.txt",
    media_type="text/plain",
    write=lambda comparison, _: comparison_text(comparison).encode(),
)
PLAN_TEXT = Export(
    key="text",
    title="Plan (text)",
    kind=DefendedPlan,
    file_name="plan.txt",
    media_type="text/plain",
    write=lambda defended, _: plan_text(defended.plan, defended.argument).encode(),
)
SIMULATION_TEXT = Export(
    key="text",
    title="Deployment (text)",
    kind=SimulatedDeployment,
    file_name="deployment.txt",
    media_type="text/plain",
    write=lambda simulated, _: evaluation_text(simulated.evaluation, simulated.scenario).encode(),
)
