"""A link that carries an answer shows it at once, as sent, then says what computing it again has shown."""

from __future__ import annotations

import time
from datetime import date

from streamlit.testing.v1 import AppTest

from headroom.advisor.tell.decision import FAR
from headroom.sharing import link, sent_answer
from headroom.sharing.presets import load_preset
from headroom.sharing.sent_answer import SentAnswer, SentPoint
from headroom.ui.figures import sent_plane
from headroom.ui.figures.look import Look
from headroom.ui.plan import sent_panel  # noqa: F401 - the part of the page
from headroom.ui.shell import cached, sent  # noqa: F401 - what the session holds of it
from simulator.scenario import Scenario
from simulator.search_space import SearchSpace
from tests.headroom.ui.small import APP, LONGEST_S, heavy, scenario, trouble, words
from tests.headroom.ui.small import given as in_address

EVIL = "[x](http://evil.test) <b>"


def small(rate_per_s: float = 2.0) -> Scenario:
    return scenario(rate_per_s=rate_per_s).model_copy(update={"search": SearchSpace(patterns=("serverless",))})


def answer(of: Scenario, name: str = EVIL, cost_usd: float = 1234.5) -> SentAnswer:
    points = (
        SentPoint(pattern="serverless", name=name, cost_usd=cost_usd, latency_s=0.2, efficient=True),
        SentPoint(pattern="realtime", name="Real-time", cost_usd=2 * cost_usd, latency_s=0.1, efficient=True),
        SentPoint(pattern="batch", name="Batch", cost_usd=1.0, latency_s=3600.0, meets=False),
        SentPoint(pattern="asynchronous", name="Asynchronous", cost_usd=9.0),
    )
    return SentAnswer(
        of=sent_answer.digest(of), points=points, best=0, made_on=date(2026, 11, 28), engine="3", prices="then"
    )


def opened_with(**parameters: str) -> AppTest:
    at = AppTest.from_file(APP, default_timeout=LONGEST_S)
    for name, value in parameters.items():
        at.query_params[name] = value
    return at.run()


def read(at: AppTest) -> str:
    return words(at).replace("\\", "").replace("\u2060", "")


def computed_again(at: AppTest) -> str:
    """What the page says when the search has decided."""
    deadline = time.monotonic() + LONGEST_S
    while "computed again: " not in read(at):
        assert time.monotonic() < deadline, "the answer was not computed again"
        time.sleep(0.2)
        at.run()
    return read(at)


def test_the_answer_is_there_at_once_while_it_is_computed():
    asked = heavy()
    at = opened_with(s=link.encode(asked), a=sent_answer.encode(answer(asked)))
    first = words(at)
    assert "$1,234" in read(at)
    assert "As sent, as of 28 November 2026" in first
    assert "](http" not in first
    assert "<b>" not in first
    assert in_address(at, "a")
    at.button("stop-" + next(key for key in stops(at))).click().run()
    assert trouble(at) == []


def stops(at: AppTest) -> list[str]:
    return [str(button.key).removeprefix("stop-") for button in at.button if str(button.key).startswith("stop-")]


def test_the_answer_is_computed_again_and_the_new_one_is_sent_on():
    asked = small()
    at = opened_with(s=link.encode(asked), a=sent_answer.encode(answer(asked)))
    assert "computed again: changed" in computed_again(at)
    assert "As sent" not in words(at)
    (shared,) = [code.value for code in at.code if "&a=" in code.value]
    again = sent_answer.decode(shared.partition("&a=")[2].partition("&")[0])
    assert again.of == sent_answer.digest(asked)
    assert again.prices == cached.world().prices.version
    assert again.chosen is not None
    assert again.chosen.pattern == "serverless"


def test_the_answer_to_another_scenario_and_one_that_is_cut_are_not_shown():
    given = small()
    other = given.model_copy(update={"region": "eu-west-1"})
    for text in (sent_answer.encode(answer(other)), sent_answer.encode(answer(given))[:-9], "rubbish"):
        at = opened_with(s=link.encode(given), a=text)
        assert "1,234" not in words(at)
        assert "a" not in at.query_params
        assert trouble(at) == []


def test_a_short_link_keeps_the_answer(links):
    asked = small(3.0)
    id_ = cached.store().put(asked, sent_answer.encode(answer(asked)))
    assert cached.store().get(id_) == asked
    assert "as of 28 November 2026" in read(opened_with(l=id_))


def test_the_picture_has_the_points_the_steps_and_the_limit():
    api = load_preset("classification-api")
    drawing = sent_plane.draw(answer(api), api.requirement, Look())
    assert drawing is not None
    drawn = [trace for trace in drawing.figure.data if trace.mode == "markers+text"]
    assert len(drawn) == 3
    assert max(trace.y[0] for trace in drawn) == FAR * api.requirement.latency_limit_s
    assert next(trace.text[0] for trace in drawn) == "<b>Serverless</b>"
    silent = answer(api).model_copy(update={"points": (SentPoint(pattern="batch", name="B", cost_usd=1.0),)})
    assert sent_plane.draw(silent, api.requirement, Look(dark=True)) is None
