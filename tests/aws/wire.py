"""How a request is recognised and read, and an answer written, in the protocols of the services."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, unquote
from xml.sax.saxutils import escape

from tests.aws.account import Refusal
from tests.aws.shapes import model_of

TARGETS = {
    "SageMaker": "sagemaker",
    "AnyScaleFrontendService": "application-autoscaling",
    "ServiceQuotasV20190624": "service-quotas",
    "AWSBudgetServiceGateway": "budgets",
    "GraniteServiceVersion20100801": "cloudwatch",
}
_SCOPE = re.compile(r"Credential=[^/]+/\d+/([\w-]+)/([\w-]+)/aws4_request")
_SIGNED_AS = {"monitoring": "cloudwatch", "servicequotas": "service-quotas"}

Environment = dict[str, Any]


@dataclass(frozen=True)
class Request:
    """A call as it came in. form: "json", "query" or "rest"; parameters: {} where only moto can read them."""

    service: str
    operation: str
    parameters: dict[str, Any]
    form: str
    body: bytes


def read(environ: Environment, body: bytes) -> Request:
    """Recognise a request by its target, path, form or signature."""
    target = environ.get("HTTP_X_AMZ_TARGET", "")
    path = environ.get("PATH_INFO", "/")
    if target:
        prefix, _, operation = target.rpartition(".")
        return Request(TARGETS.get(prefix.split(".")[0], prefix), operation, json.loads(body or b"{}"), "json", body)
    scope = _SCOPE.search(environ.get("HTTP_AUTHORIZATION", ""))
    signed = scope[2] if scope else ""
    service = _SIGNED_AS.get(signed, signed)
    form = {key: values[0] for key, values in parse_qs(body.decode("utf-8", "replace")).items()}
    if "Action" in form and service != "s3":
        return Request(service, form["Action"], form, "query", body)
    if service == "sagemaker":
        return Request("sagemaker-runtime", *_rest("sagemaker-runtime", environ, path), "rest", body)
    if service in {"s3", "scheduler"}:
        operation, parameters = _rest(service, environ, path)
        if service == "scheduler" and body:
            parameters |= json.loads(body)
        return Request(service, operation, parameters, "rest", body)
    return Request(service, "", {}, "rest", body)


def _rest(service: str, environ: Environment, path: str) -> tuple[str, dict[str, Any]]:
    """The operation whose method and address fit best, with what stands in the address."""
    fitting: list[tuple[int, str, dict[str, Any]]] = []
    query = parse_qs(environ.get("QUERY_STRING", ""), keep_blank_values=True)
    model = model_of(service)
    for name in model.operation_names:
        http = model.operation_model(name).http
        address, _, wanted = http["requestUri"].partition("?")
        keys = {part.partition("=")[0] for part in wanted.split("&") if part}
        pattern = re.sub(r"\{(\w+)\+\}", r"(?P<\1>.+)", address)
        pattern = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", pattern)
        match = re.fullmatch(pattern, path)
        if http["method"] == environ["REQUEST_METHOD"] and match and keys <= set(query):
            fitting.append((len(keys), name, {key: unquote(value) for key, value in match.groupdict().items()}))
    _, name, parameters = max(fitting, key=lambda fit: fit[0], default=(0, "", {}))
    return name, parameters


Answer = tuple[int, list[tuple[str, str]], bytes]


def answer(request: Request, value: dict[str, Any]) -> Answer:
    """A good answer."""
    kind = "application/json" if request.form == "rest" else "application/x-amz-json-1.1"
    return 200, [("Content-Type", kind)], json.dumps(value).encode()


def refusal(request: Request, refused: Refusal) -> Answer:
    """An error answer in the protocol of the request."""
    code, message = refused.code, refused.message
    if request.form == "query" or request.service == "s3":
        inner = f"<Error><Code>{code}</Code><Message>{escape(message)}</Message></Error>"
        text = inner if request.service == "s3" else f"<ErrorResponse>{inner}</ErrorResponse>"
        return refused.status, [("Content-Type", "text/xml")], text.encode()
    headers = [("Content-Type", "application/json"), ("x-amzn-ErrorType", code)]
    return refused.status, headers, json.dumps({"__type": code, "message": message, "Message": message}).encode()


def code_in(status: int, body: bytes) -> str:
    """The outcome of an answer that moto gave."""
    if status < 400:
        return "done"
    match = re.search(rb'<Code>(\w+)</Code>|"__type": ?"(?:[\w.]+#)?(\w+)"', body)
    return next((part.decode() for part in match.groups() if part), "") if match else f"HTTP {status}"


def joined(chunks: Iterable[bytes]) -> bytes:
    return b"".join(chunks)
