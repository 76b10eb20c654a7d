"""`python -m headroom`, and `headroom`: the command line."""

from __future__ import annotations

import sys
from typing import NoReturn

from headroom.cli.ctrl_c import end_at_ctrl_c
from headroom.cli.streams import drop_unwritten, hold_streams


def run() -> NoReturn:
    """Run the command that was typed, and end the process with its exit code."""
    hold_streams()
    end_at_ctrl_c()
    from headroom.cli.main import main  # noqa: PLC0415 - Ctrl-C must not end in a traceback of what this imports

    code = main()
    drop_unwritten()
    sys.exit(code)


if __name__ == "__main__":
    run()
