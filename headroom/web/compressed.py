"""The files of the browser part, compressed: Streamlit's own server sends them as they are, 9 MB for a first visit.

Each is compressed once, when it is first asked for, and kept in memory, some 2 MB for all that the app loads. Names
carry a digest of the content, so a browser keeps them for a year.
"""

from __future__ import annotations

import gzip
import mimetypes
import threading
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import brotli
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

CODINGS: Mapping[str, Callable[[bytes], bytes]] = {
    "br": lambda content: brotli.compress(content, quality=9),
    "gzip": lambda content: gzip.compress(content, 9, mtime=0),
}
"""Content codings, the smallest result first. Browsers take brotli over HTTPS and from the loopback only."""
COMPRESSED_TYPES = ("text/javascript", "application/javascript", "text/css", "image/svg+xml", "application/json")
FOREVER = "public, max-age=31536000, immutable"
ASK_AGAIN = "no-cache"


@dataclass(frozen=True, slots=True)
class Body:
    """A file as it is sent."""

    content: bytes
    media_type: str
    coding: str
    caching: str

    @property
    def tag(self) -> str:
        """What tells this content from another under the same name."""
        return f'"{zlib.crc32(self.content):08x}{len(self.content):x}"'


class CompressedFiles:
    """Answers for files below `prefix` with those of a folder, compressed as the browser can read it.

    What is not there is handed on.
    """

    def __init__(self, app: ASGIApp, shelf: Shelf, prefix: str) -> None:
        self._app = app
        self._shelf = shelf
        self._prefix = prefix

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "http" and scope["method"] in ("GET", "HEAD") and scope["path"].startswith(self._prefix):
            accepted = Headers(scope=scope).get("accept-encoding", "")
            body = await run_in_threadpool(self._shelf.body, scope["path"].removeprefix(self._prefix), accepted)
            if body is not None:
                await response(body, scope["method"], Headers(scope=scope).get("if-none-match", ""))(
                    scope, receive, send
                )
                return
        await self._app(scope, receive, send)


class Shelf:
    """The files of a folder by their paths in it, each compressed once in each coding. May be used by many threads.

    instead: content that takes the place of a file's, or that is added, by path. packed: what is known of it in "br".
    A browser asks again for what takes a place, since elsewhere another file may have the same name.
    """

    def __init__(
        self, folder: Path, instead: Mapping[str, bytes] | None = None, packed: Mapping[str, bytes] | None = None
    ) -> None:
        self._folder = folder.resolve()
        self._instead = instead or {}
        self._bodies = {
            (path, "br"): Body(content, _media_type(path), "br", FOREVER) for path, content in (packed or {}).items()
        }
        self._compressing = threading.Lock()

    def body(self, path: str, accepted: str) -> Body | None:
        """Return a file as the browser can read it; None when there is none. accepted: its Accept-Encoding header."""
        media_type = _media_type(path)
        coding = best_coding(accepted) if media_type in COMPRESSED_TYPES else ""
        known = self._bodies.get((path, coding))
        if known is not None:
            return known
        content = self._content(path)
        if content is None:
            return None
        caching = ASK_AGAIN if path in self._instead and (self._folder / path).is_file() else FOREVER
        if not coding:
            return Body(content, media_type, "", caching)
        with self._compressing:  # one at a time: a burst of first visits must not compress the same file together
            if (path, coding) not in self._bodies:
                self._bodies[path, coding] = Body(CODINGS[coding](content), media_type, coding, caching)
        return self._bodies[path, coding]

    def _content(self, path: str) -> bytes | None:
        if path in self._instead:
            return self._instead[path]
        file = (self._folder / path).resolve()
        return file.read_bytes() if file.is_relative_to(self._folder) and file.is_file() else None


def _media_type(path: str) -> str:
    return mimetypes.guess_type(path)[0] or "application/octet-stream"


def best_coding(accepted: str) -> str:
    """Return the coding of CODINGS that an Accept-Encoding header allows first; empty when it allows none."""
    allowed = {}
    for part in accepted.split(","):
        name, _, weight = part.partition(";")
        allowed[name.strip().lower()] = weight.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return next((coding for coding in CODINGS if allowed.get(coding)), "")


def response(body: Body, method: str, known: str) -> Response:
    """Return the response that sends a file. known: the If-None-Match header, with the tag of what the browser has."""
    headers = {"Cache-Control": body.caching, "Vary": "Accept-Encoding", "ETag": body.tag}
    if body.tag in known:
        return Response(status_code=304, headers=headers)
    if body.coding:
        headers["Content-Encoding"] = body.coding
    answer = Response(body.content, media_type=body.media_type, headers=headers)
    if method == "HEAD":
        answer.body = b""
    return answer
