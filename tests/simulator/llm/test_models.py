"""Sizes of models from their config.json: the packaged ones as published, others by hand, nonsense refused."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from headroom.sharing.language_models import load_library
from simulator.errors import InvalidScenario
from simulator.llm.config import ModelConfig, flat
from simulator.llm.models import derive, not_modelled

LIBRARY = load_library()
SMALL = {
    "hidden_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "intermediate_size": 128,
    "vocab_size": 1000,
}


def model(**changes):
    return derive("small", ModelConfig.model_validate(flat(SMALL | changes)))


def test_there_are_models() -> None:
    assert len(LIBRARY.models) >= 35


@pytest.mark.parametrize("name", LIBRARY.models)
def test_derived_parameters_are_within_3_percent_of_the_published(name: str) -> None:
    packaged = LIBRARY.models[name]
    assert packaged.model.params / 1e9 == pytest.approx(packaged.published_b, rel=0.03)
    if packaged.published_active_b and packaged.model.attention != "window":  # gpt-oss leaves its embedding out
        assert packaged.model.active_params / 1e9 == pytest.approx(packaged.published_active_b, rel=0.16)
    assert packaged.source


def test_a_dense_model_by_hand() -> None:
    attention = 64 * 64 + 2 * 64 * 32 + 64 * 64
    small = model()
    assert small.dense_params == 2 * (attention + 3 * 64 * 128)
    assert small.params == small.dense_params + 2 * 1000 * 64
    assert model(tie_word_embeddings=True).params == small.dense_params + 1000 * 64
    assert small.kv_elements == 2 * 2 * 16
    assert small.native_dtype == "bf16"


def test_experts_by_hand() -> None:
    mixed = model(num_experts=8, num_experts_per_tok=2, moe_intermediate_size=32, n_shared_experts=1)
    assert mixed.expert_params == 3 * 64 * 32
    assert mixed.params - mixed.active_params == 2 * 6 * mixed.expert_params
    assert model(num_experts=8, num_experts_per_tok=2, first_k_dense_replace=1).moe_layers == 1


def test_the_language_part_of_a_model_that_sees() -> None:
    wrapped = {"text_config": SMALL, "vision_config": {"hidden_size": 7}, "model_type": "sees"}
    assert derive("a", ModelConfig.model_validate(flat(wrapped))) == replace(model(), name="a")


@pytest.mark.parametrize(
    ("quantisation", "dtype"),
    [
        ({"quant_method": "fp8"}, "fp8"),
        ({"quant_method": "mxfp4"}, "mxfp4"),
        ({"quant_method": "awq", "bits": 4}, "int4"),
        ({"quant_method": "compressed-tensors", "config_groups": {"a": {"weights": {"num_bits": 8}}}}, "fp8"),
    ],
)
def test_the_format_of_the_published_weights(quantisation: dict[str, object], dtype: str) -> None:
    assert model(quantization_config=quantisation).native_dtype == dtype


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"layer_types": ["full_attention"]}, "layer_types"),
        ({"layer_types": ["mamba", "mamba"]}, "layer_types"),
        ({"layer_types": ["sliding_attention"] * 2}, "sliding_window"),
        ({"num_experts": 4}, "num_experts_per_tok"),
        ({"num_experts": 4, "num_experts_per_tok": 5}, "num_experts_per_tok"),
        ({"first_k_dense_replace": 3}, "first_k_dense_replace"),
        ({"intermediate_size": 0}, "intermediate_size"),
    ],
)
def test_contradictions_are_named(changes: dict[str, object], where: str) -> None:
    with pytest.raises(InvalidScenario) as caught:
        model(**changes)
    assert [problem.where for problem in caught.value.problems] == [where]


@pytest.mark.parametrize(
    "config", [{"hybrid_override_pattern": "M-M"}, {"text_config": {"index_topk": 2048}}, {"is_encoder_decoder": True}]
)
def test_what_cannot_be_sized_is_said(config: dict[str, object]) -> None:
    assert not_modelled(config)
    assert not not_modelled(SMALL)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@settings(deadline=None, max_examples=50)
@given(st.dictionaries(st.sampled_from(list(ModelConfig.model_fields)), values))
def test_any_values_give_a_model_or_say_what_is_wrong(changes: dict[str, object]) -> None:
    try:
        sizes = model(**json.loads(json.dumps(changes)))
    except (InvalidScenario, ValidationError):
        return
    assert sizes.params >= sizes.active_params > 0
