"""The scenario and its address: links in, links out, Back, links that are no good."""

from __future__ import annotations

import base64
import json
import zlib

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from headroom.locations import STORE_VARIABLE
from headroom.sharing import link
from headroom.sharing.presets import FIRST_SHOWN, load_preset
from headroom.ui.shell import cached
from headroom.ui.workload.coarser import fitting
from headroom.work.rate_limit import RateLimit
from simulator.traffic.kinds import Counts, Timestamps
from tests.headroom.ui.small import APP, given, opened, put, scenario, trouble, words


def packed(value: object, schema: int = 1) -> str:
    text = base64.urlsafe_b64encode(zlib.compress(json.dumps(value).encode())).rstrip(b"=").decode()
    return f"{schema}.{text}"


def bomb() -> str:
    return "1." + base64.urlsafe_b64encode(zlib.compress(b" " * 3_000_000, 9)).rstrip(b"=").decode()


BAD = {
    "garbage": "garbage",
    "no base64": "1.####",
    "bomb": bomb(),
    "too long": "1." + "A" * 200_000,
    "newer": packed({}, 99),
    "not a number": packed({"workload": {"traffic": {"kind": "constant", "rate_per_s": "many"}}}),
    "negative": packed({"workload": {"traffic": {"kind": "constant", "rate_per_s": -1}}}),
    "unknown key": packed({"wrkload": {}}),
}


def with_link(text: str, name: str = "s") -> AppTest:
    at = AppTest.from_file(APP, default_timeout=60)
    at.query_params[name] = text
    return at.switch_page("pages/costs.py").run()


@pytest.mark.parametrize("text", BAD.values(), ids=BAD.keys())
def test_a_bad_link_is_explained_and_the_app_works_with_the_first_preset(text):
    at = with_link(text)
    assert trouble(at) == []
    assert "The link could not be opened" in at.error[0].value
    assert given(at) == link.encode(load_preset(FIRST_SHOWN))


def test_a_bad_link_keeps_the_scenario_that_was_open():
    at = opened(scenario("Mine"), "costs")
    at.query_params["s"] = "rubbish"
    at.run()
    assert "The link could not be opened" in at.error[0].value
    assert given(at) == link.encode(scenario("Mine"))


def test_the_message_goes_when_the_scenario_changes():
    at = with_link("rubbish")
    at.query_params["s"] = link.encode(scenario("Next"))
    at.run()
    assert not at.error
    assert "Next" in words(at)


def test_an_address_from_elsewhere_wins_as_back_does():
    at = opened(scenario("One"), "costs")
    put(at, scenario("Two"))
    at.query_params["s"] = link.encode(scenario("One"))
    at.run()
    assert at.session_state["scenario"] == scenario("One")


def test_the_link_to_share_is_the_address():
    at = opened(scenario("Shared"), "costs")
    assert f"?s={link.encode(scenario('Shared'))}" in at.code[0].value


def uploaded():
    """A scenario with a trace too long for a link."""
    one = scenario("Long")
    requests = tuple(np.random.default_rng(1).integers(0, 10**6, 20_000).tolist())
    workload = one.workload.model_copy(update={"traffic": Counts(requests=requests, scale=1e-6)})
    return one.model_copy(update={"workload": workload})


def test_what_is_too_large_for_a_link_is_stored_only_on_a_click(links):
    at = opened(scenario(), "costs")
    put(at, uploaded())
    assert "too large for a link" in at.warning[0].value
    assert not {"s", "l"} & set(at.query_params)
    assert not links.exists()
    next(button for button in at.button if button.label.startswith("Store it")).click().run()
    assert not at.warning
    short = given(at, "l")
    assert links.exists()
    elsewhere = with_link(short, "l")
    assert elsewhere.session_state["scenario"] == uploaded()
    assert given(elsewhere, "l") == short


def test_what_is_too_large_for_a_link_stays_through_a_reload():
    at = opened(scenario(), "prices")
    put(at, uploaded())
    assert "reloading brings it back" in at.warning[0].value
    assert at.code == [] or "?k=" not in at.code[0].value
    again = with_link(given(at, "k"), "k")
    assert again.session_state["scenario"] == uploaded()
    assert "reloading brings it back" in again.warning[0].value


def test_what_is_not_kept_any_more_is_explained():
    at = with_link("unknown", "k")
    assert trouble(at) == []
    assert "kept for one tab only" in at.error[0].value


def test_an_unknown_short_link_is_explained(links):
    at = with_link("2345678923", "l")
    assert trouble(at) == []
    assert "not known here" in at.error[0].value


NO_FOLDER = "/dev/null/x/links.sqlite"


def test_where_the_store_cannot_be_made_short_links_say_so_and_everything_else_works(links, monkeypatch):
    monkeypatch.setenv(STORE_VARIABLE, NO_FOLDER)
    at = with_link("2345678923", "l")
    assert trouble(at) == []
    assert "The link could not be opened" in at.error[0].value
    put(at, uploaded())
    next(button for button in at.button if button.label.startswith("Store it")).click().run()
    assert trouble(at) == []
    assert any("Nothing was stored, and nothing is lost" in error.value for error in at.error)
    assert at.session_state["scenario"] == uploaded()
    put(at, scenario("Next"))
    assert not any("Nothing was stored" in error.value for error in at.error)
    assert given(at) == link.encode(scenario("Next"))


def test_a_store_whose_file_is_lost_while_the_server_runs_is_made_again(links):
    at = opened(scenario(), "prices")
    put(at, uploaded())
    next(button for button in at.button if button.label.startswith("Store it")).click().run()
    links.unlink()
    assert "not known here" in with_link(given(at, "l"), "l").error[0].value
    put(at, scenario("Short"))
    next(button for button in at.button if button.key == "short-link").click().run()
    assert with_link(given(at, "l"), "l").session_state["scenario"] == scenario("Short")


def test_a_visitor_who_stores_too_often_is_told_so(links, monkeypatch):
    limit = RateLimit("Short links", of_one=1, of_all=9, window_s=3600)
    monkeypatch.setattr(cached, "_store_limit", lambda: limit)
    at = opened(scenario("One"), "prices")
    next(button for button in at.button if button.key == "short-link").click().run()
    assert not at.error
    put(at, scenario("Two"))
    next(button for button in at.button if button.key == "short-link").click().run()
    assert trouble(at) == []
    assert "are as many as this server makes" in at.error[0].value


def test_a_coarser_trace_fits_and_keeps_its_total():
    at = opened(scenario(), "costs")
    put(at, uploaded())
    next(button for button in at.button if button.label == "Make the trace coarser").click().run()
    assert not at.warning
    traffic = at.session_state["scenario"].workload.traffic
    assert sum(traffic.requests) == sum(uploaded().workload.traffic.requests)
    assert traffic.bin_s > uploaded().workload.traffic.bin_s
    assert given(at) == link.encode(at.session_state["scenario"])


def test_arrival_times_become_counts_when_they_are_made_coarser():
    one = scenario()
    times = tuple(np.sort(np.random.default_rng(2).uniform(0, 86_400, 30_000)).tolist())
    workload = one.workload.model_copy(update={"traffic": Timestamps(t_s=times, scale=2.0)})
    fit = fitting(one.model_copy(update={"workload": workload}))
    assert fit is not None
    found = fit.scenario
    assert found is not None
    assert isinstance(found.workload.traffic, Counts)
    assert sum(found.workload.traffic.requests) == 30_000
    assert found.workload.traffic.scale == 2.0


def test_a_scenario_without_a_trace_of_its_own_cannot_be_made_coarser():
    assert fitting(scenario()) is None
