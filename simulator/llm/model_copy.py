"""One copy of a model: what it is, how its numbers are kept, and the GPUs that it is on."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.llm.accelerators import Accelerator
from simulator.llm.models import LanguageModel
from simulator.llm.weights import WeightFormats, weight_only


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelCopy:
    """A model on `gpus` GPUs of one kind (tensor parallelism), the formats of its weights, and the bytes of an element
    of its KV cache.
    """

    model: LanguageModel
    formats: WeightFormats
    kv_element_bytes: float
    accelerator: Accelerator
    gpus: int

    @property
    def kernel_path(self) -> str:
        """What decides which kernels of the engine run: experts or none, weights' format, kind of attention."""
        kind, dtype = ("experts", self.formats.experts) if self.model.experts else ("dense", self.formats.dense)
        unpacked = " unpacked" if weight_only(self.accelerator, dtype) and dtype == "fp8" else ""
        return f"{kind} {dtype}{unpacked}, {self.model.attention} attention"
