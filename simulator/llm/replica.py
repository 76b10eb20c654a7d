"""One replica: a copy of a model with its engine's settings, and what happens to the requests that it gets."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from simulator.kernels import tokens as kernel
from simulator.llm.accelerators import Accelerator
from simulator.llm.memory import MemoryBudget, memory_budget
from simulator.llm.model_copy import ModelCopy
from simulator.llm.parameters import Parameters, Table, parameters_for
from simulator.llm.step_time import StepLaw, step_law

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineSettings:
    """The settings of vLLM that matter here, under its own names."""

    max_num_seqs: int
    max_num_batched_tokens: int
    gpu_memory_utilization: float = 0.9


def usual_settings(accelerator: Accelerator) -> EngineSettings:
    """What vLLM's server takes when nothing is set."""
    if accelerator.large:
        return EngineSettings(max_num_seqs=1024, max_num_batched_tokens=8192)
    return EngineSettings(max_num_seqs=256, max_num_batched_tokens=2048)


@dataclass(frozen=True, slots=True, kw_only=True)
class Replica:
    """A copy with its engine. factor: of every step, 1 unless it was calibrated."""

    copy: ModelCopy
    settings: EngineSettings
    budget: MemoryBudget
    parameters: Parameters
    law: StepLaw

    def scaled(self, factor: float) -> Replica:
        """The same replica with steps that take `factor` times as long."""
        return replace(self, law=self.law.scaled(factor))

    def engine(self, clients: int = 0) -> kernel.Params:
        """The parameters of the compiled loop. clients: of a closed loop, 0 for given arrivals."""
        return kernel.Params(
            blocks=self.budget.kv_blocks,
            max_sequences=self.settings.max_num_seqs,
            token_budget=self.settings.max_num_batched_tokens,
            sequence_s=self.law.sequence_s,
            context_token_s=self.law.context_token_s,
            pair_s=self.law.pair_s,
            front_end_s=self.parameters.front_end_s,
            front_end_token_s=self.parameters.front_end_token_s,
            clients=clients,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Requests:
    """Requests in order of arrival: tokens of each prompt, of it in the prefix cache, and of each answer, int64[n]."""

    prompt: Ints
    output: Ints
    cached: Ints

    @property
    def size(self) -> int:
        """How many."""
        return int(self.prompt.size)


def make_replica(copy: ModelCopy, settings: EngineSettings, table: Table, adapter_bytes: float = 0.0) -> Replica:
    """A replica with the fitted numbers of its kind. adapter_bytes: memory reserved for adapters."""
    parameters = parameters_for(table, copy.accelerator.sheet.family, copy.formats.experts)
    most_tokens = max(settings.max_num_seqs, settings.max_num_batched_tokens)
    return Replica(
        copy=copy,
        settings=settings,
        budget=memory_budget(copy, settings.gpu_memory_utilization, adapter_bytes),
        parameters=parameters,
        law=step_law(copy, parameters, most_tokens),
    )


def serve(replica: Replica, requests: Requests, sent_s: Floats, clients: int = 0) -> kernel.State:
    """Serve all requests; what became of each is in the state. sent_s: when each is sent, float64[n], rising; with
    clients, only of the first of each client.
    """
    engine = replica.engine(clients)
    state = kernel.new_state(requests.prompt, requests.output, requests.cached, sent_s, engine.blocks)
    kernel.run(state, engine, replica.law.tokens_s)
    return state
