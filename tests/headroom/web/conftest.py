"""A real server for an ASGI app, and a plain HTTP client."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from headroom.web import around
from scripts.serving import free_port


@dataclass(frozen=True)
class Answer:
    """What came back. headers: names in small letters."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


def get(url: str, method: str = "GET", **headers: str) -> Answer:
    """Ask as a program does that is no browser: nothing is followed, unpacked or added. headers: _ stands for -."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=30)
    try:
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        connection.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})
        response = connection.getresponse()
        named = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, named, response.read())
    finally:
        connection.close()


@contextmanager
def served(app: Callable) -> Iterator[str]:
    """The address of an ASGI app on a port of its own."""
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="error", ws="none"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive()
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(10)


async def streamlit_said(request) -> PlainTextResponse:
    return PlainTextResponse(f"streamlit {request.url.path} origin {request.headers.get('origin')}")


@pytest.fixture(scope="session")
def address() -> Iterator[str]:
    """What is put around Streamlit, around an app that says that it was asked."""
    inner = Route("/{path:path}", streamlit_said, methods=["GET", "POST"])
    with served(Starlette(routes=[*around.routes(), inner], middleware=around.middleware())) as found:
        yield found
