from __future__ import annotations

from headroom.sharing.library import load_world
from headroom.sharing.presets import PRESETS, load_preset
from simulator.traffic.kinds import NamedTrace


def test_the_world_has_hardware_traces_and_prices() -> None:
    world = load_world()
    assert "ml.m5.xlarge" in world.hardware
    assert world.prices.find("hosting_instance_s", "us-east-1", "ml.m5.xlarge", world.on).usd > 0
    assert world.on == world.prices.newest


def test_the_presets_name_traces_that_are_there() -> None:
    traces = load_world().traces
    named = [load_preset(preset.key).workload.traffic for preset in PRESETS]
    assert all(traffic.trace in traces for traffic in named if isinstance(traffic, NamedTrace))
