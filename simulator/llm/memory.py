"""What the memory of a copy's GPUs is spent on, and how many tokens the rest of it caches."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.llm.model_copy import ModelCopy
from simulator.llm.models import LanguageModel
from simulator.llm.weights import bytes_of_weights

BLOCK_TOKENS = 16
"""Tokens of a block of the KV cache in vLLM."""
ACTIVATION_BYTES = 3.0e9
"""Of each GPU: activations, CUDA graphs and buffers of the communication."""
LORA_BYTES = 2.0
LORA_PADDING = 1.2
"""Measured memory of an adapter's slot over that of its weights (docs/llm.md)."""
STATE_BYTES = 4.0


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryBudget:
    """Memory of all GPUs of one copy, in bytes. unused: what gpu_memory_utilization leaves alone; kv_cache: what is
    left for tokens, negative where the rest does not fit.
    """

    total: float
    unused: float
    weights: float
    activations: float
    adapters: float
    kv_cache: float
    kv_bytes_per_token: float

    @property
    def fits(self) -> bool:
        """Whether at least one block of the KV cache is left."""
        return self.kv_blocks > 0

    @property
    def kv_blocks(self) -> int:
        """Blocks of the KV cache."""
        return max(0, int(self.kv_cache / (BLOCK_TOKENS * self.kv_bytes_per_token)))

    @property
    def kv_tokens(self) -> int:
        """Tokens that the KV cache holds."""
        return self.kv_blocks * BLOCK_TOKENS


def held_kv_heads(model: LanguageModel, gpus: int) -> int:
    """Key and value heads held on all GPUs together: each has one at least, so that some are held twice."""
    return max(model.kv_heads, gpus)


def kv_bytes_per_token(copy: ModelCopy) -> float:
    """Memory that a token takes in the KV cache of all GPUs of a copy. A latent is held whole on each of them."""
    model = copy.model
    if model.latent:
        return model.kv_elements * copy.kv_element_bytes * model.layers * copy.gpus
    layers = model.full_layers + model.window_layers
    return 2.0 * held_kv_heads(model, copy.gpus) * model.head_dim * copy.kv_element_bytes * layers


def adapter_bytes(model: LanguageModel, rank: int) -> float:
    """Memory of the slot of one LoRA adapter on all matrices outside the experts, reserved at start."""
    return rank * model.lora_width * LORA_BYTES * LORA_PADDING


def memory_budget(copy: ModelCopy, utilisation: float, adapters: float = 0.0) -> MemoryBudget:
    """How the memory of a copy is spent. utilisation: the share that the engine may take; adapters: bytes for them."""
    total = copy.accelerator.memory_bytes * copy.gpus
    weights, activations = bytes_of_weights(copy.model, copy.formats), ACTIVATION_BYTES * copy.gpus
    return MemoryBudget(
        total=total,
        unused=total * (1 - utilisation),
        weights=weights,
        activations=activations,
        adapters=adapters,
        kv_cache=total * utilisation - weights - activations - adapters,
        kv_bytes_per_token=kv_bytes_per_token(copy),
    )
