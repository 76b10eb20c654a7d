from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from headroom.advisor.tell import words
from headroom.cli.main import main
from headroom.sharing.presets import FOLDER, PRESETS
from headroom.version import VERSION

ROOT = Path(__file__).parents[3]
SMALL = """
schema = 1
[workload]
name = "Small"
[workload.traffic]
kind = "constant"
rate_per_s = 2
[simulation]
duration_s = 3600
warmup_s = 600
replications = 2
[[deployments]]
pattern = "realtime"
name = "One"
[[deployments]]
pattern = "realtime"
name = "Two, always on and with a rather long name that does not fit"
initial_instance_count = 2
[[deployments]]
pattern = "serverless"
name = "Ruled out"
"""

Write = Callable[[str], str]


@pytest.fixture
def written(tmp_path: Path) -> Write:
    def write(text: str) -> str:
        path = tmp_path / "scenario.toml"
        path.write_text(text, encoding="utf-8")
        return str(path)

    return write


def small(requirement: str = "", workload: str = "max_request_mb = 5") -> str:
    text = SMALL.replace('name = "Small"', f'name = "Small"\n{workload}')
    return text.replace("[simulation]", f"[requirement]\nmin_zones = 1\n{requirement}\n[simulation]")


def test_compare_prints_the_verdict_and_a_row_for_each(written: Write, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", written(small())]) == 0
    out, err = capsys.readouterr()
    assert all(line.startswith("simulating: ") for line in err.splitlines()), "nothing else, where it takes long"
    assert "take this" in out
    assert "ruled out" in out
    assert "How sure: 95 % intervals" in out
    assert all(len(line) <= 100 for line in out.splitlines())
    table = [line for line in out.splitlines() if line.startswith(("One ", "Two, ", "Ruled out "))]
    assert len({len(line) for line in table[:3]}) == 1, "the columns are aligned"


def test_json_has_the_same_numbers_as_the_table(written: Write, capsys: pytest.CaptureFixture[str]) -> None:
    file = written(small())
    assert main(["compare", file, "--json"]) == 0
    values = json.loads(capsys.readouterr().out)
    assert main(["compare", file]) == 0
    out = capsys.readouterr().out
    cost = values["evaluations"][0]["cost_usd_per_month"]["value"]
    assert values["best"] == 0
    assert words.dollars(cost) in out
    assert values["sentence"].split(":")[0] in " ".join(out.split())


def test_the_seed_can_be_set(written: Write, capsys: pytest.CaptureFixture[str]) -> None:
    def latency(*options: str) -> Any:
        assert main(["simulate", written(small()), "--deployment", "One", "--json", *options]) == 0
        return json.loads(capsys.readouterr().out)["outcome"]["latency"]

    assert latency() == latency("--seed", "1") != latency("--seed", "2")


def test_nothing_that_meets_is_exit_code_3(written: Write, capsys: pytest.CaptureFixture[str]) -> None:
    file = written(small("latency_limit_s = 0.001"))
    assert main(["compare", file]) == 3
    assert "breaks" in capsys.readouterr().out
    assert main(["simulate", file, "--deployment", "One"]) == 3


def test_a_cost_with_an_estimated_price_is_marked(written: Write, capsys: pytest.CaptureFixture[str]) -> None:
    file = written(small().replace("schema = 1", 'schema = 1\nregion = "us-gov-west-1"'))
    assert main(["compare", file]) == 0
    assert "≈ $" in capsys.readouterr().out
    assert main(["simulate", file, "--deployment", "One"]) == 0
    assert "Total, some of it at estimated prices" in capsys.readouterr().out


def test_simulate_shows_one_deployment(written: Write, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["simulate", written(small()), "--deployment", "One"]) == 0
    out = capsys.readouterr().out
    assert "One (realtime)" in out
    assert "Bill for a month of 730 h" in out
    assert "Total" in out
    assert "Two" not in out


def test_simulate_says_what_rules_out(written: Write, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["simulate", written(small()), "--pattern", "serverless"]) == 3
    assert "payload in: 5 MB, allowed at most 4 MB (facts row 1.1)" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--pattern", "realtime"], "--pattern: given 'realtime', which 2 deployments have; allowed: one of 'One'"),
        (
            ["--pattern", "serverles"],
            "--pattern: given 'serverles'; allowed: 'realtime', 'serverless'. Did you mean serverless?",
        ),
        (["--deployment", "Onne"], "Did you mean One?"),
        (["--pattern", "serverless", "--seed", "-1"], "simulation.seed: given -1; allowed: a whole number from 0"),
    ],
)
def test_a_wrong_option_is_exit_code_2(
    options: list[str], message: str, written: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["simulate", written(small()), *options]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert message in err


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.key)
def test_presets_are_valid(preset: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate", str(FOLDER / preset.file)]) == 0
    assert "no problems" in capsys.readouterr().out


def test_all_problems_are_on_standard_error(written: Write, capsys: pytest.CaptureFixture[str]) -> None:
    text = 'schema = 1\nregon = "x"\n[requirement]\nlatency_percentile = 200\n'
    assert main(["validate", written(text)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("headroom: 2 problems\n")
    assert "Did you mean region?" in err
    assert "requirement.latency_percentile: given 200; allowed: a number from 1 to 99.99 %." in err


def test_what_only_the_data_knows_is_checked_too(written: Write, capsys: pytest.CaptureFixture[str]) -> None:
    text = 'schema = 1\nregion = "us-east-9"\n[[deployments]]\npattern = "batch"\ninstance_type = "ml.m5.xlarg"\n'
    assert main(["validate", written(text)]) == 2
    err = capsys.readouterr().err
    assert "us-east-1" in err
    assert "ml.m5.xlarge" in err


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"schema = \n", "line 1, column 10: given broken TOML"),
        (b"schema = 1\n# \xff", "not UTF-8"),
        (b"#" * 4_000_001, "more than 4 MB"),
        (b"", "schema: given nothing"),
    ],
)
def test_a_bad_file_is_exit_code_2(
    data: bytes, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "bad.toml"
    path.write_bytes(data)
    assert main(["compare", str(path)]) == 2
    assert message in capsys.readouterr().err


def test_files_that_cannot_be_read_are_exit_code_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate", str(tmp_path / "no\x1b[31msuch.toml")]) == 2
    err = capsys.readouterr().err
    assert "No such file" in err
    assert "\x1b" not in err
    assert main(["validate", str(tmp_path)]) == 2


def test_a_preset_goes_by_its_name_unless_there_is_such_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["validate", "fraud"]) == 0
    assert "Card-fraud scoring: no problems" in capsys.readouterr().out
    Path("fraud").write_text(small(), encoding="utf-8")
    assert main(["validate", "fraud"]) == 0
    assert "Small: no problems" in capsys.readouterr().out


def test_what_is_neither_a_file_nor_a_preset_is_told_with_the_presets(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate", "frud"]) == 2
    err = capsys.readouterr().err
    assert all(preset.key in err for preset in PRESETS)
    assert "Did you mean fraud?" in err


@pytest.mark.parametrize("port", ["0", "65536", "http", "-1", "8.5"])
def test_the_app_is_not_served_on_a_port_that_cannot_be(port: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["serve", f"--port={port}"]) == 2
    assert f"given {port!r}; allowed: 1 to 65535" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["--help"], ["guess"]])
def test_help_and_a_wrong_command_wait_for_no_import(arguments: list[str]) -> None:
    code = (
        f"import sys; from headroom.cli.main import main; main({arguments}); "
        "sys.exit(' '.join({'numpy', 'pydantic', 'numba', 'streamlit'} & sys.modules.keys()) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "bom.toml"
    path.write_bytes(b"\xef\xbb\xbf" + small().encode())
    assert main(["validate", str(path)]) == 0


def test_standard_input_is_read(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(small().encode())))
    assert main(["validate", "-"]) == 0
    assert "Small: no problems, 3 deployments." in capsys.readouterr().out


TWICE = small().replace('"Ruled out"', '"One"')


def test_what_is_probably_not_meant_is_no_error(written: Write, capsys: pytest.CaptureFixture[str]) -> None:
    file = written(TWICE)
    assert main(["validate", file]) == 0
    told = capsys.readouterr().out.splitlines()
    assert told[0] == "Small: no problems, 2 warnings, 3 deployments."
    assert told[1].startswith("  deployments[0].name: given 'One', which 2 deployments are called. Give each")
    for command in (["compare", file, "--json"], ["validate", file, "--as", "toml"]):
        assert main(command) == 0
        out, err = capsys.readouterr()
        assert "which 2 deployments" not in out
        assert err.splitlines()[0].startswith("Warning: deployments[0].name: given 'One', which 2 deployments")


def test_names_cannot_drive_the_terminal(written: Write, capsys: pytest.CaptureFixture[str]) -> None:
    text = small().replace('"One"', r'"\u001b[2JOne\nx"')
    assert main(["compare", written(text)]) == 0
    assert "\x1b" not in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments", [[], ["compare"], ["guess", "x"], ["simulate", "x"], ["compare", "x", "--seed", "one"]]
)
def test_a_wrong_command_line_is_exit_code_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    assert "usage: headroom" in capsys.readouterr().err


def test_help_is_exit_code_0(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    assert "compare" in capsys.readouterr().out


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"headroom {VERSION}\n"


def test_a_reader_that_leaves_does_no_harm(written: Write) -> None:
    command = [sys.executable, "-m", "headroom", "validate", written(small())]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.close()
        assert process.wait() == 0
        assert process.stderr is not None
        assert process.stderr.read() == b""


def test_progress_is_shown_on_a_terminal_and_leaves_nothing(
    written: Write, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    assert main(["compare", written(small())]) == 0
    assert "100 %" in terminal.getvalue()
    assert terminal.getvalue().endswith(" \r")
    assert "%" in capsys.readouterr().out


def test_simulate_says_what_each_fault_did(written: Write, capsys: pytest.CaptureFixture[str]) -> None:
    spike = '[[faults]]\nkind = "traffic_spike"\nat_s = 1200\nfactor = 40\n'
    file = written(f'{small()}{spike}[[faults]]\nkind = "slow_dependency"\nat_s = 9000\n')
    main(["simulate", file, "--deployment", "One"])
    out = capsys.readouterr().out
    assert "Faults\n  Traffic spike at 00:20: " in out
    assert "Slow dependency" not in out
    main(["simulate", file, "--deployment", "One", "--json"])
    (recovery,) = json.loads(capsys.readouterr().out)["outcome"]["recoveries"]
    assert (recovery["kind"], recovery["at_s"], recovery["ended_s"]) == ("traffic_spike", 1200, 1800)


@pytest.mark.slow
def test_plan_defends_its_choice_in_text_and_in_json(written: Write, capsys: pytest.CaptureFixture[str]) -> None:
    file = written(
        small() + '[search]\npatterns = ["realtime", "serverless"]\nfamilies = ["ml.m5"]\nmax_instances = 2\n'
    )
    assert main(["plan", file]) == 0
    said, while_it_works = capsys.readouterr()
    assert while_it_works.startswith("First recommendation: Real-time, ")
    assert "looked at by the fast answer; exact runs decide." in while_it_works
    assert main(["plan", file, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    argument, best = found["argument"], found["comparison"]["evaluations"][found["comparison"]["best"]]
    assert argument["choice"].startswith(f"{best['deployment']['name']} is chosen: ")
    assert [one["pattern"] for one in argument["lost"]] == ["serverless"]
    assert "payload in: 5 MB" in argument["lost"][0]["sentence"]
    assert "assumption" in argument["confidence"][-1]
    whole = " ".join(said.split())
    assert argument["choice"] in whole
    assert all(sentence in whole for sentence in argument["confidence"])


@pytest.mark.slow
def test_a_plan_without_a_choice_hangs_on_nothing(written: Write, capsys: pytest.CaptureFixture[str]) -> None:
    file = written(small("latency_limit_s = 0.001") + '[search]\npatterns = ["realtime"]\nfamilies = ["ml.m5"]\n')
    assert main(["plan", file, "--json"]) == 3
    argument = json.loads(capsys.readouterr().out)["argument"]
    assert "candidate" in argument["choice"]
    assert argument["confidence"] == []
