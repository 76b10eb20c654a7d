"""Only the server's own names, and pages of its own, are answered."""

from __future__ import annotations

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Route

from headroom.locations import HOSTS_VARIABLE, METRICS_VARIABLE, hostname
from headroom.web.guard import Guard
from headroom.web.settings import Settings, from_environment
from tests.headroom.web.conftest import get, served, streamlit_said


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost:8501", "LOCALHOST", "[::1]:8501", "localhost."])
def test_the_loopback_is_answered_by_every_name(address, host):
    assert get(f"{address}/any", Host=host).status == 200


@pytest.mark.parametrize("host", ["evil.test", "127.0.0.1.evil.test", "localhost@evil.test", "[::1", "", "10.0.0.1"])
def test_another_name_is_refused_and_the_remedy_said(address, host):
    answer = get(f"{address}/any", Host=host)
    assert answer.status == 400
    assert HOSTS_VARIABLE in answer.text
    assert "content-security-policy" in answer.headers


def test_health_is_told_to_a_load_balancer_that_asks_for_an_address(address):
    assert get(f"{address}/_stcore/health", Host="10.0.0.1:8501").status == 200


def test_a_page_of_another_origin_gets_nothing(address):
    assert get(f"{address}/any", Origin="http://evil.test").status == 403
    assert get(f"{address}/any", Origin="null").status == 403


def test_streamlit_does_not_see_the_origin_and_so_asks_nobody_for_its_own_address(address):
    assert get(f"{address}/any", Origin=address).text == "streamlit /any origin None"


def test_metrics_are_answered_only_when_asked_for(address):
    assert get(f"{address}/_stcore/metrics").status == 404


def test_names_and_metrics_are_set_by_the_environment(monkeypatch):
    monkeypatch.setenv(HOSTS_VARIABLE, "plan.example.org, *.Internal.example.org,")
    monkeypatch.setenv(METRICS_VARIABLE, "1")
    settings = from_environment()
    guarded = Starlette(
        routes=[Route("/{path:path}", streamlit_said)], middleware=[Middleware(Guard, settings=settings)]
    )
    with served(guarded) as address:
        assert get(f"{address}/", Host="plan.example.org").status == 200
        assert get(f"{address}/", Host="a.internal.example.org").status == 200
        assert get(f"{address}/", Host="internal.example.org").status == 400
        assert get(f"{address}/", Host="127.0.0.1").status == 200
        # Behind a proxy that gives the server its own name, the browser's origin is the public one.
        assert get(f"{address}/", Origin="https://plan.example.org").status == 200
        assert get(f"{address}/_stcore/metrics").status == 200


def test_the_address_that_it_listens_on_is_a_name_of_the_server():
    assert "10.0.0.5" in from_environment("10.0.0.5").hosts
    assert from_environment(None) == from_environment("127.0.0.1") == Settings()


def test_a_star_allows_any_name():
    guarded = Starlette(
        routes=[Route("/{path:path}", streamlit_said)], middleware=[Middleware(Guard, settings=Settings(hosts=("*",)))]
    )
    with served(guarded) as address:
        assert get(f"{address}/", Host="any.test").status == 200
        assert get(f"{address}/", Host="").status == 400


def test_a_host_is_read_without_port_and_case():
    assert [hostname(url) for url in ("//A.b:1", "https://[::1]:9/x", "//[x", "null", "//a.b.")] == [
        "a.b",
        "::1",
        "",
        "",
        "a.b",
    ]
