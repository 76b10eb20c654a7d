"""Language models that come with Headroom, models and measured points of the user's own, and the figures' accuracy."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib import resources
from typing import Any

from headroom.advisor.replica import MeasuredPoint
from headroom.sharing.problems import checked, nearest
from headroom.sharing.toml_file import parse
from pricing.bedrock import FILE, TokenPrices, parse_bedrock
from simulator.errors import InvalidScenario, Problem
from simulator.fields import Spec, quantity
from simulator.llm.config import ModelConfig, flat
from simulator.llm.library import FILES, LlmLibrary, parse_library
from simulator.llm.load import Lengths
from simulator.llm.models import LanguageModel, derive, not_modelled

MOST_TOKENS = 1_000_000
MOST_CLIENTS = 1024


class MeasuredFile(Spec):
    """The file of a measured point."""

    concurrency: int = quantity(..., "Clients", "Clients that each wait for their answer.", ge=1, le=MOST_CLIENTS)
    input_tokens: int = quantity(..., "Prompt", "Mean tokens of a prompt.", unit="tokens", ge=1, le=MOST_TOKENS)
    output_tokens: int = quantity(..., "Answer", "Mean tokens of an answer.", unit="tokens", ge=2, le=MOST_TOKENS)
    tpot_ms: float = quantity(..., "TPOT", "Mean time per token after the first.", unit="ms", gt=0, le=1e5)
    ttft_ms: float | None = quantity(None, "TTFT", "Mean time to the first token.", unit="ms", gt=0, le=1e7)


def load_library() -> LlmLibrary:
    """The packaged models, GPUs, fitted numbers and errors."""
    folder = resources.files("simulator") / "data" / "llm"
    return parse_library({name: (folder / name).read_text(encoding="utf-8") for name in FILES})


def load_bedrock() -> TokenPrices:
    """The packaged prices of Bedrock on demand."""
    return parse_bedrock((resources.files("pricing") / "catalog" / FILE).read_text(encoding="utf-8"))


def packaged_model(name: str, library: LlmLibrary) -> LanguageModel | None:
    """The packaged model of this name, with or without its maker ("Qwen3-32B"), in any case; None when there is
    none.
    """
    wanted = name.casefold()
    names = (known for known in library.models if wanted in (known.casefold(), known.partition("/")[2].casefold()))
    found = next(names, None)
    return library.models[found].model if found else None


def allowed_models(library: LlmLibrary) -> str:
    """What can be given as a model, in words."""
    return f"a Hugging Face config.json, or one of {', '.join(known.partition('/')[2] for known in library.models)}"


def nearest_model(name: str, library: LlmLibrary) -> str:
    """A sentence that names the packaged model nearest to a name; empty when none is near."""
    return nearest(name, [*library.models, *(known.partition("/")[2] for known in library.models)])


def read_config(text: str, name: str) -> LanguageModel:
    """The model that a Hugging Face config.json describes. Raises InvalidScenario with every problem in it."""
    config = _object(text)
    what = not_modelled(config)
    if what:
        raise InvalidScenario([Problem("config.json", f"a model with {what}", "a decoder that Headroom can size")])
    return derive(name, checked(ModelConfig, flat(config), "config.json"))


def read_measured(text: str) -> MeasuredPoint:
    """The measured point of a TOML text. Raises InvalidScenario with every problem in it."""
    values = checked(MeasuredFile, parse(text), "measured")
    return MeasuredPoint(
        concurrency=values.concurrency,
        lengths=Lengths(input_tokens=values.input_tokens, output_tokens=values.output_tokens),
        tpot_s=values.tpot_ms / 1e3,
        ttft_s=None if values.ttft_ms is None else values.ttft_ms / 1e3,
    )


def _object(text: str) -> Mapping[str, Any]:
    try:
        config = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidScenario([Problem("config.json", "text that is not JSON", "the model's config.json")]) from error
    if not isinstance(config, dict):
        raise InvalidScenario([Problem("config.json", "JSON that is no object", "the model's config.json")])
    return config
