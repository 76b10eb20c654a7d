"""Hypothesis strategies for whole scenarios: every traffic kind, every pattern, overrides of assumptions and prices.

Made from the declared bounds of each field, so a new field is covered when it is declared. Lists are kept short.
"""

from __future__ import annotations

import types
from decimal import Decimal
from typing import Annotated, Any, Literal, TypeVar, Union, cast, get_args, get_origin

from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from simulator.model.assumptions import Assumptions
from simulator.model.faults import KINDS, Fault
from simulator.model.requirement import Requirement
from simulator.model.simulation import Simulation
from simulator.model.workload import Client, ServiceTime, Workload
from simulator.patterns.asynchronous.deployment import AsynchronousDeployment
from simulator.patterns.batch.deployment import BatchDeployment
from simulator.patterns.realtime.deployment import RealtimeDeployment
from simulator.patterns.registry import Deployment
from simulator.patterns.serverless.deployment import ServerlessDeployment
from simulator.scaling.policies import ScheduledAction, StepAdjustment, StepScalingPolicy
from simulator.scenario import MAX_DEPLOYMENTS, PriceOverride, Scenario
from simulator.search_space import SearchSpace
from simulator.traffic.kinds import (
    Bursts,
    Constant,
    Counts,
    Jobs,
    NamedTrace,
    Profile,
    Spike,
    Step,
    Steps,
    Timestamps,
    Traffic,
)

Model = TypeVar("Model", bound=BaseModel)

# No control characters: they are legal but make failures unreadable. The tests of files and links add them on purpose.
names = st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=80)
counts = st.lists(st.integers(0, 10**9), min_size=1, max_size=50).filter(any).map(tuple)


def specs(model: type[Model], **given: st.SearchStrategy[Any]) -> st.SearchStrategy[Model]:
    """Valid values of a model, each field within its declared bounds; `given` replaces fields."""
    declared = {name: _field(field) for name, field in model.model_fields.items() if name not in given}
    made = st.fixed_dictionaries(declared | given).map(lambda values: _valid(model, values))
    return cast(st.SearchStrategy[Model], made.filter(lambda value: value is not None))


def _valid(model: type[Model], values: dict[str, Any]) -> Model | None:
    aliased = {model.model_fields[name].alias or name: value for name, value in values.items()}
    try:
        return model.model_validate(aliased)
    except ValidationError:  # a rule between fields; those with such rules are given sensible fields below
        return None


def _field(field: FieldInfo) -> st.SearchStrategy[Any]:
    return _of(field.annotation, tuple(field.metadata))


def _of(annotation: Any, metadata: tuple[Any, ...]) -> st.SearchStrategy[Any]:
    origin = get_origin(annotation)
    if origin is Annotated:
        base, *declared = get_args(annotation)
        return _of(base, tuple(item for part in declared for item in getattr(part, "metadata", [part])))
    if origin is Literal:
        return st.sampled_from(get_args(annotation))
    if origin is tuple:
        return st.lists(_of(get_args(annotation)[0], ()), max_size=3).map(tuple)
    if origin in (Union, types.UnionType):
        return st.one_of(*(_of(member, ()) for member in get_args(annotation)))
    if annotation is type(None):
        return st.none()
    return _plain(annotation, metadata)


def _plain(annotation: Any, metadata: tuple[Any, ...]) -> st.SearchStrategy[Any]:
    least, above, most = (_bound(metadata, name) for name in ("ge", "gt", "le"))
    if annotation is bool:
        return st.booleans()
    if annotation is int:
        return st.integers(int(least), int(most))
    if annotation is float:
        low = least if above is None else above
        return st.floats(low, most, exclude_min=above is not None, allow_subnormal=False)
    if annotation is str:
        return names
    if isinstance(annotation, type) and issubclass(annotation, StepScalingPolicy):
        return _step_policy(annotation)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return specs(annotation)
    raise TypeError(f"no strategy for {annotation}")


def _bound(metadata: tuple[Any, ...], name: str) -> Any:
    return next((getattr(item, name) for item in metadata if getattr(item, name, None) is not None), None)


def _rising(model: type[Model], **more: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Model, ...]]:
    entries = st.lists(specs(model, **more), min_size=1, max_size=5, unique_by=lambda entry: entry.at_s)  # type: ignore[attr-defined]
    return entries.map(lambda made: tuple(sorted(made, key=lambda entry: entry.at_s)))  # type: ignore[attr-defined]


rates = st.floats(0, 1e6, allow_subnormal=False)
shapes = st.lists(rates, min_size=1, max_size=48).filter(any).map(tuple)

traffics: st.SearchStrategy[Traffic] = st.one_of(
    specs(Constant),
    specs(Profile, shape=shapes),
    specs(Steps, steps=_rising(Step), spikes=st.lists(specs(Spike), max_size=3).map(tuple)),
    specs(Bursts),
    specs(Jobs),
    specs(NamedTrace),
    specs(Counts, requests=counts),
    specs(Timestamps, t_s=st.lists(st.floats(0, 1e9), min_size=1, max_size=30).map(lambda times: tuple(sorted(times)))),
)


zones = st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata"])
schedules = st.sampled_from(["cron(0 8 ? * MON-FRI *)", "at(09:30)", "at(600.5)", "rate(2 hours)"])


@st.composite
def _actions(draw: st.DrawFn, least: int, most: int) -> tuple[ScheduledAction, ...]:
    made = []
    for _ in range(draw(st.integers(0, 2))):
        low, high = sorted(draw(st.lists(st.integers(least, most), min_size=2, max_size=2)))
        made.append(
            ScheduledAction(schedule=draw(schedules), timezone=draw(zones), min_capacity=low, max_capacity=max(high, 1))
        )
    return tuple(made)


@st.composite
def _step_policy(draw: st.DrawFn, model: type[StepScalingPolicy]) -> StepScalingPolicy:
    sign = -1 if "In" in model.__name__ else 1
    distances = sorted(draw(st.sets(st.floats(0, 1e6), min_size=1, max_size=3)))
    ladder = tuple(
        StepAdjustment(distance=distance, scaling_adjustment=sign * draw(st.integers(0, 100))) for distance in distances
    )
    kind = draw(st.sampled_from(["ChangeInCapacity", "PercentChangeInCapacity"]))
    given = {"step_adjustments": st.just(ladder), "adjustment_type": st.just(kind)}
    return draw(specs(model, **given))


@st.composite
def _instances(draw: st.DrawFn, least: int) -> dict[str, Any]:
    low, start, high = sorted(draw(st.lists(st.integers(least, 1000), min_size=3, max_size=3)))
    return {"min_capacity": low, "initial_instance_count": max(start, 1), "max_capacity": max(high, 1)}


@st.composite
def _counted(draw: st.DrawFn, model: type[Model], least: int) -> Model:
    made = draw(_instances(least)) | {"scheduled_actions": draw(_actions(least, 1000))}
    return draw(specs(model, **{name: st.just(value) for name, value in made.items()}))


@st.composite
def _serverless(draw: st.DrawFn) -> ServerlessDeployment:
    most = draw(st.integers(1, 200))
    ready = st.integers(0, most)
    if draw(st.booleans()):
        fixed = {"max_concurrency": st.just(most), "provisioned_concurrency": ready, "scaling": st.none()}
        return draw(specs(ServerlessDeployment, **fixed, scheduled_actions=st.just(())))
    low, start, high = sorted(draw(st.lists(st.integers(1, most), min_size=3, max_size=3)))
    scaled = {
        "max_concurrency": most,
        "provisioned_concurrency": start,
        "min_capacity": low,
        "max_capacity": high,
        "scheduled_actions": draw(_actions(1, most)),
    }
    return draw(specs(ServerlessDeployment, **{name: st.just(value) for name, value in scaled.items()}))


@st.composite
def _batch(draw: st.DrawFn) -> BatchDeployment:
    payload = draw(st.integers(1, 100))
    at_once = st.integers(0, 100 // payload)
    return draw(specs(BatchDeployment, max_payload_in_mb=st.just(payload), max_concurrent_transforms=at_once))


deployments: st.SearchStrategy[Deployment] = st.one_of(
    _counted(RealtimeDeployment, 1), _serverless(), _counted(AsynchronousDeployment, 0), _batch()
)

prices = st.builds(
    PriceOverride,
    usage=st.text(st.sampled_from("abcdefghijklmnopqrstuvwxyz_"), min_size=1, max_size=60),
    dimension=st.text(st.sampled_from("abcdefghijklmnopqrstuvwxyz0123456789."), max_size=60),
    usd=st.decimals(Decimal(0), Decimal(1000), places=12, allow_nan=False, allow_infinity=False),
)

faults: st.SearchStrategy[Fault] = st.one_of(*(specs(kind) for kind in KINDS))

workloads = specs(Workload, traffic=traffics, client=specs(Client), service_time=specs(ServiceTime))


def scenarios() -> st.SearchStrategy[Scenario]:
    """Whole scenarios, valid by themselves; names of instances, Regions and traces are random text."""
    return st.builds(
        Scenario,
        region=names,
        workload=workloads,
        requirement=specs(Requirement),
        simulation=specs(Simulation, timezone=zones),
        faults=st.lists(faults, max_size=3).map(tuple),
        deployments=st.lists(deployments, max_size=min(4, MAX_DEPLOYMENTS)).map(tuple),
        assumptions=st.one_of(st.just(Assumptions()), specs(Assumptions)),
        search=st.one_of(st.just(SearchSpace()), specs(SearchSpace)),
        prices=st.lists(prices, max_size=3).map(tuple),
    )
