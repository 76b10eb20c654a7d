"""What is put around Streamlit's server, as `streamlit.App` takes it: routes of our own, and middleware."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route
from streamlit import config

from headroom.locations import ICON
from headroom.ui.shell.menu import PAGES, Page
from headroom.web import page_html, preview_image, shared_link, smaller_icons, smaller_plotly
from headroom.web.compressed import CompressedFiles, Shelf
from headroom.web.guard import Guard
from headroom.web.headers import SecurityHeaders
from headroom.web.settings import from_environment

PREVIEW = "/preview.png"
ASK_AGAIN = {"Cache-Control": "no-cache"}


def routes() -> list[BaseRoute]:
    """Return the routes that go before Streamlit's: the HTML of every page, and the icon."""
    base = base_path()
    of_pages = [
        Route(f"{base}/{'' if entry.default else entry.stem}", partial(_page, entry=entry), methods=["GET"])
        for entry in PAGES
    ]
    return [
        *of_pages,
        Route(f"{base}/icon.png", _icon, methods=["GET"]),
        Route(f"{base}{PREVIEW}", _preview, methods=["GET"]),
        Route(f"{base}/s/{{id}}", _short_link, methods=["GET"]),
    ]


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
    plotly = smaller_plotly.instead(static)
    packed = {smaller_plotly.BUNDLE: smaller_plotly.PACKED.read_bytes()} if plotly else {}
    return Shelf(static, {**plotly, **smaller_icons.instead(static)}, packed)


async def _page(request: Request, entry: Page) -> Response:
    metadata = await _metadata(request.query_params)
    if metadata is None:
        title, description = f"{entry.title} · {page_html.NAME}", f"{entry.help} {shared_link.WHAT_IT_IS}"
        metadata = page_html.Metadata(title=title, description=description)
    return HTMLResponse(page_html.page(metadata, _root(request)), headers=ASK_AGAIN)


async def _short_link(request: Request) -> Response:
    """Say what a short link shows, and lead a browser into the app."""
    parameters = {shared_link.SHORT: request.path_params["id"]}
    metadata = await _metadata(parameters)
    if metadata is None:
        unknown = page_html.Metadata(title=page_html.NAME, description="This short link is not known here.")
        return HTMLResponse(page_html.leading(unknown, _root(request), "../"), 404, headers=ASK_AGAIN)
    return HTMLResponse(page_html.leading(metadata, _root(request), f"../?{urlencode(parameters)}"), headers=ASK_AGAIN)


async def _preview(request: Request) -> Response:
    """Send the picture of a link that carries an answer."""
    link = await run_in_threadpool(shared_link.of, request.query_params)
    if link is None or link.answer is None:
        return PlainTextResponse("This link carries no answer.\n", 404)
    picture = await run_in_threadpool(preview_image.preview, link.scenario, link.answer)
    return Response(picture, media_type="image/png", headers={"Cache-Control": "public, max-age=3600"})


async def _metadata(parameters: Mapping[str, str]) -> page_html.Metadata | None:
    """Return what is said of a link with these parameters; None when they open nothing."""
    link = await run_in_threadpool(shared_link.of, parameters)
    if link is None or link.answer is None:
        return None if link is None else link.metadata
    names = (shared_link.FULL, shared_link.SHORT, shared_link.ANSWER)
    kept = {name: parameters[name] for name in names if name in parameters}
    return replace(link.metadata, picture=f"{PREVIEW}?{urlencode(kept)}")


def _root(request: Request) -> str:
    """Return the address of the app's root as the caller wrote it."""
    return str(request.base_url).rstrip("/") + base_path()


async def _icon(_: Request) -> Response:
    return FileResponse(ICON, media_type="image/png", headers={"Cache-Control": "public, max-age=86400"})
