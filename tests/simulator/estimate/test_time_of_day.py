from __future__ import annotations

import pytest

from simulator.estimate.time_of_day import clock


@pytest.mark.parametrize(
    ("t_s", "shown"),
    [
        (0.0, "00:00"),
        (12 * 3600 + 40 * 60 + 59.9, "12:40"),
        (86_399.0, "23:59"),
        (86_400.0, "00:00 on day 2"),
        (2 * 86_400 + 3600.0, "01:00 on day 3"),
    ],
)
def test_a_time_of_the_horizon_is_a_time_of_day_and_a_day(t_s, shown):
    assert clock(t_s) == shown
