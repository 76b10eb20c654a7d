"""What is put around Streamlit's server, as `streamlit.App` takes it: routes of our own, and middleware."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import BaseRoute, Route
from streamlit import config

from headroom.locations import ICON
from headroom.ui.shell.menu import PAGES, Page
from headroom.web import page_html, smaller_plotly
from headroom.web.compressed import CompressedFiles, Shelf
from headroom.web.guard import Guard
from headroom.web.headers import SecurityHeaders
from headroom.web.settings import from_environment

WHAT_IT_IS = (
    "Which Amazon SageMaker inference pattern a workload should run on, sized how, at what cost and latency, and why."
)


def routes() -> list[BaseRoute]:
    """Return the routes that go before Streamlit's: the HTML of every page, and the icon."""
    base = base_path()
    of_pages = [
        Route(f"{base}/{'' if entry.default else entry.stem}", partial(_page, entry=entry), methods=["GET"])
        for entry in PAGES
    ]
    return [*of_pages, Route(f"{base}/icon.png", _icon, methods=["GET"])]


def middleware() -> list[Middleware]:
    """Return what every request goes through, outermost first."""
    return [
        Middleware(SecurityHeaders),
        Middleware(Guard, settings=from_environment(config.get_option("server.address"))),
        Middleware(CompressedFiles, shelf=_shelf(page_html.STATIC / "static"), prefix=f"{base_path()}/static/"),
    ]


def base_path() -> str:
    """Return the path under which a proxy serves the app, as "/plan"; empty when it is the root."""
    path = str(config.get_option("server.baseUrlPath") or "").strip("/")
    return f"/{path}" if path else ""


def _shelf(static: Path) -> Shelf:
    instead = smaller_plotly.instead(static)
    packed = {smaller_plotly.BUNDLE: smaller_plotly.PACKED.read_bytes()} if instead else {}
    return Shelf(static, instead, packed)


async def _page(request: Request, entry: Page) -> Response:
    metadata = page_html.Metadata(title=f"{entry.title} · {page_html.NAME}", description=f"{entry.help} {WHAT_IT_IS}")
    address = str(request.base_url).rstrip("/") + base_path()
    return HTMLResponse(page_html.page(metadata, address), headers={"Cache-Control": "no-cache"})


async def _icon(_: Request) -> Response:
    return FileResponse(ICON, media_type="image/png", headers={"Cache-Control": "public, max-age=86400"})
