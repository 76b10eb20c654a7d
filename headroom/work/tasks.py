"""The kinds of work that a worker process can do: how it is run there, and how its answer is read here.

A kind is one entry of `KINDS`. Its `run` is called in the worker with the payload of the order as plain JSON values and
returns plain JSON values; `decode` turns them back into what the pages use. Imports no Streamlit.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from headroom.advisor.evaluate import Progress, evaluate
from headroom.advisor.evaluation import (
    comparison_from_json,
    deployment_from_json,
    evaluation_from_json,
    evaluation_to_json,
)
from headroom.advisor.explore import plain
from headroom.advisor.explore.break_even import BreakEven, break_even
from headroom.advisor.explore.decisive_assumptions import Hinges, hinges
from headroom.advisor.explore.heat_map import HeatMap, heat_map
from headroom.advisor.explore.thresholds import Thresholds, thresholds
from headroom.advisor.explore.tornado import Tornado, tornado
from headroom.advisor.fast import preview, preview_from_json, preview_to_json
from headroom.advisor.search.planner import plan
from headroom.advisor.search.screen import screen
from headroom.advisor.search.types import plan_from_json, plan_to_json, screen_from_json, screen_to_json
from headroom.advisor.world import World
from headroom.work.worker_pool import Workers
from simulator.fields import Spec
from simulator.scenario import Scenario

Payload = Mapping[str, Any]
"""JSON values; in an order, scenarios and parts of one may stand among them as they are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What a run is given. progress: told the share that is done. partial: told JSON values that can be shown before
    the answer; each replaces the one before. executor: the processes for work in parallel, made when first asked for.
    """

    world: World
    progress: Progress
    partial: Callable[[Any], None]
    executor: Callable[[], Workers]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of work. decode_partial: for what `Means.partial` was told. long: it may take many seconds, so that one
    worker is always kept free of such work.
    """

    run: Callable[[Payload, Means], Any]
    decode: Callable[[Any], Any]
    decode_partial: Callable[[Any], Any] = lambda data: data
    long: bool = True


def to_text(payload: Payload) -> str:
    """One line of JSON, the same for equal payloads."""
    return json.dumps(payload, sort_keys=True, default=_plain)


def _plain(value: Any) -> Any:
    if isinstance(value, Spec):
        return value.model_dump(mode="json", by_alias=True)
    raise TypeError(f"{type(value).__name__} is no JSON value")


def _scenario(payload: Payload) -> Scenario:
    return Scenario.model_validate(payload["scenario"])


def _evaluate(payload: Payload, means: Means) -> Any:
    scenario = _scenario(payload)
    return evaluation_to_json(evaluate(scenario, scenario.deployments[0], means.world, means.progress))


def _preview(payload: Payload, means: Means) -> Any:
    scenario = _scenario(payload)
    return preview_to_json(preview(scenario, scenario.deployments[0], means.world))


def _screen(payload: Payload, means: Means) -> Any:
    return screen_to_json(screen(_scenario(payload), means.world, progress=means.progress))


def _plan(payload: Payload, means: Means) -> Any:
    found = plan(
        _scenario(payload),
        means.world,
        executor=means.executor(),
        progress=means.progress,
        on_screen=lambda first: means.partial(screen_to_json(first)),
    )
    return plan_to_json(found)


def _break_even(payload: Payload, means: Means) -> Any:
    return plain.to_json(break_even(_scenario(payload), means.world, means.executor(), means.progress))


def _thresholds(payload: Payload, means: Means) -> Any:
    return plain.to_json(thresholds(_scenario(payload), means.world, means.executor(), means.progress))


def _heat_map(payload: Payload, means: Means) -> Any:
    """With "over", the names of two parameters."""
    first, second = payload["over"]
    found = heat_map(_scenario(payload), means.world, (first, second), means.executor(), means.progress)
    return plain.to_json(found)


def _tornado(payload: Payload, means: Means) -> Any:
    """With "deployment", one that no hard limit rules out."""
    deployment = deployment_from_json(payload["deployment"])
    found = tornado(_scenario(payload), deployment, means.world, means.executor(), means.progress)
    return plain.to_json(found)


def _hinges(payload: Payload, means: Means) -> Any:
    """With "comparison", the text of its JSON."""
    comparison = comparison_from_json(json.loads(payload["comparison"]))
    return plain.to_json(hinges(comparison, means.world, means.executor(), means.progress))


KINDS: dict[str, Kind] = {
    "evaluate": Kind(run=_evaluate, decode=evaluation_from_json, long=False),
    "preview": Kind(run=_preview, decode=preview_from_json, long=False),
    "screen": Kind(run=_screen, decode=screen_from_json),
    "plan": Kind(run=_plan, decode=plan_from_json, decode_partial=screen_from_json),
    "break_even": Kind(run=_break_even, decode=lambda data: plain.from_json(BreakEven, data)),
    "thresholds": Kind(run=_thresholds, decode=lambda data: plain.from_json(Thresholds, data)),
    "heat_map": Kind(run=_heat_map, decode=lambda data: plain.from_json(HeatMap, data)),
    "tornado": Kind(run=_tornado, decode=lambda data: plain.from_json(Tornado, data)),
    "hinges": Kind(run=_hinges, decode=lambda data: plain.from_json(Hinges, data)),
}
