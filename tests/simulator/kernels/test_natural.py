"""The promise that a number is not negative changes nothing of the number, compiled or not."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
from numba import njit

from simulator.kernels.natural import natural


@njit
def element(values, index):
    return values[natural(index)]


def test_an_index_stays_the_same():
    assert element(np.arange(10.0, 20.0), 3) == 13.0
    assert element(np.arange(10.0, 20.0), np.int32(9)) == 19.0


def test_kernels_run_without_the_compiler():
    """As the twins' coverage and a debugger need them (docs/decisions/0001-dependencies.md)."""
    code = (
        "import numpy; from simulator.kernels.natural import natural; print(numpy.arange(10)[natural(numpy.int32(7))])"
    )
    environment = {**os.environ, "NUMBA_DISABLE_JIT": "1", "PYTHONPATH": os.pathsep.join(sys.path)}
    shown = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert shown.stdout == "7\n"
