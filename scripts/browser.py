"""Print the path of a Chromium for the browser tests; install one where that is possible.

Looked for, in this order: HEADROOM_BROWSER, chromium, chromium-browser, google-chrome, what Playwright has downloaded.
Then installed: Debian's chromium (as root), else Playwright's own. Standard library only: it runs before anything else.
The path goes to stdout, everything else to stderr. Exit code 1 when there is none.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

VARIABLE = "HEADROOM_BROWSER"
COMMANDS = ("chromium", "chromium-browser", "google-chrome")
PLAYWRIGHT_BINARIES = (
    "chromium-*/chrome-linux*/chrome",
    "chromium-*/chrome-mac*/*.app/Contents/MacOS/*",
    "chromium-*/chrome-win*/chrome.exe",
)
HELP = f"""No Chromium for the browser tests was found, and none could be installed.
Do one of these, then run the same command again:
  - install one: `sudo apt-get install chromium` on Debian, another system's own package elsewhere
  - let Playwright download one: `.venv/bin/python -m playwright install chromium`
  - name one that you have: {VARIABLE}=/path/to/chrome make browser
The other tests need no browser: `make unit`."""


def say(text: str) -> None:
    """Tell the person at the terminal; stdout is kept for the path."""
    print(text, file=sys.stderr)


def starts(path: str) -> bool:
    """True if the browser at `path` can at least say its version."""
    try:
        answer = subprocess.run([path, "--version"], capture_output=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return answer.returncode == 0


def playwright_caches() -> Iterator[Path]:
    """Folders in which Playwright keeps the browsers it has downloaded."""
    own = os.environ.get("PLAYWRIGHT_BROWSERS_PATH")
    if own:
        yield Path(own)
    for folder in (".cache", "Library/Caches", "AppData/Local"):
        yield Path.home() / folder / "ms-playwright"


def candidates() -> Iterator[str]:
    """Paths that may be a Chromium, best first."""
    for command in COMMANDS:
        path = shutil.which(command)
        if path:
            yield path
    for cache in playwright_caches():
        for pattern in PLAYWRIGHT_BINARIES:
            yield from sorted((str(path) for path in cache.glob(pattern)), reverse=True)


def found() -> str | None:
    """The first candidate that starts."""
    return next((path for path in candidates() if starts(path)), None)


def done(*command: str) -> bool:
    """Run a command with its output on stderr; True if it succeeded."""
    say("$ " + " ".join(command))
    try:
        return subprocess.run(command, stdout=sys.stderr, check=False).returncode == 0
    except OSError as error:
        say(str(error))
        return False


def install_with_apt() -> bool:
    """Debian's chromium with fonts to draw text with; only as root, never by asking for a password."""
    if sys.platform != "linux" or os.geteuid() != 0 or shutil.which("apt-get") is None:
        return False
    os.environ["DEBIAN_FRONTEND"] = "noninteractive"
    packages = ("chromium", "fonts-liberation")
    return done("apt-get", "update", "-qq") and done(
        "apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages
    )


def install_with_playwright() -> bool:
    """Playwright's own download of Chromium, where its server can be reached."""
    return done(sys.executable, "-m", "playwright", "install", "chromium")


def browser() -> str | None:
    """Path of a browser that starts, installing one if there is none."""
    named = os.environ.get(VARIABLE)
    if named:
        path = shutil.which(named)
        if path and starts(path):
            return path
        say(f"{VARIABLE} is {named!r}, which is not a browser that starts. Correct it or unset it.")
        return None
    path = found()
    if path:
        return path
    say("No Chromium on this machine; installing one.")
    for install in (install_with_apt, install_with_playwright):
        path = found() if install() else None
        if path:
            return path
    return None


def main() -> int:
    """Print the path; 1 if there is none."""
    path = browser()
    if path is None:
        say(HELP)
        return 1
    print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
