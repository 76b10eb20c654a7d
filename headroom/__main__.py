"""`python -m headroom`: the command line."""

from __future__ import annotations

import sys

from headroom.cli.commands import main

sys.exit(main())
