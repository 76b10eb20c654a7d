"""Where a scenario comes from: presets and uploaded files; a bad file is explained and loses nothing."""

from __future__ import annotations

import gzip
import time

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from headroom.sharing import link
from headroom.sharing.presets import PRESETS, load_preset
from headroom.sharing.toml_file import write_scenario
from simulator.traffic.kinds import Counts, Timestamps
from tests.headroom.ui.small import LONGEST_S, given, opened, scenario, trouble, words

GOOD = b"t_s,requests\n0,5\n60,7\n120,0\n"
BAD = {
    "text": (b"t_s,requests\n0,5\n60,many\n", "row 3, column requests: given 'many'"),
    "negative": (b"t_s,requests\n0,5\n60,-5\n", "row 3"),
    "empty": (b"", "header"),
    "no time": (b"name\nanna\n", "a time"),
}


def bring(at: AppTest, name: str, data: bytes) -> AppTest:
    """The page after a traffic file was brought and read, by a process of its own."""
    at.file_uploader[0].upload(name, data, "text/csv").run()
    return read_on(at)


def read_on(at: AppTest) -> AppTest:
    deadline = time.monotonic() + LONGEST_S
    while any(button.label.startswith("Stop reading") for button in at.button):
        assert time.monotonic() < deadline, "the file was not read"
        time.sleep(0.2)
        at.run()
    assert trouble(at) == []
    return at


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.key)
def test_a_preset_is_one_click(preset):
    at = opened(scenario(), "settings")
    at.button(f"preset-{preset.key}").click().run()
    assert trouble(at) == []
    assert not at.error
    assert given(at) == link.encode(load_preset(preset.key))
    assert at.session_state["scenario"] == load_preset(preset.key)


@pytest.mark.parametrize("name", ["mine.csv", "mine.csv.gz"])
def test_a_trace_of_counts_becomes_the_traffic(name):
    data = gzip.compress(GOOD) if name.endswith("gz") else GOOD
    at = opened(scenario("Mine"), "settings")
    bring(at, name, data)
    workload = at.session_state["scenario"].workload
    assert workload.traffic == Counts(bin_s=60, requests=(5, 7, 0))
    assert workload.name == "Mine"


def test_a_trace_shorter_than_the_horizon_is_told_at_the_field():
    at = bring(opened(scenario(), "settings"), "mine.csv", GOOD)
    said = [warning.value for warning in at.warning]
    assert any("is shorter than the horizon" in sentence for sentence in said)


def test_a_trace_of_times_becomes_the_traffic():
    at = opened(scenario(), "settings")
    bring(at, "mine.csv", b"t_s\n0.5\n1.5\n")
    assert at.session_state["scenario"].workload.traffic == Timestamps(t_s=(0.5, 1.5))


@pytest.mark.parametrize(("data", "said"), BAD.values(), ids=BAD.keys())
def test_a_bad_trace_is_explained_and_the_scenario_is_kept(data, said):
    at = opened(scenario("Kept"), "settings")
    bring(at, "![x](y).csv", data)
    message = at.error[0].value
    assert "the scenario is unchanged" in message
    assert said in message.replace("\\", "")
    assert "![x]" not in message
    assert at.session_state["scenario"] == scenario("Kept")


def test_what_a_traffic_file_leaves_open_is_asked_and_what_was_understood_is_said():
    at = opened(scenario("Mine"), "settings")
    bring(at, "excel.csv", b"Time,Requests\n11/1/2026 8:00,5\n11/1/2026 8:01,7\n")
    assert at.session_state["scenario"] == scenario("Mine")
    question = next(box for box in at.selectbox if box.label.startswith("Which comes first in the dates"))
    assert question.options == ["the day comes first", "the month comes first"]
    read_on(question.set_value("month-first").run())
    after = at.session_state["scenario"]
    assert after.workload.traffic == Counts(bin_s=60, requests=(5, 7), starts_at_s=28_800)
    assert after.simulation.starts_on == 6
    assert "Read: CSV: 2 minutes, 1-minute bins, 12 requests, peak 0.117 /s Sunday 08:01" in words(at).replace("\\", "")


def test_a_week_of_minutes_fits_into_the_link_and_can_be_kept_exactly():
    rng = np.random.default_rng(1)
    exact = tuple(rng.poisson(100, 7 * 1440).tolist())
    rows = "".join(f"{60 * i},{n}\n" for i, n in enumerate(exact))
    at = bring(opened(scenario("Mine"), "settings"), "week.csv", f"t_s,requests\n{rows}".encode())
    traffic = at.session_state["scenario"].workload.traffic
    assert (len(traffic.requests), sum(traffic.requests)) == (len(exact), sum(exact))
    assert traffic.requests != exact
    assert link.decode(given(at)) == at.session_state["scenario"]
    assert "so that it fits into the link" in words(at)
    assert at.session_state["scenario"].simulation.duration_s == 3600
    at.button("traffic-days").click().run()
    assert at.session_state["scenario"].simulation.duration_s == 7 * 86_400
    at.button("traffic-exact").click().run()
    assert at.session_state["scenario"].workload.traffic.requests == exact
    assert given(at, "k")


def test_a_scenario_file_is_opened():
    at = opened(scenario(), "settings")
    text = write_scenario(load_preset("dashboard"))
    at.file_uploader[1].upload("mine.toml", text.encode(), "application/toml").run()
    assert at.session_state["scenario"] == load_preset("dashboard")


@pytest.mark.parametrize(
    "data", [b"schema = ", b"\xff\xfe", b"schema = 1\nregoin = 'x'\n", b"schema = 1\nregion = nan\n"]
)
def test_a_bad_scenario_file_is_explained(data):
    at = opened(scenario("Kept"), "settings")
    at.file_uploader[1].upload("mine.toml", data, "application/toml").run()
    assert trouble(at) == []
    assert "cannot be used" in at.error[0].value
    assert at.session_state["scenario"] == scenario("Kept")


def test_another_kind_of_traffic_is_one_choice():
    at = opened(scenario(), "settings")
    at.selectbox(f"kind{at.session_state['epoch']}").set_value("bursts").run()
    assert trouble(at) == []
    assert at.session_state["scenario"].workload.traffic.kind == "bursts"
    assert any(widget.label == "Rate while on (1/s)" for widget in at.number_input)


def test_an_unknown_name_is_explained_before_anything_runs():
    odd = scenario().model_copy(update={"region": "atlantis"})
    for page in ("plan", "settings", "timeline", "costs"):
        at = opened(odd, page)
        assert trouble(at) == []
        assert "atlantis" in at.error[0].value
