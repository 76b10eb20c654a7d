"""boto3 against an AWS on loopback, without its own check of parameters, so that the server's is seen."""

from __future__ import annotations

from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.aws.account import REGION

_CONFIG = Config(parameter_validation=False, retries={"total_max_attempts": 1})


class Client:
    """Clients of one address, made when they are first used."""

    def __init__(self, url: str) -> None:
        self._session = boto3.Session("made-up", "made-up", region_name=REGION)
        self._url = url
        self._clients: dict[str, Any] = {}

    def __call__(self, service: str, operation: str, **parameters: Any) -> dict[str, Any]:
        """Call an operation by its name in Python, such as "create_model"."""
        if service not in self._clients:
            self._clients[service] = self._session.client(service, endpoint_url=self._url, config=_CONFIG)
        answer: dict[str, Any] = getattr(self._clients[service], operation)(**parameters)
        return answer

    def refused(self, service: str, operation: str, **parameters: Any) -> tuple[str, str]:
        """The code and message of the error that the call is answered with; fails when it is done."""
        try:
            self(service, operation, **parameters)
        except ClientError as error:
            return error.response["Error"]["Code"], error.response["Error"]["Message"]
        raise AssertionError(f"{service} {operation} was done")
