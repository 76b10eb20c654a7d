"""What is said of a replica: costs, limits with their numbers, calibration, and what is withheld."""

from __future__ import annotations

from dataclasses import replace

import pytest

from headroom.advisor.replica import BUSY, MeasuredPoint, ReplicaQuestion, ask
from headroom.sharing.language_models import load_bedrock, load_library, packaged_model
from headroom.sharing.library import load_world
from simulator.errors import InvalidScenario
from simulator.llm.load import Lengths

LIBRARY, WORLD = load_library(), load_world()
LENGTHS = Lengths(input_tokens=512, output_tokens=128)


def question(model="Llama-3.1-8B-Instruct", instance="ml.g6e.12xlarge", **changes):
    sizes = packaged_model(model, LIBRARY)
    assert sizes is not None
    asked = ReplicaQuestion(
        model=sizes,
        instance=instance,
        region="us-east-1",
        tensor_parallel=1,
        dtype=sizes.native_dtype,
        kv_element_bytes=2.0,
        lengths=LENGTHS,
        concurrency=(1, 8),
    )
    return replace(asked, **changes)


def answer(*model_and_instance, **changes):
    return ask(question(*model_and_instance, **changes), WORLD, LIBRARY)


def test_tokens_cost_the_instances_price_over_what_all_its_replicas_do() -> None:
    told = answer()
    level = told.levels[1]
    assert level.figures is not None
    assert told.copies == 4
    assert told.usd_per_hour is not None
    an_hour = 4 * level.figures.output_tokens_per_s * 3600
    assert level.usd_per_million_output == pytest.approx(float(told.usd_per_hour) / an_hour * 1e6)
    assert level.usd_per_million_tokens == pytest.approx(level.usd_per_million_output * 128 / (128 + 512), rel=0.01)


def test_an_instance_type_without_a_price_has_figures_and_no_cost() -> None:
    told = answer(instance="ml.p5e.48xlarge")
    assert told.usd_per_hour is None
    assert told.levels[0].figures is not None
    assert told.levels[0].usd_per_million_output is None


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"tensor_parallel": 8}, "has 4 GPUs, tensor_parallel_degree asks for 8"),
        ({"tensor_parallel": 3}, "cannot share the 32 attention heads"),
        ({"lengths": Lengths(input_tokens=131_000, output_tokens=100)}, "131,100 tokens of prompt and answer"),
        ({"gpu_memory_utilization": 0.3}, "need 19.06 GB, 1 x NVIDIA L40S may use 14.4 GB"),
        ({"max_loras": 200, "max_lora_rank": 64}, "weights, adapters and activations"),
        ({"lengths": Lengths(input_tokens=90_000, output_tokens=9_000), "gpu_memory_utilization": 0.5}, "KV cache"),
    ],
)
def test_what_cannot_run_is_ruled_out_with_the_number(changes: dict[str, object], said: str) -> None:
    told = answer(**changes)
    assert said in told.ruled_out
    assert told.levels == ()


def test_a_measured_point_is_given_back() -> None:
    point = MeasuredPoint(concurrency=8, lengths=LENGTHS, tpot_s=0.05, ttft_s=0.4)
    told = answer(measured=point)
    figures = told.levels[1].figures
    assert figures is not None
    assert figures.tpot_s == pytest.approx(0.05, rel=1e-3)
    assert figures.ttft_mean_s == pytest.approx(0.4, rel=1e-3)
    assert told.confidence.letter == "A"
    assert told.step_factor == pytest.approx(0.05 / answer().levels[1].figures.tpot_s, rel=0.2)


def test_a_measured_point_that_does_not_fit_is_refused() -> None:
    point = MeasuredPoint(concurrency=1024, lengths=Lengths(input_tokens=8000, output_tokens=100), tpot_s=0.05)
    with pytest.raises(InvalidScenario, match="1024 requests at once"):
        answer(measured=point)


def test_times_to_the_first_token_are_withheld_where_a_queue_multiplies_errors() -> None:
    most = answer().capacity_per_s
    calm, busy, too_much = answer(rates_per_s=(0.5 * most, 0.9 * most, 1.1 * most)).rates
    assert (calm.withheld, calm.share) == ("", pytest.approx(0.5))
    assert calm.share < BUSY < busy.share
    assert "small error" in busy.withheld
    assert busy.figures is not None
    assert "without end" in too_much.withheld
    assert too_much.figures is None


@pytest.mark.parametrize("instance", ["ml.m5.large", "ml.m5.xlargee"])
def test_a_type_that_cannot_be_asked_about(instance: str) -> None:
    with pytest.raises(InvalidScenario, match="instance"):
        answer(instance=instance)


def test_a_region_without_prices_is_refused() -> None:
    with pytest.raises(InvalidScenario, match="a Region with prices"):
        answer(region="us-east-9")


def test_bedrock_costs_as_much_at_the_break_even() -> None:
    told = ask(question(), WORLD, LIBRARY, load_bedrock())
    even = told.bedrock
    assert even is not None
    assert told.usd_per_hour is not None
    assert even.request_usd == even.price.request_usd(LENGTHS.input_tokens, LENGTHS.output_tokens)
    assert even.requests_per_s * float(even.request_usd) * 3600 == pytest.approx(float(told.usd_per_hour))
    assert even.share == pytest.approx(even.requests_per_s / (told.copies * told.capacity_per_s))
    assert ask(question("Qwen3-14B"), WORLD, LIBRARY, load_bedrock()).bedrock is None
    assert ask(question(instance="ml.p5e.48xlarge"), WORLD, LIBRARY, load_bedrock()).bedrock is None
