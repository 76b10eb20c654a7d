"""Log-spaced buckets of latencies: 64 an octave from LEAST_S on, equally wide within an octave.

The bucket of a time t is (bits of t >> SHIFT) - FIRST, where the bits are those of the float64: its exponent and the
first six bits of its mantissa are the bucket.
"""

from __future__ import annotations

from typing import Final

import numpy as np

LEAST_S: Final = 2.0**-20
OCTAVES: Final = 44
BUCKETS: Final = OCTAVES * 64
SHIFT: Final = 46
FIRST: Final = int(np.float64(LEAST_S).view(np.int64)) >> SHIFT
