"""How long instances take to come: what they fetch, and what those of one scale-out share."""

from __future__ import annotations

import numpy as np
import pytest

from simulator.model.assumptions import Assumptions
from simulator.model.startup import fetch_s, median_s, more_to_fetch_s
from simulator.model.workload import Workload
from simulator.patterns.provisioning import ScaleOuts
from tests.engine import HARDWARE, make_case

NOW = Assumptions()
STEADY = Assumptions(provisioning_sigma=0)
G5, M5 = HARDWARE["ml.g5.xlarge"], HARDWARE["ml.m5.xlarge"]


def test_image_and_model_are_fetched_side_by_side():
    """Facts row 2.36: 333 s for the image, in which the model comes too; 77 s for the model alone."""
    assert fetch_s(17_700, 16_000, NOW) == pytest.approx(333, rel=0.01)
    assert fetch_s(0, 16_000, NOW) == pytest.approx(77, rel=0.02)


def test_a_model_that_is_not_there_with_the_image_is_fetched_alone_from_then_on():
    """10 s of image at 53 MB/s bring 10 x 0.45 x 210 = 945 MB of the model; the other 2,100 MB take 10 s."""
    assert fetch_s(530, 945 + 2100, NOW) == pytest.approx(20)


def test_the_default_image_and_model_are_in_the_median_and_less_takes_nothing_off_it():
    assert more_to_fetch_s(Workload(), NOW, cached=False) == 0
    assert more_to_fetch_s(Workload(image_mb=1, model_mb=0), NOW, cached=False) == 0


@pytest.mark.parametrize(
    ("name", "image_gb", "model_gb", "before_s", "after_s"),
    [
        ("ml.g6.2xlarge", 17.7, 16, 525, 258),
        ("ml.g4dn.xlarge", 15.7, 0, 381, 134),
        ("ml.g5.2xlarge", 17.5, 5.8, 346, 164),
        ("ml.g5.xlarge", 10.6, 6.5, 346, 216),
    ],
)
def test_published_scale_outs_lie_near_the_median(name, image_gb, model_gb, before_s, after_s):
    """Facts rows 2.36 and 2.37, without the loading of the model, which the workload states: within 40 %."""
    workload = Workload(image_mb=1000 * image_gb, model_mb=1000 * model_gb)
    for cached, seen_s in ((False, before_s), (True, after_s)):
        assert median_s(workload, NOW, HARDWARE[name], cached=cached) == pytest.approx(seen_s, rel=0.4)


def test_accelerators_find_the_image_cached_but_for_the_first_start_of_the_endpoint():
    case = make_case(Workload(image_mb=10_600, model_mb=0, model_load_s=0), assumptions=STEADY)
    from_one, from_none = ScaleOuts(case, G5, 1), ScaleOuts(case, G5, 0)
    first_s = 150 + (10_600 - 500) / 53
    assert from_one(1) == [pytest.approx(150)]
    assert [from_none(1)[0], from_none(1)[0]] == [pytest.approx(first_s), pytest.approx(150)]
    assert ScaleOuts(case, M5, 1)(1) == [pytest.approx(200 + (10_600 - 500) / 53)]


def test_instances_of_one_scale_out_come_close_together_and_scale_outs_differ():
    """Sigma 0.5 in all: 0.1 within a scale-out, the rest between them."""
    draw = ScaleOuts(make_case(Workload(model_load_s=0)), M5, 1)
    logs = np.log([draw(20) for _ in range(2000)])
    assert logs.std() == pytest.approx(0.5, rel=0.05)
    assert logs.std(axis=1).mean() == pytest.approx(0.1, rel=0.05)
    assert logs.mean(axis=1).std() == pytest.approx(0.49, rel=0.05)


def test_with_a_share_of_one_each_instance_has_its_own_time():
    draw = ScaleOuts(make_case(Workload(), assumptions=Assumptions(provisioning_within_share=1)), M5, 1)
    logs = np.log([draw(20) for _ in range(500)])
    assert logs.mean(axis=1).std() == pytest.approx(0.5 / np.sqrt(20), rel=0.15)


def test_a_shortage_holds_up_all_instances_of_a_scale_out():
    short = STEADY.model_copy(update={"shortage_probability": 1.0, "shortage_s": 1000.0})
    assert ScaleOuts(make_case(Workload(model_load_s=7), assumptions=short), M5, 1)(2) == [1207, 1207]
