"""The bench of whole commands times what a user sees, and says when there is nothing to see."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.commands import Timing, timed

SMALL = """
schema = 1
[workload]
name = "Small"
[workload.traffic]
kind = "constant"
rate_per_s = 0.5
[requirement]
min_zones = 1
[search]
patterns = ["realtime"]
families = ["ml.m5"]
max_instances = 1
[simulation]
duration_s = 3600
warmup_s = 0
replications = 1
"""


@pytest.mark.slow
def test_a_command_is_timed_from_return_to_its_first_recommendation_and_its_end(tmp_path: Path) -> None:
    file = tmp_path / "small.toml"
    file.write_text(SMALL, encoding="utf-8")
    timing = timed(str(file))
    assert 0 < timing.first_s < timing.all_s
    assert timing.cpu_s > 0
    assert timing.code == 0


def test_a_command_that_recommends_nothing_is_an_error_with_its_reason(tmp_path: Path) -> None:
    file = tmp_path / "wrong.toml"
    file.write_text("schema = 1\nregio = 3\n", encoding="utf-8")
    with pytest.raises(RuntimeError, match="regio"):
        timed(str(file))


@pytest.mark.parametrize(("first_s", "all_s", "in_time"), [(1.4, 9.9, True), (1.6, 9.9, False), (1.4, 10.1, False)])
def test_both_bars_have_to_be_kept(first_s: float, all_s: float, in_time: bool) -> None:
    assert Timing(first_s=first_s, all_s=all_s, cpu_s=1.0, load=0.0, code=0).in_time is in_time
