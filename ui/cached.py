"""What is made once for the whole server: the world, the worker pool, the presets, the store of short links."""

from __future__ import annotations

import atexit
import os
from functools import lru_cache
from pathlib import Path

import streamlit as st

from advisor.baseline import AlwaysOnTotal, always_on, together
from advisor.check import check
from advisor.evaluate import make_case
from advisor.world import World
from errors import Problem
from sharing import library, presets
from sharing.canonical import scenario_key
from sharing.store import Store
from simulator.case import Stream
from simulator.scenario import Scenario
from simulator.simulate import ENGINE_VERSION
from simulator.traffic.preview import Preview, preview
from ui.jobs import Order, Pool
from ui.process import Worker

MOST_WORKERS = 2
STORE_VARIABLE = "HEADROOM_STORE"


@st.cache_resource(show_spinner=False)
def world() -> World:
    """Hardware, traces and prices, as packaged."""
    return library.load_world()


@st.cache_resource(show_spinner=False)
def pool() -> Pool:
    """The worker processes; they end with the server."""
    made = Pool(Worker, workers=min(MOST_WORKERS, os.cpu_count() or 1))
    atexit.register(made.close)
    return made


@st.cache_resource(show_spinner=False)
def preset(key: str) -> Scenario:
    """One of the packaged scenarios."""
    return presets.load_preset(key)


@st.cache_resource(show_spinner=False)
def store() -> Store:
    """Where short links are kept: HEADROOM_STORE, else the user's data folder."""
    home = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    path = Path(os.environ.get(STORE_VARIABLE) or home / "headroom" / "links.sqlite")
    path.parent.mkdir(parents=True, exist_ok=True)
    return Store(path)


@lru_cache(maxsize=16)
def orders(scenario: Scenario) -> tuple[Order, ...]:
    """One order per deployment. Names are no part of the key: they do not change what is simulated."""
    version = world().prices.version
    return tuple(
        Order(scenario_key(_nameless(alone), version, ENGINE_VERSION), alone)
        for alone in (scenario.model_copy(update={"deployments": (d,)}) for d in scenario.deployments)
    )


def _nameless(alone: Scenario) -> Scenario:
    workload = alone.workload.model_copy(update={"name": "-"})
    deployment = alone.deployments[0].model_copy(update={"name": "-"})
    return alone.model_copy(update={"workload": workload, "deployments": (deployment,)})


@lru_cache(maxsize=16)
def problems(scenario: Scenario) -> tuple[Problem, ...]:
    """What is wrong with a scenario that its types cannot know."""
    return check(scenario, world())


@lru_cache(maxsize=16)
def traffic_preview(scenario: Scenario) -> Preview:
    """What one draw of its traffic looks like. Raises InvalidScenario."""
    case = make_case(scenario, world())
    return preview(case.source, case.rng(Stream.PREVIEW), scenario.simulation.duration_s)


@st.cache_resource(show_spinner=False)
def company() -> AlwaysOnTotal:
    """The three workloads of one company on always-on real-time endpoints."""
    return together([always_on(preset(p.key), world()) for p in presets.PRESETS if p.group == presets.COMPANY])
