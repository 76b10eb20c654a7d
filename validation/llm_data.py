"""Measured rows of language models, each with the question that a replica is asked for it."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import groupby
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from simulator.kernels.tokens import BLOCK
from simulator.llm.accelerators import accelerator_of, parse_accelerators
from simulator.llm.model_copy import ModelCopy
from simulator.llm.models import parse_models
from simulator.llm.parameters import Table
from simulator.llm.replica import EngineSettings, Requests, make_replica, serve, usual_settings
from simulator.llm.weights import WeightFormats
from simulator.model.hardware import parse

FOLDER = Path(__file__).parent / "data" / "llm"
BENCH, ENDPOINT, TRACE = "benchmark", "endpoint", "trace"
BENCH_SETTINGS = EngineSettings(max_num_seqs=1024, max_num_batched_tokens=8192)
BENCH_REQUESTS = 10
"""Requests for each client in the benchmarks of serving_points.csv, whose lengths are spread over SHORTEST to 1."""
SHORTEST = 0.8
TRACE_SETTINGS = EngineSettings(max_num_seqs=128, max_num_batched_tokens=2048)
ENDPOINT_SETTINGS = {
    ("Qwen/Qwen3-32B", "ml.g5.12xlarge"): EngineSettings(
        max_num_seqs=32, max_num_batched_tokens=4096, gpu_memory_utilization=0.85
    ),
    ("Qwen/Qwen3-32B", "ml.g6e.12xlarge"): EngineSettings(max_num_seqs=128, max_num_batched_tokens=16384),
    ("Qwen/Qwen3-32B", "ml.g7e.2xlarge"): EngineSettings(max_num_seqs=64, max_num_batched_tokens=8192),
}
"""Where the recipe of an endpoint set them; elsewhere vLLM's own, with room for more sequences than were sent."""

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Line = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A measured row. source: the set that it is of. token_s: the mean time per output token; of an endpoint, that
    of the whole answer over its tokens. ttft_s: the mean time to the first token; None where it was not measured or
    the protocol is not known.
    """

    name: str
    source: str
    copy: ModelCopy
    settings: EngineSettings
    requests: Requests
    sent_s: Floats
    clients: int
    token_s: float
    ttft_s: float | None = None

    @property
    def model(self) -> str:
        """The model's name."""
        return self.copy.model.name

    @property
    def gpu(self) -> str:
        """The GPU's name."""
        return self.copy.accelerator.sheet.gpu_model

    @property
    def path(self) -> str:
        """What decides which kernels run."""
        return self.copy.kernel_path


@dataclass(frozen=True, slots=True)
class Predicted:
    """What a replica answers to a row: means over its requests, and whether the KV cache was ever too small."""

    token_s: float
    ttft_s: float
    starved: bool


@cache
def _copies() -> _Copies:
    return _Copies()


class _Copies:
    """Copies of the packaged models on the packaged instance types."""

    def __init__(self) -> None:
        data = resources.files("simulator") / "data"
        self._models = parse_models((data / "llm" / "models.json").read_text(encoding="utf-8"))
        self._sheets = parse_accelerators((data / "llm" / "accelerators.csv").read_text(encoding="utf-8"))
        self._hardware = parse((data / "instances.csv").read_text(encoding="utf-8"))

    def of(self, line: Line) -> ModelCopy:
        """The copy that a line of a data file describes."""
        model = self._models[line["model"]].model
        return ModelCopy(
            model=model,
            formats=WeightFormats.of(model, line["dtype"]),
            kv_element_bytes=2.0,
            accelerator=accelerator_of(self._hardware[line["instance"]], self._sheets, "instance"),
            gpus=int(line["tensor_parallel"]),
        )


def rows() -> list[Row]:
    """All rows without speculative decoding."""
    return [*benchmarks(), *(row for row in endpoints() if not row.name.startswith("eagle3")), *traces()]


def benchmarks() -> Iterator[Row]:
    """Rows of serving_points.csv: a closed loop whose clients all begin at once."""
    for line in _lines("serving_points.csv"):
        clients = int(line["concurrency"])
        shortest = SHORTEST if line["protocol"] == "inferencex" else 1.0
        n = max(BENCH_REQUESTS * clients, 8)
        rng = np.random.default_rng(0)
        prompt, output = (_spread(rng, int(line[key]), shortest, n) for key in ("input_tokens", "output_tokens"))
        yield Row(
            name=line["id"],
            source=BENCH,
            copy=_copies().of(line),
            settings=BENCH_SETTINGS,
            requests=Requests(prompt=prompt, output=output, cached=np.zeros_like(prompt)),
            sent_s=np.zeros(n),
            clients=clients,
            token_s=float(line["tpot_ms"]) / 1e3,
            ttft_s=float(line["ttft_ms"]) / 1e3 if line["protocol"] == "inferencex" else None,
        )


def endpoints() -> Iterator[Row]:
    """Rows of sagemaker_endpoints.csv: 30 requests in a closed loop, of three prompts that are cached after the first
    round.
    """
    for line in _lines("sagemaker_endpoints.csv"):
        copy, n = _copies().of(line), int(line["requests"])
        prompt = np.full(n, round(float(line["input_tokens"])))
        yield Row(
            name=f"{line['speculative']} {line['file']} {line['concurrency']}".strip(),
            source=ENDPOINT,
            copy=copy,
            settings=ENDPOINT_SETTINGS.get((line["model"], line["instance"])) or usual_settings(copy.accelerator),
            requests=Requests(
                prompt=prompt,
                output=np.full(n, round(float(line["output_tokens"]))),
                cached=(prompt - 1) // BLOCK * BLOCK,
            ),
            sent_s=np.zeros(n),
            clients=int(line["concurrency"]),
            token_s=float(line["latency_ms"]) / 1e3 / float(line["output_tokens"]),
        )


def traces() -> Iterator[Row]:
    """The two traces of request_traces.csv, a row each."""
    for model, group in groupby(_lines("request_traces.csv"), key=lambda line: line["model"]):
        lines = list(group)
        output, prompt = (np.array([int(line[key]) for line in lines]) for key in ("output_tokens", "input_tokens"))
        ttft_s, e2e_s, sent_s = (
            np.array([float(line[key]) for line in lines]) for key in ("ttft_s", "e2e_s", "sent_s")
        )
        order = np.argsort(sent_s, kind="stable")
        yield Row(
            name=f"trace {model}",
            source=TRACE,
            copy=_copies().of(lines[0]),
            settings=TRACE_SETTINGS,
            requests=Requests(prompt=prompt[order], output=output[order], cached=np.zeros_like(prompt)),
            sent_s=sent_s[order],
            clients=0,
            token_s=float(np.mean((e2e_s - ttft_s) / np.maximum(output - 1, 1))),
        )


def predict(row: Row, table: Table) -> Predicted:
    """What a replica with these parameters answers to a row."""
    replica = make_replica(row.copy, row.settings, table)
    state = serve(replica, row.requests, row.sent_s, row.clients)
    network_s = replica.parameters.network_s
    ttft_s = state.first_s - state.sent_s + network_s
    made = row.requests.output
    if row.source == ENDPOINT:
        token_s = (state.last_s - state.sent_s + network_s) / made
    else:
        token_s = (state.last_s - state.first_s) / np.maximum(made - 1, 1)
    room = replica.budget.kv_tokens / float(np.mean(row.requests.prompt + made))
    return Predicted(float(np.mean(token_s)), float(np.mean(ttft_s)), row.clients > room)


def _spread(rng: np.random.Generator, nominal: int, shortest: float, n: int) -> Ints:
    return rng.integers(int(nominal * shortest), nominal + 1, n)


def _lines(name: str) -> Iterable[Line]:
    with (FOLDER / name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))
