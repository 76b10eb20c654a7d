"""report.html: a deployment for people who decide on two pages. It loads nothing from anywhere and runs no script.

Every text of the user's goes through `html.escape`; the picture is drawn here as SVG.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from headroom.advisor.answer import Answer
from headroom.advisor.tell import cost_text, words
from headroom.advisor.world import World
from headroom.deploy.costs import costs_of
from headroom.sharing.exports.deployment_plan import PERCENTILES
from headroom.sharing.exports.export import PlacedDeployment
from headroom.sharing.exports.json_files import made_with
from simulator.patterns.registry import BY_KEY

_STYLE = """
@page { size: A4; margin: 16mm }
body { font: 10pt/1.4 system-ui, sans-serif; color: #1c1c1c; max-width: 46rem; margin: 1rem auto; padding: 0 1rem }
h1 { font-size: 16pt; margin: 0 0 .3rem } h2 { font-size: 11.5pt; margin: 1rem 0 .3rem; break-after: avoid }
table { border-collapse: collapse; width: 100%; font-size: 9pt } tr { break-inside: avoid }
th, td { text-align: left; padding: .15rem .6rem .15rem 0; border-bottom: 1px solid #ddd; vertical-align: top }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums } .lead { font-size: 11.5pt }
svg { width: 100%; height: auto; break-inside: avoid } .link { overflow-wrap: anywhere; font-size: 8pt }
"""
_WIDTH, _BAR, _GAP, _LABEL = 640, 16, 8, 200
_FIRST, _OTHER = "#2f6f9f", "#9db8cc"
_MOST_NOTES = 12


def deployment_report(placed: PlacedDeployment, world: World) -> str:
    """The page: decision, picture, bill, assumptions, link."""
    name = placed.scenario.workload.name
    parts = [
        f"<h1>{escape(name)}</h1>",
        *_decision(placed, world),
        *_picture(placed),
        *_bill(placed, world),
        *_made(placed),
        *_assumptions(placed, world),
    ]
    head = f'<meta charset="utf-8"><title>{escape(name)}</title><style>{_STYLE}</style>'
    body = "\n".join(parts)
    return f'<!doctype html>\n<html lang="en"><head>{head}</head>\n<body>\n{body}\n</body></html>\n'


def _decision(placed: PlacedDeployment, world: World) -> Iterable[str]:
    answer, form = placed.answer, placed.form
    description = BY_KEY[answer.deployment.pattern].description
    verdict = "meets every clause of the requirement" if answer.meets else "does not meet the requirement"
    cost = f"{cost_text.qualifier(answer)}{words.estimate(answer.cost_usd_per_month, words.dollars)}"
    yield (
        f'<p class="lead"><b>{escape(answer.deployment.name)}</b>: {escape(description.title)},'
        f" {escape(description.configuration(answer.deployment))}, in {escape(form.region)}. It {verdict}"
        f" at {escape(cost)} a month.</p>"
    )
    most = costs_of(form, world.prices, world.on)
    yield (
        f"<p>If everything is at its maximum all month, what is billed by the hour costs"
        f" {escape(words.dollars(most.most_usd_per_month))}; requests and data come on top.</p>"
    )
    rows = [[clause.title, clause.limit, clause.value, "met" if clause.met else "broken"] for clause in answer.clauses]
    rows += [[limit.what, limit.allowed, limit.given, "ruled out"] for limit in answer.ruled_out]
    yield from _table("Requirement", ("clause", "limit", "value", ""), rows)


def _picture(placed: PlacedDeployment) -> Iterable[str]:
    answers = (placed.answer, *(other for other in placed.others if other.deployment != placed.answer.deployment))
    costs = [(_label(answer), answer.cost_usd_per_month) for answer in answers]
    bars = [(name, figure.value, words.dollars(figure.value)) for name, figure in costs if figure is not None]
    if bars:
        yield "<h2>Cost of a month</h2>"
        yield _bars(bars)
    figures = [(name, placed.answer.latency_s.get(name)) for name in PERCENTILES]
    latencies = [(name, figure.value, words.seconds(figure.value)) for name, figure in figures if figure is not None]
    limit_s = placed.scenario.requirement.latency_limit_s
    if latencies:
        limit = [("limit", limit_s, words.seconds(limit_s))] if limit_s else []
        yield "<h2>Latency</h2>"
        yield _bars([*latencies, *limit])


def _label(answer: Answer) -> str:
    return f"{answer.deployment.name}{'' if answer.meets else ' (does not meet)'}"


def _bars(bars: Sequence[tuple[str, float, str]]) -> str:
    """Horizontal bars with their names and values; what they show stands in the text of each."""
    largest = max((size for _, size, _ in bars), default=0.0) or 1.0
    height = len(bars) * (_BAR + _GAP)
    drawn = []
    for index, (name, size, said) in enumerate(bars):
        y = index * (_BAR + _GAP)
        length = max(1.0, (_WIDTH - _LABEL - 90) * size / largest)
        text = f'font-size="11" y="{y + 12}"'
        drawn += [
            f'<text x="0" {text}>{escape(name if len(name) <= 34 else name[:33] + "…")}</text>',
            f'<rect x="{_LABEL}" y="{y}" width="{length:.1f}" height="{_BAR}" fill="{_OTHER if index else _FIRST}"/>',
            f'<text x="{_LABEL + length + 6:.1f}" {text}>{escape(said)}</text>',
        ]
    label = escape("; ".join(f"{name}: {said}" for name, _, said in bars), quote=True)
    return f'<svg viewBox="0 0 {_WIDTH} {height}" role="img" aria-label="{label}">{"".join(drawn)}</svg>'


def _bill(placed: PlacedDeployment, world: World) -> Iterable[str]:
    bill = placed.answer.bill
    rows = []
    for line in bill.lines if bill else ():
        amount = words.dollars(line.amount_usd) if line.amount_usd is not None else "no price"
        read_on = "" if line.from_date is None else line.from_date.isoformat()
        rows.append([f"{line.title} {line.dimension}".strip(), cost_text.quantity_times_rate(line), amount, read_on])
    yield from _table("Bill of a month", ("for", "quantity × rate", "USD", "price of"), rows, numbers=(2,))
    needs = costs_of(placed.form, world.prices, world.on).quotas
    quotas = [[need.quota, f"{need.now:g}", f"{need.most:g}"] for need in needs]
    yield from _table("Quotas", ("quota", "now", "at most"), quotas, numbers=(1, 2))


def _made(placed: PlacedDeployment) -> Iterable[str]:
    rows = [[entry.kind.title, entry.name or entry.logical_id, entry.kind.billed] for entry in placed.form.resources]
    yield from _table(f"What is created, plan {placed.form.hash}", ("resource", "name", "billed"), rows)
    if placed.form.open:
        yield f"<p>Still open: {escape(', '.join(placed.form.open))}.</p>"


def _assumptions(placed: PlacedDeployment, world: World) -> Iterable[str]:
    changed = placed.scenario.assumptions.model_dump(exclude_defaults=True)
    sentences = [*placed.form.notes, *placed.answer.warnings]
    sentences += [f"Assumed: {name} = {value:g}" for name, value in changed.items() if isinstance(value, int | float)]
    left = len(sentences) - _MOST_NOTES
    shown = [*sentences[:_MOST_NOTES], *([f"{left} more stand in plan.json."] if left > 0 else [])]
    yield "<h2>Worth knowing</h2>"
    yield f"<ul>{''.join(f'<li>{escape(sentence)}</li>' for sentence in shown)}</ul>"
    made = made_with(world)
    yield (
        f"<p>Simulated with engine {escape(made['engine'])} and prices of {escape(made['prices_as_of'])}. Assumptions"
        " that were not changed are Headroom's defaults, each with its source on the page Prices and assumptions.</p>"
    )
    if placed.link:
        yield f'<p class="link">The scenario: {escape(placed.link)}</p>'


def _table(
    title: str, heads: Sequence[str], rows: Sequence[Sequence[str]], numbers: tuple[int, ...] = ()
) -> Iterable[str]:
    if not rows:
        return

    def cells(tag: str, row: Sequence[str]) -> str:
        kind = [' class="n"' if index in numbers else "" for index in range(len(row))]
        return "".join(f"<{tag}{kind[index]}>{escape(text)}</{tag}>" for index, text in enumerate(row))

    body = "".join(f"<tr>{cells('td', row)}</tr>" for row in rows)
    yield f"<h2>{escape(title)}</h2>"
    yield f"<table><thead><tr>{cells('th', heads)}</tr></thead><tbody>{body}</tbody></table>"
