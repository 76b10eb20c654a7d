"""The fitted numbers of the step law: shares of datasheet rates that are reached, and times that are fixed.

A number holds everywhere, times a factor for a GPU family or for a format of experts where one was fitted.
`python -m validation llm` fits them and writes data/llm/parameters.csv.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass, fields
from io import StringIO

Table = Mapping[tuple[str, str], float]
"""(parameter, what it is of) -> value; of "" the number that holds everywhere, of anything else a factor on it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """The numbers of the step law for one GPU family and format of experts: shares without a unit, times in s."""

    power: float
    weight_bandwidth_share: float
    expert_bandwidth_share: float
    kv_bandwidth_share: float
    flops_share: float
    fp8_flops_share: float
    attention_flops_share: float
    expert_flops_factor: float
    weight_only_factor: float
    step_s: float
    layer_s: float
    expert_layer_s: float
    linear_layer_s: float
    latent_layer_s: float
    token_s: float
    sequence_s: float
    reduce_s: float
    link_share: float
    front_end_s: float
    front_end_token_s: float
    network_s: float


NAMES = tuple(field.name for field in fields(Parameters))


def parse_parameters(text: str) -> dict[tuple[str, str], float]:
    """Read data/llm/parameters.csv."""
    return {(row["parameter"], row["of"]): float(row["value"]) for row in csv.DictReader(StringIO(text))}


def parameters_for(table: Table, family: str, expert_format: str) -> Parameters:
    """The numbers for a GPU family and a format of experts."""

    def value(name: str) -> float:
        factors = table.get((name, family), 1.0) * table.get((name, f"{expert_format} experts"), 1.0)
        return table[name, ""] * factors

    return Parameters(**{name: value(name) for name in NAMES})
