"""`python -m headroom.work.compile_ahead [rest [NICENESS]]`: `simulator.kernels.warm` in a process that ends with its
parent.
"""

from __future__ import annotations

import sys

from headroom.work.parent import end_with_parent
from simulator.kernels.warm import main

if __name__ == "__main__":
    end_with_parent()
    main(sys.argv[1:])
