"""What a chat program reads of a link: title, description, picture; and a short link that leads into the app."""

from __future__ import annotations

import io
from datetime import date
from urllib.parse import urlencode, urlsplit

import pytest
from PIL import Image

from headroom.locations import STORE_VARIABLE
from headroom.sharing import link, sent_answer
from headroom.sharing.presets import load_preset
from headroom.sharing.sent_answer import SentAnswer, SentPoint
from headroom.sharing.store import Store
from headroom.web import preview_image, shared_link
from simulator.scenario import Scenario
from tests.headroom.web.conftest import get
from tests.headroom.web.test_page_html import Head

EVIL = '"><script>alert(1)</script>'


def evil() -> Scenario:
    api = load_preset("classification-api")
    return api.model_copy(update={"workload": api.workload.model_copy(update={"name": EVIL}), "region": "eu-west-1"})


def answer(of: Scenario, **more) -> SentAnswer:
    points = (
        SentPoint(pattern="serverless", name=f"Serverless {EVIL}", cost_usd=35.6, latency_s=0.243, efficient=True),
        SentPoint(pattern="realtime", name="Real-time, 2", cost_usd=90.0, latency_s=0.1, efficient=True),
        SentPoint(pattern="batch", name="Batch", cost_usd=20.0, latency_s=3600.0, meets=False),
        SentPoint(pattern="asynchronous", name="Async", cost_usd=0.0),
    )
    given = {"of": sent_answer.digest(of), "points": points, "best": 0, "made_on": date(2026, 11, 28)}
    return SentAnswer(**{**given, "engine": "3", "prices": "then", **more})


@pytest.fixture
def store(tmp_path, monkeypatch) -> Store:
    path = tmp_path / "links.sqlite"
    monkeypatch.setenv(STORE_VARIABLE, str(path))
    return Store(path)


def query(**parameters: str) -> str:
    return urlencode(parameters)


def local(address: str, absolute: str) -> str:
    parts = urlsplit(absolute)
    return f"{address}{parts.path}?{parts.query}"


def test_a_link_says_its_answer_and_shows_its_picture(address):
    text = query(s=link.encode(evil()), a=sent_answer.encode(answer(evil())))
    page = get(f"{address}/?{text}")
    head = Head(page.text)
    assert head.title.startswith(f"{EVIL}: take Serverless {EVIL}: $35.60 a month, p95 243 ms (at most 500 ms)")
    assert head.meta["og:title"] == head.title
    assert "Real-time, 2: $90.00 a month" in str(head.meta["og:description"])
    assert "does not meet it" in str(head.meta["og:description"])
    assert "Computed as of 28 November 2026" in str(head.meta["og:description"])
    assert "<script>alert" not in page.text
    assert str(head.meta["og:image"]).startswith(f"{address}/preview.png?")
    picture = get(local(address, str(head.meta["og:image"])))
    assert picture.headers["content-type"] == "image/png"
    assert Image.open(io.BytesIO(picture.body)).size == (preview_image.WIDTH, preview_image.HEIGHT)
    assert len(picture.body) < 100_000


def test_a_short_link_says_the_same_and_leads_into_the_app(address, store):
    id_ = store.put(evil(), sent_answer.encode(answer(evil())))
    page = get(f"{address}/s/{id_}")
    head = Head(page.text)
    assert page.status == 200
    assert "$35.60 a month" in head.title
    assert "<script>alert" not in page.text
    assert f'content="0; url=../?l={id_}"' in page.text
    assert get(local(address, str(head.meta["og:image"]))).headers["content-type"] == "image/png"
    assert Head(get(f"{address}/?l={id_}").text).title == head.title


def test_a_short_link_without_an_answer_is_named_after_its_scenario(address, store):
    id_ = store.put(evil())
    head = Head(get(f"{address}/s/{id_}").text)
    assert head.title == f"{EVIL} · Headroom"
    assert "og:image" not in head.meta
    assert get(f"{address}/preview.png?l={id_}").status == 404


@pytest.mark.parametrize("id_", ["2222222222", "x", "%22%3E%3Cscript%3E", "..", "a" * 3000])
def test_an_unknown_short_link_is_404_and_leads_to_the_app(address, store, id_):
    page = get(f"{address}/s/{id_}")
    assert page.status == 404
    assert "<script>" not in page.text


@pytest.mark.parametrize("parameters", [{"s": "rubbish"}, {"l": "2222222222"}, {"s": "1." + "A" * 9000}, {"p": "x"}])
def test_a_link_that_cannot_be_opened_has_the_title_of_its_page(address, store, parameters):
    assert Head(get(f"{address}/explore?{query(**parameters)}").text).title == "Explore · Headroom"


def test_the_answer_to_another_scenario_is_not_said(address):
    stranger = answer(load_preset("classification-api"))
    text = query(s=link.encode(evil()), a=sent_answer.encode(stranger))
    assert "$35.60" not in get(f"{address}/?{text}").text


def test_reading_makes_no_store(tmp_path, monkeypatch):
    monkeypatch.setenv(STORE_VARIABLE, str(tmp_path / "none" / "links.sqlite"))
    assert shared_link.of({"l": "2222222222"}) is None
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["", "x" * 5000, "one two three " * 200, "名前 🚀 \u202e", EVIL])
def test_every_name_is_drawn(name):
    asked = evil()
    asked = asked.model_copy(update={"workload": asked.workload.model_copy(update={"name": name or "-"})})
    drawn = preview_image.preview(asked, answer(asked))
    assert drawn.startswith(b"\x89PNG")


@pytest.mark.parametrize(
    "points",
    [
        (SentPoint(pattern="batch", name="B", cost_usd=1.0),),
        (SentPoint(pattern="batch", name="B", cost_usd=0.0, latency_s=1.0),),
        (SentPoint(pattern="batch", name="B", cost_usd=1e-9, latency_s=1e-6),) * 2,
        (SentPoint(pattern="realtime", name="R", cost_usd=1e12, latency_s=1e9),),
    ],
)
def test_extreme_figures_are_drawn(points):
    assert preview_image.preview(evil(), answer(evil(), points=points)).startswith(b"\x89PNG")
