"""A pattern has a folder, a page and a preset: this names what is missing. test_a_fifth_pattern drives one."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from pricing.keys import BY_KEY as PRICED
from simulator.model.usage import KEYS
from simulator.patterns.registry import BY_KEY, PATTERNS
from simulator.scenario import Scenario

ROOT = Path(__file__).resolve().parents[2]
KEYS_OF_PATTERNS = [pattern.key for pattern in PATTERNS]


@pytest.mark.parametrize("key", KEYS_OF_PATTERNS)
def test_it_has_a_file_a_page_and_a_preset(key):
    assert (ROOT / "simulator" / "patterns" / key / "pattern.py").is_file()
    assert (ROOT / "docs" / "patterns" / f"{key}.md").is_file()
    used = {
        deployment["pattern"]
        for file in (ROOT / "scenarios").glob("*.toml")
        for deployment in tomllib.loads(file.read_text(encoding="utf-8"))["deployments"]
    }
    assert key in used


def test_a_fresh_scenario_compares_every_pattern():
    assert [deployment.pattern for deployment in Scenario().deployments] == KEYS_OF_PATTERNS


def test_every_usage_key_can_be_priced():
    assert set(KEYS) == set(PRICED)


@pytest.mark.parametrize("key", KEYS_OF_PATTERNS)
def test_every_field_has_a_label_and_help(key):
    for name, field in BY_KEY[key].deployment.model_fields.items():
        if name != "pattern":
            assert field.title, name
            assert field.description, name
