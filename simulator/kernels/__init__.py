"""The compiled loops: numbers and arrays in, arrays out. Plain Python above, compiled on each file's last lines.

No randomness and no exceptions inside: draws come in as arrays, a status code goes out. Each kernel has a slow,
obvious twin under `tests/reference` that defines it.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bytes = NDArray[np.int8]

INF: Final = np.inf

# What a kernel answers: done, or what it needs before it can go on from where it stopped.
OK: Final = 0
LOG_FULL: Final = 1
NEED_SPARE: Final = 2
POOL_FULL: Final = 3

compiled = njit(cache=True, nogil=True)
"""How every kernel is compiled. No fastmath: it breaks infinities."""

borrowing = njit(cache=True, nogil=True, _nrt=False)
"""How a kernel of many small functions over one tuple of arrays is compiled: its arrays are borrowed and not counted.

Else numba counts references each time that a function takes an array out of the tuple: atomic operations that took
seven eighths of the time of the token kernel. Nothing can be allocated inside, which numba says when it compiles.
`_nrt` is an option that numba's manual does not list; numba is pinned, and without the option the tests fail.
"""
