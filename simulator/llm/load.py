"""What a replica does under load: so many clients that each wait for their answer, or requests at a rate."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.engine.histogram import Histogram
from simulator.kernels import tokens as kernel
from simulator.llm.replica import Replica, Requests, serve

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

LENGTH_SPREAD = 0.2
"""Lengths are spread evenly over the mean less and plus this share, so that requests do not march in step."""
WARM_ROUNDS, ROUNDS, FEWEST = 2, 10, 200
RATE_REQUESTS, WARM_SHARE = 5000, 0.1
_SEED = 20261129


@dataclass(frozen=True, slots=True, kw_only=True)
class Lengths:
    """Mean tokens of a prompt, of its part that is in the prefix cache, and of an answer."""

    input_tokens: int
    output_tokens: int
    cached_tokens: int = 0


class Percentiles(NamedTuple):
    """A time over requests, or over tokens, in seconds."""

    p50: float
    p90: float
    p99: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadFigures:
    """What a replica does under one load. ttft_s: from sending to the first token; tpot_s: from the first token to the
    last over the tokens after the first, mean over requests; itl_s: between two tokens of an answer, over tokens;
    e2e_s: from sending to the last token. kv_share: most of the KV cache that was taken at once.
    """

    requests_per_s: float
    output_tokens_per_s: float
    ttft_mean_s: float
    ttft_s: Percentiles
    tpot_s: float
    itl_s: Percentiles
    e2e_s: Percentiles
    kv_share: float
    preemptions: int

    def with_ttft(self, factor: float) -> LoadFigures:
        """The same with times to the first token times a factor, and whole answers longer or shorter by as much."""
        later_s = self.ttft_mean_s * (factor - 1)
        return replace(
            self,
            ttft_mean_s=self.ttft_mean_s * factor,
            ttft_s=Percentiles(*(factor * value for value in self.ttft_s)),
            e2e_s=Percentiles(*(value + later_s for value in self.e2e_s)),
        )


def room(replica: Replica, lengths: Lengths) -> int:
    """Sequences of these lengths that the replica holds at once: by the KV cache, and by max_num_seqs."""
    own = lengths.input_tokens + lengths.output_tokens - lengths.cached_tokens
    return min(replica.settings.max_num_seqs, int(replica.budget.kv_tokens // own))


def with_clients(replica: Replica, lengths: Lengths, clients: int) -> LoadFigures:
    """Figures of a closed loop: every client sends its next request when it has the last answer.

    Of the requests of the first two rounds, when all begin at once, and of the last, when they end, only the gaps
    between tokens are counted.
    """
    n = WARM_ROUNDS * clients + max(ROUNDS * clients, FEWEST) + clients
    requests = _requests(lengths, n)
    state = serve(replica, requests, np.zeros(n), clients)
    first, last = WARM_ROUNDS * clients, n - clients
    rate_per_s = (last - first) / (state.sent_s[last] - state.sent_s[first])
    return _figures(replica, state, slice(first, last), rate_per_s, float(np.mean(requests.output[first:last])))


def at_rate(replica: Replica, lengths: Lengths, rate_per_s: float) -> LoadFigures:
    """Figures of requests that come at random (Poisson) at this rate, which has to be below what the replica can do."""
    requests = _requests(lengths, RATE_REQUESTS)
    gaps_s = np.random.default_rng(_SEED).exponential(1 / rate_per_s, RATE_REQUESTS)
    state = serve(replica, requests, np.cumsum(gaps_s))
    counted = slice(int(WARM_SHARE * RATE_REQUESTS), RATE_REQUESTS)
    return _figures(replica, state, counted, rate_per_s, float(np.mean(requests.output[counted])))


def capacity_per_s(replica: Replica, lengths: Lengths) -> float:
    """Most requests per second: those of as many clients as the replica has room for."""
    return with_clients(replica, lengths, max(1, room(replica, lengths))).requests_per_s


def _requests(lengths: Lengths, n: int) -> Requests:
    """Requests whose lengths have the given means, in an order that is always the same."""
    rng = np.random.default_rng(_SEED)
    prompt = _spread(rng, lengths.input_tokens, n)
    cached = np.minimum(np.full(n, lengths.cached_tokens), prompt - 1) // kernel.BLOCK * kernel.BLOCK
    return Requests(prompt=prompt, output=_spread(rng, lengths.output_tokens, n), cached=cached)


def _spread(rng: np.random.Generator, mean: int, n: int) -> Ints:
    evenly = mean * (1 + LENGTH_SPREAD * (2 * (np.arange(n) + 0.5) / n - 1))
    lengths: Ints = np.maximum(1, np.rint(rng.permutation(evenly))).astype(np.int64)
    return lengths


def _figures(
    replica: Replica, state: kernel.State, counted: slice, rate_per_s: float, mean_output: float
) -> LoadFigures:
    network_s = replica.parameters.network_s
    sent_s, first_s, last_s = (times[counted] for times in (state.sent_s, state.first_s, state.last_s))
    ttft_s, later = first_s - sent_s + network_s, np.maximum(state.output[counted] - 1, 1)
    return LoadFigures(
        requests_per_s=float(rate_per_s),
        output_tokens_per_s=float(rate_per_s) * mean_output,
        ttft_mean_s=float(np.mean(ttft_s)),
        ttft_s=_over_requests(ttft_s),
        tpot_s=float(np.mean((last_s - first_s) / later)),
        itl_s=_over_tokens(Histogram(state.gaps)),
        e2e_s=_over_requests(last_s - sent_s + network_s),
        kv_share=float(state.ints[kernel.MOST_BLOCKS]) / replica.budget.kv_blocks,
        preemptions=int(state.ints[kernel.PREEMPTIONS]),
    )


def _over_requests(times_s: Floats) -> Percentiles:
    p50, p90, p99 = (float(value) for value in np.quantile(times_s, (0.5, 0.9, 0.99)))
    return Percentiles(p50=p50, p90=p90, p99=p99)


def _over_tokens(gaps: Histogram) -> Percentiles:
    """Of gaps in buckets; answers of one token have none, and all figures are 0 then."""
    p50, p90, p99 = (gaps.quantile(percent) or 0.0 for percent in (50, 90, 99))
    return Percentiles(p50=p50, p90=p90, p99=p99)
