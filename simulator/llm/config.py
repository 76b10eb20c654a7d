"""The fields of a Hugging Face config.json from which a model's sizes follow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import AliasChoices, BaseModel, ConfigDict, Field

FULL, WINDOW, LINEAR = "full_attention", "sliding_attention", "linear_attention"
LAYER_KINDS = {FULL: FULL, WINDOW: WINDOW, "chunked_attention": WINDOW, LINEAR: LINEAR}
"""Hugging Face's names of the kinds of layers that are known, and which kind each counts as."""
NOT_MODELLED = {
    "hybrid_override_pattern": "Mamba layers",
    "layers_block_type": "Mamba layers",
    "mamba_d_state": "Mamba layers",
    "state_size": "Mamba layers",
    "index_topk": "sparse attention",
    "interleave_moe_layer_step": "experts in some of the layers only",
    "hybrid_layer_pattern": "layers of several head counts",
    "block_configs": "layers of several shapes",
    "thinker_config": "several models in one",
}
"""Keys of models whose sizes Headroom cannot derive, and what they have."""


def _whole(least: int, most: int, *names: str, required: bool = False) -> Any:
    """A whole number under any of these names, 0 where none is given and none is required."""
    default: Any = ... if required else 0
    return Field(default, ge=least, le=most, validation_alias=AliasChoices(*names) if names else None)


class Weights(BaseModel):
    """How a group of weights is quantised."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    num_bits: int = Field(8, ge=1, le=32)
    type: str = ""


class Group(BaseModel):
    """A group of layers that are quantised alike."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    weights: Weights = Weights()


class Quantisation(BaseModel):
    """How the weights of the published checkpoint are quantised."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    quant_method: str = ""
    bits: int = Field(0, ge=0, le=32)
    config_groups: dict[str, Group] = {}

    @property
    def weight_bits(self) -> int:
        """Bits of a weight: of the first group, else of all."""
        return next((group.weights.num_bits for group in self.config_groups.values()), self.bits)


class ModelConfig(BaseModel):
    """A decoder in the words of its config.json; keys that say nothing of its size are left aside."""

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)

    hidden_size: int = _whole(16, 1 << 17, required=True)
    num_hidden_layers: int = _whole(1, 1000, required=True)
    num_attention_heads: int = _whole(1, 4096, required=True)
    num_key_value_heads: int = _whole(0, 4096)
    head_dim: int = _whole(0, 4096)
    vocab_size: int = _whole(2, 1 << 24, required=True)
    tie_word_embeddings: bool = False
    layer_types: tuple[str, ...] = Field((), max_length=1000)
    sliding_window: int | None = Field(None, ge=1, le=1 << 24)
    attn_output_gate: bool = False
    kv_lora_rank: int | None = Field(None, ge=1, le=1 << 16)
    q_lora_rank: int | None = Field(None, ge=1, le=1 << 16)
    qk_nope_head_dim: int = _whole(0, 4096)
    qk_rope_head_dim: int = _whole(0, 4096)
    v_head_dim: int = _whole(0, 4096)
    linear_num_key_heads: int = _whole(0, 4096)
    linear_num_value_heads: int = _whole(0, 4096)
    linear_key_head_dim: int = _whole(0, 4096)
    linear_value_head_dim: int = _whole(0, 4096)
    experts: int = _whole(0, 1 << 14, "num_experts", "n_routed_experts", "num_local_experts")
    experts_per_token: int = _whole(0, 1 << 10, "num_experts_per_tok", "experts_per_token")
    moe_intermediate_size: int = _whole(0, 1 << 20)
    intermediate_size: int = _whole(0, 1 << 20)
    first_k_dense_replace: int = _whole(0, 1000)
    shared_expert_intermediate_size: int = _whole(0, 1 << 20)
    n_shared_experts: int = _whole(0, 1 << 10)
    max_position_embeddings: int = _whole(0, 1 << 26)
    quantization_config: Quantisation | None = None


def flat(config: Mapping[str, Any]) -> dict[str, Any]:
    """The keys of the language model of a config.json, where a model that also sees keeps them under text_config.

    Keys without a value (null) are left out, so that they count as not given.
    """
    text = config.get("text_config")
    merged = {**config, **(text if isinstance(text, Mapping) else {})}
    return {key: value for key, value in merged.items() if value is not None}
