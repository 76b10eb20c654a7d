"""What the workloads of an account share, counted once: serverless concurrency and quotas of instances, by Region.

Two figures stand beside each limit: the most that the configurations allow together, and the most that the simulations
used at the same time. AWS does not say which of the two the serverless pool is checked against (facts row 3.6); an
instance quota is checked when an instance is asked for, so there the use counts (facts rows 2.28, 10.6).
Peaks within the same step of the common clock count as simultaneous, so the use is an upper bound.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from headroom.advisor.portfolio.common_clock import Axis, FloatArray
from headroom.advisor.portfolio.demand import Demand
from headroom.advisor.portfolio.description import Quotas
from headroom.advisor.tell import words
from simulator.model.regions import SERVERLESS_CONCURRENCY
from simulator.patterns.protocol import Quota

State = Literal["broken", "at risk", "kept", "unknown"]

ENTERED = "entered by you"

SERVERLESS_ENDPOINTS = 50  # facts row 10.4: the guide's; 5 in the table of quotas

# What a new account may have: facts rows 10.2 to 10.6.
NEW_POOL = 10
NEW_ENDPOINTS = 5
NEW_INSTANCES = 4
NEW_TYPE = {("endpoint", "ml.t2.medium"): 2, ("endpoint", "ml.m6g.large"): 2, ("endpoint", "ml.m6g.xlarge"): 1}

_NOUN = {"endpoint": "endpoints", "transform": "transform jobs"}


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedLimit:
    """One shared limit in one Region.

    configured: sum of what the configurations allow. used: the most at once over the common clock, first at used_at_s;
    by: workload -> its part then. allowed: None when not known, and `source` says where it is from. new_account: what a
    new account may have. state: "broken" when the use is over the limit, "at risk" when only the configurations are,
    "kept", or "unknown". todo: what to do, "" for nothing.
    """

    key: str
    what: str
    region: str
    configured: float
    used: float
    used_at_s: float
    used_at: str
    by: tuple[tuple[str, float], ...]
    allowed: int | None
    source: str
    new_account: int
    state: State
    todo: str
    row: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rule:
    """A limit before it is held against anything."""

    key: str
    what: str
    allowed: int | None
    source: str
    new_account: int
    row: str
    remedy: str


def shared_limits(demands: Sequence[Demand], quotas: Quotas, axis: Axis) -> tuple[SharedLimit, ...]:
    """Every limit that something counts against, by Region: serverless first, then totals, then instance types."""
    limits: list[SharedLimit] = []
    for region in dict.fromkeys(demand.region for demand in demands):
        in_region = [demand for demand in demands if demand.region == region]
        limits += _serverless(region, [demand for demand in in_region if demand.kind == "serverless"], quotas, axis)
        for kind in ("endpoint", "transform"):
            limits += _instances(kind, [demand for demand in in_region if demand.kind == kind], quotas, axis)
    return tuple(limits)


def _serverless(region: str, demands: Sequence[Demand], quotas: Quotas, axis: Axis) -> Iterator[SharedLimit]:
    if not demands:
        return
    pool, source = _entered(quotas.serverless_concurrency)
    if pool is None and region in SERVERLESS_CONCURRENCY:
        pool, source = SERVERLESS_CONCURRENCY[region], f"what the guide states for {region}"
    yield _held(
        _Rule(
            key="serverless_concurrency",
            what="concurrency of all serverless endpoints",
            allowed=pool,
            source=source,
            new_account=NEW_POOL,
            row="3.6",
            remedy="lower MaxConcurrency where the use leaves room, ask AWS for a larger pool (L-96300102), or move a"
            " workload to another Region",
        ),
        demands,
        axis,
    )
    endpoints, source = _entered(quotas.serverless_endpoints)
    merged = [_as_one(demand) for demand in demands]
    yield _held(
        _Rule(
            key="serverless_endpoints",
            what="serverless endpoints",
            allowed=SERVERLESS_ENDPOINTS if endpoints is None else endpoints,
            source="what the guide states" if endpoints is None else source,
            new_account=NEW_ENDPOINTS,
            row="10.4",
            remedy="ask AWS for more endpoints (L-99AD19BF)",
        ),
        merged,
        axis,
    )


def _as_one(demand: Demand) -> Demand:
    """An endpoint, counted instead of what it uses."""
    return Demand(
        workload=demand.workload,
        region=demand.region,
        kind=demand.kind,
        instance_type="",
        configured=1,
        peaks=(1.0,) * len(demand.peaks),
        costs=(),
    )


def _instances(kind: Quota, demands: Sequence[Demand], quotas: Quotas, axis: Axis) -> Iterator[SharedLimit]:
    if not demands:
        return
    total = quotas.endpoint_instances if kind == "endpoint" else quotas.transform_instances
    allowed, source = _entered(total)
    code = "L-7A3DF611" if kind == "endpoint" else "L-60D2A6F0"
    yield _held(
        _Rule(
            key=f"{kind}_instances",
            what=f"instances across all {_NOUN[kind]}",
            allowed=allowed,
            source=source,
            new_account=NEW_INSTANCES,
            row="10.2" if kind == "endpoint" else "10.3",
            remedy=f"ask AWS for more instances ({code})",
        ),
        demands,
        axis,
    )
    quota_by_type = {
        instance_type.instance_type: instance_type.most
        for instance_type in quotas.instance_types
        if instance_type.used_for == kind
    }
    for name in dict.fromkeys(demand.instance_type for demand in demands):
        rule = _Rule(
            key=f"{kind}_type",
            what=f"{name} for {_NOUN[kind]}",
            allowed=quota_by_type.get(name),
            source=ENTERED if name in quota_by_type else "",
            new_account=NEW_TYPE.get((kind, name), 0),
            row="10.6",
            remedy="ask AWS for more of this type, or give a workload another one",
        )
        yield _held(rule, [demand for demand in demands if demand.instance_type == name], axis)


def _entered(number: int) -> tuple[int | None, str]:
    return (number, ENTERED) if number else (None, "")


def _held(rule: _Rule, demands: Sequence[Demand], axis: Axis) -> SharedLimit:
    """The rule held against what these workloads allow together and use together."""
    peaks: FloatArray = np.array([demand.peaks for demand in demands])
    total = peaks.sum(axis=0)
    peak_bin = int(total.argmax())
    configured, used = float(sum(demand.configured for demand in demands)), float(total[peak_bin])
    state = _state(configured, used, rule)
    return SharedLimit(
        key=rule.key,
        what=rule.what,
        region=demands[0].region,
        configured=configured,
        used=used,
        used_at_s=peak_bin * axis.step_s,
        used_at=axis.time(peak_bin),
        by=tuple((demand.workload, float(peaks[k, peak_bin])) for k, demand in enumerate(demands)),
        allowed=rule.allowed,
        source=rule.source,
        new_account=rule.new_account,
        state=state,
        todo=_todo(rule, state, configured, used) + _while_updated(rule, state, demands),
        row=rule.row,
    )


def _state(configured: float, used: float, rule: _Rule) -> State:
    """What not even a new account would be refused is kept, whatever the account has."""
    if rule.allowed is None:
        return "kept" if max(configured, used) <= rule.new_account else "unknown"
    return "broken" if used > rule.allowed else "at risk" if configured > rule.allowed else "kept"


def _todo(rule: _Rule, state: State, configured: float, used: float) -> str:
    peak = max(configured, used)
    if state == "broken":
        return f"{_sentence(rule.remedy)}: {words.count(used)} are needed at once, {rule.allowed:,} are allowed."
    if state == "at risk" and rule.key == "serverless_concurrency":
        return (
            f"{words.count(configured)} are configured, {words.count(used)} were in use at once, {rule.allowed:,} are"
            f" allowed. AWS does not say which of the two it checks: {rule.remedy}."
        )
    if state == "at risk":
        return (
            f"Scaling may ask for {words.count(configured)}, which did not happen here: a scale-out over the quota adds"
            f" nothing (facts row 2.28). To be safe, {rule.remedy}."
        )
    if rule.source != ENTERED and peak > rule.new_account:
        return (
            f"A new account may have {rule.new_account}: check yours, and ask for {words.count(peak)} before you start."
        )
    return ""


def _while_updated(rule: _Rule, state: State, demands: Sequence[Demand]) -> str:
    """What a blue/green update of the largest endpoint adds to what is configured (facts row 10.8)."""
    if state != "at risk" or rule.key != "endpoint_type":
        return ""
    with_update = sum(demand.configured for demand in demands) + max(demand.configured for demand in demands)
    return (
        f" While one of them is updated, its old fleet and its new one count: up to {words.count(with_update)} (facts"
        " row 10.8)."
    )


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
