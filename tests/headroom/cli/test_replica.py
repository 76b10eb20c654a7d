"""`headroom replica`, as its user runs it."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest

from headroom.cli.main import main
from headroom.sharing.exports.replica_text import replica_text
from headroom.sharing.language_models import read_measured
from tests.headroom.advisor.test_replica import answer
from tests.simulator.llm.test_models import SMALL

ROOT = Path(__file__).parents[3]
LLAMA = ["--model", "Llama-3.1-8B-Instruct", "--instance", "ml.g6e.xlarge"]
LLAMA += ["--input-tokens", "512", "--output-tokens", "128"]


def run(*options: str) -> int:
    return main(["replica", *LLAMA, *options])


def test_a_line_for_each_load(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--concurrency", "1,4,16", "--rate", "0.5,500") == 0
    out = capsys.readouterr().out
    assert all(len(line) <= 100 for line in out.splitlines())
    starts = [line.split()[0] for line in out.splitlines() if line[:1].isdecimal()]
    assert starts[:4] == ["1", "4", "16", "0.5"]
    assert "Class B" in out
    assert "KV cache" in out
    assert "no public row tests how long requests at a rate wait" in " ".join(out.split())
    assert "500 /s: times to the first token are withheld: the queue grows without end" in out


def test_json_has_the_figures_of_the_text(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--concurrency", "4", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    (level,) = told["levels"]
    assert level["clients"] == 4
    assert level["figures"]["tpot_s"] > 0
    assert told["confidence"]["letter"] == "B"
    assert told["budget"]["weights"] > 16e9
    assert told["made_with"]
    assert told["notes"]


def test_figures_that_are_withheld_are_not_in_the_json_either(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--dtype", "int4", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["confidence"]["letter"] == "C"
    assert told["levels"][0]["figures"]["ttft_s"] is None
    assert run("--dtype", "int4") == 0
    assert "Class C" in capsys.readouterr().out


def test_what_does_not_fit_is_exit_code_3(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["replica", "--model", "Qwen3-32B", *LLAMA[2:]]) == 3
    assert "Ruled out: weights and activations need 68.5" in capsys.readouterr().out


def test_a_model_of_ones_own_is_called_after_its_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "mine" / "config.json"
    file.parent.mkdir()
    file.write_text(json.dumps(SMALL), encoding="utf-8")
    assert main(["replica", "--model", str(file), *LLAMA[2:]]) == 0
    assert capsys.readouterr().out.startswith("mine (")


def test_a_measured_point_is_used(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "point.toml"
    file.write_text("concurrency = 4\ninput_tokens = 512\noutput_tokens = 128\ntpot_ms = 99\n", encoding="utf-8")
    assert run("--concurrency", "4", "--measured", str(file)) == 0
    out = capsys.readouterr().out
    assert "99 ms" in out
    assert "scaled to your measured point" in out


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--concurrency", "0"], "allowed: a whole number from 1 to 1,024"),
        (["--concurrency", "1,,2"], "allowed: a whole number"),
        (["--concurrency", ",".join(["1"] * 30)], "at most 20"),
        (["--rate", "nan"], "allowed: a number above 0"),
        (["--rate", "-1"], "allowed: a number above 0"),
        (["--gpu-memory-utilization", "1.5"], "at most 1"),
        (["--cached-tokens", "512"], "--cached-tokens: given 512; allowed: fewer than the 512 of the prompt"),
        (["--measured", "nowhere.toml"], "nowhere.toml: given No such file"),
        (["--model", "Llama-3.1-8B"], "Did you mean"),
        (["--instance", "ml.m5.large"], "which has no accelerator"),
        (["--dtype", "fp7"], "invalid choice"),
    ],
)
def test_bad_input_says_what_is_allowed(options: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(*options) == 2
    out, err = capsys.readouterr()
    assert not out
    assert said in err


def test_what_the_docs_show_runs() -> None:
    blocks = re.findall(r"```(\w*)\n(.*?)```", (ROOT / "docs" / "llm.md").read_text(encoding="utf-8"), re.DOTALL)
    program, *words = shlex.split(next(text for _, text in blocks if text.startswith("headroom ")).replace("\\\n", " "))
    assert program == "headroom"
    assert main(words) == 0
    (point,) = (text for language, text in blocks if language == "toml")
    assert read_measured(point).concurrency == 8


def test_bedrock_is_told_beside_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert run() == 0
    out = " ".join(capsys.readouterr().out.split())
    assert "Bedrock on demand asks $0.22 per million tokens of prompts and $0.22 of answers" in out
    assert "The instance costs as much at" in out
    slow = ["--model", "Qwen3-32B", "--instance", "ml.g5.12xlarge", "--tensor-parallel", "4"]
    assert run(*slow) == 0
    assert "The instance never costs as little" in " ".join(capsys.readouterr().out.split())


def test_what_has_to_be_known_is_said() -> None:
    assert "25 to 40 ms" in " ".join(replica_text(answer()).split())
    slow = replica_text(answer("Qwen3-32B", "ml.g5.12xlarge", tensor_parallel=4, concurrency=(100,)))
    assert "AWS ends an answer" in slow
    assert "wait for room in the KV cache" in slow
    adapters = replica_text(answer(max_loras=8))
    assert "Adapters, 8 slots" in adapters
    assert "Of adapters only the memory is counted" in adapters
    assert "No price is known" in replica_text(answer(instance="ml.p5e.48xlarge"))
