"""Packaged models by name, a user's own config.json, and measured points; bad files say what is wrong."""

from __future__ import annotations

import json

import pytest

from headroom.sharing.language_models import (
    allowed_models,
    load_library,
    nearest_model,
    packaged_model,
    read_config,
    read_measured,
)
from simulator.errors import InvalidScenario
from tests.simulator.llm.test_models import SMALL

LIBRARY = load_library()
POINT = "concurrency = 4\ninput_tokens = 1000\noutput_tokens = 200\ntpot_ms = 20\n"


@pytest.mark.parametrize("name", ["Qwen/Qwen3-32B", "Qwen3-32B", "qwen3-32b", "QWEN/qwen3-32b"])
def test_a_packaged_model_goes_by_its_name(name: str) -> None:
    model = packaged_model(name, LIBRARY)
    assert model is not None
    assert model.name == "Qwen/Qwen3-32B"


def test_no_two_packaged_models_go_by_one_name() -> None:
    names = [name.partition("/")[2].casefold() for name in LIBRARY.models]
    assert len(set(names)) == len(names)


def test_a_name_that_nothing_has_is_answered_with_the_nearest() -> None:
    assert packaged_model("Qwen3-32", LIBRARY) is None
    assert nearest_model("Qwen3-32", LIBRARY) == "Did you mean Qwen3-32B?"
    assert "Qwen3-32B" in allowed_models(LIBRARY)


def test_a_config_of_ones_own() -> None:
    model = read_config(json.dumps(SMALL), "mine")
    assert (model.name, model.layers, model.hidden) == ("mine", 2, 64)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("[1]", "no object"),
        ("{}", "config.json.hidden_size"),
        (json.dumps(SMALL | {"hidden_size": "wide"}), "config.json.hidden_size: given 'wide'"),
        (json.dumps(SMALL | {"hidden_size": 1e300}), "config.json.hidden_size"),
        (json.dumps(SMALL | {"num_attention_heads": 0}), "config.json.num_attention_heads"),
        (json.dumps(SMALL | {"mamba_d_state": 16}), "Mamba"),
        (json.dumps(SMALL | {"layer_types": ["full_attention"]}), "layer_types"),
    ],
)
def test_a_bad_config_says_what_is_wrong(text: str, said: str) -> None:
    with pytest.raises(InvalidScenario) as caught:
        read_config(text, "mine")
    assert said in str(caught.value)


def test_a_measured_point() -> None:
    point = read_measured(POINT + "ttft_ms = 300")
    assert (point.concurrency, point.lengths.input_tokens, point.lengths.output_tokens) == (4, 1000, 200)
    assert (point.tpot_s, point.ttft_s) == (0.02, 0.3)
    assert read_measured(POINT).ttft_s is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "measured.concurrency"),
        ("concurrency = ", "broken TOML"),
        (POINT.replace("20\n", "0\n"), "measured.tpot_ms"),
        (POINT + "tptf_ms = 3", "measured.tptf_ms: given an unknown key"),
        (POINT.replace("4", "4.5"), "measured.concurrency"),
    ],
)
def test_a_bad_measured_point_says_what_is_wrong(text: str, said: str) -> None:
    with pytest.raises(InvalidScenario) as caught:
        read_measured(text)
    assert said in str(caught.value)
