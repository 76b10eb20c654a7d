"""A language model as sizes: parameters by kind, layers by kind of attention, what a token keeps in the KV cache."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from simulator.errors import InvalidScenario, Problem
from simulator.llm.config import FULL, LAYER_KINDS, LINEAR, NOT_MODELLED, WINDOW, ModelConfig, flat

FP8, INT4, MXFP4, BF16 = "fp8", "int4", "mxfp4", "bf16"
_FP8_BITS, _INT4_BITS = 8, 4


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguageModel:
    """The sizes that decide how fast a decoder is and what it needs in memory.

    Parameters: dense_params are read for every token (attention, dense feed-forward, routers, shared experts),
    expert_params are of one expert of one layer, head_params of the embedding. kv_elements: per token and layer.
    latent: the KV cache is one latent vector (MLA). linear_state: elements per sequence and linear layer.
    lora_width: inputs and outputs of all matrices that an adapter changes. native_dtype: of the published weights.
    """

    name: str
    layers: int
    full_layers: int
    window_layers: int
    window: int
    linear_layers: int
    hidden: int
    heads: int
    kv_heads: int
    head_dim: int
    kv_elements: int
    latent: bool
    linear_state: int
    tied: bool
    experts: int
    experts_per_token: int
    moe_layers: int
    expert_params: int
    dense_params: int
    head_params: int
    lora_width: int
    context_tokens: int
    native_dtype: str

    @property
    def embedding_params(self) -> int:
        """Parameters of the embedding and of the output head, which may be the same."""
        return self.head_params * (1 if self.tied else 2)

    @property
    def params(self) -> int:
        """All parameters."""
        return self.dense_params + self.moe_layers * self.experts * self.expert_params + self.embedding_params

    @property
    def active_params(self) -> int:
        """Parameters that one token needs."""
        return self.dense_params + self.moe_layers * self.experts_per_token * self.expert_params + self.embedding_params

    @property
    def attention(self) -> str:
        """The kind of attention that sets its kernels apart: full, window, linear or latent."""
        kinds = ((self.latent, "latent"), (self.linear_layers > 0, "linear"), (self.window_layers > 0, "window"))
        return next((name for holds, name in kinds if holds), "full")


@dataclass(frozen=True, slots=True, kw_only=True)
class PackagedModel:
    """A model that comes with Headroom. published_b: parameters in billions as its makers say; active: of one token,
    where they say.
    """

    model: LanguageModel
    published_b: float
    published_active_b: float | None
    source: str


class _Block(NamedTuple):
    """Parameters of a block of a layer, and inputs plus outputs of its matrices."""

    params: int
    width: int


def parse_models(text: str) -> dict[str, PackagedModel]:
    """Read data/llm/models.json: one model a row, by name."""
    return {
        row["model"]: PackagedModel(
            model=derive(row["model"], ModelConfig.model_validate(flat(row["config"]))),
            published_b=row["published_b"],
            published_active_b=row.get("published_active_b"),
            source=row["source"],
        )
        for row in json.loads(text)
    }


def not_modelled(config: Mapping[str, Any]) -> str:
    """What a config.json has that Headroom cannot derive sizes for; empty when there is nothing."""
    found = (what for key, what in NOT_MODELLED.items() if flat(config).get(key) not in (None, False, 0, [], ""))
    return next(found, "an encoder" if config.get("is_encoder_decoder") else "")


def derive(name: str, config: ModelConfig) -> LanguageModel:
    """The sizes of the model that this config.json describes. Raises InvalidScenario when its parts contradict each
    other.
    """
    problems = list(_contradictions(config))
    if problems:
        raise InvalidScenario(problems)
    kinds = [LAYER_KINDS[kind] for kind in config.layer_types] or [FULL] * config.num_hidden_layers
    attention, linear = _attention(config), _linear(config)
    moe_layers = config.num_hidden_layers - config.first_k_dense_replace if config.experts else 0
    dense_layers, linear_layers = config.num_hidden_layers - moe_layers, kinds.count(LINEAR)
    feed_forward, shared = _gated(config, config.intermediate_size), _shared(config)
    expert = _gated(config, config.moe_intermediate_size or config.intermediate_size)
    parts = (
        (config.num_hidden_layers - linear_layers, attention),
        (linear_layers, linear),
        (dense_layers, feed_forward),
        (moe_layers, shared),
    )
    router = moe_layers * config.hidden_size * config.experts
    return LanguageModel(
        name=name,
        layers=config.num_hidden_layers,
        full_layers=kinds.count(FULL),
        window_layers=kinds.count(WINDOW),
        window=config.sliding_window or 0,
        linear_layers=linear_layers,
        hidden=config.hidden_size,
        heads=config.num_attention_heads,
        kv_heads=_kv_heads(config),
        head_dim=_head_dim(config),
        kv_elements=_kv_elements(config),
        latent=config.kv_lora_rank is not None,
        linear_state=config.linear_num_value_heads * config.linear_key_head_dim * config.linear_value_head_dim,
        tied=config.tie_word_embeddings,
        experts=config.experts,
        experts_per_token=config.experts_per_token,
        moe_layers=moe_layers,
        expert_params=expert.params if config.experts else 0,
        dense_params=sum(count * block.params for count, block in parts) + router,
        head_params=config.vocab_size * config.hidden_size,
        lora_width=sum(count * block.width for count, block in parts),
        context_tokens=config.max_position_embeddings,
        native_dtype=_native_dtype(config),
    )


def _contradictions(config: ModelConfig) -> list[Problem]:
    layers, unknown = config.num_hidden_layers, sorted(set(config.layer_types) - LAYER_KINDS.keys())
    rules = (
        (bool(unknown), "layer_types", ", ".join(unknown)[:60], f"only {', '.join(LAYER_KINDS)}"),
        (
            len(config.layer_types) not in (0, layers),
            "layer_types",
            f"{len(config.layer_types)} of them",
            f"{layers}, as many as num_hidden_layers",
        ),
        (
            config.experts_per_token > config.experts,
            "num_experts_per_tok",
            str(config.experts_per_token),
            f"at most {config.experts}, the experts of a layer",
        ),
        (bool(config.experts) and not config.experts_per_token, "num_experts_per_tok", "nothing", "at least 1"),
        (
            config.first_k_dense_replace > layers,
            "first_k_dense_replace",
            str(config.first_k_dense_replace),
            f"{layers}",
        ),
        (
            not (config.intermediate_size or config.moe_intermediate_size),
            "intermediate_size",
            "nothing",
            "the width of the feed-forward layers",
        ),
        (
            WINDOW in [LAYER_KINDS.get(kind) for kind in config.layer_types] and not config.sliding_window,
            "sliding_window",
            "nothing",
            "the window of the layers with sliding attention, in tokens",
        ),
    )
    return [Problem(where, given, allowed) for broken, where, given, allowed in rules if broken]


def _kv_heads(config: ModelConfig) -> int:
    return config.num_key_value_heads or config.num_attention_heads


def _head_dim(config: ModelConfig) -> int:
    return config.head_dim or config.hidden_size // config.num_attention_heads


def _kv_elements(config: ModelConfig) -> int:
    if config.kv_lora_rank is not None:
        return config.kv_lora_rank + config.qk_rope_head_dim
    return 2 * _kv_heads(config) * _head_dim(config)


def _block(*matrices: tuple[int, int]) -> _Block:
    return _Block(sum(rows * columns for rows, columns in matrices), sum(map(sum, matrices)))


def _attention(config: ModelConfig) -> _Block:
    hidden, heads, head_dim = config.hidden_size, config.num_attention_heads, _head_dim(config)
    if config.kv_lora_rank is None:
        queries, keys = heads * head_dim * (2 if config.attn_output_gate else 1), _kv_heads(config) * head_dim
        return _block((hidden, queries), (hidden, keys), (hidden, keys), (heads * head_dim, hidden))
    rank, rope, values = config.kv_lora_rank, config.qk_rope_head_dim, heads * config.v_head_dim
    wide = heads * (config.qk_nope_head_dim + rope)
    queries_by = ((hidden, config.q_lora_rank), (config.q_lora_rank, wide)) if config.q_lora_rank else ((hidden, wide),)
    up = heads * config.qk_nope_head_dim + values
    return _block(*queries_by, (hidden, rank + rope), (rank, up), (values, hidden))


def _linear(config: ModelConfig) -> _Block:
    keys = config.linear_num_key_heads * config.linear_key_head_dim
    values = config.linear_num_value_heads * config.linear_value_head_dim
    return _block((config.hidden_size, 2 * keys + 2 * values), (values, config.hidden_size))


def _gated(config: ModelConfig, width: int) -> _Block:
    """A feed-forward block with a gate: three matrices."""
    return _block(*[(config.hidden_size, width)] * 3) if width else _Block(0, 0)


def _shared(config: ModelConfig) -> _Block:
    wide = config.shared_expert_intermediate_size or config.n_shared_experts * config.moe_intermediate_size
    return _gated(config, wide)


def _native_dtype(config: ModelConfig) -> str:
    quantised = config.quantization_config
    if quantised is None or not quantised.quant_method:
        return BF16
    if quantised.quant_method in (FP8, MXFP4):
        return quantised.quant_method
    by_bits = {_FP8_BITS: FP8, _INT4_BITS: INT4}
    return by_bits.get(quantised.weight_bits, BF16)
