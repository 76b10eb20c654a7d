"""What differs between two candidates: the inputs field by field, and the results, told apart where they can be."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from headroom.advisor import intervals
from headroom.advisor.answer import Answer, Uncertain
from headroom.advisor.tell import words
from simulator.fields import Spec
from simulator.patterns.base import BaseDeployment
from simulator.patterns.registry import BY_KEY

SAME = "the same"
MOST_SHOWN = 6


class Difference(NamedTuple):
    """One line of a comparison of two: what it is, what it is on either side, and how far apart they are."""

    what: str
    left: str
    right: str
    remark: str = ""


def inputs(left: Spec, right: Spec, lead: str = "") -> Iterator[Difference]:
    """The fields that differ, by label; names are no inputs. Parts of different kinds are named by their kind."""
    if type(left) is not type(right):
        yield Difference(lead or "Pattern", _kind(left), _kind(right))
        if isinstance(left, BaseDeployment) and isinstance(right, BaseDeployment):
            yield Difference("Configuration", _configuration(left), _configuration(right))
        return
    for name, field in type(left).model_fields.items():
        left_value, right_value = getattr(left, name), getattr(right, name)
        if left_value == right_value or name == "name":
            continue
        title = f"{lead}: {field.title}" if lead else str(field.title)
        if isinstance(left_value, Spec) and isinstance(right_value, Spec):
            yield from inputs(left_value, right_value, str(field.title))
        else:
            extra = field.json_schema_extra
            unit = str(extra.get("unit", "")) if isinstance(extra, dict) else ""
            yield Difference(f"{title} ({unit})" if unit else title, _text(left_value), _text(right_value))


def results(left: Answer, right: Answer, percentile: str) -> Iterator[Difference]:
    """Verdict, cost, latency at that percentile, errors and utilisation, with the difference seen from the left."""
    yield Difference("Requirement", _verdict(left), _verdict(right), "" if left.meets == right.meets else "differs")
    yield _numbers("Cost a month", left.cost_usd_per_month, right.cost_usd_per_month, words.dollars)
    for name in dict.fromkeys(("p50", percentile)):
        yield _numbers(f"{name} latency", left.latency_s.get(name), right.latency_s.get(name), words.seconds)
    yield _numbers("Without answer", left.error_share, right.error_share, words.share)
    yield _numbers("Utilisation", left.utilisation, right.utilisation, words.share)


def _numbers(title: str, left: Uncertain | None, right: Uncertain | None, form: words.Format) -> Difference:
    return Difference(title, _number(left, form), _number(right, form), _apart(left, right))


def _number(value: Uncertain | None, form: words.Format) -> str:
    return "–" if value is None else words.precise(value, form)


def _apart(left: Uncertain | None, right: Uncertain | None) -> str:
    if left is None or right is None:
        return "" if left is right else "only one side has it"
    if left.value == right.value:
        return SAME
    if intervals.overlap(left, right):
        return "cannot be told apart: the intervals overlap"
    if not left.value:
        return "more on the right"
    ratio = right.value / left.value
    if ratio >= 2:
        return f"{words.count(float(f'{ratio:.3g}'))} times as much on the right"
    return f"{words.share(abs(ratio - 1))} {'more' if ratio > 1 else 'less'} on the right"


def _configuration(deployment: BaseDeployment) -> str:
    return BY_KEY[deployment.pattern].description.configuration(deployment)


def _verdict(answer: Answer) -> str:
    if answer.ruled_out:
        return "ruled out"
    broken = [f"{clause.title} {clause.value}, {clause.limit}" for clause in answer.clauses if not clause.met]
    return "met" if answer.meets else "; ".join(broken) or "a price is missing"


def _kind(value: Any) -> str:
    pattern = getattr(value, "pattern", "")
    if pattern:
        return BY_KEY[pattern].title
    return str(getattr(value, "kind", "on" if isinstance(value, Spec) else "none"))


def _text(value: Any) -> str:
    if value is None or isinstance(value, Spec):
        return _kind(value) if isinstance(value, Spec) else "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return f"{value:,.12g}"
    if isinstance(value, tuple):
        listed = ", ".join(_text(item) for item in value[:MOST_SHOWN])
        return f"{listed} and {len(value) - MOST_SHOWN} more" if len(value) > MOST_SHOWN else listed or "none"
    return str(value)
