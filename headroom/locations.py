"""Where files are: those at the top of the repository (app.py, pages/, scenarios/), and those that the user keeps; and
the environment variables that say so.
"""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import urlsplit

STORE_VARIABLE = "HEADROOM_STORE"
"""The environment variable that names the file of short links, or the URL of their database."""
HOSTS_VARIABLE = "HEADROOM_HOSTS"
"""The environment variable with the names that the server answers to besides those of the loopback."""
METRICS_VARIABLE = "HEADROOM_METRICS"
"""The environment variable that is 1 when the server shows its metrics."""
ALLOW_DEPLOY_VARIABLE = "HEADROOM_ALLOW_DEPLOY"
"""The environment variable that is 1 when the page may deploy, for those who may (docs/deploy.md)."""
DEPLOYERS_VARIABLE = "HEADROOM_DEPLOYERS"
"""The environment variable with the e-mail addresses of those who may deploy after they have logged in."""
LOOPBACK = ("localhost", "127.0.0.1", "::1")
"""The names by which only this machine reaches a server."""
_PACKAGE = Path(__file__).resolve().parent
ICON = _PACKAGE / "icon.png"
"""The icon of the app, made by scripts/draw_icon.py."""


def location_of(name: str) -> Path:
    """The path of such a file or folder: in headroom/top_level, where a wheel has them (setup.py), else beside the
    package, where a checkout has them.
    """
    installed = _PACKAGE / "top_level"
    return (installed if installed.is_dir() else _PACKAGE.parent) / name


def user_file(variable: str, name: str) -> Path:
    """The file that this environment variable names, else the one of this name in the user's data folder."""
    home = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    return Path(os.environ.get(variable) or home / "headroom" / name)


def store_place() -> str:
    """The place of the store of short links: the URL of a database, or the path of a file."""
    return os.environ.get(STORE_VARIABLE) or str(user_file(STORE_VARIABLE, "links.sqlite"))


def is_url(place: str) -> bool:
    """Tell whether the place of a store is a PostgreSQL database, and not a file."""
    return place.startswith(("postgresql://", "postgres://"))


def hostname(url: str) -> str:
    """Return the name or address in a URL, without port and in small letters; empty when there is none."""
    try:
        return (urlsplit(url).hostname or "").rstrip(".")
    except ValueError:  # a bracket that is not closed
        return ""
