"""What reading costs: no file, honest or made to do harm, takes more than 2 s of one core or 200 MB."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.headroom.traffic_files.costs import FILES, LARGE

ROOT = Path(__file__).resolve().parents[3]
MOST_CPU_S = 2.0
MOST_MB = 200.0


def assert_cheap(names: Sequence[str], budget_s: float) -> None:
    program = [sys.executable, "-m", "tests.headroom.traffic_files.costs", *names]
    done = subprocess.run(program, cwd=ROOT, capture_output=True, text=True, timeout=600, check=True)
    costs = [json.loads(line) for line in done.stdout.splitlines()]
    assert [cost["name"] for cost in costs] == list(names)
    assert [cost for cost in costs if cost["cpu_s"] > budget_s or cost["peak_mb"] > MOST_MB] == []


@pytest.mark.skipif(sys.platform != "linux", reason="the peak of memory is read from /proc")
def test_files_made_to_do_harm_cost_little() -> None:
    assert_cheap([name for name in FILES if name not in LARGE], MOST_CPU_S / 2)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="the peak of memory is read from /proc")
def test_the_largest_files_cost_two_seconds_at_most() -> None:
    assert_cheap(LARGE, MOST_CPU_S)
