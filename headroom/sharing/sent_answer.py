"""The answer within a link: what the sender saw, in some 400 characters, so that the reader sees it at once.

Figures only: the sentence is made here, so that a link cannot put words into Headroom's mouth; names are the sender's,
as in the scenario. Anybody can write such a link. It is shown as sent, until the answer is computed again; nothing is
ever exported or decided from it.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable
from datetime import date
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from headroom.advisor.answer import Answer
from headroom.advisor.search.types import Plan, Point
from headroom.advisor.tell import words
from headroom.advisor.tell.decision import FAR
from headroom.errors import BadLink
from headroom.sharing import link
from headroom.sharing.canonical import document, dumps
from headroom.sharing.schema import difference
from simulator.patterns.registry import BY_KEY
from simulator.scenario import Scenario

MAX_CHARS = 1500
MOST_POINTS = 12
MOST_NAME_CHARS = 80
COST_DIGITS, LATENCY_DIGITS = 6, 4
"""Significant digits, no fewer than are shown."""


def _known_pattern(key: str) -> str:
    if key not in BY_KEY:
        raise ValueError(f"allowed: {', '.join(BY_KEY)}")
    return key


def _printable(name: str) -> str:
    if not name.isprintable():
        raise ValueError("allowed: characters that can be printed")
    return name


_Usd = Annotated[float, Field(ge=0, le=1e12, allow_inf_nan=False)]
_Seconds = Annotated[float, Field(gt=0, le=1e9, allow_inf_nan=False)]
_Version = Annotated[str, Field(pattern=r"^[A-Za-z0-9.+-]{1,40}$")]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class SentPoint(_Strict):
    """One candidate. name: empty for a point of the efficient set that is the best of no pattern. latency_s: of the
    required percentile, None where nothing is answered.
    """

    pattern: Annotated[str, AfterValidator(_known_pattern)] = Field(alias="k")
    name: Annotated[str, Field(max_length=MOST_NAME_CHARS), AfterValidator(_printable)] = Field("", alias="n")
    cost_usd: _Usd = Field(alias="c")
    latency_s: _Seconds | None = Field(None, alias="l")
    meets: bool = Field(True, alias="m")
    efficient: bool = Field(False, alias="f")


class SentAnswer(_Strict):
    """What the sender saw. points: none where every pattern is ruled out. best: index into points, None when nothing
    met the requirement. of: the scenario it is the answer to. engine, prices: the versions that it was computed with,
    on the day made_on.
    """

    of: Annotated[str, Field(pattern=r"^[0-9a-f]{12}$")] = Field(alias="s")
    points: Annotated[tuple[SentPoint, ...], Field(max_length=MOST_POINTS)] = Field((), alias="x")
    best: Annotated[int, Field(ge=0)] | None = Field(None, alias="b")
    made_on: date = Field(alias="d")
    engine: _Version = Field(alias="e")
    prices: _Version = Field(alias="p")

    @model_validator(mode="after")
    def _best_is_a_point(self) -> SentAnswer:
        if self.best is not None and (self.best >= len(self.points) or not self.points[self.best].name):
            raise ValueError("the best must be one of the named points")
        return self

    @property
    def chosen(self) -> SentPoint | None:
        """The point that was taken; None when nothing met the requirement."""
        return None if self.best is None else self.points[self.best]


def encode(answer: SentAnswer) -> str:
    """Return the text of an answer for a link; raises BadLink when it exceeds MAX_CHARS."""
    values = answer.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    text = link.coded(values, "answer")
    if len(text) > MAX_CHARS:
        raise BadLink(f"the answer is too large for a link ({len(text):,} characters, at most {MAX_CHARS:,}).")
    return text


def decode(text: str) -> SentAnswer:
    """Return the answer of a link's text; raises BadLink when it is not one."""
    if len(text) > MAX_CHARS:
        raise BadLink(f"the answer in the link is {len(text):,} characters long, at most {MAX_CHARS:,} are read.")
    _, values = link.uncoded(text)
    try:
        return SentAnswer.model_validate(values)
    except ValidationError as error:
        where = ".".join(str(part) for part in error.errors()[0]["loc"])
        raise BadLink(f"the answer in the link has been altered: {where or 'best'} is not allowed.") from error


def digest(scenario: Scenario) -> str:
    """Return what an answer calls the scenario that it belongs to. The deployments under consideration change no
    answer, nor do fields that come later with their defaults.
    """
    asked = scenario.model_copy(update={"deployments": ()})
    return hashlib.sha256(dumps(difference(document(asked))).encode()).hexdigest()[:12]


def of_plan(scenario: Scenario, plan: Plan, *, made_on: date, engine: str, prices: str) -> SentAnswer:
    """Return what a plan of this scenario says, for a link."""
    bests = _bests(plan)
    points = [_of_answer(plan, answer) for answer in bests]
    known = {answer.deployment for answer in bests}
    steps = [plan.points[index] for index in plan.efficient if plan.points[index].deployment not in known]
    points += [_of_point(point) for point in _spread(steps, MOST_POINTS - len(points))]
    best = None if plan.comparison.best is None else bests.index(plan.comparison.evaluations[plan.comparison.best])
    return SentAnswer(
        of=digest(scenario), points=tuple(points), best=best, made_on=made_on, engine=engine, prices=prices
    )


def headline(answer: SentAnswer, scenario: Scenario) -> str:
    """Return the decision in one line, like "Take Serverless 2 GB: $35.60 a month, p95 243 ms (at most 500 ms)"."""
    point = answer.chosen
    if point is None:
        return "Nothing meets the requirement"
    return f"Take {point.name}: {figures(point, scenario)}"


def figures(point: SentPoint, scenario: Scenario) -> str:
    """Return cost and latency of a point in words."""
    cost = f"{words.dollars(point.cost_usd)} a month"
    if point.latency_s is None:
        return cost
    requirement = scenario.requirement
    limit = f" (at most {words.seconds(requirement.latency_limit_s)})" if requirement.latency_limit_s else ""
    return f"{cost}, {words.percentile(requirement.latency_percentile)} {words.seconds(point.latency_s)}{limit}"


def placed(answer: SentAnswer, limit_s: float) -> list[tuple[SentPoint, float]]:
    """Return the points that have a latency, each with the latency in seconds at which it is drawn: with a limit, none
    is drawn beyond FAR times that.
    """
    most_s = FAR * limit_s if limit_s else math.inf
    return [(point, min(point.latency_s, most_s)) for point in answer.points if point.latency_s is not None]


def steps(points: Iterable[tuple[SentPoint, float]]) -> list[tuple[float, float]]:
    """Return the efficient set of placed points, the cheapest first: cost in USD and latency in seconds."""
    return sorted((point.cost_usd, latency_s) for point, latency_s in points if point.efficient and point.meets)


def as_of(answer: SentAnswer) -> str:
    """Return when an answer was computed, like "as of 28 November 2026"."""
    return f"as of {answer.made_on.day} {answer.made_on:%B %Y}"


def checked(sent: SentAnswer, now: SentAnswer) -> str:
    """Return what computing the answer again has shown: "same", or what changed and why it may have."""
    before, after = _words(sent), _words(now)
    if before == after:
        return "same"
    versions = {"prices": (sent.prices, now.prices), "the engine": (sent.engine, now.engine)}
    newer = [what for what, (then, today) in versions.items() if then != today]
    cause = f"; {words.joined(newer)} of another version" if newer else ""
    name = "" if before[0] == after[0] else f"{before[0]} → {after[0]}, "
    return f"changed: {name}{before[1]} → {after[1]}{cause}"


def _words(answer: SentAnswer) -> tuple[str, str]:
    """Name and cost of what was taken, as they are read."""
    point = answer.chosen
    return ("nothing", "no cost") if point is None else (point.name, words.dollars(point.cost_usd))


def _bests(plan: Plan) -> list[Answer]:
    """The winner, and the first of every other pattern, that have figures."""
    answers = plan.comparison.evaluations
    order = [*([] if plan.comparison.best is None else [answers[plan.comparison.best]]), *answers]
    bests: dict[str, Answer] = {}
    for answer in order:
        if answer.cost_usd_per_month is not None:
            bests.setdefault(answer.deployment.pattern, answer)
    return list(bests.values())


def _of_answer(plan: Plan, answer: Answer) -> SentPoint:
    assert answer.cost_usd_per_month is not None
    percentile = words.percentile(plan.comparison.scenario.requirement.latency_percentile)
    latency = answer.latency_s.get(percentile)
    efficient = any(plan.points[index].deployment == answer.deployment for index in plan.efficient)
    return SentPoint(
        pattern=answer.deployment.pattern,
        name="".join(c if c.isprintable() else "?" for c in answer.deployment.name)[:MOST_NAME_CHARS],
        cost_usd=_rounded(answer.cost_usd_per_month.value, COST_DIGITS),
        latency_s=None if latency is None else _latency_s(latency.value),
        meets=answer.meets,
        efficient=efficient,
    )


def _of_point(point: Point) -> SentPoint:
    return SentPoint(
        pattern=point.deployment.pattern,
        cost_usd=_rounded(point.cost_usd_per_month.value, COST_DIGITS),
        latency_s=None if point.latency_s is None else _latency_s(point.latency_s.value),
        meets=point.meets,
        efficient=True,
    )


def _latency_s(value_s: float) -> float | None:
    return _rounded(value_s, LATENCY_DIGITS) if value_s > 0 else None


def _rounded(value: float, digits: int) -> float:
    return float(f"{value:.{digits}g}")


def _spread(points: list[Point], most: int) -> list[Point]:
    """At most so many of the points, evenly over their order, first and last among them."""
    if len(points) <= most:
        return points
    return [points[round(place * (len(points) - 1) / (most - 1))] for place in range(most)]
