"""The law of a step: by hand where every share is 1, its directions everywhere, and memory that adds up."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from headroom.sharing.language_models import load_library, packaged_model
from headroom.sharing.library import load_world
from simulator.errors import InvalidScenario
from simulator.llm.accelerators import accelerator_of
from simulator.llm.memory import adapter_bytes, kv_bytes_per_token, memory_budget
from simulator.llm.model_copy import ModelCopy
from simulator.llm.parameters import NAMES, Parameters, parameters_for
from simulator.llm.step_time import experts_touched, step_law
from simulator.llm.weights import BYTES, DTYPES, WeightFormats, bytes_of_weights, flops_for, weight_only

LIBRARY = load_library()
HARDWARE = load_world().hardware
IDEAL = Parameters(**dict.fromkeys(NAMES, 0.0) | {
    "power": 1.0, "weight_bandwidth_share": 1.0, "expert_bandwidth_share": 1.0, "kv_bandwidth_share": 1.0,
    "flops_share": 1.0, "fp8_flops_share": 1.0, "attention_flops_share": 1.0, "expert_flops_factor": 1.0,
    "weight_only_factor": 1.0, "link_share": 1.0,
})  # fmt: skip


def a_copy(name="Llama-3.1-8B-Instruct", instance="ml.p5.48xlarge", gpus=1, dtype="bf16", kv_bytes=2.0):
    model = packaged_model(name, LIBRARY)
    assert model is not None
    return ModelCopy(
        model=model,
        formats=WeightFormats.of(model, dtype),
        kv_element_bytes=kv_bytes,
        accelerator=accelerator_of(HARDWARE[instance], LIBRARY.sheets, "instance"),
        gpus=gpus,
    )


def fitted(copy, most=512):
    return step_law(copy, parameters_for(LIBRARY.parameters, copy.accelerator.sheet.family, copy.formats.experts), most)


def test_an_ideal_step_is_reading_plus_computing() -> None:
    copy = a_copy()
    model, gpu = copy.model, copy.accelerator
    law = step_law(copy, IDEAL, 8)
    read_s = (model.dense_params + model.head_params) * 2 / gpu.bandwidth
    assert law.tokens_s[8] == pytest.approx(read_s + 8 * 2 * (model.dense_params + model.head_params) / gpu.flops)
    assert law.tokens_s[0] == 0
    assert law.context_token_s == pytest.approx(131_072 / gpu.bandwidth)
    assert law.sequence_s == 0
    assert law.pair_s == pytest.approx(4 * 32 * 32 * 128 / gpu.flops)


@pytest.mark.parametrize("name", ["Qwen3-32B", "gpt-oss-20b", "Qwen3.5-122B-A10B", "DeepSeek-V3"])
def test_more_tokens_take_longer_and_more_gpus_read_faster(name: str) -> None:
    for gpus in (1, 4):
        assert np.all(np.diff(fitted(a_copy(name, gpus=gpus)).tokens_s[1:]) > 0)
    one, four = (step_law(a_copy(name, gpus=gpus), IDEAL, 8).tokens_s[1] for gpus in (1, 4))
    assert four < one


def test_smaller_weights_and_a_smaller_cache_are_read_faster() -> None:
    assert fitted(a_copy(dtype="fp8")).tokens_s[1] < fitted(a_copy()).tokens_s[1]
    assert fitted(a_copy(kv_bytes=1.0)).context_token_s == pytest.approx(fitted(a_copy()).context_token_s / 2)


def test_a_window_and_a_linear_state_do_not_grow_with_the_context() -> None:
    full, half = a_copy("gpt-oss-20b"), fitted(a_copy("gpt-oss-20b"))
    everywhere = replace(full, model=replace(full.model, full_layers=24, window_layers=0))
    assert fitted(everywhere).context_token_s == pytest.approx(2 * half.context_token_s)
    assert fitted(everywhere).sequence_s < half.sequence_s


def test_experts_touched() -> None:
    touched = experts_touched(128, 8, np.array([1.0, 16.0, 1e6]))
    assert touched[0] == pytest.approx(8)
    assert 8 * 8 < touched[1] < 128
    assert touched[2] == pytest.approx(128)
    assert experts_touched(2, 2, np.ones(1))[0] == 2


def test_a_law_scaled_is_every_time_multiplied() -> None:
    law = fitted(a_copy())
    twice = law.scaled(2.0)
    assert twice.tokens_s == pytest.approx(2 * law.tokens_s)
    assert (twice.sequence_s, twice.pair_s) == pytest.approx((2 * law.sequence_s, 2 * law.pair_s))


def test_memory_adds_up() -> None:
    budget = memory_budget(a_copy(), 0.9, adapters=1e9)
    parts = budget.unused + budget.weights + budget.activations + budget.adapters + budget.kv_cache
    assert parts == pytest.approx(budget.total)
    assert budget.kv_tokens * budget.kv_bytes_per_token <= budget.kv_cache
    assert budget.fits
    assert not memory_budget(a_copy("Llama-3.1-70B-Instruct"), 0.9).fits


def test_key_and_value_heads_are_held_once_at_least_on_each_gpu() -> None:
    name = "Qwen3.5-35B-A3B"  # two heads for keys and values
    assert kv_bytes_per_token(a_copy(name, gpus=8)) == pytest.approx(4 * kv_bytes_per_token(a_copy(name, gpus=2)))
    assert kv_bytes_per_token(a_copy("DeepSeek-V3", gpus=8)) == pytest.approx(
        8 * kv_bytes_per_token(a_copy("DeepSeek-V3"))
    )


@pytest.mark.parametrize(("rank", "measured_mb"), [(8, 53), (16, 99)])
def test_a_slot_for_an_adapter_is_as_large_as_measured(rank: int, measured_mb: float) -> None:
    assert adapter_bytes(a_copy().model, rank) / 1e6 == pytest.approx(measured_mb, rel=0.08)


@pytest.mark.parametrize("dtype", DTYPES)
def test_formats(dtype: str) -> None:
    dense, mixed = a_copy(dtype=dtype), a_copy("Qwen3-30B-A3B", dtype=dtype)
    assert bytes_of_weights(dense.model, dense.formats) <= 2 * dense.model.params
    assert mixed.formats.experts == dtype
    assert (mixed.formats.dense == "bf16") is (dtype in ("bf16", "int4", "mxfp4"))
    assert BYTES[dtype] <= 2


def test_a_gpu_without_fp8_unpacks_it_and_its_kernels_are_others() -> None:
    old, new = a_copy(instance="ml.g5.xlarge", dtype="fp8"), a_copy(dtype="fp8")
    assert weight_only(old.accelerator, "fp8")
    assert not weight_only(new.accelerator, "fp8")
    assert flops_for(new.accelerator, "fp8") > new.accelerator.flops
    assert old.kernel_path != new.kernel_path


@pytest.mark.parametrize("instance", ["ml.m5.xlarge", "ml.g4dn.xlarge", "ml.inf2.xlarge"])
def test_a_type_without_a_gpu_that_is_known_is_refused(instance: str) -> None:
    with pytest.raises(InvalidScenario, match="no figures for language models"):
        accelerator_of(HARDWARE[instance], LIBRARY.sheets, "instance")


def test_every_gpu_of_the_sheets_is_on_some_instance_type() -> None:
    assert set(LIBRARY.sheets) <= {kind.gpu_model for kind in HARDWARE.values()}
