"""Where the files are that stand at the top of the repository and not in a package: app.py, pages/, scenarios/."""

from __future__ import annotations

from pathlib import Path

STORE_VARIABLE = "HEADROOM_STORE"
"""The environment variable that names the file of short links."""
_PACKAGE = Path(__file__).resolve().parent


def location_of(name: str) -> Path:
    """The path of such a file or folder: in headroom/top_level, where a wheel has them (setup.py), else beside the
    package, where a checkout has them.
    """
    installed = _PACKAGE / "top_level"
    return (installed if installed.is_dir() else _PACKAGE.parent) / name
