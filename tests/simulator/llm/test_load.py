"""A replica under load: laws that hold whatever the numbers are, and the classes of confidence."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest

from simulator.llm.confidence import (
    NEW_DENSE,
    SAME,
    TOKEN,
    TTFT,
    Accuracy,
    Calibrated,
    Evidence,
    Measured,
    confidence_of,
    parse_evidence,
)
from simulator.llm.load import Lengths, at_rate, capacity_per_s, room, with_clients
from simulator.llm.replica import EngineSettings, make_replica, usual_settings
from tests.simulator.llm.test_step_time import LIBRARY, a_copy

LENGTHS = Lengths(input_tokens=512, output_tokens=128)


def a_replica(**settings):
    copy = a_copy()
    return make_replica(copy, replace(usual_settings(copy.accelerator), **settings), LIBRARY.parameters)


@pytest.mark.parametrize("clients", [1, 3, 40])
def test_littles_law(clients: int) -> None:
    """Clients are throughput times the time in the system, whose network is no part of the loop."""
    replica = a_replica()
    figures = with_clients(replica, LENGTHS, clients)
    mean_s = figures.ttft_mean_s - replica.parameters.network_s + figures.tpot_s * (LENGTHS.output_tokens - 1)
    assert figures.requests_per_s * mean_s == pytest.approx(clients, rel=0.02)
    assert figures.output_tokens_per_s == pytest.approx(figures.requests_per_s * LENGTHS.output_tokens, rel=0.03)


def test_more_clients_get_more_done_and_each_waits_longer() -> None:
    levels = [with_clients(a_replica(), LENGTHS, clients) for clients in (1, 4, 16, 64)]
    for less, more in pairwise(levels):
        assert more.requests_per_s > less.requests_per_s
        assert more.tpot_s > less.tpot_s
        assert more.e2e_s.p50 > less.e2e_s.p50


def test_percentiles_are_in_order() -> None:
    figures = with_clients(a_replica(), LENGTHS, 16)
    for times in (figures.ttft_s, figures.itl_s, figures.e2e_s):
        assert 0 < times.p50 <= times.p90 <= times.p99


def test_seldom_requests_are_as_a_single_client_and_many_near_the_most_that_it_can_do() -> None:
    replica = a_replica()
    alone, seldom = with_clients(replica, LENGTHS, 1), at_rate(replica, LENGTHS, 0.05)
    assert seldom.tpot_s == pytest.approx(alone.tpot_s, rel=0.02)
    most = capacity_per_s(replica, LENGTHS)
    assert at_rate(replica, LENGTHS, 0.95 * most).ttft_s.p99 > 2 * at_rate(replica, LENGTHS, 0.3 * most).ttft_s.p99


def test_a_prompt_in_the_prefix_cache_is_not_computed() -> None:
    cached = replace(LENGTHS, cached_tokens=496)
    assert with_clients(a_replica(), cached, 1).ttft_mean_s < with_clients(a_replica(), LENGTHS, 1).ttft_mean_s


def test_room_is_what_memory_and_max_num_seqs_allow() -> None:
    replica = a_replica()
    assert room(replica, LENGTHS) == min(replica.budget.kv_tokens // 640, replica.settings.max_num_seqs)
    assert room(a_replica(max_num_seqs=3), LENGTHS) == 3


def test_a_cache_that_is_too_small_makes_requests_wait() -> None:
    small = a_replica(gpu_memory_utilization=0.25)
    assert room(small, LENGTHS) < 40
    waits, has_room = with_clients(small, LENGTHS, 40), with_clients(a_replica(), LENGTHS, 40)
    assert waits.kv_share == pytest.approx(1, abs=0.05)
    assert waits.ttft_s.p50 > 2 * has_room.ttft_s.p50


def test_answers_of_one_token_have_no_time_between_tokens() -> None:
    figures = with_clients(a_replica(), Lengths(input_tokens=64, output_tokens=1), 4)
    assert figures.tpot_s == figures.itl_s.p99 == 0
    assert figures.ttft_s.p50 == figures.e2e_s.p50 > 0


def test_times_to_the_first_token_scaled() -> None:
    figures = with_clients(a_replica(), LENGTHS, 4)
    twice = figures.with_ttft(2.0)
    assert twice.ttft_s.p99 == pytest.approx(2 * figures.ttft_s.p99)
    assert twice.e2e_s.p50 - figures.e2e_s.p50 == pytest.approx(figures.ttft_mean_s)


def test_vllms_own_settings() -> None:
    large, small = (a_copy(instance=name).accelerator for name in ("ml.p5.48xlarge", "ml.g5.xlarge"))
    assert usual_settings(large) == EngineSettings(max_num_seqs=1024, max_num_batched_tokens=8192)
    assert usual_settings(small) == EngineSettings(max_num_seqs=256, max_num_batched_tokens=2048)
    assert not a_copy(instance="ml.p4de.24xlarge").accelerator.large


GOOD = Accuracy(median=0.05, p90=0.1, bar=0.06, rows=9)
BAD = replace(GOOD, median=0.07)


def evidence(**figures):
    """Evidence in which everything is good but what is given."""
    kinds = ("same", "new GPU", "new dense model", "new model with experts", "new path", "calibrated")
    accuracy = {(kind, figure): GOOD for kind in kinds for figure in (TOKEN, TTFT)}
    accuracy |= figures.pop("but", {})
    path = "dense bf16, full attention"
    return Evidence(accuracy=accuracy, measured=figures.pop("measured", {("meta-llama/Llama-3.1-8B-Instruct", path): {
        "NVIDIA H100": Measured(prompts=True, ttft=True), "NVIDIA L40S": Measured(prompts=False, ttft=False),
    }}))  # fmt: skip


def sure_of(copy, found):
    return confidence_of(copy, found, Calibrated())


@pytest.mark.parametrize(
    ("changes", "letter", "why"),
    [
        ({}, "A", "measured on NVIDIA H100"),
        ({"instance": "ml.g5.xlarge"}, "B", "not on NVIDIA A10G"),
        ({"name": "Qwen3-8B"}, "B", "not with this model"),
        ({"dtype": "int4"}, "C", "nobody has measured"),
        ({"name": "gpt-oss-20b", "dtype": "mxfp4"}, "C", "nobody has measured"),
    ],
)
def test_the_class_says_what_was_measured(changes: dict[str, str], letter: str, why: str) -> None:
    sure = sure_of(a_copy(**changes), evidence())
    assert sure.letter == letter
    assert why in sure.why
    assert (sure.ttft is None) is (letter == "C")


def test_what_fails_its_bar_is_withheld() -> None:
    copy = a_copy()
    first = sure_of(copy, evidence(but={(SAME, TTFT): BAD}))
    assert (first.letter, first.ttft) == ("A", None)
    assert "7 % off, above the bar of 6 %" in first.why_no_ttft
    other = sure_of(a_copy("Qwen3-8B"), evidence(but={(NEW_DENSE, TOKEN): BAD}))
    assert (other.letter, other.token, other.ttft) == ("C", 0.3, None)


def test_a_time_to_the_first_token_needs_one_that_was_measured() -> None:
    alone = a_copy(instance="ml.g6e.12xlarge")
    assert sure_of(alone, evidence(but={("new GPU", TTFT): BAD})).ttft is None
    assert sure_of(alone, evidence()).ttft == GOOD.p90


def test_rows_with_cached_prompts_say_nothing_of_prompts() -> None:
    alone, several = a_copy(instance="ml.g6e.12xlarge"), a_copy(instance="ml.g6e.12xlarge", gpus=2)
    assert "only with prompts that were in the prefix cache" in sure_of(alone, evidence()).why
    assert (sure_of(alone, evidence()).letter, sure_of(several, evidence()).letter) == ("B", "C")
    assert "NVLink" in sure_of(several, evidence()).why
    assert confidence_of(several, evidence(), Calibrated(), prompts_cached=True).letter == "A"


def test_a_measured_point_counts_for_what_it_has() -> None:
    several = a_copy(instance="ml.g6e.12xlarge", gpus=2)
    token = confidence_of(several, evidence(), Calibrated(token=True))
    assert (token.letter, token.ttft) == ("A", None)
    both = confidence_of(several, evidence(), Calibrated(token=True, ttft=True))
    assert (both.letter, both.ttft) == ("A", GOOD.p90)
    assert both.why == "scaled to your measured point"


def test_evidence_is_read_from_text() -> None:
    accuracy = "class,figure,median,p90,bar,rows\nsame,token,0.05,0.1,0.06,9\n"
    read = parse_evidence(accuracy, "model,path,gpu,prompts,ttft\na,b,c,yes,yes\na,b,d,no,no\n")
    assert read.accuracy == {(SAME, TOKEN): GOOD}
    assert read.measured == {
        ("a", "b"): {"c": Measured(prompts=True, ttft=True), "d": Measured(prompts=False, ttft=False)}
    }
