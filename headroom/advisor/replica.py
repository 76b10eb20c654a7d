"""What one replica of a language model does on an instance type, how sure that is, and what its tokens cost."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

from headroom.advisor.check import region_problems
from headroom.advisor.tell import words
from headroom.advisor.world import World
from pricing.bedrock import TokenPrice, TokenPrices, token_price
from pricing.errors import NoPrice
from pricing.keys import BY_KEY
from simulator.errors import InvalidScenario, Problem
from simulator.llm.accelerators import accelerator_of
from simulator.llm.confidence import Calibrated, Confidence, confidence_of
from simulator.llm.library import LlmLibrary
from simulator.llm.load import Lengths, LoadFigures, at_rate, capacity_per_s, room, with_clients
from simulator.llm.memory import MemoryBudget, adapter_bytes
from simulator.llm.model_copy import ModelCopy
from simulator.llm.models import LanguageModel
from simulator.llm.replica import EngineSettings, Replica, make_replica, usual_settings
from simulator.llm.weights import WeightFormats
from simulator.model.hardware import InstanceType, find

HOSTING = "hosting_instance_s"
BUSY = 0.8
"""Share of what a replica can do up to which times to the first token are shown for requests at a rate."""
CACHED = 0.9
"""Share of a prompt in the prefix cache from which on a replica only decodes."""
_HOUR_S = 3600
_CALIBRATION_ROUNDS = 4
_MILLION = 1e6


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredPoint:
    """What was measured of the same replica with clients that each wait for their answer: means, in seconds."""

    concurrency: int
    lengths: Lengths
    tpot_s: float
    ttft_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplicaQuestion:
    """What is asked. dtype: of the weights; kv_element_bytes: of the KV cache. max_num_seqs and the like: None for
    vLLM's own. max_loras slots for adapters of at most max_lora_rank are reserved; 0 for none.
    """

    model: LanguageModel
    instance: str
    region: str
    tensor_parallel: int
    dtype: str
    kv_element_bytes: float
    lengths: Lengths
    concurrency: tuple[int, ...]
    rates_per_s: tuple[float, ...] = ()
    max_num_seqs: int | None = None
    max_num_batched_tokens: int | None = None
    gpu_memory_utilization: float = 0.9
    max_loras: int = 0
    max_lora_rank: int = 16
    measured: MeasuredPoint | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """One load: so many clients, or requests at a rate (no clients). share: of the most requests per second that the
    replica can do. figures: None where it cannot do that many. withheld: why times to the first token are not shown.
    """

    clients: int
    requests_per_s: float
    share: float
    figures: LoadFigures | None
    usd_per_million_output: float | None
    usd_per_million_tokens: float | None
    withheld: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakEven:
    """Bedrock on demand for the same model. request_usd: of one request; requests_per_s: at which the instance costs as
    much; share: of what all its replicas together can do, above 1 where it never costs as little.
    """

    price: TokenPrice
    request_usd: Decimal
    requests_per_s: float
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplicaAnswer:
    """What is said of a replica. copies: replicas that the instance has GPUs for, which share its price. ruled_out: why
    it cannot run; no figures follow then. room: sequences that it holds at once. step_factor, ttft_factor: by which
    times were multiplied to give the measured point. bedrock: where Bedrock costs as much. adapters: slots for them.
    """

    model: LanguageModel
    instance: str
    gpu: str
    region: str
    tensor_parallel: int
    dtype: str
    kv_element_bytes: float
    lengths: Lengths
    settings: EngineSettings
    budget: MemoryBudget
    copies: int
    confidence: Confidence
    ruled_out: str = ""
    room: int = 0
    capacity_per_s: float = 0.0
    step_factor: float = 1.0
    ttft_factor: float = 1.0
    levels: tuple[Level, ...] = ()
    rates: tuple[Level, ...] = ()
    usd_per_hour: Decimal | None = None
    price_estimated: bool = False
    bedrock: BreakEven | None = None
    adapters: int = 0


def ask(
    question: ReplicaQuestion, world: World, library: LlmLibrary, bedrock: TokenPrices | None = None
) -> ReplicaAnswer:
    """Answer a question. bedrock: prices to compare with.

    Raises InvalidScenario when the Region or the instance type cannot be asked about, or the measured point cannot be
    of this replica.
    """
    problems = list(region_problems(question.region, world))
    if problems:
        raise InvalidScenario(problems)
    instance = find(world.hardware, question.instance, "instance")
    copy = _copy(question, instance, library)
    replica = make_replica(
        copy, _settings(question, copy), library.parameters, question.max_loras * _adapter_bytes(question)
    )
    (usd_per_hour, estimated), point = _price(question, world), question.measured
    answer = ReplicaAnswer(
        model=question.model,
        instance=instance.name,
        gpu=copy.accelerator.sheet.gpu_model,
        region=question.region,
        tensor_parallel=question.tensor_parallel,
        dtype=question.dtype,
        kv_element_bytes=question.kv_element_bytes,
        lengths=question.lengths,
        settings=replica.settings,
        budget=replica.budget,
        copies=instance.accelerators // question.tensor_parallel,
        confidence=confidence_of(
            copy,
            library.evidence,
            Calibrated(token=point is not None, ttft=point is not None and point.ttft_s is not None),
            prompts_cached=question.lengths.cached_tokens >= CACHED * question.lengths.input_tokens,
        ),
        ruled_out=_ruled_out(question, instance, replica),
        usd_per_hour=usd_per_hour,
        price_estimated=estimated,
        adapters=question.max_loras,
    )
    if answer.ruled_out:
        return answer
    answer = _loaded(answer, question, replica)
    return replace(answer, bedrock=_break_even(answer, bedrock or {}))


def _copy(question: ReplicaQuestion, instance: InstanceType, library: LlmLibrary) -> ModelCopy:
    return ModelCopy(
        model=question.model,
        formats=WeightFormats.of(question.model, question.dtype),
        kv_element_bytes=question.kv_element_bytes,
        accelerator=accelerator_of(instance, library.sheets, "instance"),
        gpus=question.tensor_parallel,
    )


def _settings(question: ReplicaQuestion, copy: ModelCopy) -> EngineSettings:
    usual = usual_settings(copy.accelerator)
    return EngineSettings(
        max_num_seqs=question.max_num_seqs or usual.max_num_seqs,
        max_num_batched_tokens=question.max_num_batched_tokens or usual.max_num_batched_tokens,
        gpu_memory_utilization=question.gpu_memory_utilization,
    )


def _adapter_bytes(question: ReplicaQuestion) -> float:
    return adapter_bytes(question.model, question.max_lora_rank)


def _price(question: ReplicaQuestion, world: World) -> tuple[Decimal | None, bool]:
    """USD for an hour of the instance, None where there is no price, and whether it is an estimate."""
    try:
        rate = world.prices.price(HOSTING, question.region, question.instance, world.on)
    except NoPrice:
        return None, False
    hour = BY_KEY[HOSTING].amount_usd(((Decimal(_HOUR_S), rate.usd),))
    return hour, rate.evidence == "estimated"


def _ruled_out(question: ReplicaQuestion, instance: InstanceType, replica: Replica) -> str:
    """Why a replica cannot run, with the number; empty when it can."""
    degree, heads, budget = question.tensor_parallel, question.model.heads, replica.budget
    if degree > instance.accelerators:
        return f"{instance.name} has {instance.accelerators} GPUs, tensor_parallel_degree asks for {degree}"
    if heads % degree:
        return f"vLLM cannot share the {heads} attention heads of the model evenly among {degree} GPUs"
    longest = question.lengths.input_tokens + question.lengths.output_tokens
    if question.model.context_tokens and longest > question.model.context_tokens:
        return f"{longest:,} tokens of prompt and answer, the model takes at most {question.model.context_tokens:,}"
    if not budget.fits:
        allowed = budget.total - budget.unused
        needed = budget.weights + budget.activations + budget.adapters
        return (
            f"weights{', adapters' if budget.adapters else ''} and activations need {needed / 1e9:.4g} GB, "
            f"{degree} x {replica.copy.accelerator.sheet.gpu_model} may use {allowed / 1e9:.4g} GB"
        )
    if room(replica, question.lengths) == 0:
        return f"the KV cache holds {budget.kv_tokens:,} tokens, a single request needs {longest:,}"
    return ""


def _loaded(answer: ReplicaAnswer, question: ReplicaQuestion, replica: Replica) -> ReplicaAnswer:
    """The answer with figures under load."""
    step_factor, ttft_factor = _calibration(question.measured, replica)
    replica, lengths = replica.scaled(step_factor), question.lengths
    most_per_s = capacity_per_s(replica, lengths)
    usd_per_s = None if answer.usd_per_hour is None else float(answer.usd_per_hour) / _HOUR_S / answer.copies

    def level(figures: LoadFigures | None, clients: int, asked_per_s: float, withheld: str = "") -> Level:
        figures = figures and figures.with_ttft(ttft_factor)
        output = figures.output_tokens_per_s if figures else 0.0
        every = output + figures.requests_per_s * lengths.input_tokens if figures else 0.0
        return Level(
            clients=clients,
            requests_per_s=asked_per_s,
            share=asked_per_s / most_per_s,
            figures=figures,
            usd_per_million_output=usd_per_s / output * _MILLION if usd_per_s and output else None,
            usd_per_million_tokens=usd_per_s / every * _MILLION if usd_per_s and every else None,
            withheld=withheld,
        )

    def at(rate_per_s: float) -> Level:
        share = rate_per_s / most_per_s
        if share >= 1:
            return level(None, 0, rate_per_s, "the queue grows without end")
        busy = f"above {words.share(BUSY)} of what it can do, a small error of the steps is a large one of the queue"
        return level(at_rate(replica, lengths, rate_per_s), 0, rate_per_s, busy if share > BUSY else "")

    closed = [with_clients(replica, lengths, clients) for clients in question.concurrency]
    levels = [level(fig, n, fig.requests_per_s) for fig, n in zip(closed, question.concurrency, strict=True)]
    return replace(
        answer,
        room=room(replica, lengths),
        capacity_per_s=most_per_s,
        step_factor=step_factor,
        ttft_factor=ttft_factor,
        levels=tuple(levels),
        rates=tuple(at(rate) for rate in question.rates_per_s),
    )


def _break_even(answer: ReplicaAnswer, prices: TokenPrices) -> BreakEven | None:
    """Where the instance costs as much as Bedrock; None where either has no price."""
    price = token_price(prices, answer.model.name, answer.region)
    if price is None or answer.usd_per_hour is None:
        return None
    request_usd = price.request_usd(answer.lengths.input_tokens, answer.lengths.output_tokens)
    requests_per_s = float(answer.usd_per_hour / request_usd) / _HOUR_S
    share = requests_per_s / (answer.capacity_per_s * answer.copies)
    return BreakEven(price=price, request_usd=request_usd, requests_per_s=requests_per_s, share=share)


def _calibration(point: MeasuredPoint | None, replica: Replica) -> tuple[float, float]:
    """Factors of every step, and of the times to the first token, with which the replica gives the measured point."""
    if point is None:
        return 1.0, 1.0
    if room(replica, point.lengths) < point.concurrency:
        held = f"{point.concurrency} requests at once, of which {room(replica, point.lengths)} fit"
        raise InvalidScenario([Problem("measured", held, "a point at which no request waits for memory")])
    factor = 1.0
    for _ in range(_CALIBRATION_ROUNDS):
        figures = with_clients(replica.scaled(factor), point.lengths, point.concurrency)
        factor *= point.tpot_s / figures.tpot_s
    figures = with_clients(replica.scaled(factor), point.lengths, point.concurrency)
    return factor, 1.0 if point.ttft_s is None else point.ttft_s / figures.ttft_mean_s
