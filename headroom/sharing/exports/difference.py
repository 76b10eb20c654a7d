"""What changes between two deployments, as a table for a pull request: cost, latency, errors, quotas, resources."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from headroom.advisor.answer import Uncertain
from headroom.advisor.tell import words
from headroom.advisor.world import World
from headroom.deploy.costs import costs_of
from headroom.deploy.form import Form
from headroom.deploy.names import canonical
from headroom.sharing.exports.export import PlacedDeployment
from headroom.sharing.exports.text import clean
from simulator.patterns.registry import BY_KEY

HEADS = ("", "before", "after", "change")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: what, its text before and after, and the change in words, "" where there is none."""

    what: str
    before: str
    after: str
    change: str = ""


def differences(before: PlacedDeployment, after: PlacedDeployment, world: World) -> tuple[Row, ...]:
    """The lines of the table. Figures that are equal stand there too: that nothing changes is worth knowing."""
    return tuple(_rows(before, after, world))


def difference_text(rows: tuple[Row, ...]) -> str:
    """A line for each row, for a terminal: what, and before and after where these differ."""
    return "".join(f"{clean(_in_words(row))}\n" for row in rows)


def _in_words(row: Row) -> str:
    if row.before == row.after and not row.change:
        return f"{row.what}: {row.after}"
    change = f" ({row.change})" if row.change else ""
    return f"{row.what}: {row.before or 'nothing'} -> {row.after or 'nothing'}{change}"


def difference_markdown(rows: tuple[Row, ...]) -> str:
    """The table as Markdown, in which nothing of the user's is a link, a mention, HTML or another column."""
    lines = [f"| {' | '.join(HEADS)} |", "|---|---|---|---|"]
    lines += [f"| {' | '.join(map(plain, (row.what, row.before, row.after, row.change)))} |" for row in rows]
    return "\n".join(lines) + "\n"


def plain(text: str) -> str:
    """A text that Markdown shows as it is."""
    return re.sub(r"([\\`*_{}\[\]<>()#+!|~@:&])", lambda found: f"&#{ord(found[1])};", clean(text).replace("\n", " "))


def _rows(before: PlacedDeployment, after: PlacedDeployment, world: World) -> Iterator[Row]:
    pair = (before, after)
    yield _said("deployment", *(_named(placed) for placed in pair))
    yield _said("meets the requirement", *("yes" if placed.answer.meets else "no" for placed in pair))
    yield _figure("cost a month", [placed.answer.cost_usd_per_month for placed in pair], words.dollars)
    most = [costs_of(placed.form, world.prices, world.on) for placed in pair]
    ceilings = [costs.most_usd_per_month for costs in most]
    yield _numbers("at its maximum, a month", ceilings[0], ceilings[1], words.dollars)
    for name in dict.fromkeys(("p50", "p99", f"p{after.scenario.requirement.latency_percentile:g}")):
        yield _figure(f"{name} latency", [placed.answer.latency_s.get(name) for placed in pair], words.seconds)
    yield _figure("errors", [placed.answer.error_share for placed in pair], words.share)
    quotas = [{need.quota: need.most for need in costs.quotas} for costs in most]
    for quota in dict.fromkeys((*quotas[0], *quotas[1])):
        yield _said(f"quota: {quota}", *(f"{needed.get(quota, 0):g}" for needed in quotas))
    yield from _resources(before.form, after.form)


def _named(placed: PlacedDeployment) -> str:
    description = BY_KEY[placed.answer.deployment.pattern].description
    return f"{description.short}, {description.configuration(placed.answer.deployment)}"


def _said(what: str, before: str, after: str) -> Row:
    return Row(what, before, after, "" if before == after else "changed")


def _figure(what: str, figures: list[Uncertain | None], form: words.Format) -> Row:
    """Means with their intervals; the change of a mean is told only where the intervals lie apart."""
    before, after = figures
    said = words.estimate(before, form), words.estimate(after, form)
    if before is None or after is None or before.value == after.value:
        return Row(what, *said)
    change = f"{(after.value / before.value - 1) * 100:+.0f} %" if before.value else "from nothing"
    return Row(what, *said, change if _apart(before, after) else f"{change}, within chance")


def _apart(before: Uncertain, after: Uncertain) -> bool:
    if before.low is None or before.high is None or after.low is None or after.high is None:
        return True
    return before.high < after.low or after.high < before.low


def _numbers(what: str, before: float, after: float, form: words.Format) -> Row:
    change = "" if before == after else f"{(after / before - 1) * 100:+.0f} %" if before else "from nothing"
    return Row(what, form(before), form(after), change)


def _resources(before: Form, after: Form) -> Iterator[Row]:
    """Resources that come, go, change, or are replaced because they cannot be changed."""
    old, new = _by_id(before), _by_id(after)
    for logical_id in dict.fromkeys((*old, *new)):
        was, is_now = old.get(logical_id), new.get(logical_id)
        if was is None or is_now is None:
            names = (was[0] if was else "", is_now[0] if is_now else "")
            yield Row(f"resource {logical_id}", *names, "removed" if was else "new")
        elif was[0] != is_now[0]:
            yield Row(f"resource {logical_id}", was[0], is_now[0], "replaced")
        elif was[1] != is_now[1]:
            yield Row(f"resource {logical_id}", was[0], is_now[0], "changed")


def _by_id(form: Form) -> Mapping[str, tuple[str, object]]:
    """Name and content of each resource; tags aside, which name the plan."""
    return {
        entry.logical_id: (
            entry.name or entry.logical_id,
            canonical({key: value for key, value in entry.parameters.items() if key not in ("Tags", "ResourceTags")}),
        )
        for entry in form.resources
    }
