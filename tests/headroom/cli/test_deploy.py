"""`headroom deploy` as a person uses it, against the AWS on loopback."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from headroom.cli.main import main
from headroom.deploy.live.journal import VARIABLE
from tests.aws.account import ACCOUNT, REGION
from tests.aws.fixtures import aws_server
from tests.aws.server import BUCKET, ROLE, Aws

__all__ = ["aws_server"]

DEPLOY = f"""
[deploy]
endpoint_name = "shop"
execution_role_arn = "arn:aws:iam::{ACCOUNT}:role/{ROLE}"
image = "{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/model:1"
model_data_url = "s3://{BUCKET}/model.tar.gz"
delete_after = "2026-11-01"
"""
SCENARIO = f"""
schema = 1
region = "{REGION}"
[workload]
name = "Shop"
[workload.traffic]
kind = "constant"
rate_per_s = 2.0
[simulation]
duration_s = 3600.0
warmup_s = 0.0
replications = 2
[[deployments]]
pattern = "realtime"
name = "Two"
instance_type = "ml.m5.large"
initial_instance_count = 2
"""


@pytest.fixture
def aws(aws_server: Aws, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Aws:
    aws_server.reset()
    aws_server.account.now, aws_server.account.s_per_call = time.time(), 60.0
    for name, value in {**aws_server.environment(), VARIABLE: str(tmp_path / "deployments")}.items():
        monkeypatch.setenv(name, value)
    return aws_server


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "shop.toml"
    path.write_text(SCENARIO + DEPLOY, encoding="utf-8")
    return path


def deploy(what: str, *arguments: object) -> int:
    return main(["deploy", what, *map(str, arguments), "--poll", "0.01"])


def test_plan_apply_status_destroy(aws: Aws, file: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    saved = tmp_path / "plan.json"
    assert deploy("plan", file, "--out", saved) == 0
    shown = capsys.readouterr().out
    for words in ("Create the endpoint shop", f"Account {ACCOUNT}", aws.url, "the ceiling", "[ok] execution_role_arn"):
        assert words in shown
    assert json.loads(saved.read_text(encoding="utf-8"))["name"] == "shop"
    assert aws.account.writes() == []
    assert deploy("apply", file, "--plan", saved, "--confirm", "shop") == 0
    assert "shop is as planned." in capsys.readouterr().out
    assert aws.account.billable() == ["endpoint shop: 2 x ml.m5.large"]
    assert deploy("apply", file, "--plan", saved, "--confirm", "shop") == 2
    assert "not true any more" in capsys.readouterr().err

    variant = {"EndpointName": "shop", "VariantName": "AllTraffic"}
    times = [time.time() - 900 + second for second in range(300)]
    aws.metrics.put("AWS/SageMaker", "Invocations", variant, times, [1.0] * 300)
    aws.metrics.put("AWS/SageMaker", "ModelLatency", variant, times, [90_000.0] * 300)
    aws.metrics.put("AWS/SageMaker", "Invocation5XXErrors", variant, times, [0.0] * 297 + [1.0] * 3)
    assert deploy("status", file) == 0
    told = capsys.readouterr().out
    for words in ("shop is in service.", "2 instances, 2 wanted", "Nothing differs", "300 requests, 1.00% errors"):
        assert words in told
    assert "p99: 90 ms, predicted" in told

    assert deploy("sweep", "--region", REGION) == 0
    told = capsys.readouterr().out
    assert "shop: 3 resources" in told
    assert "OVERDUE since 2026-11-01" in told
    assert deploy("destroy", "shop", "--region", REGION, "--confirm", "shop") == 0
    assert "Nothing of shop is left." in capsys.readouterr().out
    assert aws.left() == []
    assert deploy("destroy", "shop", "--region", REGION) == 0
    assert deploy("sweep", "--region", REGION) == 0
    assert "Nothing that Headroom made" in capsys.readouterr().out


def test_an_update_is_its_own_command_and_sets_alarms(
    aws: Aws, file: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert deploy("apply", file, "--confirm", "shop") == 0
    file.write_text((SCENARIO + DEPLOY).replace("model:1", "model:2"), encoding="utf-8")
    assert deploy("apply", file, "--confirm", "shop") == 2
    assert "headroom deploy update" in capsys.readouterr().err
    assert deploy("update", file, "--confirm", "shop", "--way", "all-at-once") == 0
    assert "rolls the update back" in capsys.readouterr().out
    assert deploy("status", file) == 0
    assert len(aws.account.models) == 1


def test_without_a_name_nothing_is_done(aws: Aws, file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert deploy("apply", file) == 2
    assert "Type 'shop' to agree" in capsys.readouterr().err
    assert deploy("apply", file, "--confirm", "shopp") == 2
    assert aws.account.writes() == []


def test_what_is_in_the_way_is_said_and_has_a_code_of_its_own(
    aws: Aws, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    aws.account.default_quota = 0
    assert deploy("plan", file) == 5
    assert "[NO] ml.m5.large for endpoint usage" in capsys.readouterr().out
    assert deploy("apply", file, "--confirm", "shop") == 5
    assert aws.account.writes() == []


def test_what_fails_is_taken_back_and_says_so(aws: Aws, file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    aws.account.containers_fail = True
    assert deploy("apply", file, "--confirm", "shop") == 5
    told = capsys.readouterr().err
    assert "ping health check" in told
    assert "Everything that this plan had created is taken back" in told
    assert aws.left() == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--set", "endpoint_name"), "KEY=VALUE"),
        (("--set", "endpoint_nam=x"), "endpoint_name"),
        (("--deployment", "Three"), "'Two'"),
        (("--profile", "nobody"), "nobody"),
        (("--set", "image="), "deploy.image"),
    ],
)
def test_wrong_input_ends_in_words(
    arguments: tuple[str, ...], words: str, aws: Aws, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert deploy("plan", file, *arguments) == 2
    assert words in capsys.readouterr().err
    assert aws.account.writes() == []


def test_no_credentials_are_no_traceback(
    file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert deploy("plan", file) == 2
    assert "no way to AWS" in capsys.readouterr().err


def test_credentials_reach_no_output_and_no_file(
    aws: Aws, file: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "very-secret-indeed")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "very-secret-token")
    deploy("apply", file, "--confirm", "shop")
    deploy("status", file)
    deploy("destroy", "shop", "--region", REGION, "--confirm", "shop")
    told = capsys.readouterr()
    written = "".join(path.read_text(encoding="utf-8") for path in tmp_path.rglob("*") if path.is_file())
    assert "very-secret" not in told.out + told.err + written


@pytest.mark.slow
def test_a_process_that_is_killed_for_real_is_gone_on_with(aws: Aws, file: Path) -> None:
    aws.account.s_per_call = 0.0
    command = [sys.executable, "-m", "headroom", "deploy", "apply", str(file), "--confirm", "shop", "--poll", "0.1"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as running:
        until = time.monotonic() + 120
        while "shop" not in aws.account.endpoints and time.monotonic() < until:
            time.sleep(0.1)
        running.kill()
    assert aws.account.endpoints["shop"]["EndpointStatus"] == "Creating"
    aws.account.s_per_call = 60.0
    assert deploy("apply", file, "--confirm", "shop") == 0
    assert aws.account.billable() == ["endpoint shop: 2 x ml.m5.large"]
    assert deploy("destroy", "shop", "--region", REGION, "--confirm", "shop") == 0
    assert aws.left() == []
