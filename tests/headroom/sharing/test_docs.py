from __future__ import annotations

import re
from pathlib import Path

import pytest

from headroom.sharing.link import MAX_LINK_CHARS, MAX_UNPACKED_BYTES, encode
from headroom.sharing.presets import PRESETS, load_preset
from headroom.sharing.toml_file import MAX_CHARS, read_scenario
from simulator.errors import InvalidScenario
from simulator.scenario import Scenario

DOCS = Path(__file__).parents[3] / "docs"
PAGE = (DOCS / "link-and-files.md").read_text(encoding="utf-8")
DECISION = (DOCS / "decisions" / "0003-link-format.md").read_text(encoding="utf-8")
[EXAMPLE] = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)


def test_the_example_is_a_scenario() -> None:
    scenario = read_scenario(EXAMPLE)
    assert scenario.workload.name == "Thumbnails"
    assert [deployment.pattern for deployment in scenario.deployments] == ["serverless", "realtime"]


def test_the_messages_are_those_of_the_program() -> None:
    [shown] = re.findall(r"```text\n(.*?)```", PAGE, re.DOTALL)
    broken = EXAMPLE.replace("request_mb = 2", "request_mb = -2").replace("memory_size_in_mb", "memory_size_mb")
    with pytest.raises(InvalidScenario) as caught:
        read_scenario(broken)
    assert str(caught.value) == shown.strip()


def test_the_limits_are_those_of_the_program() -> None:
    assert f"{MAX_LINK_CHARS:,}" in PAGE
    assert f"{MAX_LINK_CHARS:,} characters" in DECISION
    assert f"{MAX_UNPACKED_BYTES // 1024} KiB" in DECISION
    assert f"{MAX_CHARS // 1_000_000} million characters" in PAGE


def test_the_lengths_of_links_are_about_as_said() -> None:
    lengths = [len(encode(load_preset(preset.key))) for preset in PRESETS]
    assert len(encode(Scenario())) == 16
    assert min(lengths) >= 500
    assert max(lengths) <= 1000
