"""A copy of a language model with continuous batching, step by step, as vLLM's engine V1 orders its steps.

A step decodes one token of every running sequence and fills what is left of its token budget with prompts: first the
prompt that was begun, then waiting ones, first in, first out, while blocks of the KV cache and places for sequences
last. A decode takes a block each time its length passes a multiple of BLOCK; when there are too few, the sequence that
was admitted last gives its blocks back and waits in front, to be computed again (preemption by recompute), and nothing
is admitted in that step. Tokens of a prompt that are in the prefix cache cost no work and no blocks. In front of the
engine is one thread that takes requests apart, first in, first out.

    seconds of a step = tokens_s[T] + sequence_s * n + context_token_s * S + pair_s * A

T tokens, n of them decodes with S tokens of context together, A pairs of a prompt token and a token before it.
Between two events nothing is decided, and the time of a step grows evenly, so k steps are taken at once: until the
next completion, the next shortage of blocks, or the next arrival that could be admitted. O(log n) per event: blocks are
counted by the length of sequences modulo BLOCK, completions wait in a heap by the number of the step.

Order: Kwon et al., Efficient memory management for large language model serving with PagedAttention, SOSP 2023.
"""

from __future__ import annotations

import math
from typing import Final, NamedTuple

import numpy as np

from simulator.kernels import INF, Floats, Ints, borrowing
from simulator.kernels.buckets import BUCKETS, FIRST, LEAST_S, SHIFT
from simulator.kernels.heap import pop, push

BLOCK: Final = 16
# What becomes of a request.
AWAY, WAITING, RUNNING, DONE, REFUSED = range(5)
# Places in State.ints. PARTIAL: the request whose prompt is begun and not finished, or -1, with OFFSET tokens of it
# computed and REST to go. CONTEXT: tokens of context of all decodes. DECODED: steps with decodes so far.
(
    FREE, DECODES, CONTEXT, DECODED, HEAD, TAIL, ADMITTED, HEAPED, PARTIAL, OFFSET, REST, ARRIVED, SENT, OVER, ENTERING,
    EVENTS, STEPS, PREEMPTIONS, MOST_BLOCKS,
) = range(19)  # fmt: skip
COUNTS: Final = 19
# Places in State.reals: the time, when the front end is free, time spent in steps.
NOW, FRONT_END, BUSY = range(3)
REALS: Final = 3


class Params(NamedTuple):
    """The engine's settings and the terms of a step. clients: of a closed loop, each of which sends its next request
    when the last is answered; 0 when arrivals are given. skip: take steps together where nothing is decided.
    """

    blocks: int
    max_sequences: int
    token_budget: int
    sequence_s: float
    context_token_s: float
    pair_s: float
    front_end_s: float = 0.0
    front_end_token_s: float = 0.0
    clients: int = 0
    skip: bool = True


class State(NamedTuple):
    """Requests in order of arrival, and the engine. For each request: prompt tokens, output tokens and cached tokens of
    the prompt, int64; when it is sent, reaches the engine, gives its first token and its last, float64.

    made: tokens that a preempted request had made; held: when it made the last of them. lengths: of a decode, less the
    steps at which it began. queue: waiting requests; order: running ones as admitted, and ended ones between them;
    entering: whose prompt ends in this step. residues: decodes by length modulo BLOCK. finish_t, finish_key: heap of
    the step at which each decode ends. gaps: int64[BUCKETS], times between the tokens of a sequence. cell: float64[1]
    and its bits.
    """

    prompt: Ints
    output: Ints
    cached: Ints
    sent_s: Floats
    ready_s: Floats
    first_s: Floats
    last_s: Floats
    fate: Ints
    made: Ints
    held_s: Floats
    lengths: Ints
    queue: Ints
    order: Ints
    entering: Ints
    residues: Ints
    finish_t: Floats
    finish_key: Ints
    gaps: Ints
    cell: Floats
    cell_bits: Ints
    ints: Ints
    reals: Floats


def new_state(prompt: Ints, output: Ints, cached: Ints, sent_s: Floats, blocks: int) -> State:
    """Nothing running, all requests still to come. output: at least 1; cached: below `prompt`, whole blocks."""
    n = prompt.size
    ints, cell = np.zeros(COUNTS, np.int64), np.zeros(1)
    ints[FREE], ints[PARTIAL] = blocks, -1
    ready_s, first_s, last_s, held_s = np.full((4, n), np.nan)
    fate, made, lengths, queue, order, entering = np.zeros((6, n), np.int64)
    return State(
        prompt=prompt,
        output=output,
        cached=cached,
        sent_s=sent_s.copy(),
        ready_s=ready_s,
        first_s=first_s,
        last_s=last_s,
        fate=fate,
        made=made,
        held_s=held_s,
        lengths=lengths,
        queue=queue,
        order=order,
        entering=entering,
        residues=np.zeros(BLOCK, np.int64),
        finish_t=np.zeros(n + 1),
        finish_key=np.zeros(n + 1, np.int64),
        gaps=np.zeros(BUCKETS, np.int64),
        cell=cell,
        cell_bits=cell.view(np.int64),
        ints=ints,
        reals=np.array([0.0, -INF, 0.0]),
    )


@borrowing
def _blocks(tokens: int) -> int:
    """Blocks that hold so many tokens."""
    return (tokens + BLOCK - 1) // BLOCK


@borrowing
def _send(s: State, p: Params, at_s: float) -> None:
    """The next request leaves its client and passes the front end, which refuses one that could never fit."""
    c = s.ints
    while c[SENT] < s.prompt.size:
        i = c[SENT]
        c[SENT] += 1
        s.sent_s[i] = at_s
        s.reals[FRONT_END] = max(s.reals[FRONT_END], at_s) + p.front_end_s + p.front_end_token_s * s.prompt[i]
        s.ready_s[i] = s.reals[FRONT_END]
        if _blocks(s.prompt[i] + s.output[i]) - s.cached[i] // BLOCK <= p.blocks:
            return
        s.fate[i] = REFUSED
        s.first_s[i] = s.last_s[i] = s.ready_s[i]
        c[OVER] += 1
        if p.clients == 0:
            return
        at_s = s.ready_s[i]


@borrowing
def _end(s: State, p: Params, i: int) -> None:
    """Request i is answered now; in a closed loop its client sends the next."""
    s.fate[i] = DONE
    s.last_s[i] = s.reals[NOW]
    s.ints[OVER] += 1
    if p.clients > 0:
        _send(s, p, s.reals[NOW])


@borrowing
def _arrive(s: State) -> None:
    """Requests that have reached the engine wait."""
    c = s.ints
    while c[ARRIVED] < c[SENT] and s.ready_s[c[ARRIVED]] <= s.reals[NOW]:
        if s.fate[c[ARRIVED]] == AWAY:
            s.queue[c[TAIL]] = c[ARRIVED]
            c[TAIL] += 1
            s.fate[c[ARRIVED]] = WAITING
        c[ARRIVED] += 1


@borrowing
def _count_gaps(s: State, n: int, first_s: float, growth_s: float, steps: int) -> None:
    """Count the gaps of n sequences over steps that take first_s, first_s + growth_s and so on."""
    done = 0
    while done < steps:
        s.cell[0] = max(first_s + growth_s * done, LEAST_S)
        bucket = (s.cell_bits[0] >> SHIFT) - FIRST
        alike = steps - done
        if growth_s > 0 and alike > 1:
            s.cell_bits[0] = (bucket + 1 + FIRST) << SHIFT
            alike = min(alike, max(1, math.ceil((s.cell[0] - first_s) / growth_s) - done))
        s.gaps[min(bucket, BUCKETS - 1)] += n * alike
        done += alike


@borrowing
def _forget(s: State, i: int) -> None:
    """Take request i out of the heap of completions."""
    c = s.ints
    k = 0
    while s.finish_key[k] != i:
        k += 1
    push(s.finish_t, s.finish_key, k, -INF, i)
    pop(s.finish_t, s.finish_key, c[HEAPED])
    c[HEAPED] -= 1


@borrowing
def _leave_decoding(s: State, i: int) -> int:
    """Sequence i decodes no longer and gives its blocks back; returns its length."""
    c = s.ints
    length = s.lengths[i] + c[DECODED]
    c[FREE] += _blocks(length) - s.cached[i] // BLOCK
    c[DECODES] -= 1
    c[CONTEXT] -= length
    s.residues[s.lengths[i] % BLOCK] -= 1
    return int(length)


@borrowing
def _preempt(s: State) -> None:
    """The sequence that was admitted last gives its blocks back and waits in front of all others."""
    c = s.ints
    c[ADMITTED] -= 1
    while s.fate[s.order[c[ADMITTED]]] != RUNNING:
        c[ADMITTED] -= 1
    i = s.order[c[ADMITTED]]
    c[PREEMPTIONS] += 1
    if i == c[PARTIAL]:
        c[FREE] += _blocks(c[OFFSET]) - s.cached[i] // BLOCK
        c[PARTIAL] = -1
    else:
        _forget(s, i)
        s.made[i] = _leave_decoding(s, i) - s.prompt[i] + 1
        s.held_s[i] = s.reals[NOW]
    s.fate[i] = WAITING
    c[HEAD] -= 1
    s.queue[c[HEAD]] = i


@borrowing
def _continue_partial(s: State, budget: int, spare: int) -> tuple[int, float, int]:
    """Compute more of the prompt that was begun: tokens, pairs, blocks taken."""
    c = s.ints
    i, offset = c[PARTIAL], c[OFFSET]
    chunk = min(c[REST], budget)
    taken = _blocks(offset + chunk) - _blocks(offset)
    if taken > spare:
        taken = spare
        chunk = min((_blocks(offset) + spare) * BLOCK - offset, chunk)
    if chunk <= 0:
        return 0, 0.0, 0
    c[OFFSET] += chunk
    c[REST] -= chunk
    if c[REST] == 0:
        s.entering[c[ENTERING]] = i
        c[ENTERING] += 1
        c[PARTIAL] = -1
    return chunk, chunk * (offset + 0.5 * chunk), taken


@borrowing
def _prefill(s: State, p: Params, need: int) -> tuple[int, float]:
    """Fill the step with prompts; returns their tokens and pairs. need: blocks that its decodes take."""
    c = s.ints
    budget, spare = p.token_budget - c[DECODES], c[FREE] - need
    tokens, pairs = 0, 0.0
    c[ENTERING] = 0
    if c[PARTIAL] >= 0 and budget > 0:
        tokens, pairs, taken = _continue_partial(s, budget, spare)
        spare -= taken
        budget -= tokens
    running = c[DECODES] + c[ENTERING]
    while c[HEAD] < c[TAIL] and budget > 0 and c[PARTIAL] < 0 and running < p.max_sequences:
        i = s.queue[c[HEAD]]
        length, start = s.prompt[i] + s.made[i], s.cached[i]
        chunk = min(length - start, budget)
        taken = _blocks(start + chunk) - start // BLOCK
        if taken > spare:
            break
        c[HEAD] += 1
        running += 1
        s.fate[i] = RUNNING
        s.order[c[ADMITTED]] = i
        c[ADMITTED] += 1
        spare -= taken
        budget -= chunk
        tokens += chunk
        pairs += chunk * (start + 0.5 * chunk)
        if start + chunk < length:
            c[PARTIAL], c[OFFSET], c[REST] = i, start + chunk, length - start - chunk
        else:
            s.entering[c[ENTERING]] = i
            c[ENTERING] += 1
    c[FREE] = spare + need
    return tokens, pairs


@borrowing
def _steps_until_shortage(s: State, most: int) -> int:
    """Steps, at most `most`, that the free blocks last for; at least 1."""
    c = s.ints
    if (most // BLOCK + 1) * c[DECODES] <= c[FREE]:
        return most
    steps, taken = 0, 0
    while steps < most:
        taken += s.residues[(-(c[DECODED] + steps)) % BLOCK]
        if taken > c[FREE]:
            break
        steps += 1
    return max(steps, 1)


@borrowing
def _steps_until_arrival(s: State, first_s: float, growth_s: float, most: int) -> int:
    """Steps, at most `most`, in the last of which the next request arrives; at least 1."""
    c = s.ints
    if c[ARRIVED] == c[SENT] or c[HEAD] < c[TAIL]:
        return most
    wait_s = s.ready_s[c[ARRIVED]] - s.reals[NOW]
    if wait_s <= first_s:
        return 1
    half = first_s - growth_s * 0.5
    steps = 2 * wait_s / (half + math.sqrt(half * half + 2 * growth_s * wait_s))
    return min(most, max(1, math.ceil(steps))) if steps < most else most


@borrowing
def _decode(s: State, p: Params, tokens_s: Floats, alone: bool) -> None:
    """Steps without prompts: as many as nothing is decided in. alone: one only, after a preemption."""
    c = s.ints
    n, steps = c[DECODES], 1
    first_s = tokens_s[n] + p.sequence_s * n + p.context_token_s * c[CONTEXT]
    growth_s = p.context_token_s * n
    if p.skip and not alone:
        steps = _steps_until_shortage(s, int(s.finish_t[0]) - c[DECODED])
        steps = _steps_until_arrival(s, first_s, growth_s, steps)
    took_s = steps * first_s + growth_s * (steps * (steps - 1)) * 0.5
    _count_gaps(s, n, first_s, growth_s, steps)
    c[FREE] -= steps // BLOCK * n
    for k in range(steps - steps % BLOCK, steps):
        c[FREE] -= s.residues[(-(c[DECODED] + k)) % BLOCK]
    c[CONTEXT] += steps * n
    c[DECODED] += steps
    c[STEPS] += steps
    c[MOST_BLOCKS] = max(c[MOST_BLOCKS], p.blocks - c[FREE])
    s.reals[NOW] += took_s
    s.reals[BUSY] += took_s


@borrowing
def _enter(s: State, p: Params, i: int) -> None:
    """The prompt of request i is computed and its next token made: it decodes from now on, or has ended."""
    c = s.ints
    now_s, made = s.reals[NOW], s.made[i] + 1
    if math.isnan(s.first_s[i]):
        s.first_s[i] = now_s
    else:
        _count_gaps(s, 1, now_s - s.held_s[i], 0.0, 1)
    length = s.prompt[i] + made - 1
    if made >= s.output[i]:
        c[FREE] += _blocks(length) - s.cached[i] // BLOCK
        _end(s, p, i)
        return
    s.lengths[i] = length - c[DECODED]
    c[DECODES] += 1
    c[CONTEXT] += length
    s.residues[s.lengths[i] % BLOCK] += 1
    push(s.finish_t, s.finish_key, c[HEAPED], float(c[DECODED] + s.output[i] - made), i)
    c[HEAPED] += 1


@borrowing
def _mixed(s: State, p: Params, tokens_s: Floats, tokens: int, pairs: float, need: int) -> None:
    """A step of decodes and prompts together."""
    c = s.ints
    n = c[DECODES]
    took_s = tokens_s[tokens + n] + p.sequence_s * n + p.context_token_s * c[CONTEXT] + p.pair_s * pairs
    s.reals[NOW] += took_s
    s.reals[BUSY] += took_s
    c[STEPS] += 1
    c[FREE] -= need
    c[MOST_BLOCKS] = max(c[MOST_BLOCKS], p.blocks - c[FREE])
    if n > 0:
        _count_gaps(s, n, took_s, 0.0, 1)
        c[CONTEXT] += n
    c[DECODED] += 1
    for k in range(c[ENTERING]):
        _enter(s, p, s.entering[k])


@borrowing
def _complete(s: State, p: Params) -> None:
    """Sequences whose last token is made end."""
    c = s.ints
    while c[HEAPED] > 0 and s.finish_t[0] <= c[DECODED]:
        i = s.finish_key[0]
        pop(s.finish_t, s.finish_key, c[HEAPED])
        c[HEAPED] -= 1
        _leave_decoding(s, i)
        _end(s, p, i)


def _run(s: State, p: Params, tokens_s: Floats) -> None:
    """Serve all requests of a new state. tokens_s: float64[m + 1], m at least the token budget and max_sequences."""
    c = s.ints
    sent = min(p.clients, s.prompt.size) if p.clients > 0 else s.prompt.size
    for _ in range(sent):
        if c[SENT] < s.prompt.size:
            _send(s, p, s.sent_s[c[SENT]])
    while c[OVER] < s.prompt.size:
        _arrive(s)
        if c[DECODES] == 0 and c[PARTIAL] < 0 and c[HEAD] == c[TAIL]:
            if c[ARRIVED] == c[SENT]:
                break
            s.reals[NOW] = max(s.reals[NOW], s.ready_s[c[ARRIVED]])
            continue
        c[EVENTS] += 1
        need = s.residues[(-c[DECODED]) % BLOCK]
        preempted = False
        while need > c[FREE]:
            _preempt(s)
            preempted = True
            need = s.residues[(-c[DECODED]) % BLOCK]
        tokens, pairs = 0, 0.0
        if not preempted:
            tokens, pairs = _prefill(s, p, need)
        if tokens > 0:
            _mixed(s, p, tokens_s, tokens, pairs, need)
        else:
            _decode(s, p, tokens_s, preempted)
        _complete(s, p)


run = borrowing(_run)
