"""The number formats of weights: their bytes, which weights they are for, and which arithmetic works on them."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.llm.accelerators import Accelerator
from simulator.llm.models import BF16, FP8, INT4, MXFP4, LanguageModel

NVFP4 = "nvfp4"
BYTES = {BF16: 2.0, FP8: 1.0, INT4: 0.53, MXFP4: 0.53125, NVFP4: 0.5625}
"""Bytes of a weight, scales included."""
DTYPES = tuple(BYTES)
HEAD_BYTES = 2.0
"""Bytes of a weight of the embedding and the output head, which stay in bf16."""
_EXPERTS_ONLY = {INT4, MXFP4}


@dataclass(frozen=True, slots=True)
class WeightFormats:
    """The format of the dense weights, and of the experts' where there are experts."""

    dense: str
    experts: str

    @classmethod
    def of(cls, model: LanguageModel, dtype: str) -> WeightFormats:
        """The formats that `dtype` means for this model: in a mixture of experts, int4 and mxfp4 are of the experts."""
        return cls(BF16 if model.experts and dtype in _EXPERTS_ONLY else dtype, dtype)


def bytes_of_weights(model: LanguageModel, formats: WeightFormats) -> float:
    """Memory of all weights."""
    experts = model.moe_layers * model.experts * model.expert_params * BYTES[formats.experts]
    return model.dense_params * BYTES[formats.dense] + model.embedding_params * HEAD_BYTES + experts


def flops_for(accelerator: Accelerator, dtype: str) -> float:
    """Dense operations per second on weights of this format: in bf16 where the GPU has no arithmetic of its own."""
    native = {FP8: accelerator.sheet.fp8_flops, NVFP4: accelerator.sheet.fp4_flops}
    return native.get(dtype, 0.0) or accelerator.flops


def weight_only(accelerator: Accelerator, dtype: str) -> bool:
    """Whether weights are unpacked to bf16 before they are multiplied."""
    return dtype != BF16 and flops_for(accelerator, dtype) == accelerator.flops
