"""The fixtures of the AWS on loopback, for the conftest.py of every folder that uses it."""

from __future__ import annotations

import pytest

from tests.aws.client import Client
from tests.aws.server import Aws, running_aws


@pytest.fixture(scope="session")
def aws_server():
    with running_aws() as server:
        yield server


@pytest.fixture
def aws(aws_server: Aws) -> Aws:
    """A fresh account on loopback."""
    aws_server.reset()
    return aws_server


@pytest.fixture(scope="session")
def client(aws_server: Aws) -> Client:
    return Client(aws_server.url)
