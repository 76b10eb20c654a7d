"""Who may call: the name in the Host header must be one of the server's, and a page of another origin gets nothing.

A foreign page that guesses the address of a server behind a firewall (DNS rebinding) fails at the name. Streamlit,
asked by a page of another origin, would ask a server of Amazon for this machine's own address to compare; so the origin
is checked here, and Streamlit does not see it.
"""

from __future__ import annotations

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from headroom.locations import HOSTS_VARIABLE, hostname
from headroom.web.settings import Settings

HEALTH = "/_stcore/health"
METRICS = "/_stcore/metrics"


class Guard:
    """Refuses what comes for another name or from a page of another origin, and metrics that nobody asked for.

    The check of health answers to any name, because load balancers ask for an address.
    """

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or hand it on without its Origin header."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        refusal = self._refusal(scope)
        if refusal is not None:
            await refusal(scope, receive, send)
            return
        headers = MutableHeaders(scope=scope)
        del headers["origin"]
        await self._app(scope, receive, send)

    def _refusal(self, scope: Scope) -> PlainTextResponse | None:
        headers, path = Headers(scope=scope), str(scope["path"])
        host = headers.get("host", "")
        name = hostname(f"//{host}")
        if not self._is_own(name) and not path.endswith(HEALTH):
            return PlainTextResponse(
                f"This server does not answer to the name {host[:100]!r}. Who runs it can add the name: "
                f"{HOSTS_VARIABLE}={name or 'NAME'} headroom serve\n",
                status_code=400,
            )
        origin = headers.get("origin")
        if origin is not None and hostname(origin) != name and not self._is_own(hostname(origin)):
            return PlainTextResponse("Pages of other origins are not served.\n", status_code=403)
        if path.endswith(METRICS) and not self._settings.metrics:
            return PlainTextResponse("Metrics are served when `headroom serve --metrics` was asked for.\n", 404)
        return None

    def _is_own(self, name: str) -> bool:
        return bool(name) and any(
            pattern in ("*", name) or (pattern.startswith("*.") and name.endswith(pattern[1:]))
            for pattern in self._settings.hosts
        )
