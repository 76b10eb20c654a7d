"""What is made once for the whole server: the world, the worker pool, the presets, the store of short links."""

from __future__ import annotations

import atexit
import hashlib
import tempfile
from collections.abc import Hashable
from functools import lru_cache, partial

import streamlit as st

from headroom.advisor.cautions import cautions as find_cautions
from headroom.advisor.portfolio.description import Portfolio
from headroom.advisor.prepared import check, prepare
from headroom.advisor.world import World
from headroom.locations import store_place
from headroom.sharing import library, presets
from headroom.sharing.canonical import scenario_key
from headroom.sharing.store import Store
from headroom.ui.shell.session import connected, watcher
from headroom.work.jobs import WorkOrder
from headroom.work.pool import Pool
from headroom.work.process import NICENESS, Worker, command
from headroom.work.protocol import to_text
from headroom.work.rate_limit import RateLimit
from headroom.work.shared_processes import SharedProcesses
from simulator.engine.replication import Stream
from simulator.errors import Caution, Problem
from simulator.model.hardware import family_of
from simulator.patterns.registry import MACHINES
from simulator.scenario import Scenario
from simulator.search_space import SearchSpace
from simulator.simulate import ENGINE_VERSION
from simulator.traffic.summary import Preview, preview

WORKERS = 3
"""Two for long work, so that nobody's search waits for another visitor's, and one that is kept free of it. They
leave what a search does in parallel to the same processes, one for each core.
"""
QUICK_WORKERS = 2
QUICK_NICENESS = 3


@st.cache_resource(show_spinner=False)
def world() -> World:
    """Return the packaged hardware, traces and prices."""
    return library.load_world()


@st.cache_resource(show_spinner=False)
def pool() -> Pool:
    """Return the worker processes that simulate for everybody; they end with the server."""
    processes = SharedProcesses(niceness=NICENESS)
    atexit.register(processes.close)
    handle = processes.callers.fileno()
    start = partial(Worker, command("headroom.work.worker", NICENESS, handle), inherited=(handle,))
    new_pool = Pool(start, workers=WORKERS, present=connected)
    atexit.register(new_pool.close)
    return new_pool


@st.cache_resource(show_spinner=False)
def quick_pool() -> Pool:
    """Return the worker processes for answers within a moment, niced less than the simulations."""
    start = partial(Worker, command("headroom.work.worker", QUICK_NICENESS))
    new_pool = Pool(start, workers=QUICK_WORKERS, workers_each=QUICK_WORKERS, present=connected)
    atexit.register(new_pool.close)
    return new_pool


@st.cache_resource(show_spinner=False)
def preset(key: str) -> Scenario:
    """Return the scenario of a preset; raises InvalidScenario when no preset has this key."""
    return presets.load_preset(key)


@st.cache_resource(show_spinner=False)
def store() -> Store:
    """Return the store of short links, at HEADROOM_STORE or else in the user's data folder; to be read."""
    return Store(store_place())


@st.cache_resource(show_spinner=False)
def _store_limit() -> RateLimit:
    return RateLimit("Short links", of_one=20, of_all=300, window_s=3600.0)


def store_to_write() -> Store:
    """Return the store for a visitor who puts something into it; raises TooOften when that was done too often."""
    _store_limit().note(watcher())
    return store()


@st.cache_resource(show_spinner=False)
def upload_folder() -> str:
    """Return the folder in which uploads lie while worker processes read them; it ends with the server."""
    folder = tempfile.TemporaryDirectory(prefix="headroom-")
    atexit.register(folder.cleanup)
    return folder.name


@lru_cache(maxsize=16)
def families(region: str) -> tuple[str, ...]:
    """Return the families of the instance types that have a price in a Region."""
    types = [name for key in MACHINES for name in world().prices.instance_types(region, key)]
    return tuple(sorted({family_of(name) for name in types}))


def order(kind: str, **payload: Hashable) -> WorkOrder:
    """Return an order of one kind of work (`tasks`); its key is equal only for equal payload, prices and engine."""
    return _order(kind, tuple(sorted(payload.items())))


@lru_cache(maxsize=64)
def _order(kind: str, items: tuple[tuple[str, Hashable], ...]) -> WorkOrder:
    payload = dict(items)
    text = to_text({"kind": kind, "payload": payload, "made_with": [world().prices.version, ENGINE_VERSION]})
    return WorkOrder(hashlib.sha256(text.encode()).hexdigest()[:32], kind, payload)


@lru_cache(maxsize=32)
def orders(scenario: Scenario, kind: str = "evaluate") -> tuple[WorkOrder, ...]:
    """Return one order per deployment, of the kind "evaluate" or "preview"; names of deployments do not change the
    keys.
    """
    version = world().prices.version
    return tuple(
        WorkOrder(f"{kind}-{scenario_key(_nameless(alone), version, ENGINE_VERSION)}", kind, {"scenario": alone})
        for alone in (scenario.model_copy(update={"deployments": (d,)}) for d in scenario.deployments)
    )


def _nameless(alone: Scenario) -> Scenario:
    workload = alone.workload.model_copy(update={"name": "-"})
    deployment = alone.deployments[0].model_copy(update={"name": "-"})
    return alone.model_copy(update={"workload": workload, "deployments": (deployment,), "search": SearchSpace()})


@lru_cache(maxsize=16)
def problems(scenario: Scenario) -> tuple[Problem, ...]:
    """Return what is wrong with a scenario that its types cannot express, such as unknown names."""
    return check(scenario, world())


@lru_cache(maxsize=16)
def cautions(scenario: Scenario) -> tuple[Caution, ...]:
    """Return what is allowed and probably not meant in a scenario that has no problems."""
    return find_cautions(scenario, world())


@lru_cache(maxsize=16)
def traffic_preview(scenario: Scenario) -> Preview:
    """Return one sample of the traffic of a scenario; raises InvalidScenario when it cannot be drawn."""
    case = prepare(scenario, world()).case
    return preview(case.source, case.rng(Stream.PREVIEW), scenario.simulation.duration_s)


@st.cache_resource(show_spinner=False)
def company_portfolio() -> Portfolio:
    """Return the portfolio of the three workloads of one company."""
    return presets.load_company()
