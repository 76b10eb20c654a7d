"""What every test may rely on: no network, no AWS settings, loud floating point, bounded hypothesis runs.

The guards reach this process only. A server that a browser test starts is bound to 127.0.0.1 by that test.
"""

from __future__ import annotations

import ipaddress
import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import numba
import numpy as np
import pytest
from hypothesis import HealthCheck, settings


class NetworkUsed(RuntimeError):
    """A test tried to leave this machine. Not an OSError, so that code under test cannot swallow it."""


def _is_local(host: object) -> bool:
    if isinstance(host, bytes):
        host = host.decode()
    if host in (None, "", "localhost"):
        return True
    try:
        return ipaddress.ip_address(str(host)).is_loopback
    except ValueError:
        return False


def _refuse_unless_local(host: object) -> None:
    if not _is_local(host):
        raise NetworkUsed(f"tests use no network, but this one asked for {host!r}; put the answer into a small file")


def _guarded(method: Any) -> Any:
    """The same socket method, refusing internet addresses other than the loopback ones. The address comes last."""

    def call(self: socket.socket, *arguments: Any) -> Any:
        if self.family in (socket.AF_INET, socket.AF_INET6):
            _refuse_unless_local(arguments[-1][0])
        return method(self, *arguments)

    return call


def _guarded_lookup(host: Any, *arguments: Any, **named: Any) -> Any:
    _refuse_unless_local(host)
    return _REAL_LOOKUP(host, *arguments, **named)


_REAL_LOOKUP = socket.getaddrinfo


def _block_network() -> None:
    for name in ("connect", "connect_ex", "sendto"):
        setattr(socket.socket, name, _guarded(getattr(socket.socket, name)))
    socket.getaddrinfo = _guarded_lookup


def _forget_aws() -> None:
    """No test sees the credentials, profile or region of whoever runs it."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    os.environ["AWS_EC2_METADATA_DISABLED"] = "true"
    os.environ["AWS_CONFIG_FILE"] = os.devnull
    os.environ["AWS_SHARED_CREDENTIALS_FILE"] = os.devnull


# No deadline and no "too slow": both measure the machine, not the code. The default is repeatable; `slow` explores:
# pytest --hypothesis-profile=slow
settings.register_profile(
    "fast", max_examples=40, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("slow", max_examples=1000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
# `make fuzz`: so many cases for each property of tests/fuzz, none of them repeated from run to run.
settings.register_profile(
    "fuzz",
    max_examples=int(os.environ.get("HEADROOM_FUZZ_CASES", "1000")),
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
settings.load_profile("fast")

_block_network()
_forget_aws()

WHOLE_SIMULATIONS = (Path(__file__).parent / "theory", Path(__file__).parent / "cases")
"""Folders whose tests hold whole simulations against formulas and against what people described: all are slow."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.parent in WHOLE_SIMULATIONS:
            item.add_marker(pytest.mark.slow)


@pytest.fixture(autouse=True)
def _loud_floating_point() -> Iterator[None]:
    """Division by zero, overflow and invalid operations in NumPy raise; numbers too small to matter may vanish.

    Compiled loops count modulo 2**64 without a word; they may when they run as plain Python too.
    """
    over: Literal["ignore", "raise"] = "ignore" if numba.config.DISABLE_JIT else "raise"
    with np.errstate(divide="raise", over=over, invalid="raise", under="ignore"):
        yield


@pytest.fixture(autouse=True)
def _own_main_module() -> Iterator[None]:
    """Streamlit puts the app in place of `__main__`, and a process pool that is started later would run it."""
    main = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = main
