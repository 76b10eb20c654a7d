"""The kinds of work that a worker process can do: how it is run there, and the type of its answer.

A kind is one entry of `KINDS`. Its `run` is called in the worker with the payload of the order as plain JSON values.
The answer travels as JSON (`headroom.codec`) and is read here by its type. Imports no Streamlit.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import NoneType
from typing import Any

from headroom.advisor.answer import Answer, Comparison
from headroom.advisor.evaluate import Progress, evaluate, preview
from headroom.advisor.executor import Executor
from headroom.advisor.explore.break_even import BreakEven, break_even
from headroom.advisor.explore.decisive_assumptions import Hinges, hinges
from headroom.advisor.explore.heat_map import HeatMap, heat_map
from headroom.advisor.explore.thresholds import Thresholds, thresholds
from headroom.advisor.explore.tornado import Tornado, tornado
from headroom.advisor.search.glance import glance
from headroom.advisor.search.planner import plan
from headroom.advisor.search.screen import screen
from headroom.advisor.search.types import Plan, Screen
from headroom.advisor.world import World
from headroom.codec import from_json
from headroom.errors import BadTrace
from headroom.traffic_files.questions import Answers
from headroom.traffic_files.read import read_traffic
from headroom.traffic_files.reading import Understood
from headroom.work.protocol import Payload
from simulator.patterns.registry import Deployment
from simulator.scenario import Scenario


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """The means that the code of a task may use: the packaged world, and ways to report and to work in parallel.

    progress: is called with the share that is done. partial: is called with a value that can be shown before the
    answer; each replaces the one before. executor: returns where to work in parallel, None for nowhere.
    """

    world: World
    progress: Progress
    partial: Callable[[Any], None]
    executor: Callable[[], Executor | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskKind:
    """A kind of work. gives: the type of its answer. gives_first: the type of the values for `Means.partial`.

    long: whether it may take many seconds, so that one worker is always kept free of such work.
    """

    run: Callable[[Payload, Means], Any]
    gives: type[Any]
    gives_first: type[Any] = NoneType
    long: bool = True


def _scenario(payload: Payload) -> Scenario:
    return from_json(Scenario, payload["scenario"])


def _evaluate(payload: Payload, means: Means) -> Answer:
    scenario = _scenario(payload)
    return evaluate(scenario, scenario.deployments[0], means.world, means.progress)


def _preview(payload: Payload, means: Means) -> Answer:
    scenario = _scenario(payload)
    return preview(scenario, scenario.deployments[0], means.world)


def _glance(payload: Payload, means: Means) -> Screen:
    """Look at few candidates; the payload's "candidates" are deployments."""
    candidates = [from_json(Deployment, candidate) for candidate in payload["candidates"]]
    return glance(_scenario(payload), means.world, candidates)


def _screen(payload: Payload, means: Means) -> Screen:
    return screen(_scenario(payload), means.world, progress=means.progress)


def _plan(payload: Payload, means: Means) -> Plan:
    return plan(
        _scenario(payload),
        means.world,
        executor=means.executor(),
        progress=means.progress,
        on_screen=means.partial,
    )


def _break_even(payload: Payload, means: Means) -> BreakEven:
    return break_even(_scenario(payload), means.world, means.executor(), means.progress)


def _thresholds(payload: Payload, means: Means) -> Thresholds:
    return thresholds(_scenario(payload), means.world, means.executor(), means.progress)


def _heat_map(payload: Payload, means: Means) -> HeatMap:
    """Compute a heat map; the payload's "over" names two parameters."""
    first, second = payload["over"]
    return heat_map(_scenario(payload), means.world, (first, second), means.executor(), means.progress)


def _tornado(payload: Payload, means: Means) -> Tornado:
    """Compute a tornado; the payload's "deployment" is one that no hard limit rules out."""
    deployment: Deployment = from_json(Deployment, payload["deployment"])
    return tornado(_scenario(payload), deployment, means.world, means.executor(), means.progress)


def _hinges(payload: Payload, means: Means) -> Hinges:
    """Find the decisive assumptions; the payload's "comparison" is JSON text."""
    comparison = from_json(Comparison, json.loads(payload["comparison"]))
    return hinges(comparison, means.world, means.executor(), means.progress)


def _read_traffic(payload: Payload, means: Means) -> Understood:
    """Read a traffic file; the payload has the path where it lies, the name the visitor knows, and the answers."""
    try:
        data = Path(payload["path"]).read_bytes()
        return read_traffic(data, payload["name"], from_json(Answers, payload["answers"]), means.progress)
    except BadTrace as problem:
        return Understood(problem=str(problem))
    except OSError:
        return Understood(problem=f"{payload['name']}: is no longer there. Send it again.")


KINDS: dict[str, TaskKind] = {
    "read_traffic": TaskKind(run=_read_traffic, gives=Understood, long=False),
    "evaluate": TaskKind(run=_evaluate, gives=Answer, long=False),
    "preview": TaskKind(run=_preview, gives=Answer, long=False),
    "glance": TaskKind(run=_glance, gives=Screen, long=False),
    "screen": TaskKind(run=_screen, gives=Screen),
    "plan": TaskKind(run=_plan, gives=Plan, gives_first=Screen),
    "break_even": TaskKind(run=_break_even, gives=BreakEven),
    "thresholds": TaskKind(run=_thresholds, gives=Thresholds),
    "heat_map": TaskKind(run=_heat_map, gives=HeatMap),
    "tornado": TaskKind(run=_tornado, gives=Tornado),
    "hinges": TaskKind(run=_hinges, gives=Hinges),
}
