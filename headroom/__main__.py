"""`python -m headroom`: the command line."""

from __future__ import annotations

import sys

from headroom.cli.main import main

sys.exit(main())
