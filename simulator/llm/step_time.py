"""How long one step of a copy takes: a roofline of its weights and arithmetic, plus what grows with its context.

    step = tokens_s[T] + sequence_s * n + context_token_s * S + pair_s * A

T: tokens in the step, n of them decodes whose contexts have S tokens together; A: pairs of a prefill token and a
token before it. Everything but the last three terms is a table by T, so a richer law costs the simulation nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulator.llm.memory import STATE_BYTES, held_kv_heads
from simulator.llm.model_copy import ModelCopy
from simulator.llm.parameters import Parameters
from simulator.llm.weights import BYTES, HEAD_BYTES, flops_for, weight_only

Floats = NDArray[np.float64]

_SAMPLED = 512
"""Most tokens of a step for which the output head is worked out: one for each sequence, not for each prompt token."""
_LATENT_HEAD_DIM = 160
"""Half of the widths of a head's query and value in latent attention, for prefill."""
_LATENT_FLOPS_SHARE = 0.5
_ROPE_ELEMENTS = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class StepLaw:
    """The four terms of a step's time. tokens_s: float64[most tokens + 1]."""

    tokens_s: Floats
    sequence_s: float
    context_token_s: float
    pair_s: float

    def scaled(self, factor: float) -> StepLaw:
        """The law with every time multiplied."""
        return StepLaw(
            tokens_s=self.tokens_s * factor,
            sequence_s=self.sequence_s * factor,
            context_token_s=self.context_token_s * factor,
            pair_s=self.pair_s * factor,
        )


def step_law(copy: ModelCopy, parameters: Parameters, most_tokens: int) -> StepLaw:
    """The law of a copy, for steps of up to `most_tokens` tokens."""
    tokens = np.arange(most_tokens + 1, dtype=float)
    model = copy.model
    fixed = (
        parameters.step_s
        + model.layers * parameters.layer_s
        + model.linear_layers * parameters.linear_layer_s
        + (model.layers * parameters.latent_layer_s if model.latent else 0.0)
    )
    some = np.maximum(tokens, 1.0)
    tokens_s = fixed + parameters.token_s * tokens + _dense_s(copy, parameters, some)
    tokens_s += _experts_s(copy, parameters, some) + _reduce_s(copy, parameters, some)
    tokens_s[0] = 0.0
    return StepLaw(
        tokens_s=tokens_s,
        sequence_s=parameters.sequence_s + _per_sequence_s(copy, parameters),
        context_token_s=_context_token_s(copy, parameters),
        pair_s=_pair_s(copy, parameters),
    )


def experts_touched(experts: int, per_token: int, tokens: Floats) -> Floats:
    """Different experts that so many tokens need, on average, when each takes `per_token` of them at random."""
    if per_token >= experts:
        return np.full_like(tokens, experts)
    touched: Floats = -experts * np.expm1(tokens * np.log1p(-per_token / experts))
    return touched


def _joined(memory_s: Floats | float, compute_s: Floats, power: float) -> Floats:
    """Reading and computing overlap in part: the p-norm of the two, between their sum (1) and the larger (infinity)."""
    joined: Floats = (memory_s**power + compute_s**power) ** (1 / power)
    return joined


def _flops_per_s(copy: ModelCopy, parameters: Parameters, dtype: str) -> float:
    """Operations per second that all GPUs of a copy reach on weights of this format."""
    flops = flops_for(copy.accelerator, dtype)
    plain = flops == copy.accelerator.flops
    return flops * copy.gpus * (parameters.flops_share if plain else parameters.fp8_flops_share)


def _dense_s(copy: ModelCopy, parameters: Parameters, tokens: Floats) -> Floats:
    model, dtype = copy.model, copy.formats.dense
    read = model.dense_params * BYTES[dtype] + model.head_params * HEAD_BYTES
    work = 2 * model.dense_params * tokens + 2 * model.head_params * np.minimum(tokens, _SAMPLED)
    bandwidth = copy.accelerator.bandwidth * copy.gpus * parameters.weight_bandwidth_share
    return _joined(read / bandwidth, work / _flops_per_s(copy, parameters, dtype), parameters.power)


def _experts_s(copy: ModelCopy, parameters: Parameters, tokens: Floats) -> Floats | float:
    model, dtype = copy.model, copy.formats.experts
    if not model.experts:
        return 0.0
    touched = experts_touched(model.experts, model.experts_per_token, tokens)
    read = model.moe_layers * touched * model.expert_params * BYTES[dtype]
    work = 2 * model.moe_layers * model.experts_per_token * model.expert_params * tokens
    factor = parameters.expert_flops_factor
    if weight_only(copy.accelerator, dtype):
        factor *= parameters.weight_only_factor
    bandwidth = copy.accelerator.bandwidth * copy.gpus * parameters.expert_bandwidth_share
    flops = _flops_per_s(copy, parameters, dtype) * factor
    return _joined(read / bandwidth, work / flops, parameters.power) + model.moe_layers * parameters.expert_layer_s


def _reduce_s(copy: ModelCopy, parameters: Parameters, tokens: Floats) -> Floats | float:
    """Two all-reduces for each layer, in a ring."""
    if copy.gpus == 1:
        return 0.0
    sent = tokens * copy.model.hidden * 2.0 * 2 * (copy.gpus - 1) / copy.gpus
    link = copy.accelerator.sheet.link_bytes_per_s * parameters.link_share
    return 2 * copy.model.layers * (parameters.reduce_s + sent / link)


def _kv_bandwidth(copy: ModelCopy, parameters: Parameters) -> float:
    return copy.accelerator.bandwidth * parameters.kv_bandwidth_share


def _kv_bytes(copy: ModelCopy) -> float:
    """Bytes that one token has in one layer of the KV cache of all GPUs."""
    return 2.0 * held_kv_heads(copy.model, copy.gpus) * copy.model.head_dim * copy.kv_element_bytes


def _context_token_s(copy: ModelCopy, parameters: Parameters) -> float:
    """Time for a token of context of a decode; layers with a window or linear attention do not grow with it."""
    model, bandwidth = copy.model, _kv_bandwidth(copy, parameters)
    if not model.latent:
        return _kv_bytes(copy) * model.full_layers / (copy.gpus * bandwidth)
    read_s = model.kv_elements * copy.kv_element_bytes * model.full_layers / bandwidth
    work = 2 * model.full_layers * (model.heads / copy.gpus) * (model.kv_elements * 2 - _ROPE_ELEMENTS)
    return max(read_s, work / (copy.accelerator.flops * _LATENT_FLOPS_SHARE))


def _per_sequence_s(copy: ModelCopy, parameters: Parameters) -> float:
    """Time for the windows and the linear states of a sequence, which are read whole in each step."""
    model = copy.model
    windows = _kv_bytes(copy) * model.window_layers * model.window if model.window_layers else 0.0
    states = model.linear_state * model.linear_layers * 2 * STATE_BYTES
    return (windows + states) / (copy.gpus * _kv_bandwidth(copy, parameters))


def _pair_s(copy: ModelCopy, parameters: Parameters) -> float:
    """Time for a pair of a prefill token and a token before it."""
    model = copy.model
    width = model.heads * (_LATENT_HEAD_DIM if model.latent else model.head_dim)
    rate = copy.accelerator.flops * copy.gpus * parameters.attention_flops_share
    return 4.0 * model.full_layers * width / rate
