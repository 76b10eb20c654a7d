"""How long whole `headroom plan` commands take, as who waits for them sees it: from pressing return to each line.

    python -m bench.commands [PRESET ...]

Each preset is planned in a process of its own, without a terminal. `first`: until the first recommendation can be read;
`all`: until the process has ended; `CPU`: of all its processes. Wall-clock seconds mean little on a machine that does
other work: its load before each command stands beside them. The bars are 1.5 s and 10 s on two idle cores.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass

from headroom.sharing.presets import PRESETS

FIRST = "First recommendation: "
FIRST_BAR_S, ALL_BAR_S = 1.5, 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """Seconds of one command. load: of the machine before it, processes that want to run. code: its exit code, 3 where
    nothing meets the requirement.
    """

    first_s: float
    all_s: float
    cpu_s: float
    load: float
    code: int

    @property
    def in_time(self) -> bool:
        """Whether it kept both bars."""
        return self.first_s <= FIRST_BAR_S and self.all_s <= ALL_BAR_S


def timed(file: str) -> Timing:
    """Plan a scenario file or preset in a new process. Raises RuntimeError when it says no first recommendation."""
    load, cpu_s, began_s = os.getloadavg()[0], _cpu_s(), time.perf_counter()
    command = [sys.executable, "-m", "headroom", "plan", file]
    lines = []
    first_s = None
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        for line in process.stderr:
            lines.append(line)
            if first_s is None and line.startswith(FIRST):
                first_s = time.perf_counter() - began_s
    if first_s is None:
        raise RuntimeError(f"headroom plan {file} said no first recommendation:\n{''.join(lines)}")
    all_s = time.perf_counter() - began_s
    return Timing(first_s=first_s, all_s=all_s, cpu_s=_cpu_s() - cpu_s, load=load, code=process.returncode)


def main(files: Sequence[str]) -> int:
    """Time the commands and print a row for each. Speed is shown, never required."""
    print("preset                first, s   all, s    CPU, s   load before", flush=True)
    for file in files or [preset.key for preset in PRESETS]:
        timing = timed(file)
        bar = "" if timing.in_time else "   over the bar"
        row = f"{timing.first_s:10.2f} {timing.all_s:8.1f} {timing.cpu_s:9.1f} {timing.load:13.1f}"
        print(f"{file:20}{row}{bar}", flush=True)
    return 0


def _cpu_s() -> float:
    """CPU seconds of all processes that this one has waited for, theirs included."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
