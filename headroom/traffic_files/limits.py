"""How much of a traffic file is read. Each limit is checked before the work that it limits, so that no file costs more
than about 2 s of one core and 200 MB, whether it is read or refused.
"""

from __future__ import annotations

MAX_FILE_BYTES = 20 * 2**20
"""As it is sent; `.streamlit/config.toml` has the same for uploads."""
MAX_TEXT_BYTES = 64 * 2**20
"""Unpacked."""
MAX_LINES = 1_000_000
MAX_ROWS = 400_000
"""Rows below the header, or lines of a log."""
MAX_LINE_CHARS = 20_000
MAX_COLUMNS = 200
MAX_GZIP_MEMBERS = 10_000
MAX_JSON_BRACKETS = 600_000
MAX_JSON_VALUES = 3_000_000
MAX_SHEET_BYTES = 32 * 2**20
MAX_SHEET_CELLS = 500_000
MAX_COUNT = 10**9
MIN_BIN_S = 0.1
SMALLER = "Count the requests per minute, or send a part of it."


def megabytes(size: int) -> str:
    """A size in bytes as text: "20.0 MB"."""
    return f"{size / 2**20:,.1f} MB"
