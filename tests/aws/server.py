"""The AWS on loopback as a server: our services where AWS's rules matter, moto's for the rest, one audit log.

    with running_aws() as aws:
        os.environ |= aws.environment()      # AWS_ENDPOINT_URL and made-up credentials: the program needs no more
        aws.account.quotas["ml.m5.large for endpoint usage"] = 0

`python -m tests.aws.server` serves one for people, whose time runs with the clock on the wall.
"""

from __future__ import annotations

import contextlib
import io
import json
import logging
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from typing import Any

from moto.budgets.models import budgets_backends
from moto.cloudwatch.models import cloudwatch_backends
from moto.iam.models import iam_backends
from moto.moto_api._internal.models import moto_api_backend
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from moto.s3.models import s3_backends
from moto.scheduler.models import scheduler_backends
from moto.sns.models import sns_backends
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from tests.aws import autoscaling, endpoints, metrics, sagemaker, wire
from tests.aws.account import ACCOUNT, REGION, Account, Call, Fault, Refusal
from tests.aws.shapes import broken, cut, model_of, validation_message

ROLE = "headroom-execution"
BUCKET = "headroom-models"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}
OWN = {
    "sagemaker": {**sagemaker.OPERATIONS, **endpoints.OPERATIONS},
    "application-autoscaling": autoscaling.OPERATIONS,
    "service-quotas": autoscaling.QUOTA_OPERATIONS,
}
StartResponse = Callable[[str, list[tuple[str, str]]], Any]


class _Kept(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"  # connections are kept, as AWS keeps them


class Aws:
    """The WSGI application. Everything that it knows, besides what moto keeps, is `account` and `metrics`."""

    def __init__(self) -> None:
        self._moto = DomainDispatcherApplication(create_backend_app)
        self.url = ""
        self.reset()

    def reset(self) -> None:
        """Forget everything, and make the role and the bucket that deployments refer to."""
        moto_api_backend.reset()
        self.account = Account()
        self.metrics = metrics.MetricStore()
        self.account.reads = {"role": _role, "object": _object, "topic": _topic, "alarm": _alarm}
        self.add_role(ROLE)
        s3_backends[ACCOUNT]["aws"].create_bucket(BUCKET, REGION)
        self.add_object(f"s3://{BUCKET}/model.tar.gz")

    def add_role(self, name: str, trust: dict[str, Any] = TRUST) -> str:
        """Make a role in IAM and return its ARN."""
        backend = iam_backends[ACCOUNT]["aws"]
        role = backend.create_role(name, json.dumps(trust), "/", None, "", [], "3600")
        return str(role.arn)

    def add_object(self, uri: str) -> None:
        """Put an empty object into S3."""
        bucket, _, key = uri.removeprefix("s3://").partition("/")
        s3_backends[ACCOUNT]["aws"].put_object(bucket, key, b"")

    def add_topic(self, name: str) -> str:
        """Make a topic in SNS and return its ARN."""
        return str(sns_backends[ACCOUNT][REGION].create_topic(name).arn)

    def advance(self, seconds: float) -> None:
        """Let virtual time pass in the account that there is now."""
        self.account.advance(seconds)

    def left(self) -> list[str]:
        """In words, everything that exists but roles and buckets."""
        schedules = scheduler_backends[ACCOUNT][REGION].schedule_groups["default"].schedules
        budgets = budgets_backends[ACCOUNT]["aws"].budgets[ACCOUNT]
        topics = sns_backends[ACCOUNT][REGION].topics
        return [
            *self.account.left(),
            *(f"running job {name}" for name in self.account.running_jobs()),
            *(f"alarm {name}" for name in cloudwatch_backends[ACCOUNT][REGION].alarms),
            *(f"topic {arn.rpartition(':')[2]}" for arn in topics),
            *(f"schedule {name}" for name in schedules),
            *(f"budget {name}" for name in budgets),
        ]

    def environment(self) -> dict[str, str]:
        """What a program needs in its environment to use this AWS instead of the real one."""
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": "made-up",
            "AWS_SECRET_ACCESS_KEY": "made-up",
            "AWS_DEFAULT_REGION": REGION,
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def __call__(self, environ: wire.Environment, start_response: StartResponse) -> Iterable[bytes]:
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        with self.account.lock:
            status, headers, answer = self._answer(environ, wire.read(environ, body))
        start_response(f"{status} -", [*headers, ("Content-Length", str(len(answer)))])
        return [b"" if environ["REQUEST_METHOD"] == "HEAD" else answer]

    def _answer(self, environ: wire.Environment, request: wire.Request) -> wire.Answer:
        self.account.advance(self.account.s_per_call)
        fault = next((fault for fault in self.account.faults if fault.strikes(request.operation)), None)
        every = self.account.busy_every
        if every and len(self.account.calls) % every == every - 1:
            fault = Fault(request.operation)
        lost = Refusal(fault.code, fault.message, status=fault.status) if fault else None
        if fault is not None and lost is not None and not fault.after:
            self._log(request, fault.code)
            return wire.refusal(request, lost)
        answer, outcome = self._work(environ, request)
        self._log(request, "lost" if lost else outcome)
        return wire.refusal(request, lost) if lost else answer

    def _log(self, request: wire.Request, outcome: str) -> None:
        call = Call(self.account.now, request.service, request.operation, request.parameters, outcome)
        self.account.calls.append(call)

    def _work(self, environ: wire.Environment, request: wire.Request) -> tuple[wire.Answer, str]:
        try:
            value = self._own(request)
        except Refusal as refused:
            return wire.refusal(request, refused), refused.code
        if value is not None:
            return wire.answer(request, value), "done"
        status, headers, answer = self._by_moto(environ, request)
        return (status, headers, answer), wire.code_in(status, answer)

    def _own(self, request: wire.Request) -> dict[str, Any] | None:
        """The answer of the services that are ours; None for those of moto. Raises Refusal."""
        if request.service == "sagemaker-runtime":
            endpoints.invoke(self.account, request.parameters)
            return {}
        if request.service == "cloudwatch" and request.operation in metrics.OPERATIONS:
            _check(request)
            return metrics.OPERATIONS[request.operation](self.account, self.metrics, request.parameters)
        if request.service not in OWN:
            if request.form == "json":
                _check(request)
            return None
        operation = OWN[request.service].get(request.operation)
        if operation is None:
            raise Refusal("UnknownOperationException", f"{request.operation} is not known to the AWS on loopback.")
        _check(request)
        value = operation(self.account, request.parameters)
        output = model_of(request.service).operation_model(request.operation).output_shape
        return cut(output, value) if output is not None else {}

    def _by_moto(self, environ: wire.Environment, request: wire.Request) -> wire.Answer:
        began: list[tuple[int, list[tuple[str, str]]]] = []

        def start(status: str, headers: list[tuple[str, str]], _info: object = None) -> None:
            kept = [header for header in headers if header[0] != "Content-Length"]
            began.append((int(status.partition(" ")[0]), kept))

        answer = wire.joined(self._moto({**environ, "wsgi.input": io.BytesIO(request.body)}, start))
        status, headers = began[0]
        return status, headers, answer


def _check(request: wire.Request) -> None:
    shape = model_of(request.service).operation_model(request.operation).input_shape
    problems = list(broken(shape, request.parameters)) if shape is not None else []
    if problems:
        raise Refusal("ValidationException", validation_message(problems))


def _role(arn: str) -> dict[str, Any] | None:
    for role in iam_backends[arn.split(":")[4]]["aws"].get_roles() if arn.count(":") >= 5 else ():
        if role.arn == arn:
            return {"trust": role.assume_role_policy_document}
    return None


def _object(uri: str) -> bool:
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    store = s3_backends[ACCOUNT]["aws"].buckets
    return bucket in store and any(name.startswith(key) for name in store[bucket].keys)


def _topic(arn: str) -> bool:
    return arn in sns_backends[ACCOUNT][REGION].topics


def _alarm(name: str) -> bool:
    return name in cloudwatch_backends[ACCOUNT][REGION].alarms


@contextlib.contextmanager
def running_aws(port: int = 0) -> Iterator[Aws]:
    """An AWS that answers on loopback until the block ends; port 0: any free one."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    aws = Aws()
    server: BaseWSGIServer = make_server("127.0.0.1", port, aws, threaded=True, request_handler=_Kept)
    aws.url = f"http://127.0.0.1:{server.port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield aws
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def serve(
    port: int, times_faster: float, beside: Callable[[Aws], AbstractContextManager[object]] | None = None
) -> None:
    """Serve one for people: an endpoint takes minutes of virtual time, which passes `times_faster`.

    beside: what runs as long, and is given this AWS.
    """
    with running_aws(port) as aws, beside(aws) if beside else contextlib.nullcontext():
        print(f"# An AWS on loopback, account {ACCOUNT}, Region {REGION}. Nothing costs anything. Ctrl-C ends it.")
        print("# In another terminal:")
        for name, value in aws.environment().items():
            print(f"export {name}={value}")
        print(f"# Time passes {times_faster:g} times as fast as on the wall. [deploy] may say:")
        print(f'# execution_role_arn = "arn:aws:iam::{ACCOUNT}:role/{ROLE}"')
        print(f'# image = "{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/model:1"')
        print(f'# model_data_url = "s3://{BUCKET}/model.tar.gz"', flush=True)
        aws.account.now = time.time()
        while True:
            time.sleep(0.2)
            aws.account.advance(0.2 * times_faster)


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        serve(int(sys.argv[1]) if len(sys.argv) > 1 else 4566, float(sys.argv[2]) if len(sys.argv) > 2 else 30.0)
