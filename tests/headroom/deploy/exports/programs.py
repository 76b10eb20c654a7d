"""Exported programs as processes against the AWS on loopback, and what they leave there."""

from __future__ import annotations

import contextlib
import io
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import boto3
from moto.budgets.models import budgets_backends
from moto.cloudwatch.models import cloudwatch_backends
from moto.scheduler.models import scheduler_backends
from moto.sns.models import sns_backends

from headroom.deploy.exports import script
from headroom.deploy.exports.python_script import plan_of, python_script
from headroom.deploy.exports.shell_script import shell_script
from headroom.deploy.form import Form, make_form
from simulator.model.placement import Placement
from simulator.patterns.registry import Deployment
from tests.aws.account import ACCOUNT, CREATING_S, REGION
from tests.aws.given import IMAGE, ROLE_ARN
from tests.aws.server import BUCKET, Aws
from tests.headroom.deploy.placements import FULL
from tests.headroom.deploy.test_form import prepared

PLACED = FULL.model_copy(
    update={
        "account": ACCOUNT,
        "execution_role_arn": ROLE_ARN,
        "image": IMAGE,
        "model_data_url": f"s3://{BUCKET}/model.tar.gz",
        "input_s3_uri": f"s3://{BUCKET}/in",
        "output_s3_uri": f"s3://{BUCKET}/out",
        "scheduler_role_arn": ROLE_ARN,
    }
)
"""All of it is there on the AWS on loopback."""
LIGHT = PLACED.model_copy(update={"idle_alarm_hours": 0, "budget_usd_per_month": 0.0, "notify_email": ""})
"""The same with nothing beside the deployment: each call of the AWS CLI takes its time."""
NOT_STATE = ("CreationTime", "LastModifiedTime", "EndpointArn", "CreationTimestamp")


@dataclass(frozen=True)
class Ended:
    """How a run of a program ended."""

    returncode: int
    stdout: str
    stderr: str


class Program(Protocol):
    """An exported program that is run with an action and, where the plan leaves something open, with texts for it."""

    def __call__(self, aws: Aws, form: Form, action: str, **given: str) -> Ended: ...


def python(aws: Aws, form: Form, action: str, **given: str) -> Ended:
    """What deploy.py does, in this process: the module that it is made from, with the form's plan."""
    _ready(aws)
    out, errors = io.StringIO(), io.StringIO()
    plan, script.PLAN = script.PLAN, plan_of(form)
    sessions, boto3.Session = boto3.Session, _session
    before = {key: os.environ.get(key) for key in aws.environment()}
    os.environ.update(aws.environment())
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(errors):
            try:
                code = script.main([action, "--poll", "0.01", *_options(given)])
            except SystemExit as stop:
                code = int(stop.code or 0)
    finally:
        script.PLAN, boto3.Session = plan, sessions
        for key, value in before.items():
            os.environ.pop(key, None)
            if value is not None:
                os.environ[key] = value
    return Ended(code, out.getvalue(), errors.getvalue())


@cache
def _session(**_options: Any) -> boto3.Session:
    """One for all runs: it reads the models of the services once."""
    return boto3.session.Session("made-up", "made-up", region_name=REGION)


def python_process(aws: Aws, form: Form, action: str, **given: str) -> Ended:
    """deploy.py as a file and a process."""
    return _process(aws, python_script(form), [sys.executable], [action, "--poll", "0.01", *_options(given)], {})


def shell(aws: Aws, form: Form, action: str, **given: str) -> Ended:
    """deploy.sh as a file and a process."""
    variables = {key.upper(): text for key, text in given.items()}
    return _process(aws, shell_script(form), ["bash"], [action], {**variables, "POLL_S": "0.01"})


def _options(given: dict[str, str]) -> list[str]:
    return [part for key, text in given.items() for part in (f"--{key.replace('_', '-')}", text)]


def _process(aws: Aws, text: str, program: list[str], arguments: list[str], variables: dict[str, str]) -> Ended:
    _ready(aws)
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])  # the AWS CLI of the environment
    environment = {**os.environ, **aws.environment(), "AWS_MAX_ATTEMPTS": "1", "PATH": path, **variables}
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "program"
        file.write_text(text, encoding="utf-8")
        done = subprocess.run(
            [*program, str(file), *arguments], env=environment, capture_output=True, text=True, check=False
        )
    return Ended(done.returncode, done.stdout, done.stderr)


def _ready(aws: Aws) -> None:
    """Time on AWS passes by a few minutes with each call; there is some input."""
    aws.account.s_per_call = CREATING_S / 3
    aws.add_object(f"s3://{BUCKET}/in/1")


def state(aws: Aws) -> dict[str, Any]:
    """Everything that is there, without times."""
    account = aws.account
    alarms = cloudwatch_backends[ACCOUNT][REGION].alarms
    schedules = scheduler_backends[ACCOUNT][REGION].schedule_groups["default"].schedules
    return {
        **{
            kind: {name: _without_times(thing) for name, thing in getattr(account, kind).items()}
            for kind in ("models", "configs", "endpoints", "targets", "policies", "actions", "tags")
        },
        "alarms": {
            name: (alarm.metric_name, alarm.statistic, alarm.period, alarm.threshold, tuple(alarm.alarm_actions))
            for name, alarm in alarms.items()
        },
        "topics": sorted(sns_backends[ACCOUNT][REGION].topics),
        "schedules": {name: (schedule.schedule_expression, schedule.target) for name, schedule in schedules.items()},
        "budgets": sorted(budgets_backends[ACCOUNT]["aws"].budgets[ACCOUNT]),
    }


def _without_times(thing: Any) -> Any:
    if not isinstance(thing, dict):
        return thing
    return {key: value for key, value in thing.items() if key not in NOT_STATE and "Time" not in key}


def form_of(deployment: Deployment, placement: Placement) -> Form:
    """The form in the Region of the AWS on loopback."""
    return make_form(prepared(region=REGION), deployment, placement)


def placement(**changes: Any) -> Placement:
    return PLACED.model_copy(update=changes)
