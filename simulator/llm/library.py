"""Everything about language models that comes with Headroom, read from the texts of data/llm/."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from simulator.llm.accelerators import GpuSheet, parse_accelerators
from simulator.llm.confidence import Evidence, parse_evidence
from simulator.llm.models import PackagedModel, parse_models
from simulator.llm.parameters import Table, parse_parameters

FILES = ("models.json", "accelerators.csv", "parameters.csv", "accuracy.csv", "measured.csv")


@dataclass(frozen=True, slots=True, kw_only=True)
class LlmLibrary:
    """Packaged models by name, what is known of GPUs by name, the fitted numbers, and how sure they are."""

    models: Mapping[str, PackagedModel]
    sheets: Mapping[str, GpuSheet]
    parameters: Table
    evidence: Evidence


def parse_library(texts: Mapping[str, str]) -> LlmLibrary:
    """Read the texts of FILES, by name."""
    return LlmLibrary(
        models=parse_models(texts["models.json"]),
        sheets=parse_accelerators(texts["accelerators.csv"]),
        parameters=parse_parameters(texts["parameters.csv"]),
        evidence=parse_evidence(texts["accuracy.csv"], texts["measured.csv"]),
    )
