"""The HTML of a page before any script runs: what a chat program or a search engine reads of a link.

Streamlit serves one HTML file, titled "Streamlit", for every page. Here its head gets the title, description and
picture of what the link shows, and our icon; its scripts and style sheets stay as they are.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from html import escape
from pathlib import Path

import streamlit

STATIC = Path(streamlit.__file__).parent / "static"
NAME = "Headroom"
_TITLE = re.compile(r"<title>.*?</title>", re.DOTALL)
_ICON = re.compile(r'<link rel="shortcut icon"[^>]*>')
_SERVICE = re.compile(r'<!--(?:(?!-->).)*?-->\s*<link rel="service-desc"[^>]*>', re.DOTALL)
_INLINE = re.compile(r"<!--(?:(?!-->).)*?-->\s*<script>.*?</script>", re.DOTALL)
_NOSCRIPT = re.compile(r"<noscript>.*?</noscript>", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """What is said of a page where a link to it is shown. picture: an address, empty when there is none."""

    title: str
    description: str
    picture: str = ""


def page(metadata: Metadata, base: str) -> str:
    """Return the HTML of a page. base: the address of the server's root, for pictures."""
    note = f"<noscript><p>{escape(metadata.description)}</p><p>The app needs JavaScript.</p></noscript>"
    return _put(_NOSCRIPT, note, _put(_TITLE, tags(metadata, base), _template()))


def leading(metadata: Metadata, base: str, to: str) -> str:
    """Return the HTML that says what a link shows and leads a browser to an address, relative to its own."""
    address = escape(to)
    return (
        f'<!DOCTYPE html>\n<html lang="en">\n  <head>\n    <meta charset="UTF-8">\n    {tags(metadata, base)}\n'
        f'    <meta http-equiv="refresh" content="0; url={address}">\n  </head>\n'
        f'  <body><p>{escape(metadata.description)}</p><p><a href="{address}">Open {NAME}</a></p></body>\n</html>\n'
    )


def tags(metadata: Metadata, base: str) -> str:
    """Return the tags of a head that say what a page is."""
    title, description = escape(metadata.title), escape(metadata.description)
    lines = [
        f"<title>{title}</title>",
        f'<meta name="description" content="{description}">',
        f'<meta property="og:site_name" content="{NAME}">',
        '<meta property="og:type" content="website">',
        f'<meta property="og:title" content="{title}">',
        f'<meta property="og:description" content="{description}">',
    ]
    if metadata.picture:
        picture = escape(f"{base}{metadata.picture}")
        lines += [
            f'<meta property="og:image" content="{picture}">',
            '<meta name="twitter:card" content="summary_large_image">',
        ]
    return "\n    ".join(lines)


@cache
def _template() -> str:
    """Streamlit's HTML with our icon; without its script within the page, which the policy of headers forbids and which
    only tells search engines to wait, and without its pointer to an API that is off.
    """
    html = (STATIC / "index.html").read_text(encoding="utf-8")
    html = html[html.index("<!DOCTYPE") :]
    return _put(
        _ICON, '<link rel="icon" type="image/png" href="./icon.png">', _put(_INLINE, "", _put(_SERVICE, "", html))
    )


def _put(pattern: re.Pattern[str], text: str, html: str) -> str:
    """Put text, as it is, in the place of the first match."""
    return pattern.sub(lambda _: text, html, count=1)
