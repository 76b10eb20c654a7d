"""`headroom replica`: what one replica of a language model does on an instance type, and what its tokens cost."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from pathlib import Path

from headroom.advisor.replica import ReplicaAnswer, ReplicaQuestion, ask
from headroom.cli import output
from headroom.cli.exit_codes import FINE, NONE_MEETS
from headroom.cli.files import read_text
from headroom.sharing.exports.text import clean
from headroom.sharing.language_models import (
    MOST_CLIENTS,
    MOST_TOKENS,
    allowed_models,
    load_bedrock,
    load_library,
    nearest_model,
    packaged_model,
    read_config,
    read_measured,
)
from headroom.sharing.library import load_world
from simulator.errors import InvalidScenario, Problem
from simulator.llm.library import LlmLibrary
from simulator.llm.load import Lengths
from simulator.llm.models import LanguageModel
from simulator.llm.weights import DTYPES

MOST_LEVELS = 20
_KV_BYTES = {"auto": 2.0, "fp8": 1.0}


def add_arguments(command: argparse.ArgumentParser, _name: str) -> None:
    """Add the options of `replica`."""
    tokens, gpus = _whole(1, MOST_TOKENS), _whole(1, 64)
    add = command.add_argument
    model = "a model that comes with Headroom (Qwen3-32B), or the config.json of one from Hugging Face"
    add("--model", metavar="M", required=True, help=model)
    add("--instance", metavar="T", required=True, help="instance type, such as ml.g6e.12xlarge")
    add("--tensor-parallel", metavar="N", type=gpus, default=1, help="GPUs that the replica is on (1)")
    add("--dtype", choices=DTYPES, help="format of the weights; that of the published ones when left out")
    add("--kv-dtype", choices=_KV_BYTES, default="auto", help="format of the KV cache; auto is bf16")
    add("--input-tokens", metavar="A", type=tokens, required=True, help="mean tokens of a prompt")
    add("--output-tokens", metavar="B", type=tokens, required=True, help="mean tokens of an answer")
    cached = "tokens of each prompt that are in the prefix cache (0)"
    add("--cached-tokens", metavar="N", type=_whole(0, MOST_TOKENS), default=0, help=cached)
    levels = "clients that each wait for their answer: 1,4,16 (1)"
    add("--concurrency", metavar="C,...", type=_several(_whole(1, MOST_CLIENTS)), default=(1,), help=levels)
    rates = "requests a second that come at random (Poisson): 0.5,2"
    add("--rate", metavar="R,...", type=_several(_rate), default=(), help=rates)
    measured = "calibrate with a measured point (TOML): concurrency, input_tokens, output_tokens, tpot_ms, ttft_ms"
    add("--measured", metavar="FILE", help=measured)
    add("--region", metavar="R", default="us-east-1", help="Region whose prices count (us-east-1)")
    add("--max-num-seqs", metavar="N", type=_whole(1, 4096), help="vLLM's setting; its own default when left out")
    batched = "vLLM's setting; its own default when left out"
    add("--max-num-batched-tokens", metavar="N", type=_whole(16, 1 << 20), help=batched)
    add("--gpu-memory-utilization", metavar="S", type=_share, default=0.9, help="vLLM's setting (0.9)")
    add("--max-loras", metavar="N", type=_whole(0, 4096), default=0, help="slots for LoRA adapters in GPU memory (0)")
    add("--max-lora-rank", metavar="R", type=_whole(1, 512), default=16, help="largest rank of an adapter (16)")
    output.add_options(command, ReplicaAnswer)
    command.set_defaults(start=_replica)


def _replica(arguments: argparse.Namespace) -> int:
    output.check_place(arguments)
    library = load_library()
    model = _model(arguments.model, library)
    lengths = Lengths(
        input_tokens=arguments.input_tokens,
        output_tokens=arguments.output_tokens,
        cached_tokens=arguments.cached_tokens,
    )
    if lengths.cached_tokens >= lengths.input_tokens:
        allowed = f"fewer than the {lengths.input_tokens:,} of the prompt"
        raise InvalidScenario([Problem("--cached-tokens", f"{lengths.cached_tokens:,}", allowed)])
    allowed = "a TOML file with concurrency, input_tokens, output_tokens and tpot_ms"
    measured = read_measured(read_text(arguments.measured, allowed)) if arguments.measured else None
    question = ReplicaQuestion(
        model=model,
        instance=arguments.instance,
        region=arguments.region,
        tensor_parallel=arguments.tensor_parallel,
        dtype=arguments.dtype or model.native_dtype,
        kv_element_bytes=_KV_BYTES[arguments.kv_dtype],
        lengths=lengths,
        concurrency=arguments.concurrency,
        rates_per_s=arguments.rate,
        max_num_seqs=arguments.max_num_seqs,
        max_num_batched_tokens=arguments.max_num_batched_tokens,
        gpu_memory_utilization=arguments.gpu_memory_utilization,
        max_loras=arguments.max_loras,
        max_lora_rank=arguments.max_lora_rank,
        measured=measured,
    )
    world = load_world()
    answer = ask(question, world, library, load_bedrock())
    output.write(arguments, answer, world)
    return NONE_MEETS if answer.ruled_out else FINE


def _model(given: str, library: LlmLibrary) -> LanguageModel:
    """The packaged model of that name, else the one that the file describes."""
    model = packaged_model(given, library)
    if model is not None and not os.path.exists(given):
        return model
    text = read_text(given, allowed_models(library), nearest_model(given, library))
    path = Path(given)
    return read_config(text, clean(path.parent.name if path.name == "config.json" else path.stem) or "config.json")


def _whole(least: int, most: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not text.isascii() or not text.isdecimal() or len(text) > 12 or not least <= int(text) <= most:
            raise argparse.ArgumentTypeError(
                f"given {clean(text)[:40]!r}; allowed: a whole number from {least} to {most:,}"
            )
        return int(text)

    return read


def _number(text: str, above: float, most: float) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not above < value <= most:
        allowed = f"a number above {above:g}, at most {most:,g}"
        raise argparse.ArgumentTypeError(f"given {clean(text)[:40]!r}; allowed: {allowed}")
    return value


def _rate(text: str) -> float:
    return _number(text, 0.0, 1e4)


def _share(text: str) -> float:
    return _number(text, 0.0, 1.0)


def _several(read: Callable[[str], float]) -> Callable[[str], tuple[float, ...]]:
    def read_all(text: str) -> tuple[float, ...]:
        parts = text.split(",")
        if len(parts) > MOST_LEVELS:
            raise argparse.ArgumentTypeError(f"given {len(parts)} levels; allowed: at most {MOST_LEVELS}")
        return tuple(read(part.strip()) for part in parts)

    return read_all
