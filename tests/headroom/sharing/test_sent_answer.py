"""The answer within a link: small, strict, about figures only, and never more than what was sent."""

from __future__ import annotations

import json
import string
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headroom.advisor.search.planner import plan
from headroom.errors import BadLink
from headroom.sharing import link
from headroom.sharing.presets import load_preset
from headroom.sharing.sent_answer import (
    MAX_CHARS,
    MOST_NAME_CHARS,
    MOST_POINTS,
    SentAnswer,
    SentPoint,
    as_of,
    checked,
    decode,
    digest,
    encode,
    figures,
    headline,
    of_plan,
)
from simulator.patterns.registry import BY_KEY
from tests.headroom.advisor.search.small import WORLD, scenario
from tests.strategies import scenarios

DAY = date(2026, 11, 28)
PRINTABLE = st.text(max_size=MOST_NAME_CHARS).filter(str.isprintable)


@st.composite
def points(draw, name=PRINTABLE) -> SentPoint:
    return SentPoint(
        pattern=draw(st.sampled_from(sorted(BY_KEY))),
        name=draw(name),
        cost_usd=draw(st.floats(0, 1e12)),
        latency_s=draw(st.none() | st.floats(1e-6, 1e9)),
        meets=draw(st.booleans()),
        efficient=draw(st.booleans()),
    )


@st.composite
def answers(draw) -> SentAnswer:
    sent = tuple(draw(st.lists(points(), min_size=1, max_size=6)))
    named = [index for index, point in enumerate(sent) if point.name]
    return SentAnswer(
        of=draw(st.text("0123456789abcdef", min_size=12, max_size=12)),
        points=sent,
        best=draw(st.sampled_from([None, *named])),
        made_on=draw(st.dates()),
        engine="3",
        prices="15e17e05c624",
    )


def small(**more) -> SentAnswer:
    best = SentPoint(pattern="realtime", name="Real-time, 2 x ml.m5.large", cost_usd=412.04, latency_s=0.2123)
    given = {"of": "0" * 12, "points": (best,), "best": 0, "made_on": DAY, "engine": "3", "prices": "a"}
    return SentAnswer(**{**given, **more})


@given(answers())
def test_a_link_gives_the_answer_back(answer):
    try:
        text = encode(answer)
    except BadLink:
        return  # names of characters that do not pack
    assert decode(text) == answer
    assert len(text) <= MAX_CHARS
    assert set(text) <= set(string.ascii_letters + string.digits + "-_.")


@given(st.text(string.ascii_letters + string.digits + "-_.=%", max_size=400) | st.text(max_size=100))
def test_rubbish_is_refused(text):
    with pytest.raises(BadLink):
        decode(text)


@given(answers(), st.data())
def test_an_altered_link_is_refused_or_another_answer(answer, data):
    text = encode(small(made_on=answer.made_on))
    place = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.sampled_from(string.ascii_letters + string.digits))
    try:
        decode(text[:place] + other + text[place + 1 :])
    except BadLink as error:
        assert str(error)  # noqa: PT017 - the message is what is shown


@pytest.mark.parametrize(
    "change",
    [
        {"x": []},
        {"x": [{"k": "realtime", "n": "a", "c": 1.0}] * (MOST_POINTS + 1)},
        {"x": [{"k": "lambda", "n": "a", "c": 1.0}]},
        {"x": [{"k": "realtime", "n": "a", "c": -1.0}]},
        {"x": [{"k": "realtime", "n": "a", "c": 1e13}]},
        {"x": [{"k": "realtime", "n": "a" * (MOST_NAME_CHARS + 1), "c": 1.0}]},
        {"x": [{"k": "realtime", "n": "a\u202eb", "c": 1.0}]},
        {"x": [{"k": "realtime", "n": "a\nb", "c": 1.0}]},
        {"x": [{"k": "realtime", "n": "", "c": 1.0}]},
        {"b": 7},
        {"b": -1},
        {"d": "yesterday"},
        {"e": "<b>"},
        {"s": "xyz"},
        {"html": "<script>"},
    ],
)
def test_what_is_no_answer_is_refused(change):
    values = json.loads(small().model_dump_json(by_alias=True, exclude_defaults=True)) | change
    with pytest.raises(BadLink):
        decode(link.coded(values, "answer"))


def test_a_bomb_is_refused():
    with pytest.raises(BadLink):
        decode(link.coded({"x": ["a" * 100_000]}, "answer"))
    with pytest.raises(BadLink):
        decode("1." + "A" * (MAX_CHARS + 1))


@given(scenarios(), scenarios())
def test_an_answer_belongs_to_one_scenario_whatever_deployments_it_has(one, other):
    bare, other_bare = (asked.model_copy(update={"deployments": ()}) for asked in (one, other))
    assert digest(one) == digest(bare)
    assert (digest(one) == digest(other)) == (bare == other_bare)


def test_the_sentence_is_made_here_from_figures():
    api = load_preset("classification-api")
    assert headline(small(), api) == "Take Real-time, 2 x ml.m5.large: $412.04 a month, p95 212 ms (at most 500 ms)"
    assert headline(small(best=None), api) == "Nothing meets the requirement"
    silent = SentPoint(pattern="batch", name="B", cost_usd=3.0)
    assert figures(silent, api) == "$3.00 a month"
    assert as_of(small()) == "as of 28 November 2026"


def test_an_answer_computed_again_is_the_same_or_says_what_changed():
    dearer = SentPoint(pattern="realtime", name="Real-time, 2 x ml.m5.large", cost_usd=413.96, latency_s=0.2)
    other = SentPoint(pattern="serverless", name="Serverless", cost_usd=500.0)
    rise, swap = "changed: $412.04 → $413.96", "changed: Real-time, 2 x ml.m5.large → "
    assert checked(small(), small(made_on=date(2027, 1, 1), prices="b")) == "same"
    assert checked(small(), small(points=(dearer,))) == rise
    assert checked(small(), small(points=(dearer,), prices="b")) == f"{rise}; prices of another version"
    assert checked(small(), small(points=(other,), engine="4", prices="b")) == (
        f"{swap}Serverless, $412.04 → $500.00; prices and the engine of another version"
    )
    assert checked(small(), small(best=None)) == f"{swap}nothing, $412.04 → no cost"


@pytest.fixture(scope="module")
def planned():
    asked = scenario({}, {"patterns": ("realtime", "serverless"), "families": ("ml.c5",)})
    return asked, plan(asked, WORLD)


def test_a_plan_says_its_winner_the_best_of_each_pattern_and_the_efficient_set(planned):
    asked, found = planned
    sent = of_plan(asked, found, made_on=DAY, engine="3", prices="a")
    best = found.comparison.evaluations[found.comparison.best]
    assert sent.chosen is not None
    assert sent.of == digest(asked)
    assert sent.chosen.name == best.deployment.name
    assert sent.chosen.cost_usd == pytest.approx(best.cost_usd_per_month.value, rel=1e-5)
    named = [point for point in sent.points if point.name]
    assert {point.pattern for point in named} == {answer.deployment.pattern for answer in found.comparison.evaluations}
    assert len(named) == len({point.pattern for point in named})
    assert all(point.efficient for point in sent.points if not point.name)
    assert len(encode(sent)) < 700


def test_where_every_pattern_is_ruled_out_the_answer_is_that_nothing_meets():
    asked = scenario({}, {"patterns": ("serverless",)}, image_mb=12_000.0)
    sent = of_plan(asked, plan(asked, WORLD), made_on=DAY, engine="3", prices="a")
    assert not sent.points
    assert decode(encode(sent)) == sent
    assert headline(sent, asked) == "Nothing meets the requirement"
    assert checked(sent, sent) == "same"
