"""A replica of a language model as text and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator

from headroom.advisor.replica import BreakEven, Level, ReplicaAnswer
from headroom.advisor.tell import words
from headroom.advisor.world import World
from headroom.codec import to_json
from headroom.sharing.exports.export import Export
from headroom.sharing.exports.json_files import MEDIA_TYPE, made_with
from headroom.sharing.exports.text import clean, table, wrapped

_ANSWER_LIMIT_S = 60.0
_STREAM_LIMIT_S = 480.0
_WITHHELD = "–"


def replica_text(answer: ReplicaAnswer) -> str:
    """Return what one replica does as plain text: what it is, how sure, its memory, and its figures under load."""
    parts = [_title(answer)]
    if answer.ruled_out:
        parts += [wrapped(f"Ruled out: {clean(answer.ruled_out)}."), _memory(answer)]
        return "\n\n".join(parts) + "\n"
    parts += [_sureness(answer), _memory(answer), _levels(answer), _rates(answer), _notes(answer)]
    return "\n\n".join(part for part in parts if part) + "\n"


def _title(answer: ReplicaAnswer) -> str:
    model, gpus = answer.model, answer.tensor_parallel
    size = f"{words.count(float(model.params))} parameters"
    if model.experts:
        size += f", {words.count(float(model.active_params))} for a token"
    kv = "fp8" if answer.kv_element_bytes == 1 else "bf16"
    return wrapped(
        f"{clean(model.name)} ({size}), weights in {answer.dtype}, KV cache in {kv}, on {gpus} x {answer.gpu} of "
        f"{answer.instance}, {answer.region}; {words.count(answer.lengths.input_tokens)} tokens in, "
        f"{words.count(answer.lengths.output_tokens)} out"
    )


def _sureness(answer: ReplicaAnswer) -> str:
    sure = answer.confidence
    text = f"Class {sure.letter}: {sure.why}. "
    if sure.letter == "C":
        text += f"Times per token are a guess, {words.error(sure.token)}"
    else:
        text += f"Nine of ten times per token are within {words.share(sure.token, 2)} of the measured"
    text += (
        f"; times to the first token are withheld: {sure.why_no_ttft}."
        if sure.ttft is None
        else f", times to the first token within {words.share(sure.ttft, 2)}."
    )
    if answer.step_factor != 1:
        text += f" Every step takes {words.count(answer.step_factor)} times what it would by the law alone."
    return wrapped(clean(text))


def _memory(answer: ReplicaAnswer) -> str:
    budget = answer.budget
    parts = {
        "Weights": budget.weights,
        "Activations and CUDA graphs": budget.activations,
        f"Adapters, {words.counted(answer.adapters, 'slot')}": budget.adapters,
        "KV cache": max(budget.kv_cache, 0.0),
        "Left alone (gpu_memory_utilization)": budget.unused,
    }
    rows = [
        [name, "", words.megabytes(size / 1e6), words.share(size / budget.total, 2)]
        for name, size in parts.items()
        if size
    ]
    total = words.megabytes(budget.total / 1e6)
    text = table([f"Memory of {words.counted(answer.tensor_parallel, 'GPU')}", "", total, ""], rows)
    if answer.ruled_out:
        return text
    held = f"{words.count(budget.kv_tokens)} tokens, {words.counted(answer.room, 'request')} at once"
    return f"{text}\n{wrapped(f'The KV cache has room for {held}.')}"


def _levels(answer: ReplicaAnswer) -> str:
    rows = [[words.count(level.clients), "", *_cells(answer, level)] for level in answer.levels]
    return table(["Clients", "", *_HEADS], rows) if rows else ""


def _rates(answer: ReplicaAnswer) -> str:
    rows = [
        [words.per_second(level.requests_per_s), "", *_cells(answer, level)]
        for level in answer.rates
        if level.figures is not None
    ]
    text = table(["Requests", "", *_HEADS], rows) if rows else ""
    withheld = [
        wrapped(f"{words.per_second(level.requests_per_s)}: {_less(answer, level)}")
        for level in answer.rates
        if level.withheld
    ]
    return "\n".join([text, *withheld]).strip("\n")


_HEADS = ("Busy", "Tokens/s", "TTFT p50", "TTFT p99", "TPOT", "ITL p99", "E2E p50", "$/M out", "$/M all")


def _less(answer: ReplicaAnswer, level: Level) -> str:
    most, off = words.per_second(answer.capacity_per_s), words.error(answer.confidence.token)
    return f"times to the first token are withheld: {level.withheld}. It can do {most} {off}."


def _cells(answer: ReplicaAnswer, level: Level) -> list[str]:
    figures = level.figures
    assert figures is not None
    show_ttft = answer.confidence.ttft is not None and not level.withheld
    ttft = [words.seconds(value) if show_ttft else _WITHHELD for value in (figures.ttft_s.p50, figures.ttft_s.p99)]
    return [
        words.share(level.share, 2),
        words.count(round(figures.output_tokens_per_s)),
        *ttft,
        words.seconds(figures.tpot_s),
        words.seconds(figures.itl_s.p99),
        words.seconds(figures.e2e_s.p50),
        *(_usd(value) for value in (level.usd_per_million_output, level.usd_per_million_tokens)),
    ]


def _usd(value: float | None) -> str:
    return words.UNKNOWN if value is None else words.dollars(value)


def _notes(answer: ReplicaAnswer) -> str:
    return "\n".join(wrapped(clean(note), "  ") for note in notes(answer))


def notes(answer: ReplicaAnswer) -> Iterator[str]:
    """Yield what has to be known beside the figures, a sentence or two each."""
    yield (
        "TTFT: from sending to the first token, front end and network included; behind a SageMaker endpoint it comes "
        "25 to 40 ms later, as measured of one model. TPOT: from the first token to the last over the tokens after the "
        "first, mean. ITL: between two tokens, as simulated: no measured row has it. E2E: until the last."
    )
    if answer.usd_per_hour is None:
        yield f"No price is known for {answer.instance} in {answer.region}."
    else:
        price = f"{'≈ ' if answer.price_estimated else ''}{words.dollars(answer.usd_per_hour)} an hour"
        shared = f"is shared by {words.counted(answer.copies, 'replica')}, each under the load of its line"
        yield f"$/M: USD per million tokens, of the answers and of all; the instance, {price}, {shared}."
    if answer.rates:
        yield "The errors are those of clients that wait; no public row tests how long requests at a rate wait."
    if answer.bedrock is not None:
        yield _against_bedrock(answer.bedrock)
    starved = [level.clients for level in answer.levels if level.clients > answer.room]
    if starved:
        yield f"With {words.joined([words.count(n) for n in starved])} clients requests wait for room in the KV cache."
    longest_s = max((level.figures.e2e_s.p99 for level in answer.levels if level.figures is not None), default=0.0)
    if longest_s > _STREAM_LIMIT_S:
        yield "AWS ends a stream after 8 min: answers at the busiest level take longer (facts row 1.3)."
    elif longest_s > _ANSWER_LIMIT_S:
        yield "AWS ends an answer that is not streamed after 60 s: some at the busiest level are longer (row 1.3)."
    if answer.adapters:
        yield (
            "Of adapters only the memory is counted. What they do to speed was measured on one engine of May 2025 "
            "(0.48 of the throughput with one adapter, 0.2 with 300); newer engines are said to lose 5 to 50 %."
        )


def _against_bedrock(even: BreakEven) -> str:
    price = even.price
    asks = (
        f"Bedrock on demand asks {words.usd_rate(price.input_usd)} per million tokens of prompts and "
        f"{words.usd_rate(price.output_usd)} of answers ({price.bedrock_model}"
        f"{'' if price.region else ', Region not stated'}, read in {price.from_date:%B %Y}): "
        f"{words.dollars(even.request_usd * 1000)} for a thousand such requests."
    )
    if even.share > 1:
        return (
            f"{asks} The instance never costs as little: at the most that it can do, {words.count(even.share)} times."
        )
    rate, share = words.per_second(even.requests_per_s), words.share(even.share, 2)
    return f"{asks} The instance costs as much at {rate} around the clock, {share} of what its replicas can do."


def _json(answer: ReplicaAnswer, world: World) -> bytes:
    plain = to_json(answer)
    sure = answer.confidence.ttft is not None
    for level in (*plain["levels"], *plain["rates"]):
        if level["figures"] is not None and (level["withheld"] or not sure):
            level["figures"] |= {"ttft_s": None, "ttft_mean_s": None}
    return (
        json.dumps({"made_with": made_with(world), **plain, "notes": list(notes(answer))}, indent=1) + "\n"
    ).encode()


REPLICA_TEXT = Export(
    key="text",
    title="Replica (text)",
    kind=ReplicaAnswer,
    file_name="replica.txt",
    media_type="text/plain",
    write=lambda answer, _: replica_text(answer).encode(),
)
REPLICA_JSON = Export(
    key="json",
    title="Replica (JSON)",
    kind=ReplicaAnswer,
    file_name="replica.json",
    media_type=MEDIA_TYPE,
    write=_json,
)
